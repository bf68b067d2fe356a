import { bytesOf, type DType, type TypedArray, typedArray } from "../../tensor/src/dtype.ts";

/** A tensor as files hold it: dtype, shape, and the elements in C order, little-endian. */
export interface TensorData {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Bytes of a dense array, or undefined when the product is beyond what a file can hold. */
export function byteLength(dtype: DType, shape: readonly number[]): number | undefined {
  let bytes = bytesOf(dtype);
  for (const size of shape) bytes *= size;
  // an empty dimension makes 0 of the largest others, and NaN of infinite ones
  if (shape.includes(0)) return 0;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The elements as a typed array of their own, aligned as typed arrays want it. */
export function elements({ dtype, bytes }: TensorData): TypedArray {
  const copy = bytes.slice();
  return typedArray(dtype, copy.buffer, 0, copy.length / bytesOf(dtype));
}
