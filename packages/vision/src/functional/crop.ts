import { flip, narrow, pad as padTensor, ShapeError, type Tensor, tidy } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { imagesOf, roundEven, sizesOf } from "../checks.ts";

/**
 * A part of an image: `y[i, j] = x[top + i, left + j]`. What lies outside is black.
 *
 * Shape: `[..., C, H, W]` to `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for positions and sizes that are no integers; ShapeError for what is no image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.crop.html
 * @example
 * const image = arange(9).reshape([1, 3, 3]);
 * crop(image, 1, 0, 2, 2).tolist(); // [[[3, 4], [6, 7]]]
 * crop(image, 2, 2, 1, 2).tolist(); // [[[8, 0]]]
 */
export function crop(x: Tensor, top: number, left: number, height: number, width: number): Tensor {
  const op = "crop";
  imagesOf(op, x);
  checkInteger(op, "top", top);
  checkInteger(op, "left", left);
  checkInteger(op, "height", height, 1);
  checkInteger(op, "width", width, 1);
  return tidy(() => cut(x, top, left, height, width));
}
/** {@link crop} of what is checked. */
export function cut(x: Tensor, top: number, left: number, height: number, width: number): Tensor {
  const [h, w] = x.shape.slice(-2);
  if (top >= 0 && left >= 0 && top + height <= h && left + width <= w)
    return narrow(narrow(x, -2, top, height), -1, left, width);
  // negative padding crops; where nothing of the image is left, all of it is cut off first
  const rows = spanOf(top, height, h);
  const columns = spanOf(left, width, w);
  const inside = narrow(narrow(x, -2, rows.from, rows.length), -1, columns.from, columns.length);
  return padTensor(inside, [columns.before, columns.behind, rows.before, rows.behind]);
}
function spanOf(start: number, length: number, size: number) {
  const from = Math.min(Math.max(start, 0), size);
  const to = Math.min(Math.max(start + length, 0), size);
  const before = Math.min(Math.max(-start, 0), length);
  return { from, length: to - from, before, behind: length - before - (to - from) };
}

/**
 * The middle of an image, with black around it where the image is smaller: `crop(x, (H - height) / 2, (W - width) / 2, height, width)`.
 *
 * Shape: `[..., C, H, W]` to `[..., C, height, width]`; `size` is both, or `[height, width]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a size that is no positive integer.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.center_crop.html
 * @example
 * centerCrop(arange(16).reshape([1, 4, 4]), 2).tolist(); // [[[5, 6], [9, 10]]]
 */
export function centerCrop(x: Tensor, size: number | readonly number[]): Tensor {
  const op = "centerCrop";
  const { height: h, width: w } = imagesOf(op, x);
  const [height, width] = sizesOf(op, "size", size);
  return tidy(() => middle(x, h, w, height, width));
}
function middle(x: Tensor, h: number, w: number, height: number, width: number): Tensor {
  // the odd pixel of a border is behind the image, that of a cut goes to the even side
  const at = (have: number, want: number) =>
    want > have ? -Math.floor((want - have) / 2) : roundEven((have - want) / 2);
  return cut(x, at(h, height), at(w, width), height, width);
}

/**
 * An image mirrored from left to right: `y[i, j] = x[i, W - 1 - j]`.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for what is no tensor; ShapeError for what is no image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.horizontal_flip.html
 * @example
 * horizontalFlip(tensor([[[1, 2, 3]]])).tolist(); // [[[3, 2, 1]]]
 */
export function horizontalFlip(x: Tensor): Tensor {
  imagesOf("horizontalFlip", x);
  return flip(x, [-1]);
}
/**
 * An image turned upside down: `y[i, j] = x[H - 1 - i, j]`.
 *
 * Shape: that of `x`, `[..., C, H, W]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for what is no tensor; ShapeError for what is no image.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.vertical_flip.html
 * @example
 * verticalFlip(tensor([[[1], [2]]])).tolist(); // [[[2], [1]]]
 */
export function verticalFlip(x: Tensor): Tensor {
  imagesOf("verticalFlip", x);
  return flip(x, [-2]);
}

/**
 * The four corners and the middle of an image: `[topLeft, topRight, bottomLeft, bottomRight, center]`.
 *
 * Shape: `[..., C, H, W]` to five times `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ShapeError where the image is smaller; ArgumentError for a size that is no positive integer.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.five_crop.html
 * @example
 * fiveCrop(arange(9).reshape([1, 3, 3]), 1).map((y) => y.item()); // [0, 2, 6, 8, 4]
 */
export function fiveCrop(x: Tensor, size: number | readonly number[]): Tensor[] {
  imagesOf("fiveCrop", x);
  return tidy(() => five("fiveCrop", x, size));
}
function five(op: string, x: Tensor, size: number | readonly number[]): Tensor[] {
  const { height: h, width: w } = imagesOf(op, x);
  const [height, width] = sizesOf(op, "size", size);
  if (height > h || width > w)
    throw new ShapeError(op, `a part of ${height} x ${width} does not fit into an image of ${h} x ${w}`, [x.shape]);
  const corners = [
    [0, 0],
    [0, w - width],
    [h - height, 0],
    [h - height, w - width],
  ];
  return [...corners.map(([top, left]) => cut(x, top, left, height, width)), middle(x, h, w, height, width)];
}

export interface TenCropOptions {
  /** Turn the other five upside down, in place of mirroring them. Default false. */
  readonly verticalFlip?: boolean | undefined;
}
export const tenCropKinds: Kinds<TenCropOptions> = { verticalFlip: option.boolean };
/**
 * The four corners and the middle of an image, and those of the mirrored one: `[...fiveCrop(x, size), ...fiveCrop(horizontalFlip(x), size)]`.
 *
 * Shape: `[..., C, H, W]` to ten times `[..., C, height, width]`. Dtype: that of `x`.
 *
 * @throws ShapeError where the image is smaller; ArgumentError for a size that is no positive integer.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.ten_crop.html
 * @example
 * tenCrop(arange(9).reshape([1, 3, 3]), 1).map((y) => y.item()); // [0, 2, 6, 8, 4, 2, 0, 8, 6, 4]
 */
export function tenCrop(x: Tensor, size: number | readonly number[], options: TenCropOptions = {}): Tensor[] {
  const op = "tenCrop";
  checkOptions(op, tenCropKinds, options);
  imagesOf(op, x);
  return tidy(() => [...five(op, x, size), ...five(op, flip(x, [options.verticalFlip ? -2 : -1]), size)]);
}
