import { FormatError, UnavailableError } from "@flambeau/tensor/functional";
import { orientationIn } from "./exif.ts";
import { chosenDecoder, type JpegDecoder, type JpegPixels } from "./jpeg-decoder.ts";
import type { Raster } from "./raster.ts";
import { installedTurbo } from "./turbo.ts";

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** What the segments in front of the pixels say. */
interface Header {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly orientation: number;
}
const exif = [0x45, 0x78, 0x69, 0x66, 0, 0];

/** Reads the segments up to the pixels, so that sizes are known before anything is decoded. */
function headerOf(bytes: Uint8Array, file: string, maxPixels: number): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) throw new FormatError(file, at, "the JPEG file is damaged: there is no marker");
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    const data = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || at + 2 + length > bytes.length) break;
    if (marker === 0xe1 && exif.every((byte, i) => data[i] === byte)) orientation = orientationIn(data.subarray(6));
    if (marker === 0xda) throw new FormatError(file, at, "the JPEG file has pixels in front of its header");
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { ...frameOf(marker, data, bytes.length, file, at, maxPixels), orientation };
    at += 2 + length;
  }
  throw new FormatError(file, bytes.length, "the JPEG file ends in front of its pixels");
}

function frameOf(
  marker: number,
  data: Uint8Array,
  size: number,
  file: string,
  at: number,
  maxPixels: number,
): Omit<Header, "orientation"> {
  const fail = (problem: string, hint?: string): never => {
    throw new FormatError(file, at, problem, hint);
  };
  if (marker > 0xc2) fail("the JPEG file is lossless or packed in a way that is not known");
  if (data.length < 6 || data.length < 6 + 3 * data[5]) fail("the header of the JPEG file is damaged");
  const [precision] = data;
  const [height, width, components] = [data[1] * 256 + data[2], data[3] * 256 + data[4], data[5]];
  if (precision !== 8) fail(`the JPEG file has ${precision} bits a sample, 8 are known`);
  if (width === 0 || height === 0) fail(`a JPEG of ${width} x ${height} pixels`);
  if (components !== 1 && components !== 3 && components !== 4) fail(`a JPEG of ${components} components`);
  if (width * height > maxPixels)
    fail(`${width} x ${height} pixels are more than the ${maxPixels} that are allowed`, "allow more: { maxPixels }");
  // a block of 8 x 8 takes a bit at least; components may have a quarter of the size in both directions
  if (Math.ceil(width / 32) * Math.ceil(height / 32) > 8 * size)
    fail("the JPEG file is too short for its size in pixels");
  return { width, height, components };
}

/**
 * A JPEG file's pixels, grey or RGB: baseline and progressive, of four components converted.
 * @throws FormatError for what is damaged or of another kind, and for more pixels than `maxPixels`.
 */
export async function decodeJpeg(bytes: Uint8Array, file: string, maxPixels: number): Promise<Raster> {
  const header = headerOf(bytes, file, maxPixels);
  const { width, height, components, orientation } = header;
  const channels = components === 1 ? 1 : 3;
  const chosen = chosenDecoder();
  // inks become colours in other ways, which no libjpeg does
  const others = components === 4 || chosen === "jpeg-js" ? null : (chosen ?? installedTurbo());
  const decode = others ?? (await builtIn(header));
  try {
    const { width: w, height: h, data } = await decode(bytes);
    if (w !== width || h !== height) throw new Error(`its header says ${width} x ${height} pixels, it has ${w} x ${h}`);
    const from = data.length / (width * height);
    if (from !== 1 && from !== 3 && from !== 4) throw new Error(`it was decoded to ${from} bytes a pixel`);
    return { width, height, channels, data: withChannels(data, from, channels, width * height), orientation };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const error = new FormatError(file, 0, `the JPEG file is damaged: ${said.slice(0, 200)}`);
    error.cause = cause;
    throw error;
  }
}

/** The first `to` of `from` bytes of each pixel; grey as often as it is asked for. */
function withChannels(data: JpegPixels["data"], from: number, to: number, count: number): Uint8Array {
  if (from === to) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const out = new Uint8Array(to * count);
  for (let i = 0, k = 0; i < count; i++) for (let c = 0; c < to; c++) out[k++] = data[from * i + (from === 1 ? 0 : c)];
  return out;
}

async function builtIn({ width, height, components }: Header): Promise<JpegDecoder> {
  const { decode } = await library();
  return (bytes) =>
    decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      // without it, whole files with restart markers in progressive scans fail; files that are cut off fail either way
      tolerantDecoding: true,
      maxResolutionInMP: (width * height) / 1e6 + 1,
      // blocks of int32, rows of them, and the pixels
      maxMemoryUsageInMB: Math.ceil(((width + 32) * (height + 32) * components * 12) / 2 ** 20) + 16,
    });
}

/** RGB with alpha, row by row, as a JPEG file. */
export async function jpegOf(
  rgba: Uint8ClampedArray<ArrayBuffer>,
  height: number,
  width: number,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof Buffer !== "undefined") {
    const { encode } = await library();
    return new Uint8Array(encode({ data: rgba, width, height }, quality).data);
  }
  // the library needs Node's Buffer to encode; pages bring an encoder
  if (typeof OffscreenCanvas === "undefined") throw new UnavailableError("encodeJpeg: there is no encoder here");
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
  return new Uint8Array(await blob.arrayBuffer());
}

/** Loaded when the first file asks for it. */
async function library(): Promise<typeof import("jpeg-js")> {
  const module = await import("jpeg-js");
  return "default" in module ? (module.default as typeof import("jpeg-js")) : module; // CommonJS, as bundlers and Node give it
}
