import { reshape, unsqueeze } from "@flambeau/tensor/functional";
import type { BatchCall, BatchRule } from "./call.ts";
import { batches, shifted } from "./lanes.ts";

// Ops along dimensions that their attributes name: those are one further on in the batch.

/** Runs the op on all inputs as batches. A sample without dimensions gets one, and its results lose it. */
function run<A extends object>(call: BatchCall<A>, attrs: A): ReturnType<BatchRule> {
  if (call.samples[0].ndim > 0) return call.next(batches(call), attrs);
  const lines = batches(call).map((t) => (t.ndim === 1 ? unsqueeze(t, 1) : t));
  return call.next(lines, attrs).map((t) => reshape(t, [call.size]));
}

interface Dims {
  readonly dims: readonly number[];
}
/** A sample without dimensions is reduced over none: over the one that it gets. */
const alongDims: BatchRule<Dims> = (call) => {
  const { attrs, samples } = call;
  return run(call, { ...attrs, dims: samples[0].ndim === 0 ? [1] : attrs.dims.map(shifted) });
};

interface Dim {
  readonly dim: number;
}
const alongDim: BatchRule<Dim> = (call) => run(call, { ...call.attrs, dim: shifted(call.attrs.dim) });

/** Positions of extremes: without a dimension those among all elements of a sample. */
const placing: BatchRule<{ readonly dim: number | null; readonly keepdim: boolean }> = (call) => {
  const { attrs, samples, lanes, size, next } = call;
  if (attrs.dim !== null) return run(call, { ...attrs, dim: shifted(attrs.dim) });
  const found = next([reshape(lanes[0].value, [size, samples[0].size])], { dim: 1, keepdim: false });
  return attrs.keepdim ? found.map((t) => reshape(t, [size, ...samples[0].shape.map(() => 1)])) : found;
};

/** An extreme or middle of all elements, among which its gradient is shared: that of each row. Of rows, of more of them. */
const ofAll: BatchRule<{ readonly rows?: boolean }> = ({ attrs, lanes, samples, size, next }) => {
  const [rows, length] = attrs.rows === true ? samples[0].shape : [1, samples[0].size];
  const found = next([reshape(lanes[0].value, [size * rows, length])], { rows: true });
  return attrs.rows === true ? found.map((t) => reshape(t, [size, rows])) : found;
};

interface Padding {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}
const padding: BatchRule<Padding> = ({ attrs, lanes, next }) =>
  next([lanes[0].value], { ...attrs, before: [0, ...attrs.before], behind: [0, ...attrs.behind] });

const joining: BatchRule<Dim> = (call) => call.next(batches(call), { ...call.attrs, dim: call.attrs.dim + 1 });

export const alongRules = {
  all: alongDims,
  amax: alongDims,
  amin: alongDims,
  any: alongDims,
  argmax: placing,
  argmin: placing,
  argsort: alongDim,
  cat: joining,
  constantPadNd: padding,
  countNonzero: alongDims,
  cummax: alongDim,
  cummin: alongDim,
  cumprod: alongDim,
  cumsum: alongDim,
  flip: alongDims,
  kthvalue: alongDim,
  logcumsumexp: alongDim,
  logSoftmax: alongDim,
  logSoftmaxBackward: alongDim,
  logsumexp: alongDims,
  max: alongDim,
  maxOfAll: ofAll,
  median: alongDim,
  medianOfAll: ofAll,
  min: alongDim,
  minOfAll: ofAll,
  mode: alongDim,
  nanmedian: alongDim,
  nanmedianOfAll: ofAll,
  norm: alongDims,
  prod: alongDim,
  recurrence: alongDim,
  resample: alongDim,
  roll: alongDims,
  softmax: alongDim,
  softmaxBackward: alongDim,
  sort: alongDim,
  std: alongDims,
  stdMean: alongDims,
  sum: alongDims,
  topk: alongDim,
  var: alongDims,
  varMean: alongDims,
} as const;
