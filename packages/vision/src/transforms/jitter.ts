import { ArgumentError, type Generator, type Tensor } from "@flambeau/tensor/functional";
import { type Kinds, option, show } from "@flambeau/tensor/plugin";
import { checkFinite, checkProbability, checkRange, imagesOf } from "../checks.ts";
import { adjustBrightness, adjustContrast, adjustSaturation, permuteChannels } from "../functional/color.ts";
import { adjustHue } from "../functional/hue.ts";
import { happens, order, uniform } from "../random/draws.ts";
import { type ChanceOptions, chanceKinds, type RandomOptions, randomKinds, Transform } from "./transform.ts";

export interface ColorJitterOptions extends RandomOptions {
  /** How much brighter or darker at most, or factors [least, most]. Default: not. */
  readonly brightness?: number | readonly number[] | null | undefined;
  /** How much more or less contrast at most, or factors [least, most]. Default: not. */
  readonly contrast?: number | readonly number[] | null | undefined;
  /** How much stronger or weaker colours are at most, or factors [least, most]. Default: not. */
  readonly saturation?: number | readonly number[] | null | undefined;
  /** How far hues are turned at most, up to 0.5, or [least, most]. Default: not. */
  readonly hue?: number | readonly number[] | null | undefined;
}
const range = option.orNull(option.numbers);
const jitterKinds: Kinds<ColorJitterOptions> = {
  brightness: range,
  contrast: range,
  saturation: range,
  hue: range,
  ...randomKinds,
};
type Range = readonly [number, number];
/** Around `center` by a number, or from one to another. */
function rangeOf(name: string, value: number | readonly number[] | null, center: number, bound: Range): Range | null {
  const op = "ColorJitter";
  if (value === null) return null;
  if (typeof value === "number" && !(checkFinite(op, name, value) >= 0))
    throw new ArgumentError(op, `${name}, if it is one number, must not be negative, got ${value}`);
  const [least, most] =
    typeof value === "number"
      ? ([center === 1 ? Math.max(center - value, 0) : center - value, center + value] as const)
      : checkRange(op, name, value);
  if (least < bound[0] || most > bound[1])
    throw new ArgumentError(op, `${name} must lie from ${bound[0]} to ${bound[1]}, got ${show(value)}`);
  return least === center && most === center ? null : [least, most];
}
const factor: Range = [0, Infinity];

/**
 * Images of other brightness, contrast, saturation and hue, in a random order: `y = adjust(x, factor)` four times, the same for all images of a batch.
 * A number b is a factor from `max(0, 1 - b)` to `1 + b`, of hues a turn from -b to b.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for negative numbers, ranges that fall, and hues beyond 0.5; ShapeError for other channels.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.ColorJitter.html
 * @example
 * const jitter = new ColorJitter({ brightness: [2, 2] });
 * jitter.forward(tensor([[[0.25, 0.75]]])).tolist(); // [[[0.5, 1]]]
 */
export class ColorJitter extends Transform {
  readonly brightness: Range | null;
  readonly contrast: Range | null;
  readonly saturation: Range | null;
  readonly hue: Range | null;
  constructor(options: ColorJitterOptions = {}) {
    super(options, jitterKinds);
    this.brightness = rangeOf("brightness", options.brightness ?? null, 1, factor);
    this.contrast = rangeOf("contrast", options.contrast ?? null, 1, factor);
    this.saturation = rangeOf("saturation", options.saturation ?? null, 1, factor);
    this.hue = rangeOf("hue", options.hue ?? null, 0, [-0.5, 0.5]);
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    const which = order(generator, 4);
    const steps = [
      [adjustBrightness, this.brightness],
      [adjustContrast, this.contrast],
      [adjustSaturation, this.saturation],
      [adjustHue, this.hue],
    ] as const;
    const factors = steps.map(([, range]) => (range === null ? null : uniform(generator, ...range)));
    return which.reduce((y, k) => {
      const factor = factors[k];
      return factor === null ? y : steps[k][0](y, factor);
    }, x);
  }
}

export interface RandomPhotometricDistortOptions extends ChanceOptions {
  /** Factors [least, most]. Default [0.875, 1.125]. */
  readonly brightness?: readonly number[] | undefined;
  /** Factors [least, most]. Default [0.5, 1.5]. */
  readonly contrast?: readonly number[] | undefined;
  /** Factors [least, most]. Default [0.5, 1.5]. */
  readonly saturation?: readonly number[] | undefined;
  /** Turns [least, most]. Default [-0.05, 0.05]. */
  readonly hue?: readonly number[] | undefined;
}
const pair = option.listOf(option.number);
const distortKinds: Kinds<RandomPhotometricDistortOptions> = {
  brightness: pair,
  contrast: pair,
  saturation: pair,
  hue: pair,
  ...chanceKinds,
};
/**
 * Images of other brightness, contrast, saturation, hue and order of the channels, `y = adjust(x, factor)`, each with probability `p`, the same for all
 * images of a batch.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for ranges that fall or go too far, and when `p` is no probability; ShapeError for other channels.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomPhotometricDistort.html
 * @example
 * new RandomPhotometricDistort({ generator: new Generator(0) }).forward(ones([3, 2, 2])).shape; // [3, 2, 2]
 */
export class RandomPhotometricDistort extends Transform {
  readonly p: number;
  readonly #ranges: readonly Range[];
  constructor(options: RandomPhotometricDistortOptions = {}) {
    const op = "RandomPhotometricDistort";
    super(options, distortKinds);
    const {
      brightness = [0.875, 1.125],
      contrast = [0.5, 1.5],
      saturation = [0.5, 1.5],
      hue = [-0.05, 0.05],
    } = options;
    this.p = checkProbability(op, "p", options.p ?? 0.5);
    this.#ranges = Object.entries({ brightness, contrast, saturation, hue }).map(([name, each]) => {
      const [least, most] = checkRange(op, name, each);
      if (name === "hue" ? least < -0.5 || most > 0.5 : least < 0)
        throw new ArgumentError(
          op,
          `${name} must ${name === "hue" ? "lie from -0.5 to 0.5" : "not be negative"}, got ${show(each)}`,
        );
      return [least, most];
    });
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    const { channels } = imagesOf("RandomPhotometricDistort", x);
    const [brightness, contrast, saturation, hue] = this.#ranges.map((range) =>
      happens(generator, this.p) ? uniform(generator, ...range) : null,
    );
    const contrastFirst = happens(generator, 0.5);
    const permutation = happens(generator, this.p) ? order(generator, channels) : null;
    const step = (y: Tensor, f: (x: Tensor, factor: number) => Tensor, by: number | null) =>
      by === null ? y : f(y, by);
    let y = step(x, adjustBrightness, brightness);
    if (contrastFirst) y = step(y, adjustContrast, contrast);
    y = step(step(y, adjustSaturation, saturation), adjustHue, hue);
    if (!contrastFirst) y = step(y, adjustContrast, contrast);
    return permutation === null ? y : permuteChannels(y, permutation);
  }
}
