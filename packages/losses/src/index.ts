export { type BceWithLogitsOptions, bce, bceWithLogits } from "./binary.ts";
export { type MultiMarginOptions, multilabelMargin, multilabelSoftMargin, multiMargin } from "./class-margin.ts";
export { type ClassOptions, type CrossEntropyOptions, crossEntropy, nll } from "./cross-entropy.ts";
export { type CtcOptions, ctc } from "./ctc.ts";
export {
  type GaussianNllOptions,
  gaussianNll,
  type KlDivOptions,
  klDiv,
  type PoissonNllOptions,
  poissonNll,
} from "./likelihood.ts";
export { type LinearCrossEntropyOptions, linearCrossEntropy } from "./linear-cross-entropy.ts";
export { cosineEmbedding, hingeEmbedding, type MarginOptions, marginRanking, softMargin } from "./margin.ts";
export { Loss } from "./module.ts";
export * from "./modules.ts";
export type { Reduction, ReductionOptions } from "./reduce.ts";
export {
  type HuberOptions,
  huber,
  l1,
  mse,
  type SmoothL1Options,
  smoothL1,
  type WeightedOptions,
} from "./regression.ts";
export {
  type Distance,
  type TripletOptions,
  type TripletWithDistanceOptions,
  tripletMargin,
  tripletMarginWithDistance,
} from "./triplet.ts";
