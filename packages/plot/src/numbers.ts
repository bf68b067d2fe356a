import { ArgumentError, dataSync, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";

/** Numbers in a row: an array, a typed array, or a tensor of one dimension. */
export type Numbers = ArrayLike<number | bigint> | Tensor;
/** Numbers in rows: lists of them, or a tensor of two dimensions. */
export type Rows = readonly Numbers[] | Tensor;

/**
 * The numbers of a row, NaN among them.
 *
 * @throws ArgumentError for something else.
 * @throws UnavailableError for a tensor on a device that cannot be read at once: give what `await x.data()` gives.
 */
export function numbersOf(op: string, what: string, given: unknown): number[] {
  if (isTensor(given)) {
    if (given.shape.length !== 1) throw new ArgumentError(op, `${what} must have one dimension, got [${given.shape}]`);
    return Array.from(dataSync(given), Number);
  }
  if (typeof given !== "object" || given === null || !("length" in given) || !Number.isSafeInteger(given.length))
    throw new ArgumentError(op, `${what} must be a list of numbers, got ${show(given)}`);
  return Array.from(given as ArrayLike<unknown>, (value) => {
    if (typeof value !== "number" && typeof value !== "bigint")
      throw new ArgumentError(op, `${what} must be a list of numbers, got ${show(value)} in it`);
    return Number(value);
  });
}

/** The numbers of rows that are equally long. */
export function rowsOf(op: string, what: string, given: unknown): number[][] {
  const rows = isTensor(given)
    ? rowsOfTensor(op, what, given)
    : listOf(op, what, given).map((row) => numbersOf(op, `a row of ${what}`, row));
  const uneven = rows.find((row) => row.length !== rows[0].length);
  if (uneven)
    throw new ArgumentError(op, `the rows of ${what} must be equally long, got ${rows[0].length} and ${uneven.length}`);
  if (rows.length === 0 || rows[0].length === 0) throw new ArgumentError(op, `${what} must not be empty`);
  return rows;
}

function rowsOfTensor(op: string, what: string, given: Tensor): number[][] {
  if (given.shape.length !== 2) throw new ArgumentError(op, `${what} must have two dimensions, got [${given.shape}]`);
  const [height, width] = given.shape;
  const values = Array.from(dataSync(given), Number);
  return Array.from({ length: height }, (_, i) => values.slice(i * width, (i + 1) * width));
}

/** A list, as what it is given for needs one. */
export function listOf(op: string, what: string, given: unknown): readonly unknown[] {
  if (!Array.isArray(given)) throw new ArgumentError(op, `${what} must be a list, got ${show(given)}`);
  return given;
}

/** The least and the largest of the finite ones; absent where there are none. */
export function extremes(values: Iterable<number>): readonly [low: number, high: number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}
