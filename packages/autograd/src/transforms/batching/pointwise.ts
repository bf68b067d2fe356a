import { reshape, resultType, type Tensor } from "@flambeau/tensor/functional";
import { toDType } from "@flambeau/tensor/plugin";
import type { BatchRule } from "./call.ts";
import { aligned } from "./lanes.ts";

/**
 * Pointwise ops, their gradient kernels and their in-place forms: samples are brought to the same number of dimensions, so that the batch
 * stands in front of all. A sample without dimensions promotes weakly, which its batch would not: it is converted first.
 */
export const pointwiseRule: BatchRule = ({ lanes, samples, next }) => {
  let ndim = 0;
  for (const { ndim: own } of samples) if (own > ndim) ndim = own;
  const inputs = lanes.map((lane) => aligned(lane, ndim));
  const common = resultType(samples);
  if (resultType(inputs) === common) return next(inputs);
  // among samples that all are without dimensions, what is the same for all must not be weaker than the batches
  if (ndim === 0) return next(inputs.map((t, i) => (lanes[i].batched ? t : reshape(t, [1]))));
  return next(inputs.map((t: Tensor, i) => (samples[i].ndim === 0 && lanes[i].batched ? toDType(t, common) : t)));
};
