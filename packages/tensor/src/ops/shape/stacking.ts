import { ArgumentError } from "../../core/errors.ts";
import { checkTensors, type Tensor } from "../../core/tensor.ts";
import { cat } from "./joining.ts";
import { reshape, t, unsqueeze } from "./view.ts";

type OneOrMany = Tensor | readonly Tensor[];
const isList = (x: OneOrMany): x is readonly Tensor[] => Array.isArray(x);
function each(op: string, f: (x: Tensor) => Tensor): { (x: Tensor): Tensor; (x: readonly Tensor[]): Tensor[] } {
  function mapped(x: Tensor): Tensor;
  function mapped(x: readonly Tensor[]): Tensor[];
  function mapped(x: OneOrMany): Tensor | Tensor[] {
    checkTensors(op, "x", isList(x) ? x : [x]);
    return isList(x) ? x.map(f) : f(x);
  }
  return mapped;
}
/**
 * `x` (or each of a list) with at least one dimension: `y[0] = x` of a 0-d one. A view, or `x` itself.
 *
 * Shapes: [] gives [1], others stay. Dtype: that of `x`.
 *
 * @throws MemoryError when a tensor that gets a dimension was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.atleast_1d.html
 * @example
 * atleast1d(tensor(5)).tolist(); // [5]
 * atleast1d([tensor(5), tensor([[6]])]).map((x) => x.shape); // [[1], [1, 1]]
 */
export const atleast1d = each("atleast1d", (x) => (x.ndim === 0 ? reshape(x, [1]) : x));
/**
 * `x` (or each of a list) with at least two dimensions, vectors becoming rows: `y[0, j] = x[j]`. A view, or `x` itself.
 *
 * Shapes: [] gives [1, 1], [n] gives [1, n], others stay. Dtype: that of `x`.
 *
 * @throws MemoryError when a tensor that gets a dimension was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.atleast_2d.html
 * @example
 * atleast2d(tensor([1, 2])).tolist(); // [[1, 2]]
 */
export const atleast2d = each("atleast2d", (x) =>
  x.ndim === 0 ? reshape(x, [1, 1]) : x.ndim === 1 ? unsqueeze(x, 0) : x,
);
/**
 * `x` (or each of a list) with at least three dimensions: `y[0, i, 0] = x[i]` of vectors, `y[i, j, 0] = x[i, j]` of matrices. A view, or
 * `x` itself.
 *
 * Shapes: [] gives [1, 1, 1], [n] gives [1, n, 1], [n, m] gives [n, m, 1], others stay. Dtype: that of `x`.
 *
 * @throws MemoryError when a tensor that gets a dimension was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.atleast_3d.html
 * @example
 * atleast3d(tensor([1, 2])).tolist(); // [[[1], [2]]]
 * atleast3d(zeros([2, 3])).shape; // [2, 3, 1]
 */
export const atleast3d = each("atleast3d", (x) => {
  if (x.ndim === 0) return reshape(x, [1, 1, 1]);
  if (x.ndim === 1) return unsqueeze(unsqueeze(x, 0), 2);
  return x.ndim === 2 ? unsqueeze(x, -1) : x;
});

function some(op: string, tensors: readonly Tensor[]): void {
  if (tensors.length === 0) throw new ArgumentError(op, "expected at least one tensor");
}
/**
 * Joins tensors side by side, along dimension 1, and vectors along 0: `y[i, j] = a[i, j]` for `j < n`, then `y[i, n + j] = b[i, j]`.
 *
 * Shapes: [n], [m] give [n + m]; [h, n], [h, m] give [h, n + m]. Dtype: the promoted one.
 *
 * @throws ArgumentError when there are no tensors.
 * @throws ShapeError when sizes differ in another dimension.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.hstack.html
 * @example
 * hstack([tensor([1, 2]), tensor([3])]).tolist(); // [1, 2, 3]
 * hstack([tensor([[1], [2]]), tensor([[3], [4]])]).tolist(); // [[1, 3], [2, 4]]
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  checkTensors("hstack", "tensors", tensors);
  some("hstack", tensors);
  const parts = atleast1d(tensors);
  return cat(parts, parts[0].ndim === 1 ? 0 : 1);
}
/**
 * Joins tensors row below row, along dimension 0, vectors being rows: `y[i, j] = a[i, j]` for `i < n`, then `y[n + i, j] = b[i, j]`.
 *
 * Shapes: [w], [w] give [2, w]; [n, w], [m, w] give [n + m, w]. Dtype: the promoted one.
 *
 * @throws ArgumentError when there are no tensors.
 * @throws ShapeError when sizes differ in another dimension.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.vstack.html
 * @example
 * vstack([tensor([1, 2]), tensor([3, 4])]).tolist(); // [[1, 2], [3, 4]]
 */
export function vstack(tensors: readonly Tensor[]): Tensor {
  checkTensors("vstack", "tensors", tensors);
  some("vstack", tensors);
  return cat(atleast2d(tensors), 0);
}
/**
 * Joins tensors in depth, along dimension 2, after {@link atleast3d}: `y[i, j, 0] = a[i, j]`, then `y[i, j, 1] = b[i, j]`.
 *
 * Shapes: [n], [n] give [1, n, 2]; [h, w], [h, w] give [h, w, 2]. Dtype: the promoted one.
 *
 * @throws ArgumentError when there are no tensors.
 * @throws ShapeError when sizes differ in another dimension.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.dstack.html
 * @example
 * dstack([tensor([1, 2]), tensor([3, 4])]).tolist(); // [[[1, 3], [2, 4]]]
 */
export function dstack(tensors: readonly Tensor[]): Tensor {
  checkTensors("dstack", "tensors", tensors);
  some("dstack", tensors);
  return cat(atleast3d(tensors), 2);
}
/**
 * Joins vectors and matrices as columns of one matrix: `y[i, 0] = a[i]`, then `y[i, 1] = b[i]`.
 *
 * Shapes: [n], [n, m] give [n, 1 + m]. Dtype: the promoted one.
 *
 * @throws ArgumentError when there are no tensors.
 * @throws ShapeError when sizes differ in another dimension.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.column_stack.html
 * @example
 * columnStack([tensor([1, 2]), tensor([3, 4])]).tolist(); // [[1, 3], [2, 4]]
 * columnStack([tensor([1, 2]), tensor([[3, 4], [5, 6]])]).tolist(); // [[1, 3, 4], [2, 5, 6]]
 */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  checkTensors("columnStack", "tensors", tensors);
  some("columnStack", tensors);
  return hstack(tensors.map((x) => (x.ndim <= 1 ? t(atleast2d(x)) : x)));
}
