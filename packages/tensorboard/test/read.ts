// Reads event files back, as far as the tests need it: records, whose checksums must be right, and the fields of messages.
import { inflateSync } from "node:zlib";
import { expect } from "vitest";
import { crc32c } from "../src/record.ts";

const unmasked = (crc: number) => {
  const moved = (crc - 0xa282ead8) >>> 0;
  return ((moved >>> 17) | (moved << 15)) >>> 0;
};

export function records(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(unmasked(view.getUint32(at + 8, true))).toBe(crc32c(file.subarray(at, at + 8)));
    const data = file.slice(at + 12, at + 12 + length);
    expect(unmasked(view.getUint32(at + 12 + length, true))).toBe(crc32c(data));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

/** The fields of a message, by their numbers. */
export function fields(bytes: Uint8Array): Map<number, (bigint | Uint8Array)[]> {
  const found = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [field, type] = [tag >> 3, tag & 7];
    const length = type === 0 ? 0 : type === 1 ? 8 : type === 5 ? 4 : Number(varint());
    const value = type === 0 ? varint() : bytes.subarray(at, at + length);
    at += length;
    found.set(field, [...(found.get(field) ?? []), value]);
  }
  return found;
}
export const only = (message: Uint8Array, ...path: number[]): bigint | Uint8Array | undefined =>
  path.reduce<bigint | Uint8Array | undefined>(
    (at, field) => (at instanceof Uint8Array ? fields(at).get(field)?.[0] : undefined),
    message,
  );

/** The pixels of a PNG without filters. */
export function unpacked(png: Uint8Array): { width: number; height: number; type: number; pixels: Uint8Array } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [width, height, type] = [view.getUint32(16), view.getUint32(20), png[25]];
  const data: Uint8Array[] = [];
  for (let at = 8; at < png.length; at += view.getUint32(at) + 12)
    if (String.fromCharCode(...png.subarray(at + 4, at + 8)) === "IDAT")
      data.push(png.subarray(at + 8, at + 8 + view.getUint32(at)));
  const lines = inflateSync(Buffer.concat(data));
  const row = width * (type === 6 ? 4 : 3);
  const pixels = new Uint8Array(height * row);
  for (let y = 0; y < height; y++) {
    expect(lines[y * (row + 1)]).toBe(0);
    pixels.set(lines.subarray(y * (row + 1) + 1, (y + 1) * (row + 1)), y * row);
  }
  return { width, height, type, pixels };
}
