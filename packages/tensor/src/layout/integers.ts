import { ArgumentError, IndexError, show } from "../core/errors.ts";

// Arguments that must be integers, checked where ops take them: a figure that went wrong upstream (NaN, a half, undefined, a
// string from a form) is named here, by op and argument, instead of turning up as a wrong size or position further down.

const most = Number.MAX_SAFE_INTEGER;
function kind(least: number, greatest: number): string {
  if (greatest !== most) return `an integer from ${least} to ${greatest}`;
  if (least === 0) return "a non-negative integer";
  if (least === 1) return "a positive integer";
  return least === -most ? "an integer" : `an integer of at least ${least}`;
}
const isFrom = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least; // an integer is a number
/** Why something that looks like an integer is none. */
const tooLarge = (value: unknown): string | undefined =>
  typeof value === "number" && Math.abs(value) > most ? "numbers hold integers exactly up to 2^53 - 1" : undefined;

/** `value`, if it is an integer from `least` to `greatest`. */
export function checkInteger(
  op: string,
  name: string,
  value: number | null | undefined,
  least = -most,
  greatest = most,
): number {
  if (isFrom(value, least) && value <= greatest) return value;
  throw new ArgumentError(op, `${name} must be ${kind(least, greatest)}, got ${show(value)}`, tooLarge(value));
}

/** `value`, if it is a number, and not NaN. */
export function checkNumber(op: string, name: string, value: unknown): number {
  if (typeof value === "number" && !Number.isNaN(value)) return value;
  throw new ArgumentError(op, `${name} must be a number, got ${show(value)}`);
}

/** A position from the start, 0..n-1, of one that may count from the end. `where` says of what there are n. */
export function checkPosition(op: string, name: string, value: number, n: number, where: () => string): number {
  if (Number.isInteger(value) && value >= -n && value < n) return value < 0 ? value + n : value;
  if (!Number.isInteger(value)) throw new IndexError(op, `${name} must be an integer, got ${show(value)}`);
  throw new IndexError(op, `${name} ${value} is out of range for ${where()}`);
}

/** `list`, if it is a list (of any length) of integers of at least `least`. */
export function checkIntegers(op: string, name: string, list: readonly number[], least = -most): readonly number[] {
  if (!Array.isArray(list)) throw new ArgumentError(op, `${name} must be a list of integers, got ${show(list)}`);
  for (const value of list)
    if (!isFrom(value, least))
      throw new ArgumentError(op, `each of ${name} must be ${kind(least, most)}, got ${show(list)}`, tooLarge(value));
  return list;
}

/** One integer, or a list of them, as a list. */
export function integersOf(
  op: string,
  name: string,
  value: number | readonly number[],
  least = -most,
): readonly number[] {
  if (Array.isArray(value)) return checkIntegers(op, name, value, least);
  return [checkInteger(op, name, value as number, least)]; // it is no list
}
