// Element-Research's dpnn: modules for images, REINFORCE and noise-contrastive estimation.
export {
  PCAColorTransform,
  SimpleColorTransform,
  SpatialFeatNormalization,
  SpatialRegionDropout,
  SpatialUniformCrop,
  type SpatialUniformCropOptions,
  TotalDropout,
} from "./augmentation.ts";
export { SpatialBinaryConvolution, type SpatialBinaryConvolutionOptions } from "./binary-convolution.ts";
export { SpatialGlimpse } from "./glimpse.ts";
export { FireModule, Inception, type InceptionConfig } from "./inception.ts";
export { BinaryLogisticRegression, SpatialBinaryLogisticRegression } from "./logistic.ts";
export { NCECriterion, NCEModule, type NCEModuleOptions, type NCEOutput } from "./nce.ts";
export { type Drawn, Reinforce, type ReinforceOptions, reinforce } from "./reinforce.ts";
export {
  ReinforceBernoulli,
  ReinforceCategorical,
  ReinforceGamma,
  ReinforceNormal,
  type Spread,
} from "./reinforce-modules.ts";
export { BinaryClassReward, type RewardOptions, VRClassReward } from "./rewards.ts";
export { Serial, type SerialOptions } from "./serial.ts";
export { ArgMax, type ArgMaxOptions, CategoricalEntropy, Clip, ReverseTable } from "./small.ts";
