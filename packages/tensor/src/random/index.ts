export {
  fillBernoulli,
  fillBernoulliEach,
  fillCauchy,
  fillDropout,
  fillExponential,
  fillGeometric,
  fillRreluNoise,
} from "./draw.ts";
export { Generator, withEngine } from "./generator.ts";
export { fillRandint, fillRandom, fillRandperm, type NumberArray } from "./integers.ts";
export { MT19937 } from "./mt19937.ts";
export { multinomial } from "./multinomial.ts";
export { fillLogNormal, fillNormal, fillNormalOneByOne } from "./normal.ts";
export { fillPhilox, philox4x32 } from "./philox.ts";
export { fillTruncNormal } from "./trunc-normal.ts";
export { type FloatArray, fillUniform } from "./uniform.ts";
