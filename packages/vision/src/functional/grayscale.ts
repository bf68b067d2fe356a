import {
  ArgumentError,
  add,
  clone,
  expand,
  mul,
  ShapeError,
  select,
  type Tensor,
  tidy,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { coloursOf, imagesOf } from "../checks.ts";

export interface GrayscaleOptions {
  /** 1, or 3 for three equal ones. Default 1. */
  readonly numOutputChannels?: number | undefined;
}
export const grayscaleKinds: Kinds<GrayscaleOptions> = { numOutputChannels: option.number };

/** How much of red, green and blue there is in grey (Rec. 601). */
const [red, green, blue] = [0.2989, 0.587, 0.114];

/** How bright a colour image is, in floats. */
export function luma(x: Tensor): Tensor {
  const [r, g, b] = [0, 1, 2].map((c) => select(x, -3, c));
  return unsqueeze(add(add(mul(r, red), mul(g, green)), mul(b, blue)), -3);
}

/** @throws ArgumentError for another number than 1 or 3. */
export function checkOutputChannels(op: string, n: number): number {
  if (n !== 1 && n !== 3) throw new ArgumentError(op, `numOutputChannels must be 1 or 3, got ${show(n)}`);
  return n;
}

/**
 * A colour image in grey: `y = 0.2989 * red + 0.587 * green + 0.114 * blue`, cut off and not rounded in integers. A grey one stays as it is.
 *
 * Shape: `[..., 3, H, W]` or `[..., 1, H, W]` to `[..., numOutputChannels, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for another number of channels of the result than 1 or 3; ShapeError for an image that has neither 1 nor 3.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.rgb_to_grayscale.html
 * @example
 * const image = tensor([[[255]], [[100]], [[0]]], { dtype: "uint8" });
 * rgbToGrayscale(image).tolist(); // [[[134]]]
 * rgbToGrayscale(image, { numOutputChannels: 3 }).shape; // [3, 1, 1]
 */
export function rgbToGrayscale(x: Tensor, options: GrayscaleOptions = {}): Tensor {
  const op = "rgbToGrayscale";
  checkOptions(op, grayscaleKinds, options);
  const { channels, height, width, batch } = coloursOf(op, x);
  const n = checkOutputChannels(op, options.numOutputChannels ?? 1);
  const shape = [...batch, n, height, width];
  return tidy(() => {
    if (channels === 1) return clone(expand(x, shape));
    const grey = cast(luma(x), x.dtype);
    return n === 1 ? grey : clone(expand(grey, shape));
  });
}

/**
 * A grey image as one of three equal channels: `y[c] = x[0]`. One of three or more stays as it is.
 *
 * Shape: `[..., 1, H, W]` to `[..., 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ShapeError for an image of two channels.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.grayscale_to_rgb.html
 * @example
 * grayscaleToRgb(tensor([[[7]]], { dtype: "uint8" })).tolist(); // [[[7]], [[7]], [[7]]]
 */
export function grayscaleToRgb(x: Tensor): Tensor {
  const op = "grayscaleToRgb";
  const { channels, height, width, batch } = imagesOf(op, x);
  if (channels >= 3) return x;
  if (channels !== 1) throw new ShapeError(op, `an image of ${channels} channels is no grey one`, [x.shape]);
  return tidy(() => clone(expand(x, [...batch, 3, height, width])));
}
