import { ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { expand, movedim, permute, reshape, transpose } from "./view.ts";

/** All elements in one dimension, in row-major order. A view when possible. */
export const ravel = (x: Tensor): Tensor => reshape(x, [x.size]);
/** {@link expand} to another tensor's shape. */
export const expandAs = (x: Tensor, other: Tensor): Tensor => expand(x, other.shape);
/** {@link reshape} to another tensor's shape. */
export const reshapeAs = (x: Tensor, other: Tensor): Tensor => reshape(x, other.shape);
/** NumPy's name for {@link transpose}. */
export const swapaxes = transpose;
/** Another name of {@link transpose}. */
export const swapdims = transpose;
/** NumPy's name for {@link movedim}. */
export const moveaxis = movedim;
/** The last two dimensions swapped. A view. */
export function mT(x: Tensor): Tensor {
  if (x.ndim < 2) throw new ShapeError("mT", `needs at least two dimensions, got ${showShape(x.shape)}`, [x.shape]);
  return transpose(x, -2, -1);
}
/** The conjugate transpose; of real tensors the same as {@link mT}. */
export const adjoint = mT;
/** All dimensions in reverse order. A view. */
export const T = (x: Tensor): Tensor =>
  permute(
    x,
    x.shape.map((_, i) => x.ndim - 1 - i),
  );
