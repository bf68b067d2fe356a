import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkIntegers } from "../../layout/integers.ts";
import { sameShape, sizeOf } from "../../layout/shapes.ts";
import { zeros } from "../create/creation.ts";
import { scatter } from "../index/gather-scatter.ts";
import { reshape } from "../shape/view.ts";
import { type Spatial, spatial } from "./conv.ts";

export interface MaxUnpoolOptions {
  /** Default: the kernel size. */
  readonly stride?: Spatial | null;
  readonly padding?: Spatial;
  /** Sizes of the result (with or without those of batch and channels); default: the smallest that pooling takes to the input's. */
  readonly outputSize?: readonly number[] | null;
}

function unpool(
  op: string,
  n: number,
  x: Tensor,
  indices: Tensor,
  kernelSize: Spatial,
  options: MaxUnpoolOptions,
): Tensor {
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
/** Puts maxima of {@link maxPool1dWithIndices} back to their positions in zeros: [N, C, l] to [N, C, L]. */
export const maxUnpool1d = (x: Tensor, indices: Tensor, kernelSize: Spatial, options: MaxUnpoolOptions = {}): Tensor =>
  unpool("maxUnpool1d", 1, x, indices, kernelSize, options);
/**
 * Puts maxima of {@link maxPool2dWithIndices} back to their positions in zeros: [N, C, h, w] to [N, C, H, W].
 *
 * @throws ShapeError, ArgumentError when sizes do not fit; IndexError for positions outside the result.
 * @example
 * import { maxPool2dWithIndices, maxUnpool2d, tensor } from "@flambeau/tensor";
 * const { values, indices } = maxPool2dWithIndices(tensor([[[1, 4], [3, 2]]]), 2);
 * console.log(maxUnpool2d(values, indices, 2).tolist()); // [[[0, 4], [0, 0]]]
 */
export const maxUnpool2d = (x: Tensor, indices: Tensor, kernelSize: Spatial, options: MaxUnpoolOptions = {}): Tensor =>
  unpool("maxUnpool2d", 2, x, indices, kernelSize, options);
/** {@link maxUnpool2d} of [N, C, d, h, w]. */
export const maxUnpool3d = (x: Tensor, indices: Tensor, kernelSize: Spatial, options: MaxUnpoolOptions = {}): Tensor =>
  unpool("maxUnpool3d", 3, x, indices, kernelSize, options);
