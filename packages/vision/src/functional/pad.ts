import {
  ArgumentError,
  cat,
  flip,
  isFloat,
  narrow,
  ones,
  pad as padTensor,
  reshape,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  where,
} from "@flambeau/tensor/functional";
import { toDType as cast, checkIntegers, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { type Fill, fillsOf, imagesOf } from "../checks.ts";

export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";
export interface PadOptions {
  /** What constant padding is made of: one value, or one for each channel. Default 0. */
  readonly fill?: Fill | undefined;
  /** A constant (default), the edge, or the image mirrored without (reflect) or with (symmetric) its edge. */
  readonly paddingMode?: PaddingMode | undefined;
}
export const padKinds: Kinds<PadOptions> = {
  fill: option.orNull(option.numbers),
  paddingMode: option.oneOf("constant", "edge", "reflect", "symmetric"),
};

/** How many pixels come on at the left, the top, the right and the bottom: given as one number, two or four. */
export function borderOf(op: string, padding: number | readonly number[]): readonly number[] {
  const list = typeof padding === "number" ? [padding] : padding;
  checkIntegers(op, "the padding", list);
  if (list.length === 1) return [list[0], list[0], list[0], list[0]];
  if (list.length === 2) return [...list, ...list];
  if (list.length !== 4)
    throw new ArgumentError(
      op,
      `the padding is one number, [sides, top and bottom] or [left, top, right, bottom], got ${show(padding)}`,
    );
  return list;
}

/**
 * An image with a border: `y[i, j] = x[i - top, j - left]` inside of it. `padding` is one width, `[left and right, top and bottom]` or
 * `[left, top, right, bottom]`; a negative one crops, but where the border is the image mirrored with its edge.
 *
 * Shape: `[..., C, H, W]` to `[..., C, H + top + bottom, W + left + right]`. Dtype: that of `x`.
 *
 * @throws ArgumentError for another padding, for one that is wider than the mirror image, for a `fill` by channels in another mode than
 * "constant"; ShapeError where nothing is left.
 * @see https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.pad.html
 * @example
 * pad(tensor([[[1, 2]]]), [1, 0]).tolist(); // [[[0, 1, 2, 0]]]
 * pad(tensor([[[1, 2]]]), [2, 0], { paddingMode: "symmetric" }).tolist(); // [[[2, 1, 1, 2, 2, 1]]]
 */
export function pad(x: Tensor, padding: number | readonly number[], options: PadOptions = {}): Tensor {
  checkOptions("pad", padKinds, options);
  imagesOf("pad", x);
  return tidy(() => bordered("pad", x, borderOf("pad", padding), options));
}
/** {@link pad} of what is checked, with a border of [left, top, right, bottom]. */
export function bordered(op: string, x: Tensor, border: readonly number[], options: PadOptions): Tensor {
  const { channels, height, width } = imagesOf(op, x);
  const [left, top, right, bottom] = border;
  if (height + top + bottom < 1 || width + left + right < 1)
    throw new ShapeError(op, `a border of [${border}] leaves nothing of ${height} x ${width} pixels`, [x.shape]);
  const fill = fillsOf(op, options.fill ?? 0, channels);
  const { paddingMode = "constant" } = options;
  if (paddingMode !== "constant" && fill.length > 1)
    throw new ArgumentError(op, `a fill by channels goes with paddingMode "constant" only, got "${paddingMode}"`);
  const sides = [left, right, top, bottom];
  if (paddingMode === "symmetric") return mirrored(op, mirrored(op, x, -1, left, right), -2, top, bottom);
  if (paddingMode !== "constant") {
    const images = reshape(isFloat(x.dtype) ? x : cast(x, "float32"), [-1, channels, height, width]);
    const out = padTensor(images, sides, { mode: paddingMode === "edge" ? "replicate" : "reflect" });
    return cast(reshape(out, [...x.shape.slice(0, -2), ...out.shape.slice(-2)]), x.dtype);
  }
  const whole = isFloat(x.dtype) ? fill : fill.map(Math.trunc);
  if (whole.length === 1) return padTensor(x, sides, { value: whole[0] });
  const inside = padTensor(ones([height, width], { dtype: "bool", device: x.device }), sides);
  const colour = reshape(tensor(whole, { dtype: x.dtype, device: x.device }), [channels, 1, 1]);
  return where(inside, padTensor(x, sides), colour);
}
/** A dimension with its ends mirrored, their outermost elements included. */
function mirrored(op: string, x: Tensor, dim: number, before: number, behind: number): Tensor {
  const size = x.shape.at(dim) ?? 0; // there are three
  if (before < 0 || behind < 0) throw new ArgumentError(op, "symmetric padding cannot be negative", "crop first");
  if (before > size || behind > size)
    throw new ArgumentError(
      op,
      `symmetric padding of ${Math.max(before, behind)} is wider than the image, which has ${size}`,
    );
  return cat([flip(narrow(x, dim, 0, before), [dim]), x, flip(narrow(x, dim, size - behind, behind), [dim])], dim);
}
