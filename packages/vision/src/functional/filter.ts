import {
  ArgumentError,
  add,
  cat,
  clamp,
  conv2d,
  expand,
  isFloat,
  narrow,
  pad,
  reshape,
  round,
  sub,
  type Tensor,
  tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { bitsOf, checkFactor, checkFinite, coloursOf, imagesOf, sizesOf, whiteOf } from "../checks.ts";

export interface GaussianBlurOptions {
  /** How wide the bell is, in pixels: one for both directions, or horizontal and vertical. Default: 0.15 * size + 0.35. */
  readonly sigma?: number | readonly number[] | null | undefined;
}
const blurKinds: Kinds<GaussianBlurOptions> = { sigma: option.orNull(option.numbers) };

/** @throws ArgumentError for what is no odd size. */
export function kernelSizesOf(op: string, size: number | readonly number[]): readonly [number, number] {
  const sizes = sizesOf(op, "kernelSize", size);
  if (sizes.some((n) => n % 2 === 0)) throw new ArgumentError(op, `kernelSize must be odd, got ${show(size)}`);
  return sizes;
}

/** A bell over `size` places that adds up to 1, in the precision in which PyTorch has it. */
function bell(size: number, sigma: number, round32: (x: number) => number): number[] {
  const reach = (size - 1) / (2 * Math.sqrt(2));
  const step = size > 1 ? round32((2 * round32(reach)) / (size - 1)) : 0;
  const heights = Array.from({ length: size }, (_, i) => {
    const at = i < size / 2 ? round32(-round32(reach) + step * i) : round32(round32(reach) - step * (size - i - 1));
    const x = round32(at / round32(sigma));
    return round32(Math.exp(-round32(x * x)));
  });
  const total = heights.reduce((sum, height) => sum + height, 0);
  return heights.map((height) => round32(height / total));
}

/**
 * An image blurred by a Gaussian bell: each pixel becomes the mean of those around it, weighed by `exp(-d^2 / (2 * sigma^2))`. Beyond the edges the
 * image is mirrored.
 *
 * Shape: that of `x`, `[..., C, H, W]`; `kernelSize` is the width of the bell in pixels, or width and height. Dtype: that of `x`.
 *
 * @throws ArgumentError for an even size, a `sigma` that is not positive, and a bell that is more than twice as large as the image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.gaussian_blur.html
 * @example
 * const dot = zeros([1, 3, 3]);
 * dot.at(0, 1, 1).fill_(1);
 * gaussianBlur(dot, 3, { sigma: 0.5 }).tolist(); // [[[0.0454, 0.1676, 0.0454], [0.1676, 0.6193, 0.1676], [0.0454, 0.1676, 0.0454]]]
 */
export function gaussianBlur(
  x: Tensor,
  kernelSize: number | readonly number[],
  options: GaussianBlurOptions = {},
): Tensor {
  const op = "gaussianBlur";
  checkOptions(op, blurKinds, options);
  const { channels, height, width } = imagesOf(op, x);
  if (!isFloat(x.dtype)) bitsOf(op, x);
  const [kx, ky] = kernelSizesOf(op, kernelSize);
  const [sx, sy] = sigmasOf(op, options.sigma ?? [0.15 * kx + 0.35, 0.15 * ky + 0.35]);
  if (x.size === 0) return x;
  const [px, py] = [(kx - 1) / 2, (ky - 1) / 2];
  if (px >= width || py >= height)
    throw new ArgumentError(
      op,
      `a kernel of ${kx} x ${ky} reaches beyond the mirror image of ${width} x ${height} pixels`,
    );
  return tidy(() => {
    const floats = isFloat(x.dtype) ? x : cast(x, "float32");
    const precision = x.dtype === "float64" ? (v: number) => v : Math.fround;
    const [across, down] = [bell(kx, sx, precision), bell(ky, sy, precision)];
    const kernel = tensor(
      down.map((b) => across.map((a) => precision(a * b))),
      { dtype: floats.dtype, device: x.device },
    );
    const padded = pad(reshape(floats, [-1, channels, height, width]), [px, px, py, py], { mode: "reflect" });
    const blurred = reshape(conv2d(padded, expand(kernel, [channels, 1, ky, kx]), null, { groups: channels }), x.shape);
    return isFloat(x.dtype) ? blurred : cast(round(blurred), x.dtype);
  });
}
/** One width for both directions, or one for each. */
export function sigmasOf(op: string, sigma: number | readonly number[]): readonly [number, number] {
  const list = typeof sigma === "number" ? [sigma] : sigma;
  if (!Array.isArray(list) || list.length < 1 || list.length > 2)
    throw new ArgumentError(op, `sigma is one number or two, got ${show(sigma)}`);
  for (const each of list)
    if (!(checkFinite(op, "sigma", each) > 0))
      throw new ArgumentError(op, `sigma must be positive, got ${show(sigma)}`);
  return [list[0], list[1] ?? list[0]];
}

/**
 * An image made sharper or blurred: `y = factor * x + (1 - factor) * smooth`, where `smooth` is the mean of 3 x 3 pixels with the middle one counted
 * five times. 0 gives the smooth image, 1 the image, 2 a sharper one. The pixels at the edge stay, and so do images of fewer than three rows or columns.
 *
 * Shape: that of `x`, `[..., 1 or 3, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a negative factor; ShapeError for other channels; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.adjust_sharpness.html
 * @example
 * const dot = zeros([1, 3, 3]);
 * dot.at(0, 1, 1).fill_(0.5);
 * adjustSharpness(dot, 0).at(0, 1, 1).item(); // 0.1923
 */
export function adjustSharpness(x: Tensor, factor: number): Tensor {
  const op = "adjustSharpness";
  const { channels, height, width } = coloursOf(op, x);
  if (!isFloat(x.dtype)) bitsOf(op, x);
  checkFactor(op, "the factor", factor);
  if (x.size === 0 || height <= 2 || width <= 2) return x;
  return tidy(() => {
    const images = reshape(isFloat(x.dtype) ? x : cast(x, "float32"), [-1, channels, height, width]);
    const [a, b] = [1 / 13, 5 / 13];
    const kernel = tensor(
      [
        [a, a, a],
        [a, b, a],
        [a, a, a],
      ],
      { dtype: images.dtype, device: x.device },
    );
    const mean = conv2d(images, expand(kernel, [channels, 1, 3, 3]), null, { groups: channels });
    const smooth = isFloat(x.dtype) ? mean : round(mean);
    const middle = narrow(narrow(images, 2, 1, height - 2), 3, 1, width - 2);
    const inside = add(middle, sub(smooth, middle), { alpha: 1 - factor });
    const rows = narrow(images, 2, 1, height - 2);
    const row = cat([narrow(rows, 3, 0, 1), inside, narrow(rows, 3, width - 1, 1)], 3);
    const whole = cat([narrow(images, 2, 0, 1), row, narrow(images, 2, height - 1, 1)], 2);
    return reshape(cast(clamp(whole, 0, whiteOf(x.dtype)), x.dtype), x.shape);
  });
}
