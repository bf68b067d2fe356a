import { type DType, isFloat } from "@flambeau/tensor";
import { bytesOf, decode, encode, typedArray } from "@flambeau/tensor/plugin";

/** An element: a bigint where the dtype is int64, a number (0 or 1 for bools) everywhere else. */
export type Scalar = number | bigint;

/** Elements as the bytes of a dtype. */
export const toBytes = (values: readonly Scalar[], dtype: DType): Uint8Array => encode(values, dtype);

/** Bytes as elements. A bool is its byte, which must be 0 or 1. */
export function fromBytes(bytes: Uint8Array, dtype: DType): Scalar[] {
  if (dtype === "bool") return [...bytes];
  const n = bytes.byteLength / bytesOf(dtype);
  const values = decode(typedArray(dtype, new Uint8Array(bytes).buffer, 0, n), dtype);
  return values.map((v) => (dtype === "int64" ? BigInt(v) : Number(v)));
}

/** The nearest value of a dtype: floats are rounded, integers wrap, bools ask for "not zero". */
export function rounded(x: Scalar, dtype: DType): Scalar {
  if (dtype === "bool") return Number(x) !== 0 ? 1 : 0;
  if (isFloat(dtype))
    return dtype === "float64" ? Number(x) : fromBytes(toBytes([Math.fround(Number(x))], dtype), dtype)[0];
  const bits = 8 * bytesOf(dtype);
  const whole = typeof x === "bigint" ? x : BigInt(Math.trunc(x));
  const wrapped = dtype === "uint8" ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole);
  return dtype === "int64" ? wrapped : Number(wrapped);
}

/** Distance from 1 to the next number of a floating dtype. */
const epsilons: { readonly [dtype: string]: number } = {
  float64: 2 ** -52,
  float32: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};
export const epsilonOf = (dtype: DType): number => epsilons[dtype] ?? 0;

/** Whether two elements agree: NaN with NaN, else within `ulps` units in the last place of the expected value, or of `floor`. */
export function agrees(actual: Scalar, expected: Scalar, dtype: DType, ulps: number, floor = 0): boolean {
  if (actual === expected) return true;
  if (typeof actual === "bigint" || typeof expected === "bigint") return false;
  if (Number.isNaN(actual) || Number.isNaN(expected)) return Number.isNaN(actual) && Number.isNaN(expected);
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= ulps * epsilonOf(dtype) * Math.max(Math.abs(expected), floor);
}

/** Random elements of a dtype, small enough that sums and products of a few stay in range. */
export function sample(
  draw: { below(n: number): number; between(low: number, high: number): number },
  dtype: DType,
  n: number,
): Scalar[] {
  return Array.from({ length: n }, () => {
    if (dtype === "bool") return draw.below(2);
    if (isFloat(dtype)) return rounded(draw.between(-4, 4), dtype);
    if (dtype === "uint8") return draw.below(12);
    const whole = draw.below(21) - 10;
    return dtype === "int64" ? BigInt(whole) : whole;
  });
}
