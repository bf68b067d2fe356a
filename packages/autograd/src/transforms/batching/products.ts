import {
  add,
  contiguous,
  expand,
  matmul,
  movedim,
  reshape,
  type Tensor,
  transpose,
  unsqueeze,
} from "@flambeau/tensor/functional";
import type { BatchRule } from "./call.ts";
import { aligned, batches, firstOf, folded, inWide, unfolded } from "./lanes.ts";

const count = (sizes: readonly number[]): number => sizes.reduce((n, s) => n * s, 1);

/** Matrices of samples against one matrix: their rows are rows of one product. */
const oneRight: BatchRule = ({ lanes: [a, b], next }) => {
  if (b.batched || b.value.ndim > 2 || a.value.size === 0) return null;
  const { shape } = a.value;
  const inner = shape[shape.length - 1];
  const [y] = next([reshape(a.value, [a.value.size / inner, inner]), b.value]);
  return [reshape(y, [...shape.slice(0, -1), y.shape[1]])];
};
/** One matrix against narrow ones of samples: their columns are columns of one product. */
const oneLeft: BatchRule = ({ lanes: [a, b], size, next }) => {
  if (a.batched || a.value.ndim > 2 || b.value.ndim > 3 || b.value.size === 0 || b.value.shape[2] > 8) return null;
  const [, inner, columns] = b.value.shape;
  const [y] = next([a.value, reshape(movedim(b.value, 0, 1), [inner, size * columns])]);
  return [movedim(reshape(y, [y.shape[0], size, columns]), 1, 0)];
};
/** Matrices of samples are one more dimension of the batch that products have anyway. */
const moreMatrices: BatchRule = ({ lanes, samples, next }) => {
  const ndim = Math.max(...samples.map((t) => t.ndim));
  return next(lanes.map((lane) => aligned(lane, ndim)));
};

/** One weight for all samples: their rows are rows of one product. A weight for each: a batch of products. */
const oneWeight: BatchRule = ({ lanes, next }) =>
  lanes.slice(1).some((l) => l.batched) ? null : next(lanes.map((lane) => lane.value));
const weights: BatchRule = inWide(({ lanes, samples, size }) => {
  const [x, weight, bias] = lanes;
  const [rows, inner] = [samples[0].shape.slice(0, -1), samples[1].shape[1]];
  const n = count(rows);
  const left = reshape(x.value, x.batched ? [size, n, inner] : [n, inner]);
  let y: Tensor = matmul(left, transpose(weight.value, -2, -1));
  if (bias !== undefined) {
    if (y.ndim === 2) y = expand(y, [size, ...y.shape]);
    y = add(y, bias.batched ? unsqueeze(bias.value, 1) : bias.value);
  }
  return [reshape(y, [size, ...rows, samples[1].shape[0]])];
});

/**
 * Heads of samples are heads of one batch: of more of the first dimension where there is one, since kernels take no more dimensions. What no
 * kernel kept for the gradient is nothing of each sample.
 */
const attention: BatchRule<object> = (call) => {
  const { size, samples, next } = call;
  if (size === 0) return null;
  const flat = samples[0].ndim > 2;
  const out = next(batches(call).map((t) => (flat ? folded(t) : t)));
  return out.map((t) => (t.size === 0 && t.ndim === 1 ? expand(t, [size, 0]) : flat ? unfolded(t, size) : t));
};
/** Inputs: g, q, k, v, the mask where there is one, y, and what the kernel kept, if one did. */
const attentionGradient: BatchRule<object> = (call) => {
  const { size, samples, next } = call;
  if (size === 0) return null;
  const flat = samples[1].ndim > 2;
  const kept = samples.length - 1;
  const inputs = batches(call).map((t, i) => {
    if (i < kept) return flat ? folded(t) : t;
    if (samples[kept].size === 0) return reshape(t, [0]);
    return contiguous(flat ? folded(t) : t); // as a kernel makes it
  });
  return next(inputs).map((t) => (flat ? unfolded(t, size) : t));
};

export const productRules = {
  attentionBackward: attentionGradient,
  cdist: moreMatrices,
  linear: firstOf(oneWeight, weights),
  maskedAttention: attention,
  maskedAttentionBackward: attentionGradient,
  matmul: firstOf(oneRight, oneLeft, moreMatrices),
  scaledDotProductAttention: attention,
} as const;
