import type { DType, Generator, Tensor } from "@flambeau/tensor/functional";
import { checkInteger } from "@flambeau/tensor/plugin";
import { checkFactor, checkFinite, imagesOf } from "../checks.ts";
import { autocontrast, invert, permuteChannels, posterize, solarize } from "../functional/color.ts";
import { checkDtype, scaledTo, type ToDtypeOptions, toDtype, toDtypeKinds } from "../functional/dtype.ts";
import { equalize } from "../functional/equalize.ts";
import { adjustSharpness } from "../functional/filter.ts";
import {
  checkOutputChannels,
  type GrayscaleOptions,
  grayscaleKinds,
  grayscaleToRgb,
  rgbToGrayscale,
} from "../functional/grayscale.ts";
import { checkStd, normalize, perChannel } from "../functional/normalize.ts";
import { order } from "../random/draws.ts";
import {
  Chance,
  type ChanceOptions,
  chanceKinds,
  noKinds,
  type RandomOptions,
  randomKinds,
  Transform,
} from "./transform.ts";

/**
 * Images in grey: `y = 0.2989 * red + 0.587 * green + 0.114 * blue`. The class of {@link rgbToGrayscale}.
 *
 * Shape: `[..., 3, H, W]` or `[..., 1, H, W]` to `[..., numOutputChannels, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for another number of channels than 1 or 3; what {@link rgbToGrayscale} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.Grayscale.html
 * @example
 * new Grayscale().forward(zeros([3, 4, 4])).shape; // [1, 4, 4]
 */
export class Grayscale extends Transform {
  readonly numOutputChannels: number;
  constructor(options: GrayscaleOptions = {}) {
    super(options, grayscaleKinds);
    this.numOutputChannels = checkOutputChannels("Grayscale", options.numOutputChannels ?? 1);
  }
  protected apply(x: Tensor): Tensor {
    return rgbToGrayscale(x, { numOutputChannels: this.numOutputChannels });
  }
}

/**
 * Images in grey with probability `p` (0.1 unless it is given), with as many channels as before: `y[c] = 0.2989 * red + 0.587 * green + 0.114 * blue`.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability; what {@link rgbToGrayscale} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomGrayscale.html
 * @example
 * new RandomGrayscale({ p: 1 }).forward(zeros([3, 4, 4])).shape; // [3, 4, 4]
 */
export class RandomGrayscale extends Chance {
  constructor(options: ChanceOptions = {}) {
    super(options, chanceKinds, 0.1);
  }
  protected change(x: Tensor): Tensor {
    return rgbToGrayscale(x, { numOutputChannels: imagesOf("RandomGrayscale", x).channels });
  }
}

/**
 * Grey images as ones of three equal channels: `y[c] = x[0]`. The class of {@link grayscaleToRgb}.
 *
 * Shape: `[..., 1, H, W]` to `[..., 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ShapeError for images of two channels.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RGB.html
 * @example
 * new RGB().forward(zeros([1, 4, 4])).shape; // [3, 4, 4]
 */
export class RGB extends Transform {
  constructor() {
    super({}, noKinds);
  }
  protected apply(x: Tensor): Tensor {
    return grayscaleToRgb(x);
  }
}

/**
 * Images turned to their negative with probability `p`: `y = invert(x)`, all images of a batch or none. The class of {@link invert}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability; what {@link invert} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomInvert.html
 * @example
 * new RandomInvert({ p: 1 }).forward(tensor([[[0.25]]])).tolist(); // [[[0.75]]]
 */
export class RandomInvert extends Chance {
  constructor(options: ChanceOptions = {}) {
    super(options, chanceKinds);
  }
  protected change(x: Tensor): Tensor {
    return invert(x);
  }
}

/**
 * Images with their brightnesses spread evenly with probability `p`: `y = equalize(x)`, all images of a batch or none. The class of {@link equalize}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability; what {@link equalize} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomEqualize.html
 * @example
 * new RandomEqualize().forward(zeros([1, 4, 4])).shape; // [1, 4, 4]
 */
export class RandomEqualize extends Chance {
  constructor(options: ChanceOptions = {}) {
    super(options, chanceKinds);
  }
  protected change(x: Tensor): Tensor {
    return equalize(x);
  }
}

/**
 * Images stretched from black to white with probability `p`: `y = autocontrast(x)`, all images of a batch or none. The class of {@link autocontrast}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability; what {@link autocontrast} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomAutocontrast.html
 * @example
 * new RandomAutocontrast({ p: 1 }).forward(tensor([[[0.25, 0.5]]])).tolist(); // [[[0, 1]]]
 */
export class RandomAutocontrast extends Chance {
  constructor(options: ChanceOptions = {}) {
    super(options, chanceKinds);
  }
  protected change(x: Tensor): Tensor {
    return autocontrast(x);
  }
}

/**
 * Images of fewer levels with probability `p`: `y = posterize(x, bits)`, all images of a batch or none. The class of {@link posterize}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for another number of bits than 0 to 8 and when `p` is no probability; what {@link posterize} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomPosterize.html
 * @example
 * new RandomPosterize(1, { p: 1 }).forward(tensor([[[0.25, 0.75]]])).tolist(); // [[[0, 0.5]]]
 */
export class RandomPosterize extends Chance {
  readonly bits: number;
  constructor(bits: number, options: ChanceOptions = {}) {
    super(options, chanceKinds);
    this.bits = checkInteger("RandomPosterize", "bits", bits, 0, 8);
  }
  protected change(x: Tensor): Tensor {
    return posterize(x, this.bits);
  }
}

/**
 * Images with their bright pixels turned to their negative with probability `p`: `y = solarize(x, threshold)`, all images of a batch or none. The class of {@link solarize}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a threshold that is no number and when `p` is no probability; what {@link solarize} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomSolarize.html
 * @example
 * new RandomSolarize(0.5, { p: 1 }).forward(tensor([[[0.25, 0.75]]])).tolist(); // [[[0.25, 0.25]]]
 */
export class RandomSolarize extends Chance {
  readonly threshold: number;
  constructor(threshold: number, options: ChanceOptions = {}) {
    super(options, chanceKinds);
    this.threshold = checkFinite("RandomSolarize", "threshold", threshold);
  }
  protected change(x: Tensor): Tensor {
    return solarize(x, this.threshold);
  }
}

/**
 * Images made sharper or blurred with probability `p`: `y = adjustSharpness(x, sharpnessFactor)`, all images of a batch or none. The class of {@link adjustSharpness}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a negative factor and when `p` is no probability; what {@link adjustSharpness} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomAdjustSharpness.html
 * @example
 * new RandomAdjustSharpness(2, { p: 1 }).forward(ones([1, 4, 4])).shape; // [1, 4, 4]
 */
export class RandomAdjustSharpness extends Chance {
  readonly sharpnessFactor: number;
  constructor(sharpnessFactor: number, options: ChanceOptions = {}) {
    super(options, chanceKinds);
    this.sharpnessFactor = checkFactor("RandomAdjustSharpness", "sharpnessFactor", sharpnessFactor);
  }
  protected change(x: Tensor): Tensor {
    return adjustSharpness(x, this.sharpnessFactor);
  }
}

/**
 * The channels in a random order: `y[c] = x[order[c]]`, the same for all images of a batch.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ShapeError for what is no image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomChannelPermutation.html
 * @example
 * new RandomChannelPermutation({ generator: new Generator(0) }).forward(zeros([3, 2, 2])).shape; // [3, 2, 2]
 */
export class RandomChannelPermutation extends Transform {
  constructor(options: RandomOptions = {}) {
    super(options, randomKinds);
  }
  protected apply(x: Tensor, generator: Generator): Tensor {
    return permuteChannels(x, order(generator, imagesOf("RandomChannelPermutation", x).channels));
  }
}

/**
 * Each channel with its mean taken off and divided by its standard deviation: `y[c] = (x[c] - mean[c]) / std[c]`. The class of {@link normalize}.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`, a floating-point one.
 *
 * @throws ArgumentError for a `std` of 0; what {@link normalize} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.Normalize.html
 * @example
 * new Normalize([0.5], [0.25]).forward(ones([1, 1, 1])).tolist(); // [[[2]]]
 */
export class Normalize extends Transform {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  constructor(mean: readonly number[], std: readonly number[]) {
    super({}, noKinds);
    this.mean = perChannel("Normalize", "mean", mean);
    this.std = checkStd("Normalize", std);
  }
  protected apply(x: Tensor): Tensor {
    return normalize(x, this.mean, this.std);
  }
}

/**
 * Images in another dtype, with `scale` white to white: `y = x / white`. The class of {@link toDtype}.
 *
 * Shape: that of `x`. Dtype: `dtype`.
 *
 * @throws ArgumentError for an unknown dtype; what {@link toDtype} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToDtype.html
 * @example
 * const toFloat = new ToDtype("float32", { scale: true });
 * toFloat.forward(tensor([[[255, 0]]], { dtype: "uint8" })).tolist(); // [[[1, 0]]]
 */
export class ToDtype extends Transform {
  readonly dtype: DType;
  readonly scale: boolean;
  constructor(dtype: DType, options: ToDtypeOptions = {}) {
    super(options, toDtypeKinds);
    this.dtype = checkDtype("ToDtype", dtype);
    this.scale = options.scale ?? false;
  }
  protected apply(x: Tensor): Tensor {
    return toDtype(x, this.dtype, { scale: this.scale });
  }
}

/**
 * Images in another dtype (float32 unless it is given), white to white: `y = x / white`. The class of {@link convertImageDtype}.
 *
 * Shape: that of `x`. Dtype: `dtype`.
 *
 * @throws ArgumentError for an unknown dtype; what {@link convertImageDtype} throws.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.ConvertImageDtype.html
 * @example
 * new ConvertImageDtype().forward(tensor([[[255]]], { dtype: "uint8" })).tolist(); // [[[1]]]
 */
export class ConvertImageDtype extends Transform {
  readonly dtype: DType;
  constructor(dtype: DType = "float32") {
    super({}, noKinds);
    this.dtype = checkDtype("ConvertImageDtype", dtype);
  }
  protected apply(x: Tensor): Tensor {
    return scaledTo("ConvertImageDtype", x, this.dtype);
  }
}
