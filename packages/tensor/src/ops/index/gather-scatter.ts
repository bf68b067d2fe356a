import type { Scalar } from "../../core/element.ts";
import { ShapeError, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, oneOf } from "../../core/options.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { alikeInWidth } from "../../door/convert.ts";
import { broadcastShapes, normalizeDim } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { broadcastTo, flatten } from "../shape/view.ts";
import { checkAlong, sourceAt } from "./along.ts";
import { wrapIndex } from "./index-values.ts";
import { type ScatterReduction, scatterReduce, scatterReduce_ } from "./scatter-reduce.ts";
import { adding, setting, takeAt, writeAt, writeInto } from "./scattering.ts";

/**
 * Elements picked along `dim` by an index of the result's shape: `y[i, j, k] = x[i, index[i, j, k], k]` for `dim` 1, and so on.
 * Shapes: `index` has as many dimensions as `x`, each but `dim` at most as large; the result has the shape of `index`. Dtype: that of `x`.
 *
 * @throws IndexError when an index is outside the dimension (negative ones are, as in PyTorch), or `dim` out of range.
 * @throws ShapeError when `index` has another number of dimensions, or is too large.
 * @throws DTypeError when `index` is neither int32 nor int64.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.gather.html
 * @example
 * import { tensor } from "flambeau";
 * const index = tensor([[0, 0], [1, 0]], { dtype: "int32" });
 * tensor([[1, 2], [3, 4]]).gather(1, index).tolist(); // [[1, 1], [4, 3]]
 */
export const gather = (x: Tensor, dim: number, index: Tensor): Tensor =>
  takeAt(x, checkAlong("gather", x, dim, index), index);

/**
 * Elements picked along `dim`, with the other dimensions of `x` and `indices` broadcast: `y[i, j] = x[i, indices[i, j]]` for `dim` 1;
 * without `dim`, from the flattened tensor. Negative indices count from the end.
 * Shapes: `x` and `indices` have as many dimensions; in the result `dim` has the size of `indices`, the others broadcast. Without `dim` the
 * result is 1-d. Dtype: that of `x`.
 *
 * @throws IndexError when an index is not in -n..n-1 for the size n of `dim`, or `dim` is out of range.
 * @throws ShapeError when `indices` has another number of dimensions, or those beside `dim` do not broadcast.
 * @throws DTypeError when `indices` is neither int32 nor int64.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.take_along_dim.html
 * @example
 * const x = tensor([[30, 10, 20], [4, 6, 5]]);
 * x.takeAlongDim(x.argsort(1), 1).tolist(); // [[10, 20, 30], [4, 5, 6]]
 * x.takeAlongDim(tensor([[-1]], { dtype: "int32" }), 1).tolist(); // [[20], [5]]
 */
export function takeAlongDim(x: Tensor, indices: Tensor, dim?: number): Tensor {
  if (unscoped()) return scoped(takeAlongDim, x, indices, dim);
  checkTensor("takeAlongDim", "x", x);
  checkTensor("takeAlongDim", "indices", indices);
  if (dim === undefined) return takeAlongDim(flatten(x), flatten(indices), 0);
  const d = normalizeDim("takeAlongDim", dim, x.ndim);
  if (indices.ndim !== x.ndim)
    throw new ShapeError(
      "takeAlongDim",
      `x and indices need the same number of dimensions, got ${showShape(x.shape)} and ${showShape(indices.shape)}`,
      [x.shape, indices.shape],
    );
  const at = (shape: readonly number[], size: number) => shape.map((s, i) => (i === d ? size : s));
  const shape = broadcastShapes("takeAlongDim", at(x.shape, 1), at(indices.shape, 1));
  const index = broadcastTo(wrapIndex("takeAlongDim", indices, x.shape[d]), at(shape, indices.shape[d]));
  return takeAt(broadcastTo(x, at(shape, x.shape[d])), d, index);
}

export interface ScatterOptions {
  /** How a value joins what is there: "add" or "multiply"; left out, it replaces it. */
  readonly reduce?: "add" | "multiply" | undefined;
}
const scatterKinds: Kinds<ScatterOptions> = { reduce: oneOf("add", "multiply") };
function reductionOf(op: string, options: ScatterOptions): ScatterReduction | null {
  checkOptions(op, scatterKinds, options);
  const { reduce } = options;
  if (reduce === undefined) return null;
  return reduce === "add" ? "sum" : "prod";
}
/**
 * A copy of `x` with `source` (a tensor, or one number) written along `dim`: `y[i, index[i, j, k], k] = source[i, j, k]` for `dim` 1, and
 * so on. Where several values meet, the last one stays, or with `reduce` all are added or multiplied to what is there.
 * Shapes: `index` has as many dimensions as `x`, each but `dim` at most as large, and `source` is at least as large as `index`; the result
 * has the shape of `x`. Dtype: that of `x`.
 *
 * @throws IndexError when an index is outside the dimension, or `dim` out of range.
 * @throws ShapeError when `index` does not fit `x`, or `source` does not cover `index`.
 * @throws DTypeError when `index` is neither int32 nor int64, or `source` has another dtype than `x`.
 * @throws ArgumentError when `reduce` is neither "add" nor "multiply".
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html
 * @example
 * import { zeros, tensor } from "flambeau";
 * const index = tensor([[2], [0]], { dtype: "int32" });
 * zeros([2, 3]).scatter(1, index, 1).tolist(); // [[0, 0, 1], [1, 0, 0]]
 * zeros([2, 3]).scatter(1, index, tensor([[5], [6]])).tolist(); // [[0, 0, 5], [6, 0, 0]]
 */
export function scatter(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | Scalar,
  options: ScatterOptions = none,
): Tensor {
  if (unscoped()) return scoped(scatter, x, dim, index, source, options);
  const reduce = reductionOf("scatter", options);
  if (source instanceof Tensor) x = alikeInWidth(x, source)[0];
  const d = checkAlong("scatter", x, dim, index);
  const from = sourceAt("scatter", x, index, source);
  return reduce === null ? writeAt(setting, x, d, index, from) : scatterReduce(x, d, index, from, reduce);
}
/** In place {@link scatter}: `x = scatter(x, dim, index, source, options)`. */
export function scatter_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | Scalar,
  options: ScatterOptions = none,
): Tensor {
  if (unscoped()) return scoped(scatter_, x, dim, index, source, options);
  const reduce = reductionOf("scatter_", options);
  const d = checkAlong("scatter_", x, dim, index);
  const from = sourceAt("scatter_", x, index, source);
  return reduce === null ? writeInto(setting, x, d, index, from) : scatterReduce_(x, d, index, from, reduce);
}

/**
 * A copy of `x` with `source` added along `dim`: `y[i, index[i, j, k], k] += source[i, j, k]` for `dim` 1, and so on; values that meet add
 * up.
 * Shapes: as of {@link scatter}, as are the dtypes and the errors.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html
 * @example
 * const index = tensor([0, 2, 0], { dtype: "int32" });
 * zeros([3]).scatterAdd(0, index, tensor([1, 2, 3])).tolist(); // [4, 0, 2]
 */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  if (unscoped()) return scoped(scatterAdd, x, dim, index, source);
  x = alikeInWidth(x, source)[0];
  const d = checkAlong("scatterAdd", x, dim, index);
  return writeAt(adding, x, d, index, sourceAt("scatterAdd", x, index, source));
}
/** In place {@link scatterAdd}: `x = scatterAdd(x, dim, index, source)`. */
export function scatterAdd_(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  if (unscoped()) return scoped(scatterAdd_, x, dim, index, source);
  const d = checkAlong("scatterAdd_", x, dim, index);
  return writeInto(adding, x, d, index, sourceAt("scatterAdd_", x, index, source));
}
