import { FormatError } from "@flambeau/tensor/functional";
import { orientationIn } from "./exif.ts";
import { inflate, joined } from "./inflate.ts";
import { chunksOf } from "./png-chunks.ts";
import type { Raster } from "./raster.ts";

// The PNG specification, third edition: https://www.w3.org/TR/png-3/

/** What the file says of its pixels. */
interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly indexed: boolean;
  /** Samples of a pixel. */
  readonly samples: number;
  readonly interlaced: boolean;
}
/** By the colour type: samples of a pixel and the depths that there are. */
const colourTypes: { readonly [type: number]: { readonly samples: number; readonly depths: readonly number[] } } = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

function headerOf(data: Uint8Array, file: string, at: number, maxPixels: number): Header {
  const fail = (problem: string, hint?: string): never => {
    throw new FormatError(file, at, problem, hint);
  };
  if (data.length !== 13) fail("the header of the PNG file has another length than 13");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = data.subarray(8);
  const colour = colourTypes[type];
  if (!colour?.depths.includes(depth)) fail(`there is no PNG of colour type ${type} and ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) fail("the PNG file is of a kind that is not known");
  if (width === 0 || height === 0 || width >= 2 ** 31 || height >= 2 ** 31)
    fail(`a PNG of ${width} x ${height} pixels`);
  if (width * height > maxPixels)
    fail(`${width} x ${height} pixels are more than the ${maxPixels} that are allowed`, "allow more: { maxPixels }");
  return { width, height, depth, indexed: type === 3, samples: colour.samples, interlaced: interlace === 1 };
}

/** Which pixels stand together: all, or those of Adam7's seven passes. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
}
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const passesOf = ({ width, height, interlaced }: Header): Pass[] =>
  (interlaced ? adam7 : ([[0, 0, 1, 1]] as const))
    .map(([x, y, stepX, stepY]) => ({
      x,
      y,
      stepX,
      stepY,
      width: Math.ceil((width - x) / stepX),
      height: Math.ceil((height - y) / stepY),
    }))
    .filter((pass) => pass.width > 0 && pass.height > 0);

const paeth = (a: number, b: number, c: number): number => {
  const [da, db, dc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return da <= db && da <= dc ? a : db <= dc ? b : c;
};
/** Undoes a row's filter in place. `above` is the row before, `step` the bytes of a pixel. */
function unfilter(kind: number, row: Uint8Array, above: Uint8Array | null, step: number): boolean {
  const n = row.length;
  if (kind === 0) return true;
  if (kind === 1) for (let i = step; i < n; i++) row[i] += row[i - step];
  else if (kind === 2) for (let i = 0; above && i < n; i++) row[i] += above[i];
  else if (kind === 3)
    for (let i = 0; i < n; i++) row[i] += ((i < step ? 0 : row[i - step]) + (above ? above[i] : 0)) >> 1;
  else if (kind === 4)
    for (let i = 0; i < n; i++) {
      const left = i < step ? 0 : row[i - step];
      row[i] += above ? paeth(left, above[i], i < step ? 0 : above[i - step]) : left;
    }
  else return false;
  return true;
}

/** The samples, row by row, from what was packed. */
function samplesOf(header: Header, bytes: Uint8Array, file: string, at: number): Uint8Array | Uint16Array {
  const { width, depth, samples } = header;
  const count = header.width * header.height * samples;
  const out = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  const step = Math.max(1, (depth * samples) / 8);
  const mask = 2 ** depth - 1;
  let offset = 0;
  for (const pass of passesOf(header)) {
    const length = Math.ceil((pass.width * samples * depth) / 8);
    let above: Uint8Array | null = null;
    for (let y = 0; y < pass.height; y++) {
      const row = bytes.subarray(offset + 1, offset + 1 + length);
      if (!unfilter(bytes[offset], row, above, step))
        throw new FormatError(file, at, `a row is filtered in a way that there is none: ${bytes[offset]}`);
      offset += 1 + length;
      above = row;
      let to = ((pass.y + y * pass.stepY) * width + pass.x) * samples;
      const gap = (pass.stepX - 1) * samples;
      for (let i = 0, c = 0; i < pass.width * samples; i++) {
        if (depth === 8) out[to++] = row[i];
        else if (depth === 16) out[to++] = row[2 * i] * 256 + row[2 * i + 1];
        else out[to++] = (row[(i * depth) >> 3] >> (8 - depth - ((i * depth) & 7))) & mask;
        if (++c === samples) {
          c = 0;
          to += gap;
        }
      }
    }
  }
  return out;
}
const bytesIn = (header: Header): number =>
  passesOf(header).reduce(
    (sum, { width, height }) => sum + height * (1 + Math.ceil((width * header.samples * header.depth) / 8)),
    0,
  );

/**
 * A PNG file's pixels: of every colour type and depth, interlaced or not, palettes resolved and transparent colours as alpha.
 * @throws FormatError for what is damaged, and for more pixels than `maxPixels`.
 */
export async function decodePng(bytes: Uint8Array, file: string, maxPixels: number): Promise<Raster> {
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  let transparent: Uint8Array | undefined;
  let orientation = 1;
  let at = 0;
  const packed: Uint8Array[] = [];
  for (const { name, data, at: here } of chunksOf(bytes, file)) {
    if (header === undefined && name !== "IHDR")
      throw new FormatError(file, here, "the PNG file does not begin with its header");
    if (name === "IHDR") {
      if (header) throw new FormatError(file, here, "the PNG file has two headers");
      header = headerOf(data, file, here, maxPixels);
    } else if (name === "PLTE") palette = data;
    else if (name === "tRNS") transparent = data;
    else if (name === "eXIf") orientation = orientationIn(data);
    else if (name === "IDAT") {
      if (packed.length === 0) at = here;
      packed.push(data);
    }
  }
  if (!header || packed.length === 0) throw new FormatError(file, bytes.length, "the PNG file has no pixels");
  const wanted = bytesIn(header);
  const rows = await inflate(joined(packed), wanted, file, at);
  if (rows.length < wanted)
    throw new FormatError(file, at, `there are ${rows.length} bytes of pixels, ${wanted} expected`);
  const samples = samplesOf(header, rows, file, at);
  return { ...coloured(header, samples, palette, transparent, file, at), orientation };
}

function coloured(
  header: Header,
  samples: Uint8Array | Uint16Array,
  palette: Uint8Array | undefined,
  transparent: Uint8Array | undefined,
  file: string,
  at: number,
): Omit<Raster, "orientation"> {
  const { width, height, depth, samples: n, indexed } = header;
  const size = { width, height };
  if (indexed) return { ...size, ...resolved(samples, palette, transparent, file, at) };
  // a transparent colour, in the depth of the file
  const key =
    transparent && n % 2 === 1 && transparent.length === 2 * n
      ? Array.from({ length: n }, (_, c) => transparent[2 * c] * 256 + transparent[2 * c + 1])
      : undefined;
  const scale = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  const white = depth === 16 ? 65535 : 255;
  if (!key) {
    if (scale !== 1) for (let i = 0; i < samples.length; i++) samples[i] *= scale;
    return { ...size, channels: n, data: samples };
  }
  const count = width * height;
  const data = depth === 16 ? new Uint16Array(count * (n + 1)) : new Uint8Array(count * (n + 1));
  for (let i = 0, s = 0, t = 0; i < count; i++) {
    let same = true;
    for (let c = 0; c < n; c++, s++) {
      if (samples[s] !== key[c]) same = false;
      data[t++] = samples[s] * scale;
    }
    data[t++] = same ? 0 : white;
  }
  return { ...size, channels: n + 1, data };
}

function resolved(
  places: Uint8Array | Uint16Array,
  palette: Uint8Array | undefined,
  alphas: Uint8Array | undefined,
  file: string,
  at: number,
): { channels: number; data: Uint8Array } {
  if (!palette || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768)
    throw new FormatError(file, at, "the palette is missing or damaged");
  const channels = alphas ? 4 : 3;
  const data = new Uint8Array(places.length * channels);
  const most = palette.length / 3;
  for (let i = 0, t = 0; i < places.length; i++, t += channels) {
    const k = places[i];
    if (k >= most) throw new FormatError(file, at, `a pixel has the colour ${k} of a palette of ${most}`);
    for (let c = 0; c < 3; c++) data[t + c] = palette[3 * k + c];
    if (alphas) data[t + 3] = alphas[k] ?? 255;
  }
  return { channels, data };
}
