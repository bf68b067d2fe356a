import { type DType, kindOf, lowestOf, topOf } from "./dtype.ts";
import { ArgumentError, DTypeError, show } from "./errors.ts";

/** What a program writes an element as. */
export type Scalar = number | boolean | bigint;

/**
 * `value` as an element of `dtype`, for all that writes one value into a tensor: integers lose a fraction, bool is true for what is not 0,
 * and -1 to -255 are uint8's values modulo 256, as in PyTorch.
 *
 * @throws ArgumentError for a finite number beyond the dtype's range, and for NaN and infinities where the dtype has none.
 * @throws DTypeError for what is no number.
 */
export function element(op: string, value: unknown, dtype: DType): number | bigint {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean")
    throw new DTypeError(op, `elements must be numbers, booleans or bigints, got ${show(value)}`);
  const kind = kindOf(dtype);
  if (kind === "bool") return Number(Boolean(value) || value !== value);
  const given = typeof value === "boolean" ? Number(value) : value;
  const whole = kind === "int" && typeof given === "number" ? Math.trunc(given) : given;
  const fits = kind === "float" && !Number.isFinite(Number(whole)) ? typeof whole === "number" : within(whole, dtype);
  if (!fits)
    throw new ArgumentError(
      op,
      `${show(given)} does not fit ${dtype} (${show(lowestOf(dtype))} to ${show(topOf(dtype))})`,
    );
  return dtype === "int64" || typeof whole === "number" ? whole : Number(whole);
}
const within = (value: number | bigint, dtype: DType): boolean =>
  value <= topOf(dtype) && value >= (dtype === "uint8" ? -topOf(dtype) : lowestOf(dtype));
