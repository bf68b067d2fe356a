import { ArgumentError, FormatError } from "@flambeau/tensor/functional";
import { checkOptions, option } from "@flambeau/tensor/plugin";

/** An array of unsigned bytes: its shape and its elements in C order (a view of the parsed bytes, not a copy). */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const unsignedByte = 0x08;
/** NumPy's own limit, and that of the other readers. */
const maxRank = 64;

/**
 * Parse the idx format of MNIST and its successors (unsigned bytes only).
 *
 * Layout: two zero bytes, the type (8), the rank, one big-endian u32 per dimension, the elements.
 *
 * @param options.file named in error messages.
 * @param options.rank the rank the file must have: 1 for labels, 3 for images.
 * @throws FormatError naming file and offset when the magic, type, rank, sizes or length are not as they must be.
 * @see https://yann.lecun.org/exdb/mnist/index.html
 * @example
 * parseIdx(new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), { file: "labels" }); // { shape: [2], data: [7, 9] }
 */
export function parseIdx(
  bytes: Uint8Array,
  options: { file?: string | undefined; rank?: number | undefined } = {},
): IdxArray {
  checkOptions("parseIdx", { file: option.string, rank: option.number }, options);
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError("parseIdx", "the bytes are no Uint8Array");
  const { file = "idx" } = options;
  if (bytes.length < 4) {
    throw new FormatError(file, bytes.length, `the idx header needs 4 bytes, the file has ${bytes.length}`);
  }
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    throw new FormatError(file, 0, `not an idx file: the first two bytes are ${bytes[0]}, ${bytes[1]}, must be 0, 0`);
  }
  if (bytes[2] !== unsignedByte) {
    throw new FormatError(file, 2, `the idx element type is ${bytes[2]}, expected 8 (unsigned bytes)`);
  }
  const rank = bytes[3];
  if (rank === 0 || rank > maxRank || (options.rank !== undefined && rank !== options.rank)) {
    throw new FormatError(
      file,
      3,
      `the idx array has ${rank} dimensions, expected ${options.rank ?? `1 to ${maxRank}`}`,
      options.rank === undefined ? undefined : "images have 3 dimensions, labels 1: are the two files swapped?",
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new FormatError(file, bytes.length, `the idx header needs ${start} bytes, the file has ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, dim) => view.getUint32(4 + 4 * dim));
  // float64 holds the product exactly as far as it can matter: any file is shorter than 2^53 bytes
  const expected = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const actual = bytes.length - start;
  if (actual !== expected) {
    throw new FormatError(
      file,
      Math.min(bytes.length, start + expected),
      `the idx header [${shape.join(",")}] promises ${expected} elements, the file holds ${actual}`,
      actual < expected ? "the file is truncated" : undefined,
    );
  }
  return { shape, data: bytes.subarray(start) };
}
