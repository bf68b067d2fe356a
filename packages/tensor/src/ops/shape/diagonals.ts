import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { checkInteger } from "../../layout/integers.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { clone } from "../create/copy.ts";
import { zeros } from "../create/creation.ts";
import { diagonal, flatten } from "./view.ts";
import { diagonalScatter } from "./window-scatter.ts";

/**
 * The last dimension laid on the diagonal, `offset` above the main one, of two new dimensions `dim1` and `dim2`: `y[i, i + offset] = x[i]`,
 * and 0 elsewhere.
 *
 * Shapes: [b, n] gives [b, m, m] with `m = n + |offset|`. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` is 0-d.
 * @throws ArgumentError when `dim1` and `dim2` are the same, or `offset` is no integer.
 * @throws IndexError when a dimension is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.diag_embed.html
 * @example
 * import { diagEmbed, tensor } from "@flambeau/tensor";
 * console.log(diagEmbed(tensor([1, 2])).tolist()); // [[1, 0], [0, 2]]
 * console.log(diagEmbed(tensor([1, 2]), 1).tolist()); // [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
 */
export function diagEmbed(x: Tensor, offset = 0, dim1 = -2, dim2 = -1): Tensor {
  if (unscoped()) return scoped(diagEmbed, x, offset, dim1, dim2);
  checkTensor("diagEmbed", "x", x);
  if (x.ndim === 0) throw new ShapeError("diagEmbed", "a 0-d tensor has no dimension to lay on a diagonal");
  const rank = x.ndim + 1;
  const [a, b] = [normalizeDim("diagEmbed", dim1, rank), normalizeDim("diagEmbed", dim2, rank)];
  if (a === b) throw new ArgumentError("diagEmbed", `dim1 and dim2 are the same dimension ${a}`);
  checkInteger("diagEmbed", "offset", offset);
  const size = x.shape[x.ndim - 1] + Math.abs(offset);
  const rest = x.shape.slice(0, -1);
  const shape = Array.from({ length: rank }, (_, i) => (i === a || i === b ? size : (rest.shift() as number))); // rank - 2 are left
  return diagonalScatter(zeros(shape, { dtype: x.dtype, device: x.device }), x, offset, a, b);
}
/**
 * A vector on a matrix's diagonal, `y[i, i + offset] = x[i]` and 0 elsewhere, or a matrix's diagonal as a vector,
 * `y[i] = x[i, i + offset]`. A copy.
 *
 * Shapes: [n] gives [m, m] with `m = n + |offset|`; [n, m] gives [min(n, m)] for `offset = 0`. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` is neither a vector nor a matrix.
 * @throws ArgumentError when `offset` is no integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.diag.html
 * @example
 * tensor([1, 2]).diag().tolist(); // [[1, 0], [0, 2]]
 * tensor([[1, 2], [3, 4]]).diag().tolist(); // [1, 4]
 * tensor([[1, 2], [3, 4]]).diag(1).tolist(); // [2]
 */
export function diag(x: Tensor, offset = 0): Tensor {
  if (unscoped()) return scoped(diag, x, offset);
  checkTensor("diag", "x", x);
  if (x.ndim === 1) return diagEmbed(x, offset);
  if (x.ndim === 2) return clone(diagonal(x, offset));
  throw new ShapeError(
    "diag",
    `needs a vector or a matrix, got ${showShape(x.shape)}`,
    [x.shape],
    "diagonal() and diagEmbed() take any rank",
  );
}
/**
 * All elements, in row-major order, on a matrix's diagonal: `y[i, i + offset] = x.flatten()[i]`, and 0 elsewhere.
 *
 * Shape: [m, m], where `m` is the number of elements `+ |offset|`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `offset` is no integer.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.diagflat.html
 * @example
 * tensor([[1, 2]]).diagflat().tolist(); // [[1, 0], [0, 2]]
 * tensor([[1, 2]]).diagflat(-1).tolist(); // [[0, 0, 0], [1, 0, 0], [0, 2, 0]]
 */
export const diagflat = (x: Tensor, offset = 0): Tensor => {
  if (unscoped()) return scoped(diagflat, x, offset);
  checkTensor("diagflat", "x", x);
  return diagEmbed(flatten(x), offset);
};
