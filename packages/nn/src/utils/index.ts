export * as rnn from "./rnn/index.ts";
export {
  type BatchNormParts,
  type FuseOptions,
  fuseConvBnEval,
  fuseConvBnWeights,
  fuseLinearBnEval,
  fuseLinearBnWeights,
} from "./fuse.ts";
export * as parametrizations from "./parametrizations/index.ts";
export * as parametrize from "./parametrize/index.ts";
export * as prune from "./prune/index.ts";
export { skipInit } from "./skip-init.ts";
export { removeSpectralNorm, spectralNorm } from "./spectral-norm.ts";
export { parametersToVector, vectorToParameters } from "./vectors.ts";
export { removeWeightNorm, weightNorm } from "./weight-norm.ts";
