import {
  add,
  clamp,
  DTypeError,
  type Generator,
  isFloat,
  mul,
  randnLike,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { checkFactor, checkFinite, imagesOf } from "../checks.ts";

export interface GaussianNoiseOptions {
  /** Mean of the noise, of images from 0 to 1. Default 0. */
  readonly mean?: number | undefined;
  /** Standard deviation of the noise. Default 0.1. */
  readonly sigma?: number | undefined;
  /** Keep values from black to white. Default true. */
  readonly clip?: boolean | undefined;
  /** Where the noise is drawn from. Default: the global generator. */
  readonly generator?: Generator | undefined;
}
export const noiseKinds: Kinds<GaussianNoiseOptions> = {
  mean: option.number,
  sigma: option.number,
  clip: option.boolean,
  generator: option.generator,
};

/**
 * An image with noise: `y = x + mean + sigma * noise`, where the noise is normal, another for each pixel. Of bytes both are in units of 255.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`, floating or uint8.
 *
 * @throws ArgumentError for a negative `sigma`; DTypeError for another dtype.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.gaussian_noise.html
 * @example
 * gaussianNoise(zeros([1, 1, 2]), { sigma: 0.5, generator: new Generator(0) }).tolist(); // [[[0.7705, 0]]]
 */
export function gaussianNoise(x: Tensor, options: GaussianNoiseOptions = {}): Tensor {
  const op = "gaussianNoise";
  checkOptions(op, noiseKinds, options);
  imagesOf(op, x);
  const { mean = 0, sigma = 0.1, clip = true, generator } = options;
  checkFinite(op, "mean", mean);
  checkFactor(op, "sigma", sigma);
  const floats = isFloat(x.dtype);
  if (!floats && x.dtype !== "uint8") throw new DTypeError(op, `images are floats or uint8 here, got ${x.dtype}`);
  return tidy(() => {
    const drawn = randnLike(x, floats ? { generator } : { generator, dtype: "float32" });
    const unit = floats ? 1 : 255;
    const noise = add(mul(drawn, sigma * unit), mean * unit);
    const sum = add(x, floats ? noise : cast(noise, "int16"));
    return cast(clip ? clamp(sum, 0, unit) : sum, x.dtype);
  });
}
