import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { toDType } from "../create/copy.ts";
import { ones, zeros } from "../create/creation.ts";
import { mul } from "../pointwise/arithmetic.ts";
import { expand, reshape } from "../shape/view.ts";
import { checkIndex, wrapIndex } from "./index-values.ts";
import { maskedFill, maskedFill_ } from "./masked.ts";
import { type ScatterReduceOptions, type ScatterReduction, scatterReduce, scatterReduce_ } from "./scatter-reduce.ts";
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
  if (source.dtype !== x.dtype)
    throw new DTypeError(
      op,
      `source and tensor have different dtypes: ${source.dtype} and ${x.dtype}`,
      `convert the source: source.to("${x.dtype}")`,
    );
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
 * Rows `index` (1-d) of dimension `dim`, in that order. Shape: the tensor's, with the index's length at `dim`.
 *
 * @throws IndexError for index values outside the dimension.
 * @example
 * import { indexSelect, tensor } from "@flambeau/tensor";
 * console.log(indexSelect(tensor([[1, 2], [3, 4]]), 0, tensor([1, 1], { dtype: "int32" })).tolist()); // [[3, 4], [3, 4]]
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
  /** Factor of the source. */
  readonly alpha?: number;
}
function write(
  op: string,
  w: Writing,
  inPlace: boolean,
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): Tensor {
  const { d, rows, from } = along(op, x, dim, index, source);
  const out = inPlace ? writeInto(w, x, d, rows, from) : writeAt(w, x, d, rows, from);
  rows.dispose();
  return out;
}
const scaled = (source: Tensor, { alpha = 1 }: IndexAddOptions): Tensor =>
  alpha === 1 ? source : toDType(mul(source, alpha), source.dtype);
/** A copy of `x` with alpha * source[i] added to row index[i] of dimension `dim`. */
export const indexAdd = (
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor => write("indexAdd", adding, false, x, dim, index, scaled(source, options));
/** {@link indexAdd} in place. */
export const indexAdd_ = (
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor => write("indexAdd_", adding, true, x, dim, index, scaled(source, options));
/** A copy of `x` whose row index[i] of dimension `dim` is source[i]. */
export const indexCopy = (x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor =>
  write("indexCopy", setting, false, x, dim, index, source);
/** {@link indexCopy} in place. */
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
/** A copy of `x` with `value` (a number or 0-d tensor) in rows `index` of dimension `dim`; negative indices count from the end. */
export const indexFill = (x: Tensor, dim: number, index: Tensor, value: Tensor | number): Tensor =>
  maskedFill(x, maskAlong("indexFill", x, dim, index), value);
/** {@link indexFill} in place. */
export const indexFill_ = (x: Tensor, dim: number, index: Tensor, value: Tensor | number): Tensor =>
  maskedFill_(x, maskAlong("indexFill_", x, dim, index), value);

/** A copy of `x` in which the rows of `source` that `index` sends to one row of dimension `dim` are reduced; see {@link scatterReduce}. */
export function indexReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  options: ScatterReduceOptions = {},
): Tensor {
  const { d, rows, from } = along("indexReduce", x, dim, index, source);
  return scatterReduce(x, d, rows, from, reduce, options);
}
/** {@link indexReduce} in place. */
export function indexReduce_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  options: ScatterReduceOptions = {},
): Tensor {
  const { d, rows, from } = along("indexReduce_", x, dim, index, source);
  return scatterReduce_(x, d, rows, from, reduce, options);
}
