import {
  ArgumentError,
  add,
  amax,
  amin,
  bitwiseAnd,
  bitwiseXor,
  clamp,
  div,
  eq,
  floor,
  ge,
  indexSelect,
  isFloat,
  mean,
  mul,
  pow,
  rsub,
  sub,
  type Tensor,
  tensor,
  tidy,
  where,
} from "@flambeau/tensor/functional";
import {
  toDType as cast,
  checkInteger,
  checkIntegers,
  checkNumber,
  checkOptions,
  type Kinds,
  option,
  show,
} from "@flambeau/tensor/plugin";
import { bitsOf, checkFactor, coloursOf, imagesOf, whiteOf } from "../checks.ts";
import { scaledTo } from "./dtype.ts";
import { luma } from "./grayscale.ts";

/** Floats stay; of integers float32. */
export const asFloats = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : cast(x, "float32"));
/** Values between black and white, in the dtype of the image. */
const within = (y: Tensor, x: Tensor): Tensor => cast(clamp(y, 0, whiteOf(x.dtype)), x.dtype);
/** `x` and `other` mixed, or `x` driven away from it. */
const blend = (x: Tensor, other: Tensor, factor: number): Tensor =>
  within(add(mul(asFloats(x), factor), other, { alpha: 1 - factor }), x);
/** Brightness as the arithmetic of integers has it: without fractions. */
const lumaOf = (x: Tensor): Tensor => (isFloat(x.dtype) ? luma(x) : floor(luma(x)));
/** @throws DTypeError for bools. */
const checkValues = (op: string, x: Tensor): void => void (isFloat(x.dtype) || bitsOf(op, x));

/**
 * An image made brighter or darker: `y = min(factor * x, white)`. A factor of 0 gives black, 1 the image.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`; white is 1 of floats and the largest integer of others.
 *
 * @throws ArgumentError for a negative factor; ShapeError for other channels; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.adjust_brightness.html
 * @example
 * adjustBrightness(tensor([[[10, 200]]], { dtype: "uint8" }), 1.5).tolist(); // [[[15, 255]]]
 */
export function adjustBrightness(x: Tensor, factor: number): Tensor {
  const op = "adjustBrightness";
  coloursOf(op, x);
  checkValues(op, x);
  checkFactor(op, "the factor", factor);
  return tidy(() => within(mul(asFloats(x), factor), x));
}

/**
 * An image with more or less contrast: `y = factor * x + (1 - factor) * mean`, where the mean is that of its grey version. A factor of 0 gives
 * a plain grey, 1 the image.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`; each image of a batch has its own mean. Dtype: that of `x`.
 *
 * @throws ArgumentError for a negative factor; ShapeError for other channels; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.adjust_contrast.html
 * @example
 * adjustContrast(tensor([[[50, 150]]], { dtype: "uint8" }), 0.5).tolist(); // [[[75, 125]]]
 */
export function adjustContrast(x: Tensor, factor: number): Tensor {
  const op = "adjustContrast";
  const { channels } = coloursOf(op, x);
  checkValues(op, x);
  checkFactor(op, "the factor", factor);
  return tidy(() => blend(x, mean(channels === 3 ? lumaOf(x) : asFloats(x), [-3, -2, -1], { keepdim: true }), factor));
}

/**
 * An image with stronger or weaker colours: `y = factor * x + (1 - factor) * grey`. A factor of 0 gives a grey image, 1 the image. One of a
 * single channel stays as it is.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a negative factor; ShapeError for other channels; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.adjust_saturation.html
 * @example
 * adjustSaturation(tensor([[[200]], [[100]], [[0]]], { dtype: "uint8" }), 0).tolist(); // [[[118]], [[118]], [[118]]]
 */
export function adjustSaturation(x: Tensor, factor: number): Tensor {
  const op = "adjustSaturation";
  const { channels } = coloursOf(op, x);
  checkValues(op, x);
  checkFactor(op, "the factor", factor);
  return channels === 1 ? x : tidy(() => blend(x, lumaOf(x), factor));
}

export interface GammaOptions {
  /** Factor behind the power. Default 1. */
  readonly gain?: number | undefined;
}
const gammaKinds: Kinds<GammaOptions> = { gain: option.number };
/**
 * Gamma correction: `y = gain * x^gamma`, of values from 0 to 1. A `gamma` above 1 makes shadows darker, below 1 lighter.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a negative `gamma`; DTypeError for bools and wide integers.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.adjust_gamma.html
 * @example
 * adjustGamma(tensor([[[0.5, 1]]]), 2).tolist(); // [[[0.25, 1]]]
 */
export function adjustGamma(x: Tensor, gamma: number, options: GammaOptions = {}): Tensor {
  const op = "adjustGamma";
  checkOptions(op, gammaKinds, options);
  imagesOf(op, x);
  checkFactor(op, "gamma", gamma);
  const gain = checkNumber(op, "gain", options.gain ?? 1);
  return tidy(() => {
    const y = pow(isFloat(x.dtype) ? x : scaledTo(op, x, "float32"), gamma);
    return scaledTo(op, gain === 1 ? y : clamp(mul(y, gain), 0, 1), x.dtype);
  });
}

/**
 * The negative of an image: `y = white - x`.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.invert.html
 * @example
 * invert(tensor([[[0, 100]]], { dtype: "uint8" })).tolist(); // [[[255, 155]]]
 * invert(tensor([[[0.25]]])).tolist(); // [[[0.75]]]
 */
export function invert(x: Tensor): Tensor {
  imagesOf("invert", x);
  return negative("invert", x);
}
function negative(op: string, x: Tensor): Tensor {
  if (isFloat(x.dtype)) return rsub(x, 1);
  const bits = bitsOf(op, x);
  return bitwiseXor(x, bits === 63 ? tensor(2n ** 63n - 1n, { device: x.device }) : 2 ** bits - 1);
}

/**
 * An image of fewer levels: only the `bits` highest bits of each value are kept, `y = x & mask`; of floats, `y = floor(x * 2^bits) / 2^bits`.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for another number of bits than 0 to 8; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.posterize.html
 * @example
 * posterize(tensor([[[255, 100, 3]]], { dtype: "uint8" }), 2).tolist(); // [[[192, 64, 0]]]
 */
export function posterize(x: Tensor, bits: number): Tensor {
  const op = "posterize";
  imagesOf(op, x);
  checkInteger(op, "bits", bits, 0, 8);
  if (isFloat(x.dtype)) {
    const levels = 2 ** bits;
    return tidy(() => mul(clamp(floor(mul(x, levels)), 0, levels - 1), 1 / levels));
  }
  const all = bitsOf(op, x);
  if (bits >= all) return x;
  const mask = (2n ** BigInt(bits) - 1n) * 2n ** BigInt(all - bits);
  return tidy(() => bitwiseAnd(x, all === 63 ? tensor(mask, { device: x.device }) : Number(mask)));
}

/**
 * An image whose bright pixels are turned to their negative: `y = white - x` where `x >= threshold`.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a threshold above white; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.solarize.html
 * @example
 * solarize(tensor([[[100, 200]]], { dtype: "uint8" }), 128).tolist(); // [[[100, 55]]]
 */
export function solarize(x: Tensor, threshold: number): Tensor {
  const op = "solarize";
  imagesOf(op, x);
  checkValues(op, x);
  if (checkNumber(op, "the threshold", threshold) > whiteOf(x.dtype))
    throw new ArgumentError(
      op,
      `the threshold ${threshold} is above white, which is ${whiteOf(x.dtype)} of ${x.dtype}`,
    );
  return tidy(() => where(ge(x, threshold), negative(op, x), x));
}

/**
 * An image that is stretched from black to white, channel by channel: `y = white * (x - min) / (max - min)`. A channel of one value stays.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ShapeError for other channels; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.autocontrast.html
 * @example
 * autocontrast(tensor([[[0.25, 0.5, 0.75]]])).tolist(); // [[[0, 0.5, 1]]]
 */
export function autocontrast(x: Tensor): Tensor {
  const op = "autocontrast";
  coloursOf(op, x);
  checkValues(op, x);
  if (x.size === 0) return x;
  return tidy(() => {
    const floats = asFloats(x);
    const least = amin(floats, [-2, -1], { keepdim: true });
    const most = amax(floats, [-2, -1], { keepdim: true });
    const plain = eq(least, most);
    const step = where(plain, 1, mul(sub(most, least), 1 / whiteOf(x.dtype)));
    return within(div(sub(floats, where(plain, 0, least)), step), x);
  });
}

/**
 * The channels in another order: `y[c] = x[permutation[c]]`.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for what is no order of the channels.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.permute_channels.html
 * @example
 * permuteChannels(tensor([[[1]], [[2]], [[3]]]), [2, 1, 0]).tolist(); // [[[3]], [[2]], [[1]]]
 */
export function permuteChannels(x: Tensor, permutation: readonly number[]): Tensor {
  const op = "permuteChannels";
  const { channels } = imagesOf(op, x);
  checkIntegers(op, "the permutation", permutation, 0);
  if (permutation.length !== channels || permutation.some((c) => c >= channels))
    throw new ArgumentError(op, `the permutation is a list of ${channels} channels, got ${show(permutation)}`);
  return tidy(() => indexSelect(x, -3, tensor(permutation, { dtype: "int32", device: x.device })));
}
