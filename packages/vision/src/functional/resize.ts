import { ArgumentError, interpolate, isFloat, reshape, round, type Tensor, tidy } from "@flambeau/tensor/functional";
import { toDType as cast, checkInteger, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { bitsOf, type Interpolation, imagesOf, sizesOf } from "../checks.ts";
import { cut } from "./crop.ts";

export interface ResizedCropOptions {
  /** How pixels come about. Default "bilinear". */
  readonly interpolation?: Interpolation | undefined;
  /** Take the mean of all pixels that fall together where the image becomes smaller (bilinear and bicubic). Default true. */
  readonly antialias?: boolean | null | undefined;
}
export interface ResizeOptions extends ResizedCropOptions {
  /** The longer side is at most as long, where `size` says the shorter one; with `size` null it is as long. Default: no limit. */
  readonly maxSize?: number | null | undefined;
}
export const resizedCropKinds: Kinds<ResizedCropOptions> = {
  interpolation: option.oneOf("nearest", "nearest-exact", "bilinear", "bicubic"),
  antialias: option.orNull(option.boolean),
};
export const resizeKinds: Kinds<ResizeOptions> = { ...resizedCropKinds, maxSize: option.orNull(option.number) };

/** The size of a resized image: `size` is that of the shorter side, or height and width. */
export function resizedTo(
  op: string,
  height: number,
  width: number,
  size: number | readonly number[] | null,
  maxSize: number | null,
): readonly [number, number] {
  if (maxSize !== null) checkInteger(op, "maxSize", maxSize, 1);
  if (Array.isArray(size) && size.length === 2) {
    if (maxSize !== null) throw new ArgumentError(op, "maxSize goes with the size of the shorter side, not with both");
    return sizesOf(op, "size", size);
  }
  const [short, long] = width <= height ? [width, height] : [height, width];
  const inOrder = (s: number, l: number): readonly [number, number] => {
    if (s < 1) throw new ArgumentError(op, `an image of ${height} x ${width} would have no pixels left`);
    return width <= height ? [l, s] : [s, l];
  };
  if (size === null) {
    if (maxSize === null) throw new ArgumentError(op, "size may be null only with a maxSize");
    return inOrder(Math.trunc((maxSize * short) / long), maxSize);
  }
  if (Array.isArray(size) && size.length !== 1)
    throw new ArgumentError(op, `size is that of the shorter side, or height and width, got ${show(size)}`);
  const [wanted] = sizesOf(op, "size", size);
  const other = Math.trunc((wanted * long) / short);
  if (maxSize === null) return inOrder(wanted, other);
  if (maxSize <= wanted)
    throw new ArgumentError(op, `maxSize ${maxSize} must be above the size of the shorter side, ${wanted}`);
  return other > maxSize ? inOrder(Math.trunc((maxSize * wanted) / other), maxSize) : inOrder(wanted, other);
}

/**
 * An image of another size: `y[i, j] = x[i * H / height, j * W / width]`, between pixels as `interpolation` says. `size` is that of the shorter
 * side, the other following, or `[height, width]`.
 *
 * Shape: `[..., C, H, W]` to `[..., C, height, width]`. Dtype: that of `x`; integers are rounded.
 *
 * @throws ArgumentError for a size that is no positive integer, a `maxSize` that is not above it, both sizes with a `maxSize`; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.resize.html
 * @example
 * const image = tensor([[[0, 100, 200, 255]]], { dtype: "uint8" });
 * resize(image, [1, 2]).tolist(); // [[[71, 209]]]
 * resize(image, [1, 2], { interpolation: "nearest" }).tolist(); // [[[0, 200]]]
 * resize(zeros([3, 20, 30]), 10).shape; // [3, 10, 15]
 */
export function resize(x: Tensor, size: number | readonly number[] | null, options: ResizeOptions = {}): Tensor {
  const op = "resize";
  checkOptions(op, resizeKinds, options);
  const { height, width } = imagesOf(op, x);
  if (height === 0 || width === 0) throw new ArgumentError(op, `an image of ${height} x ${width} has no pixels`);
  const to = resizedTo(op, height, width, size, options.maxSize ?? null);
  return resized(op, x, to, options);
}
/** {@link resize} to height and width. */
export function resized(op: string, x: Tensor, size: readonly [number, number], options: ResizedCropOptions): Tensor {
  const { channels, height, width } = imagesOf(op, x);
  if (!isFloat(x.dtype)) bitsOf(op, x);
  if (size[0] === height && size[1] === width) return x;
  const { interpolation: mode = "bilinear", antialias = true } = options;
  const smooth = mode === "bilinear" || mode === "bicubic";
  // these are computed in their own dtype, bytes with weights in fixed point
  const direct = isFloat(x.dtype) || x.dtype === "uint8";
  return tidy(() => {
    const images = reshape(direct ? x : cast(x, "float32"), [-1, channels, height, width]);
    const y = interpolate(images, {
      size,
      mode,
      ...(smooth ? { alignCorners: false, antialias: antialias ?? false } : {}),
    });
    const out = direct ? y : cast(round(y), x.dtype);
    return reshape(out, [...x.shape.slice(0, -2), ...size]);
  });
}

/**
 * A part of an image in another size: `resize(crop(x, top, left, height, width), size)`.
 *
 * Shape: `[..., C, H, W]` to `[..., C, ...size]`; `size` is that of the shorter side, or `[height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for positions and sizes that are no integers; DTypeError for bools.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.resized_crop.html
 * @example
 * resizedCrop(arange(16).reshape([1, 4, 4]).float(), 0, 0, 2, 2, 1).tolist(); // [[[2.5]]]
 */
export function resizedCrop(
  x: Tensor,
  top: number,
  left: number,
  height: number,
  width: number,
  size: number | readonly number[],
  options: ResizedCropOptions = {},
): Tensor {
  const op = "resizedCrop";
  checkOptions(op, resizedCropKinds, options);
  imagesOf(op, x);
  checkInteger(op, "top", top);
  checkInteger(op, "left", left);
  checkInteger(op, "height", height, 1);
  checkInteger(op, "width", width, 1);
  const to = resizedTo(op, height, width, size, null);
  return tidy(() => resized(op, cut(x, top, left, height, width), to, options));
}
