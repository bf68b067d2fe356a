import { resultType, type Tensor } from "@flambeau/tensor/functional";
import { toDType } from "@flambeau/tensor/plugin";
import type { BatchRule } from "../batch-level.ts";
import { aligned } from "./lanes.ts";

/**
 * Pointwise ops, their gradient kernels and their in-place forms: samples are brought to the same number of dimensions, so that the batch
 * stands in front of all. A sample without dimensions promotes weakly, which its batch would not: it is converted first.
 */
export const pointwiseRule: BatchRule = ({ lanes, samples, next }) => {
  const ndim = Math.max(...samples.map((t) => t.ndim));
  const inputs = lanes.map((lane) => aligned(lane, ndim));
  const common = resultType(samples);
  if (resultType(inputs) === common) return next(inputs);
  return next(inputs.map((t: Tensor, i) => (samples[i].ndim === 0 && lanes[i].batched ? toDType(t, common) : t)));
};
