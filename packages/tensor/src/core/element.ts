import { type DType, halfCodec, isFloat, largestOf, type TypedArray, typedArray } from "./dtype.ts";
import { ArgumentError, DTypeError, show } from "./errors.ts";

/** What a program writes an element as. */
export type Scalar = number | boolean | bigint;

/**
 * Writes `value` as an element of `dtype`, for all that takes elements from a program: integers lose a fraction, bool is true for what is
 * not 0, floats take any number, and -1 to -255 are uint8's values modulo 256, as in PyTorch.
 *
 * @throws ArgumentError for what an integer dtype does not hold.
 * @throws DTypeError for what is no number.
 */
export function putElement(op: string, out: TypedArray, i: number, value: unknown, dtype: DType): void {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean")
    throw new DTypeError(op, `elements must be numbers, booleans or bigints, got ${show(value)}`);
  const v = Number(value);
  if (isFloat(dtype)) out[i] = halfCodec(dtype)?.encode(v) ?? v;
  else if (dtype === "bool") out[i] = v === 0 ? 0 : 1;
  else {
    const whole = typeof value === "bigint" ? value : Math.trunc(v);
    out[i] = out instanceof BigInt64Array ? BigInt(Number.isFinite(v) ? whole : 0) : Number(whole);
    // what does not fit wraps, and NaN becomes 0: it is not what was given any more
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of one value
    if (out[i] != whole && !(dtype === "uint8" && v < 0 && v > -256))
      throw new ArgumentError(op, `${show(value)} does not fit ${dtype}`);
  }
}

/**
 * `value` as the one element that something is filled with.
 *
 * @throws ArgumentError for a finite number beyond the range, of floats, too; else as {@link putElement}.
 */
export function element(op: string, value: unknown, dtype: DType): number | bigint {
  const out = typedArray(dtype, new ArrayBuffer(8), 0, 1);
  putElement(op, out, 0, value, dtype);
  if (!isFloat(dtype)) return out[0];
  const v = Number(value);
  if (Math.abs(v) > largestOf(dtype) && (typeof value === "bigint" || Number.isFinite(v)))
    throw new ArgumentError(op, `${show(value)} does not fit ${dtype}`);
  return v;
}
