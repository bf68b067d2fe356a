import {
  bytesOf,
  checkDType,
  type DType,
  epsilonOf,
  type FloatDType,
  isFloat,
  isInt,
  largestOf,
  rangeOf,
} from "./dtype.ts";
import { DTypeError } from "./errors.ts";

/** What numbers of a floating dtype can be. */
export interface FloatLimits {
  readonly dtype: FloatDType;
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The least positive number with all its digits. */
  readonly tiny: number;
  readonly smallestNormal: number;
  /** A power of ten: the decimal digits that are sure. */
  readonly resolution: number;
}
/** Exponents of the least normal numbers. */
const leastExponents: { readonly [D in FloatDType]: number } = {
  float16: -14,
  bfloat16: -126,
  float32: -126,
  float64: -1022,
};

/**
 * What numbers of a floating dtype can be: `-max <= x <= max`, `1 + eps` is the next after 1.
 *
 * @throws DTypeError for other dtypes: see {@link iinfo}.
 * @see https://docs.pytorch.org/docs/stable/type_info.html
 * @example
 * import { finfo } from "flambeau";
 * console.log(finfo("float16").max); // 65504
 * console.log(finfo("float32").eps === 2 ** -23); // true
 */
export function finfo(dtype: FloatDType): FloatLimits {
  if (!isFloat(checkDType("finfo", dtype))) throw new DTypeError("finfo", `${dtype} is no floating dtype`, "see iinfo");
  const eps = epsilonOf(dtype);
  const max = largestOf(dtype);
  const tiny = 2 ** leastExponents[dtype];
  const resolution = Number(`1e${Math.ceil(Math.log10(eps))}`);
  return { dtype, bits: 8 * bytesOf(dtype), eps, max, min: -max, tiny, smallestNormal: tiny, resolution };
}

/** What numbers of an integer dtype can be; bigints of int64, whose ends no number is. */
export interface IntegerLimits<T extends number | bigint = number> {
  readonly dtype: DType;
  readonly bits: number;
  readonly min: T;
  readonly max: T;
}
/**
 * What numbers of an integer dtype can be: `min <= x <= max`, bigints of int64.
 *
 * @throws DTypeError for other dtypes: see {@link finfo}.
 * @see https://docs.pytorch.org/docs/stable/type_info.html
 * @example
 * import { iinfo } from "flambeau";
 * console.log(iinfo("uint8").max, iinfo("int16").min); // 255 -32768
 * console.log(iinfo("int64").max); // 9223372036854775807n
 */
export function iinfo(dtype: "int64"): IntegerLimits<bigint>;
export function iinfo(dtype: "uint8" | "int8" | "int16" | "int32"): IntegerLimits;
export function iinfo(dtype: DType): IntegerLimits<number | bigint>;
export function iinfo(dtype: DType): IntegerLimits<number | bigint> {
  if (!isInt(checkDType("iinfo", dtype))) throw new DTypeError("iinfo", `${dtype} is no integer dtype`, "see finfo");
  const [min, max] = rangeOf(dtype);
  const wide = dtype === "int64";
  return { dtype, bits: 8 * bytesOf(dtype), min: wide ? min : Number(min), max: wide ? max : Number(max) };
}
