import { add, matmul, reshape, transpose, unsqueeze } from "@flambeau/tensor/functional";
import type { BatchRule } from "../batch-level.ts";
import { aligned, batchOf } from "./lanes.ts";

/** Matrices of samples are one more dimension of the batch that products have anyway. */
const matmulRule: BatchRule = ({ lanes, samples, next }) => {
  const ndim = Math.max(...samples.map((t) => t.ndim));
  return next(lanes.map((lane) => aligned(lane, ndim)));
};

/** One weight for all samples: their rows are rows of one product. A weight for each: a batch of products. */
const linearRule: BatchRule = ({ lanes, samples, size, next }) => {
  const [x, weight, bias] = lanes;
  if (x.batched && !weight.batched && bias?.batched !== true) return next(lanes.map((lane) => lane.value));
  const shape = samples[0].shape;
  const [rows, inner] = [shape.slice(0, -1), shape[shape.length - 1]];
  const count = rows.reduce((n, s) => n * s, 1);
  const left = reshape(x.value, x.batched ? [size, count, inner] : [count, inner]);
  let y = matmul(left, transpose(weight.value, -2, -1));
  if (bias !== undefined) y = add(y, bias.batched ? unsqueeze(bias.value, 1) : bias.value);
  const whole = y.ndim === 3 ? y : batchOf({ value: y, batched: false }, size);
  return [reshape(whole, [size, ...rows, samples[1].shape[0]])];
};

export const productRules = { linear: linearRule, matmul: matmulRule } as const;
