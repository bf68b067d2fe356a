import { ArgumentError, type Generator, randn, type Tensor } from "@flambeau/tensor/functional";
import { type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkFactor, checkFinite, checkRange, fillsOf, imagesOf, roundEven } from "../checks.ts";
import { erase } from "../functional/erase.ts";
import { gaussianBlur, kernelSizesOf, sigmasOf } from "../functional/filter.ts";
import { type GaussianNoiseOptions, gaussianNoise, noiseKinds } from "../functional/noise.ts";
import { integer, ratioBetween, uniform } from "../random/draws.ts";
import { Chance, type ChanceOptions, chanceKinds, type RandomOptions, randomKinds, Transform } from "./transform.ts";

export interface RandomBlurOptions extends RandomOptions {
  /** The width of the bell in pixels, or from least to most. Default [0.1, 2]. */
  readonly sigma?: number | readonly number[] | undefined;
}
const blurKinds: Kinds<RandomBlurOptions> = { sigma: option.numbers, ...randomKinds };
/**
 * Images blurred by a Gaussian bell of a random width: `y = gaussianBlur(x, kernelSize, { sigma })`, the same for all images of a batch.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for an even size, and widths that are not positive or fall; what {@link gaussianBlur} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.GaussianBlur.html
 * @example
 * new GaussianBlur(3, { sigma: 1 }).forward(ones([3, 4, 4])).shape; // [3, 4, 4]
 */
export class GaussianBlur extends Transform {
  readonly kernelSize: readonly [number, number];
  readonly sigma: readonly [number, number];
  constructor(kernelSize: number | readonly number[], options: RandomBlurOptions = {}) {
    const op = "GaussianBlur";
    super(options, blurKinds);
    this.kernelSize = kernelSizesOf(op, kernelSize);
    this.sigma = checkRange(op, "sigma", sigmasOf(op, options.sigma ?? [0.1, 2]));
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    return gaussianBlur(x, this.kernelSize, { sigma: uniform(generator, ...this.sigma) });
  }
}

/**
 * Images with noise: `y = x + mean + sigma * noise`. The class of {@link gaussianNoise}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`, floating or uint8.
 *
 * @throws ArgumentError for a negative `sigma`; what {@link gaussianNoise} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.GaussianNoise.html
 * @example
 * new GaussianNoise({ sigma: 0 }).forward(ones([1, 1, 1])).item(); // 1
 */
export class GaussianNoise extends Transform {
  readonly mean: number;
  readonly sigma: number;
  readonly clip: boolean;
  constructor(options: GaussianNoiseOptions = {}) {
    const op = "GaussianNoise";
    super(options, noiseKinds);
    this.mean = checkFinite(op, "mean", options.mean ?? 0);
    this.sigma = checkFactor(op, "sigma", options.sigma ?? 0.1);
    this.clip = options.clip ?? true;
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    const { mean, sigma, clip } = this;
    return gaussianNoise(x, { mean, sigma, clip, generator });
  }
}

export interface RandomErasingOptions extends ChanceOptions {
  /** Which share of the image the rectangle has, from least to most. Default [0.02, 0.33]. */
  readonly scale?: readonly number[] | undefined;
  /** Its height over its width, from least to most. Default [0.3, 3.3]. */
  readonly ratio?: readonly number[] | undefined;
  /** What it is painted with: one value, one for each channel, or normal noise ("random"). Default 0. */
  readonly value?: number | readonly number[] | "random" | undefined;
}
const erasingKinds: Kinds<RandomErasingOptions> = {
  scale: option.listOf(option.number),
  ratio: option.listOf(option.number),
  value: option.either(option.numbers, option.oneOf("random")),
  ...chanceKinds,
};
/**
 * Images with a random rectangle painted over, with probability `p`: `y = erase(x, i, j, h, w, value)`, the same for all images of a batch.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a scale outside of 0 to 1, a ratio that is not positive, values other than one for each channel, and when `p` is no probability.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomErasing.html
 * @see Zhong et al., "Random Erasing Data Augmentation", 2017
 * @example
 * const hole = new RandomErasing({ p: 1, generator: new Generator(0) });
 * hole.forward(ones([1, 10, 10])).sum().item() < 100; // true
 */
export class RandomErasing extends Chance {
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly value: number | readonly number[] | "random";
  constructor(options: RandomErasingOptions = {}) {
    const op = "RandomErasing";
    super(options, erasingKinds);
    this.scale = checkRange(op, "scale", options.scale ?? [0.02, 0.33]);
    if (this.scale[0] < 0 || this.scale[1] > 1)
      throw new ArgumentError(op, `scale must lie from 0 to 1, got ${show(options.scale)}`);
    this.ratio = checkRange(op, "ratio", options.ratio ?? [0.3, 3.3]);
    if (this.ratio[0] <= 0) throw new ArgumentError(op, `ratio must be positive, got ${show(options.ratio)}`);
    this.value = options.value ?? 0;
    if (this.value !== "random") for (const each of [this.value].flat()) checkFinite(op, "value", each);
  }
  protected change(x: Tensor, generator: Generator): Tensor {
    const { channels, height, width } = imagesOf("RandomErasing", x);
    const { value } = this;
    const values = value === "random" ? null : fillsOf("RandomErasing", value, channels);
    for (let k = 0; k < 10; k++) {
      const area = height * width * uniform(generator, ...this.scale);
      const ratio = ratioBetween(generator, this.ratio);
      const h = roundEven(Math.sqrt(area * ratio));
      const w = roundEven(Math.sqrt(area / ratio));
      if (h >= height || w >= width) continue;
      const v = values ?? randn([channels, h, w], { generator, dtype: "float32", device: x.device });
      const i = integer(generator, 0, height - h + 1);
      return erase(x, i, integer(generator, 0, width - w + 1), h, w, v);
    }
    return x;
  }
}
