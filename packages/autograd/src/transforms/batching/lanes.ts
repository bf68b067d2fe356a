import { expand, reshape, type Tensor } from "@flambeau/tensor/functional";
import type { BatchCall, Lane } from "../batch-level.ts";

// Bringing the inputs of a call to the form that a rule wants.

/** The batch with as many dimensions of size 1 behind it as make `ndim` dimensions of a sample; what is the same for all stays as it is. */
export function aligned({ value, batched }: Lane, ndim: number): Tensor {
  const own = value.ndim - 1;
  if (!batched || own >= ndim) return value;
  const [size, ...shape] = value.shape;
  return insertOnes(value, size, ndim - own, shape);
}
function insertOnes(value: Tensor, size: number, count: number, shape: readonly number[]): Tensor {
  return reshape(value, [size, ...new Array<number>(count).fill(1), ...shape]);
}

/** The value with the batch along dimension 0, also of what is the same for all. */
export const batchOf = ({ value, batched }: Lane, size: number): Tensor =>
  batched ? value : expand(value, [size, ...value.shape]);

/** All inputs with the batch along dimension 0. */
export const batches = ({ lanes, size }: Pick<BatchCall, "lanes" | "size">): Tensor[] =>
  lanes.map((lane) => batchOf(lane, size));

/** A dimension of a sample as one of the batch. Those that count from the end stay. */
export const shifted = (dim: number): number => (dim < 0 ? dim : dim + 1);
