import {
  ArgumentError,
  expand,
  isTensor,
  pad,
  reshape,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  where,
  zeros,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkInteger, showShape } from "@flambeau/tensor/plugin";
import { fillsOf, imagesOf } from "../checks.ts";

/**
 * An image with a rectangle painted over: `y[i.. i + h, j.. j + w] = v`.
 *
 * Shape: that of `x`, `[..., C, H, W]`; `v` is one value, one for each channel, or a tensor that broadcasts to `[C, h, w]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for a rectangle that is not inside of the image; ShapeError for a `v` of another shape.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.erase.html
 * @example
 * erase(ones([1, 2, 3]), 0, 1, 2, 2, 0).tolist(); // [[[1, 0, 0], [1, 0, 0]]]
 */
export function erase(
  x: Tensor,
  i: number,
  j: number,
  h: number,
  w: number,
  v: number | readonly number[] | Tensor,
): Tensor {
  const op = "erase";
  const { channels, height, width } = imagesOf(op, x);
  checkInteger(op, "i", i, 0);
  checkInteger(op, "j", j, 0);
  checkInteger(op, "h", h, 0);
  checkInteger(op, "w", w, 0);
  if (i + h > height || j + w > width)
    throw new ArgumentError(op, `the rectangle [${i}, ${j}, ${h}, ${w}] is not inside of ${height} x ${width} pixels`);
  return tidy(() => {
    const { device } = x;
    const value = isTensor(v) ? v : columnOf(fillsOf(op, v, channels), device);
    const [a = 1, b = 1, c = 1] = [1, 1, 1, ...value.shape].slice(-3);
    if (value.shape.length > 3 || (a !== 1 && a !== channels) || (b !== 1 && b !== h) || (c !== 1 && c !== w))
      throw new ShapeError(op, `the value ${showShape(value.shape)} does not fit [${[channels, h, w]}]`, [value.shape]);
    const colour = expand(cast(value, x.dtype), [channels, h, w]);
    const sides = [j, width - j - w, i, height - i - h];
    const inside = pad(zeros([h, w], { dtype: "bool", device }), sides, { value: 1 });
    return where(inside, x, pad(colour, sides));
  });
}
const columnOf = (list: readonly number[], device: string): Tensor =>
  reshape(tensor(list, { device }), [list.length, 1, 1]);
