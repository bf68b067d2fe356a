import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { type Encoded, type EncodedTensor, isEncodedTensor, parseFixture } from "./encoded.ts";
import type { FixtureFile } from "./fixture.ts";

// A bundle is brotli over: the length of a JSON text (u32), the text, the element data. The text has a member for each fixture
// file, in which a tensor's "data" is a position in the data of its element width. The data of each width (1, 2, 4, 8 bytes) lies
// byte plane by byte plane (all first bytes, all second bytes...), because exponents compress together and mantissas do not.
export const widths = [1, 2, 4, 8] as const;

const bytesOf: { readonly [dtype: string]: number } = {
  bool: 1,
  uint8: 1,
  int8: 1,
  int16: 2,
  float16: 2,
  bfloat16: 2,
  uint16: 2,
  int32: 4,
  float32: 4,
  uint32: 4,
  complex32: 4,
  int64: 8,
  float64: 8,
  uint64: 8,
  complex64: 8,
  complex128: 16,
};
/** The width of the elements' words: complex numbers are two. */
export const wordOf = (dtype: string): 1 | 2 | 4 | 8 => {
  const bytes = bytesOf[dtype];
  if (bytes === undefined) throw new Error(`no such dtype: ${dtype}`);
  return (dtype.startsWith("complex") ? bytes / 2 : bytes) as 1 | 2 | 4 | 8; // the table holds no others
};

/** `bytes` of `width`-byte words as planes. */
export function toPlanes(bytes: Uint8Array, width: number): Uint8Array {
  const n = bytes.length / width;
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < n; i++) for (let b = 0; b < width; b++) out[b * n + i] = bytes[i * width + b];
  return out;
}
/** The inverse of {@link toPlanes}. */
export function fromPlanes(planes: Uint8Array, width: number): Uint8Array {
  const n = planes.length / width;
  const out = new Uint8Array(planes.length);
  for (let i = 0; i < n; i++) for (let b = 0; b < width; b++) out[i * width + b] = planes[b * n + i];
  return out;
}

interface Index {
  readonly folder: string;
  /** Bytes of data of each width. */
  readonly data: { readonly [width: string]: number };
  /** JSON texts of the fixture files. */
  readonly files: { readonly [name: string]: string };
}

/** The fixture files in a bundle. */
export function readBundle(path: string | URL): FixtureFile[] {
  const bytes = brotliDecompressSync(readFileSync(path));
  const length = bytes.readUInt32LE(0);
  const index = JSON.parse(bytes.toString("utf8", 4, 4 + length)) as Index; // our own writer's
  const data = new Map<number, Uint8Array>();
  let at = 4 + length;
  for (const width of widths) {
    const size = index.data[width] ?? 0;
    data.set(width, fromPlanes(bytes.subarray(at, at + size), width));
    at += size;
  }
  return Object.entries(index.files).map(([name, text]) => ({
    folder: index.folder,
    name,
    read: () => resolveData(parseFixture(text), data),
  }));
}

/** Puts the elements' bytes in the place of their positions. */
function resolveData(x: Encoded, data: ReadonlyMap<number, Uint8Array>): Encoded {
  if (Array.isArray(x)) return x.map((v) => resolveData(v as Encoded, data)); // isArray loses the element type of readonly arrays
  if (isEncodedTensor(x)) {
    const width = wordOf(x.$t);
    const words = data.get(width) as Uint8Array; // each of the four widths is there
    const start = Number(x.data) * width;
    const size = x.shape.reduce((n, s) => n * s, bytesOf[x.$t]);
    return { ...x, data: words.subarray(start, start + size) } as EncodedTensor;
  }
  if (typeof x !== "object" || x === null || x.constructor !== Object) return x;
  return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, resolveData(v, data)]));
}
