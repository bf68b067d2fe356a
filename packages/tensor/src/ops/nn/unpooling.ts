import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, listOf, none, number, numbers, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkIntegers } from "../../layout/integers.ts";
import { sameShape, sizeOf } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { zeros } from "../create/creation.ts";
import { scatter } from "../index/gather-scatter.ts";
import { reshape } from "../shape/view.ts";
import { type Spatial, spatial } from "./conv.ts";

export interface MaxUnpoolOptions {
  /** Steps between the windows that were pooled (default: the kernel size). */
  readonly stride?: Spatial | null | undefined;
  /** The padding with which they were pooled (default 0). */
  readonly padding?: Spatial | undefined;
  /** Sizes of the result (with or without those of batch and channels); default: the smallest that pooling takes to the input's. */
  readonly outputSize?: readonly number[] | null | undefined;
}
const maxUnpoolKinds: Kinds<MaxUnpoolOptions> = {
  stride: orNull(numbers),
  padding: numbers,
  outputSize: orNull(listOf(number)),
};

function unpool(
  op: string,
  n: number,
  x: Tensor,
  indices: Tensor,
  kernelSize: Spatial,
  options: MaxUnpoolOptions,
): Tensor {
  const whole = wholeBy(op, x);
  if (whole !== null) return whole(unpool, [op, n, x, indices, kernelSize, options]);
  checkOptions(op, maxUnpoolKinds, options);
  checkTensor(op, "indices", indices);
  checkTensor(op, "x", x);
  if (x.ndim !== n + 1 && x.ndim !== n + 2)
    throw new ShapeError(op, `expected input with ${n + 1} or ${n + 2} dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  if (!sameShape(x.shape, indices.shape))
    throw new ShapeError(op, `indices ${showShape(indices.shape)} must have the input's shape ${showShape(x.shape)}`, [
      indices.shape,
      x.shape,
    ]);
  const { padding: around = 0 } = options;
  const kernel = spatial(op, "kernelSize", kernelSize, n, 1);
  const stride = spatial(op, "stride", options.stride ?? kernel, n, 1);
  const padding = spatial(op, "padding", around, n);
  const lead = x.shape.slice(0, x.ndim - n);
  const least = x.shape.slice(x.ndim - n).map((s, i) => (s - 1) * stride[i] - 2 * padding[i] + kernel[i]);
  const given = options.outputSize ?? null;
  if (given !== null) checkIntegers(op, "outputSize", given, 0);
  if (given && given.length !== n && given.length !== n + 2 && given.length !== x.ndim)
    throw new ArgumentError(op, `outputSize needs ${n} or ${n + 2} entries, got ${showShape(given)}`);
  const out = given ? given.slice(given.length - n) : least;
  if (out.some((s, i) => given !== null && Math.abs(s - least[i]) >= stride[i]))
    throw new ArgumentError(
      op,
      `outputSize ${showShape(out)} is not within a stride ${showShape(stride)} of ${showShape(least)}`,
      "pass the shape that the pooling layer's input had",
    );
  const planes = sizeOf(lead);
  const target = zeros([planes, sizeOf(out)], { dtype: x.dtype, device: x.device });
  const rows = (t: Tensor) => reshape(t, [planes, sizeOf(x.shape.slice(x.ndim - n))]);
  return reshape(scatter(target, 1, rows(indices), rows(x)), [...lead, ...out]);
}
/**
 * Puts the maxima of `maxPool1dWithIndices` back to their positions in zeros: `y.flatten(-1)[n, c, indices[n, c, i]] = x[n, c, i]`.
 *
 * Shapes: `x` and `indices` [N, C, l] or [C, l]; result [N, C, L] or [C, L] with `L = (l - 1) * stride - 2 * padding + kernelSize`, or of
 * `outputSize`, which may differ by less than a stride. Dtype: that of `x`; `indices` is int32 or int64.
 *
 * @throws ShapeError when `x` has another rank or `indices` another shape than it.
 * @throws ArgumentError when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not positive.
 * @throws IndexError when a position lies outside the result.
 * @throws DTypeError when `indices` is not int32 or int64.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html
 * @example
 * const { values, indices } = maxPool1dWithIndices(tensor([[[1, 4, 3, 2, 9]]]), 2);
 * maxUnpool1d(values, indices, 2).tolist(); // [[[0, 4, 3, 0]]]
 * maxUnpool1d(values, indices, 2, { outputSize: [5] }).tolist(); // [[[0, 4, 3, 0, 0]]]
 */
export const maxUnpool1d = (
  x: Tensor,
  indices: Tensor,
  kernelSize: Spatial,
  options: MaxUnpoolOptions = none,
): Tensor =>
  unscoped()
    ? scoped(maxUnpool1d, x, indices, kernelSize, options)
    : unpool("maxUnpool1d", 1, x, indices, kernelSize, options);
/**
 * Puts the maxima of `maxPool2dWithIndices` back to their positions in zeros: `y.flatten(-2)[n, c, indices[n, c, i]] = x[n, c, i]`.
 *
 * Shapes: `x` and `indices` [N, C, h, w] or [C, h, w]; result [N, C, H, W] or [C, H, W] with
 * `H = (h - 1) * stride - 2 * padding + kernelSize`, W likewise, or of `outputSize`, which may differ by less than a stride. Dtype: that of
 * `x`; `indices` is int32 or int64.
 *
 * @throws ShapeError when `x` has another rank or `indices` another shape than it.
 * @throws ArgumentError when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not positive.
 * @throws IndexError when a position lies outside the result.
 * @throws DTypeError when `indices` is not int32 or int64.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
 * @example
 * import { maxPool2dWithIndices, maxUnpool2d, tensor } from "@flambeau/tensor";
 * const { values, indices } = maxPool2dWithIndices(tensor([[[1, 4], [3, 2]]]), 2);
 * maxUnpool2d(values, indices, 2).tolist(); // [[[0, 4], [0, 0]]]
 */
export const maxUnpool2d = (
  x: Tensor,
  indices: Tensor,
  kernelSize: Spatial,
  options: MaxUnpoolOptions = none,
): Tensor =>
  unscoped()
    ? scoped(maxUnpool2d, x, indices, kernelSize, options)
    : unpool("maxUnpool2d", 2, x, indices, kernelSize, options);
/**
 * Puts the maxima of `maxPool3dWithIndices` back to their positions in zeros: `y.flatten(-3)[n, c, indices[n, c, i]] = x[n, c, i]`.
 *
 * Shapes: `x` and `indices` [N, C, d, h, w] or [C, d, h, w]; result [N, C, D, H, W] or [C, D, H, W] with
 * `D = (d - 1) * stride - 2 * padding + kernelSize`, H and W likewise, or of `outputSize`, which may differ by less than a stride. Dtype:
 * that of `x`; `indices` is int32 or int64.
 *
 * @throws ShapeError when `x` has another rank or `indices` another shape than it.
 * @throws ArgumentError when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not positive.
 * @throws IndexError when a position lies outside the result.
 * @throws DTypeError when `indices` is not int32 or int64.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool3d.html
 * @example
 * const { values, indices } = maxPool3dWithIndices(tensor([[[[1, 4], [3, 2]]]]), [1, 2, 2]);
 * maxUnpool3d(values, indices, [1, 2, 2]).tolist(); // [[[[0, 4], [0, 0]]]]
 */
export const maxUnpool3d = (
  x: Tensor,
  indices: Tensor,
  kernelSize: Spatial,
  options: MaxUnpoolOptions = none,
): Tensor =>
  unscoped()
    ? scoped(maxUnpool3d, x, indices, kernelSize, options)
    : unpool("maxUnpool3d", 3, x, indices, kernelSize, options);
