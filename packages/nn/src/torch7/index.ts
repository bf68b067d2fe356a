// Torch7's nn for people who come from it: what PyTorch has no class for. Tables are arrays; dimensions and indices count from 0.

export * from "./centers.ts";
export * from "./concat.ts";
export type { Connections } from "./connections.ts";
export * as tables from "./connections.ts";
export { Container, Sequential } from "./container.ts";
export * from "./convert.ts";
export * from "./convolution-map.ts";
export * from "./criterions/index.ts";
export * from "./decorators.ts";
export * from "./dpnn/index.ts";
export {
  Abs,
  AddConstant,
  Clamp,
  Exp,
  Log,
  MulConstant,
  Power,
  Sqrt,
  Square,
} from "./elementwise.ts";
export * from "./gradients.ts";
export * from "./kmeans.ts";
export * from "./linear.ts";
export type { MadeOptions } from "./making.ts";
export * from "./nngraph/index.ts";
export * from "./normalization.ts";
export * from "./reductions.ts";
export * from "./rnn/index.ts";
export * from "./scaling.ts";
export * from "./sequences.ts";
export * from "./shapes.ts";
export * from "./sparse.ts";
export {
  FeatureLPPooling,
  type FeatureLPPoolingOptions,
  SpatialConvolutionLocal,
  type SpatialConvolutionLocalOptions,
  SpatialSubSampling,
} from "./spatial.ts";
export type { Table } from "./table.ts";
export * from "./table-containers.ts";
export {
  CAddTable,
  CAddTensorTable,
  CDivTable,
  CMaxTable,
  CMinTable,
  CMulTable,
  CSubTable,
  type InplaceOptions,
} from "./table-math.ts";
export * from "./table-pairs.ts";
export * from "./table-products.ts";
export * from "./table-shapes.ts";
export * from "./temporal.ts";
export { StochasticGradient, type TrainingData, type TrainingExample } from "./trainer.ts";
export * from "./values.ts";
export * from "./views.ts";
