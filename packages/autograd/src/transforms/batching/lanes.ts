import { expand, movedim, reshape, type Tensor } from "@flambeau/tensor/functional";
import { isHalf, toDType, widened } from "@flambeau/tensor/plugin";
import type { BatchCall, BatchRule, Lane } from "./call.ts";

// Bringing the inputs of a call to the form that a rule wants.

const ones = (count: number): number[] => new Array<number>(Math.max(0, count)).fill(1);

/** The batch with as many dimensions of size 1 behind it as make `ndim` dimensions of a sample; what is the same for all stays as it is. */
export function aligned({ value, batched }: Lane, ndim: number): Tensor {
  const own = value.ndim - 1;
  if (!batched || own >= ndim) return value;
  const [size, ...shape] = value.shape;
  return reshape(value, [size, ...ones(ndim - own), ...shape]);
}

/** A tensor that is the same for all samples, as a batch. */
export const spread = (t: Tensor, size: number): Tensor => expand(t, [size, ...t.shape]);
/** The value with the batch along dimension 0, also of what is the same for all. */
export const batchOf = ({ value, batched }: Lane, size: number): Tensor => (batched ? value : spread(value, size));

/** All inputs with the batch along dimension 0. */
export const batches = ({ lanes, size }: Pick<BatchCall, "lanes" | "size">): Tensor[] =>
  lanes.map((lane) => batchOf(lane, size));

/** A dimension of a sample as one of the batch. Those that count from the end stay. */
export const shifted = (dim: number): number => (dim < 0 ? dim : dim + 1);

/** A batch [B, ...] with B as part of dimension `at` of a sample. */
export function folded(x: Tensor, at = 0): Tensor {
  const moved = at === 0 ? x : movedim(x, 0, at);
  const { shape } = moved;
  return reshape(moved, [...shape.slice(0, at), shape[at] * shape[at + 1], ...shape.slice(at + 2)]);
}
/** What {@link folded} took: dimension `at` holds `size` samples. */
export function unfolded(y: Tensor, size: number, at = 0): Tensor {
  const { shape } = y;
  const apart = reshape(y, [...shape.slice(0, at), size, shape[at] / size, ...shape.slice(at + 1)]);
  return at === 0 ? apart : movedim(apart, at, 0);
}

/** The first rule that knows how. */
export const firstOf =
  (...rules: readonly BatchRule[]): BatchRule =>
  (call) => {
    for (const rule of rules) {
      const out = rule(call);
      if (out !== null) return out;
    }
    return null;
  };

/** A rule made of several ops for an op that rounds halves once: they go through it as float32. */
export const inWide =
  (rule: BatchRule): BatchRule =>
  (call) => {
    const half = call.lanes.find(({ value }) => isHalf(value.dtype))?.value.dtype;
    if (half === undefined) return rule(call);
    const lanes = call.lanes.map((lane) => ({ ...lane, value: widened(lane.value) }));
    const out = rule({ ...call, lanes });
    return out === null ? null : out.map((t, i) => (i < (call.op.rounds ?? 0) ? toDType(t, half) : t));
  };
