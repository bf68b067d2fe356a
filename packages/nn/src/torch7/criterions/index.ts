export type { Criterion, SizeAverageOptions } from "./criterion.ts";
export { DistanceRatioCriterion, L1Cost, L1HingeEmbeddingCriterion, MarginCriterion } from "./margins.ts";
export * from "./several.ts";
export * from "./squares.ts";
