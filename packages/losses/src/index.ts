export { bce, bceWithLogits } from "./binary.ts";
export { type ClassOptions, type CrossEntropyOptions, crossEntropy, nll } from "./cross-entropy.ts";
export type { Reduction, ReductionOptions } from "./reduce.ts";
export { huber, l1, mse, smoothL1, type WeightedOptions } from "./regression.ts";
