import { ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { expand, movedim, permute, reshape, transpose } from "./view.ts";

/**
 * All elements in one dimension, in row-major order: `y[i * m + j] = x[i, j]`. A view when possible, else a copy.
 *
 * Shapes: [n, m] gives [n m]. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.ravel.html
 * @example
 * tensor([[1, 2], [3, 4]]).ravel().tolist(); // [1, 2, 3, 4]
 * tensor([[1, 2], [3, 4]]).t().ravel().tolist(); // [1, 3, 2, 4]
 */
export const ravel = (x: Tensor): Tensor => {
  checkTensor("ravel", "x", x);
  return reshape(x, [x.size]);
};
/**
 * {@link expand} to another tensor's shape: `y[i, j] = x[0, j]`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand_as.html
 * @example
 * tensor([1, 2]).expandAs(zeros([2, 2])).tolist(); // [[1, 2], [1, 2]]
 */
export const expandAs = (x: Tensor, other: Tensor): Tensor => {
  checkTensor("expandAs", "x", x);
  checkTensor("expandAs", "other", other);
  return expand(x, other.shape);
};
/**
 * {@link reshape} to another tensor's shape: `y = x.reshape(other.shape)`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.reshape_as.html
 * @example
 * tensor([1, 2, 3, 4]).reshapeAs(zeros([2, 2])).tolist(); // [[1, 2], [3, 4]]
 */
export const reshapeAs = (x: Tensor, other: Tensor): Tensor => {
  checkTensor("reshapeAs", "other", other);
  return reshape(x, other.shape);
};
/** NumPy's name for {@link transpose}. */
export const swapaxes = transpose;
/** Another name of {@link transpose}. */
export const swapdims = transpose;
/** NumPy's name for {@link movedim}. */
export const moveaxis = movedim;
/**
 * The last two dimensions swapped: `y[..., i, j] = x[..., j, i]`. A view.
 *
 * Shapes: [..., n, m] gives [..., m, n]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor.mT
 * @example
 * zeros([2, 3, 4]).mT().shape; // [2, 4, 3]
 */
export function mT(x: Tensor): Tensor {
  checkTensor("mT", "x", x);
  if (x.ndim < 2) throw new ShapeError("mT", `needs at least two dimensions, got ${showShape(x.shape)}`, [x.shape]);
  return transpose(x, -2, -1);
}
/** The conjugate transpose; of real tensors the same as {@link mT}. */
export const adjoint = mT;
/**
 * All dimensions in reverse order: `y[k, j, i] = x[i, j, k]`. A view.
 *
 * Shapes: [a, b, c] gives [c, b, a]. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor.T
 * @example
 * zeros([2, 3, 4]).T().shape; // [4, 3, 2]
 */
export const T = (x: Tensor): Tensor => {
  checkTensor("T", "x", x);
  return permute(
    x,
    x.shape.map((_, i) => x.ndim - 1 - i),
  );
};
