import type { BatchRule } from "./call.ts";
import { aligned, batches, batchOf, shifted } from "./lanes.ts";

// New tensors of old ones, and windows that are written.

const same: BatchRule = ({ lanes, next }) => next(lanes.map((lane) => lane.value));

/** The second input broadcasts to the first, which is a batch. */
const filling: BatchRule = ({ lanes: [target, source], samples, size, next }) =>
  next([batchOf(target, size), aligned(source, samples[0].ndim)]);

type Window = {
  readonly dim?: number;
  readonly dim1?: number;
  readonly dim2?: number;
};
/** A copy of the first input with the second in a window of it. */
const written: BatchRule<Window> = (call) => {
  const { dim, dim1, dim2 } = call.attrs;
  const moved = dim === undefined ? { dim1: shifted(dim1 ?? 0), dim2: shifted(dim2 ?? 0) } : { dim: shifted(dim) };
  return call.next(batches(call), { ...call.attrs, ...moved });
};

interface Strided {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}
/** The window is one of the first input in row-major order. */
const writtenStrided: BatchRule<Strided> = (call) => {
  const { attrs, samples, size, next } = call;
  const { shape, strides, offset } = attrs;
  return next(batches(call), { shape: [size, ...shape], strides: [samples[0].size, ...strides], offset });
};

/** A step of an optimizer goes element by element. */
const step: BatchRule<object> = (call) => call.next(batches(call));

export const copyRules = {
  adamStep: step,
  asStridedScatter: writtenStrided,
  cast: same,
  clone: same,
  copy_: filling,
  diagonalScatter: written,
  fill: filling,
  fill_: same,
  selectScatter: written,
  sgdStep: step,
  sliceScatter: written,
  toDevice: same,
} as const;
