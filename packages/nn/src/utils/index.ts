export * as parametrizations from "./parametrizations/index.ts";
export * as parametrize from "./parametrize/index.ts";
export { removeSpectralNorm, spectralNorm } from "./spectral-norm.ts";
export { removeWeightNorm, weightNorm } from "./weight-norm.ts";
