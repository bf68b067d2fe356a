export { type OrthogonalOptions, orthogonal } from "./orthogonal.ts";
export { type SpectralNormOptions, spectralNorm } from "./spectral-norm.ts";
export { type WeightNormOptions, weightNorm } from "./weight-norm.ts";
