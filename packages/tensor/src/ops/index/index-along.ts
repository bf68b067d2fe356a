import { ShapeError, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, number } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { alikeInWidth, toDType } from "../../door/convert.ts";
import type { Operand } from "../../door/pointwise.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { ones, zeros } from "../create/creation.ts";
import { mul } from "../pointwise/arithmetic.ts";
import { expand, reshape } from "../shape/view.ts";
import { checkFilling, inDTypeOf } from "./along.ts";
import { checkIndex, wrapIndex } from "./index-values.ts";
import { maskedFill, maskedFill_ } from "./masked.ts";
import {
  type ScatterReduceOptions,
  type ScatterReduction,
  scatterReduce,
  scatterReduce_,
  scatterReduceKinds,
} from "./scatter-reduce.ts";
import { adding, setting, takeAt, type Writing, writeAt, writeInto } from "./scattering.ts";

// One-dimensional indices into a dimension: the same reads and writes as gather's and scatter's, with the index repeated by
// strides of 0 along the other dimensions.

/** Dimension and repeated index of a write of `source` into `x`. */
function along(
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): { d: number; rows: Tensor; from: Tensor } {
  checkSameDevice(op, x, index);
  checkSameDevice(op, x, source);
  const d = normalizeDim(op, dim, x.ndim);
  if (index.ndim > 1)
    throw new ShapeError(op, `the index must have at most one dimension, got ${showShape(index.shape)}`, [index.shape]);
  source = inDTypeOf(op, x, source);
  const expected = x.ndim === 0 ? [] : x.shape.map((s, i) => (i === d ? index.size : s));
  const fits =
    x.ndim === 0
      ? source.size === index.size && source.ndim <= 1
      : source.ndim === x.ndim && expected.every((s, i) => source.shape[i] === s);
  if (!fits)
    throw new ShapeError(
      op,
      `the source must have shape ${showShape(expected)} for ${index.size} indices along dimension ${d} of ${showShape(x.shape)}, got ${showShape(source.shape)}`,
      [x.shape, source.shape],
    );
  checkIndex(op, index, x.ndim === 0 ? 1 : x.shape[d]);
  const shape = x.ndim === 0 ? [index.size] : expected;
  return { d, rows: repeated(index, d, shape), from: source.ndim === shape.length ? source : reshape(source, shape) };
}
/** A 1-d index seen with `shape`: constant along every dimension but `d`. */
function repeated(index: Tensor, d: number, shape: readonly number[]): Tensor {
  const column = reshape(
    index,
    shape.map((_, i) => (i === d ? index.size : 1)),
  );
  const out = expand(column, shape);
  column.dispose();
  return out;
}

/**
 * The slices of `x` that `index` names along `dim`, in that order: `y[i] = x[index[i]]` for `dim` 0.
 * Shapes: `index` [K] or 0-d; the result is `x` with size K at `dim`. Dtype: that of `x`.
 *
 * @throws IndexError when an index is outside the dimension (negative ones are, as in PyTorch), or `dim` out of range.
 * @throws ShapeError when `index` has more than one dimension.
 * @throws DTypeError when `index` is neither int32 nor int64.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.index_select.html
 * @example
 * const index = tensor([1, 1, 0], { dtype: "int32" });
 * tensor([[1, 2], [3, 4]]).indexSelect(0, index).tolist(); // [[3, 4], [3, 4], [1, 2]]
 */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  checkSameDevice("indexSelect", x, index);
  const d = normalizeDim("indexSelect", dim, x.ndim);
  if (index.ndim > 1)
    throw new ShapeError("indexSelect", `the index must have at most one dimension, got ${showShape(index.shape)}`, [
      index.shape,
    ]);
  checkIndex("indexSelect", index, x.ndim === 0 ? 1 : x.shape[d]);
  if (x.ndim === 0) {
    if (index.size !== 1)
      throw new ShapeError("indexSelect", `a 0-d tensor takes one index, got ${index.size}`, [index.shape]);
    return takeAt(x, 0, reshape(index, []));
  }
  const shape = x.shape.map((s, i) => (i === d ? index.size : s));
  const rows = repeated(index, d, shape);
  const out = takeAt(x, d, rows);
  rows.dispose();
  return out;
}

export interface IndexAddOptions {
  /** Factor of the source (default 1). */
  readonly alpha?: number | undefined;
}
const indexAddKinds: Kinds<IndexAddOptions> = { alpha: number };
function write(
  op: string,
  w: Writing,
  inPlace: boolean,
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): Tensor {
  if (unscoped()) return scoped(write, op, w, inPlace, x, dim, index, source);
  if (!inPlace) x = alikeInWidth(x, source)[0];
  const { d, rows, from } = along(op, x, dim, index, source);
  const out = inPlace ? writeInto(w, x, d, rows, from) : writeAt(w, x, d, rows, from);
  rows.dispose();
  return out;
}
function scaled(op: string, source: Tensor, options: IndexAddOptions): Tensor {
  checkOptions(op, indexAddKinds, options);
  const { alpha = 1 } = options;
  return alpha === 1 ? source : toDType(mul(source, alpha), source.dtype);
}
/**
 * A copy of `x` with the slices of `source` added to those that `index` names along `dim`: `y[index[i]] += alpha * source[i]` for `dim` 0.
 * Slices that meet add up.
 * Shapes: `index` [K] or 0-d; `source` is `x` with size K at `dim`; the result has the shape of `x`. Dtype: that of `x`.
 *
 * @throws IndexError when an index is outside the dimension, or `dim` out of range.
 * @throws ShapeError when `index` has more than one dimension, or `source` does not fit.
 * @throws DTypeError when `index` is neither int32 nor int64, or `source` has another dtype than `x`.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html
 * @example
 * const index = tensor([0, 0, 2], { dtype: "int32" });
 * tensor([1, 1, 1]).indexAdd(0, index, tensor([1, 2, 3])).tolist(); // [4, 1, 4]
 * tensor([1, 1, 1]).indexAdd(0, index, tensor([1, 2, 3]), { alpha: 10 }).tolist(); // [31, 1, 31]
 */
export const indexAdd = (
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = none,
): Tensor =>
  unscoped()
    ? scoped(indexAdd, x, dim, index, source, options)
    : write("indexAdd", adding, false, x, dim, index, scaled("indexAdd", source, options));
/** In place {@link indexAdd}: `x = indexAdd(x, dim, index, source, options)`. */
export const indexAdd_ = (
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = none,
): Tensor => {
  if (unscoped()) return scoped(indexAdd_, x, dim, index, source, options);
  return write("indexAdd_", adding, true, x, dim, index, scaled("indexAdd_", source, options));
};
/**
 * A copy of `x` with the slices of `source` in place of those that `index` names along `dim`: `y[index[i]] = source[i]` for `dim` 0; of
 * several in one place the last one stays.
 * Shapes: as of {@link indexAdd}, as are the dtypes and the errors.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_copy_.html
 * @example
 * const index = tensor([2, 0], { dtype: "int32" });
 * tensor([1, 1, 1]).indexCopy(0, index, tensor([5, 6])).tolist(); // [6, 1, 5]
 */
export const indexCopy = (x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
  write("indexCopy", setting, false, x, dim, index, source);
/** In place {@link indexCopy}: `x = indexCopy(x, dim, index, source)`. */
export const indexCopy_ = (x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
  write("indexCopy_", setting, true, x, dim, index, source);

/** Whether each position of dimension `dim` is among `index`, in a shape that broadcasts to `x`'s. */
function maskAlong(op: string, x: Tensor, dim: number, index: Tensor): Tensor {
  checkSameDevice(op, x, index);
  const d = normalizeDim(op, dim, x.ndim);
  if (index.ndim > 1)
    throw new ShapeError(op, `the index must have at most one dimension, got ${showShape(index.shape)}`, [index.shape]);
  const n = x.ndim === 0 ? 1 : x.shape[d];
  const flat = reshape(wrapIndex(op, index, n), [index.size]);
  const options = { dtype: "bool", device: x.device } as const;
  return reshape(
    writeAt(setting, zeros([n], options), 0, flat, ones([index.size], options)),
    x.shape.map((s, i) => (i === d ? s : 1)),
  );
}
/**
 * A copy of `x` with `value` in the slices that `index` names along `dim`: `y[index[i]] = value` for `dim` 0. Negative indices count from
 * the end.
 * Shapes: `index` [K] or 0-d, `value` a number or 0-d; the result has the shape of `x`. Dtype: that of `x`.
 *
 * @throws IndexError when an index is not in -n..n-1 for the size n of `dim`, or `dim` is out of range.
 * @throws ShapeError when `index` has more than one dimension, or `value` has any.
 * @throws DTypeError when `index` is neither int32 nor int64.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_fill_.html
 * @example
 * const index = tensor([0, -1], { dtype: "int32" });
 * tensor([[1, 2, 3], [4, 5, 6]]).indexFill(1, index, 0).tolist(); // [[0, 2, 0], [0, 5, 0]]
 */
export const indexFill = (x: Tensor, dim: number, index: Tensor, value: Operand): Tensor => {
  if (unscoped()) return scoped(indexFill, x, dim, index, value);
  checkFilling("indexFill", value);
  return maskedFill(x, maskAlong("indexFill", x, dim, index), value);
};
/** In place {@link indexFill}: `x = indexFill(x, dim, index, value)`. */
export const indexFill_ = (x: Tensor, dim: number, index: Tensor, value: Operand): Tensor => {
  if (unscoped()) return scoped(indexFill_, x, dim, index, value);
  checkFilling("indexFill_", value);
  return maskedFill_(x, maskAlong("indexFill_", x, dim, index), value);
};

/**
 * A copy of `x` in which the slices of `source` that `index` sends to one slice along `dim` are reduced with each other and, unless
 * `includeSelf` is false, with what is there: `y[index[i]] = reduce(y[index[i]], source[i])` for `dim` 0, where `reduce` is "prod", "mean",
 * "amax" or "amin".
 * Shapes: as of {@link indexAdd}. Dtype: that of `x`; means of integers are rounded down.
 *
 * @throws ArgumentError when `reduce` is none of these; the other errors are those of {@link indexAdd}.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_reduce_.html
 * @example
 * const index = tensor([0, 0, 1], { dtype: "int32" });
 * const source = tensor([5, 6, 7]);
 * tensor([10, 2]).indexReduce(0, index, source, "amax").tolist(); // [10, 7]
 * tensor([10, 2]).indexReduce(0, index, source, "amax", { includeSelf: false }).tolist(); // [6, 7]
 */
export function indexReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  options: ScatterReduceOptions = none,
): Tensor {
  if (unscoped()) return scoped(indexReduce, x, dim, index, source, reduce, options);
  checkOptions("indexReduce", scatterReduceKinds, options);
  x = alikeInWidth(x, source)[0];
  const { d, rows, from } = along("indexReduce", x, dim, index, source);
  return scatterReduce(x, d, rows, from, reduce, options);
}
/** In place {@link indexReduce}: `x = indexReduce(x, dim, index, source, reduce, options)`. */
export function indexReduce_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  options: ScatterReduceOptions = none,
): Tensor {
  if (unscoped()) return scoped(indexReduce_, x, dim, index, source, reduce, options);
  checkOptions("indexReduce_", scatterReduceKinds, options);
  const { d, rows, from } = along("indexReduce_", x, dim, index, source);
  return scatterReduce_(x, d, rows, from, reduce, options);
}
