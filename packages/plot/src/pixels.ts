import { extremes } from "./numbers.ts";

/** A colour of a number: red, green, blue and how opaque, up to 255. */
export type Paint = (value: number) => readonly [number, number, number, number];

const byte = (share: number): number => Math.round(255 * Math.min(Math.max(share, 0), 1));

/** From black at `low` to white at `high`, or the other way where `low` is the larger; what is no number is clear. */
export const gray =
  (low: number, high: number): Paint =>
  (value) => {
    if (Number.isNaN(value)) return [0, 0, 0, 0];
    const level = byte((value - low) / (high - low));
    return [level, level, level, 255];
  };

const [cold, middle, hot] = [
  [47, 98, 122],
  [240, 232, 220],
  [214, 92, 32],
];
/** From blue at the lowest to orange at the highest number. */
export function diverging(rows: readonly (readonly number[])[]): Paint {
  const [low, high] = extremes(rows.flat()) ?? [0, 1];
  return (value) => {
    if (!Number.isFinite(value)) return [0, 0, 0, 0];
    const share = high > low ? (value - low) / (high - low) : 0.5;
    const [a, b, t] = share < 0.5 ? [cold, middle, 2 * share] : [middle, hot, 2 * share - 1];
    const [r, g, blue] = a.map((from, i) => Math.round(from + t * (b[i] - from)));
    return [r, g, blue, 255];
  };
}

/** Rows of numbers as the address of a PNG, whose bytes it holds. */
export function pngAddress(rows: readonly (readonly number[])[], paint: Paint): string {
  const [height, width] = [rows.length, rows[0].length];
  const lines = new Uint8Array(height * (4 * width + 1)); // each begins with how it is filtered: not at all
  rows.forEach((row, i) => {
    row.forEach((value, j) => {
      lines.set(paint(value), i * (4 * width + 1) + 1 + 4 * j);
    });
  });
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 6], 8); // bits of a channel; colours with opacity
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", stored(lines)),
    chunk("IEND", new Uint8Array()),
  ];
  let text = "";
  for (const part of parts) for (const each of part) text += String.fromCharCode(each);
  return `data:image/png;base64,${btoa(text)}`;
}

/** Bytes in zlib's format, unpacked: the platform's packing would have to be waited for. Source: RFC 1950 and 1951. */
function stored(bytes: Uint8Array): Uint8Array {
  const most = 65_535;
  const blocks = Math.max(1, Math.ceil(bytes.length / most));
  const out = new Uint8Array(2 + bytes.length + 5 * blocks + 4);
  out.set([0x78, 0x01]);
  let at = 2;
  for (let i = 0; i < blocks; i++) {
    const block = bytes.subarray(i * most, (i + 1) * most);
    const { length } = block;
    out.set([i === blocks - 1 ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255], at);
    out.set(block, at + 5);
    at += 5 + length;
  }
  let [a, b] = [1, 0];
  for (const each of bytes) {
    a = (a + each) % 65_521;
    b = (b + a) % 65_521;
  }
  new DataView(out.buffer).setUint32(at, b * 65_536 + a);
  return out;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(data.length + 12);
  const view = new DataView(whole.buffer);
  view.setUint32(0, data.length);
  whole.set(new TextEncoder().encode(name), 4);
  whole.set(data, 8);
  view.setUint32(8 + data.length, crc32(whole.subarray(4, 8 + data.length)));
  return whole;
}

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const each of bytes) {
    c ^= each;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return (c ^ 0xffffffff) >>> 0;
}
