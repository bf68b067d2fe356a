import type { TensorData } from "./tensor-data.ts";

/** Bytes of the unsigned integers that files hold and Flambeau does not. */
export type Unsigned = 2 | 4 | 8;

/** Little-endian unsigned integers as int32 (from uint16) or int64; undefined when one is beyond int64. */
export function widen(bytes: Uint8Array, width: Unsigned, shape: readonly number[]): TensorData | undefined {
  const { buffer, byteOffset, length } = aligned(bytes, width);
  const count = length / width;
  if (width === 8) {
    if (new BigInt64Array(buffer, byteOffset, count).some((n) => n < 0n)) return undefined;
    return { dtype: "int64", shape, bytes };
  }
  if (width === 2) {
    const wide = Int32Array.from(new Uint16Array(buffer, byteOffset, count));
    return { dtype: "int32", shape, bytes: new Uint8Array(wide.buffer) };
  }
  // the upper halves stay 0
  const wide = new Uint32Array(2 * count);
  const narrow = new Uint32Array(buffer, byteOffset, count);
  for (let i = 0; i < count; i++) wide[2 * i] = narrow[i];
  return { dtype: "int64", shape, bytes: new Uint8Array(wide.buffer) };
}

/** The bytes, or a copy of them where typed arrays of this width can lie. */
export const aligned = (bytes: Uint8Array, width: number): Uint8Array =>
  bytes.byteOffset % width === 0 ? bytes : bytes.slice();

/** Numbers of `width` bytes in the other order. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += width) {
    for (let k = 0; k < width; k++) swapped[i + k] = bytes[i + width - 1 - k];
  }
  return swapped;
}
