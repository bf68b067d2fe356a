import { deflate, joined } from "./inflate.ts";
import { chunk, signature } from "./png-chunks.ts";

const colourTypes: { readonly [channels: number]: number } = { 1: 0, 2: 4, 3: 2, 4: 6 };

/** Bytes, row by row and channels side by side, as a PNG file. Each row gets the filter whose result has the smallest sum, as the specification advises. */
export async function pngOf(
  pixels: Uint8Array,
  height: number,
  width: number,
  channels: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits of a sample
  header[9] = colourTypes[channels];
  const length = width * channels;
  const lines = new Uint8Array(height * (length + 1));
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * length, (y + 1) * length);
    const above = y === 0 ? new Uint8Array(length) : pixels.subarray((y - 1) * length, y * length);
    filterInto(lines.subarray(y * (length + 1), (y + 1) * (length + 1)), row, above, channels);
  }
  const parts = [chunk("IHDR", header), chunk("IDAT", await deflate(lines)), chunk("IEND", new Uint8Array())];
  return joined([signature, ...parts]);
}

/** Nothing, the pixel to the left, or the one above taken off: which is best differs from row to row. */
function filterInto(line: Uint8Array, row: Uint8Array, above: Uint8Array, step: number): void {
  let [none, left, up] = [0, 0, 0];
  const size = (x: number) => (x < 128 ? x : 256 - x);
  for (let i = 0; i < row.length; i++) {
    none += size(row[i]);
    left += size((row[i] - (i < step ? 0 : row[i - step])) & 255);
    up += size((row[i] - above[i]) & 255);
  }
  const kind = up <= left && up <= none ? 2 : left <= none ? 1 : 0;
  line[0] = kind;
  for (let i = 0; i < row.length; i++)
    line[1 + i] = row[i] - (kind === 2 ? above[i] : kind === 1 && i >= step ? row[i - step] : 0);
}
