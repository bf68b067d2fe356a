import { ShapeError, showShape } from "../../core/errors.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inPlace, pointwiseCall } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import { type Pointwise, pointwise } from "../../door/pointwise.ts";
import { where as choose } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { countElements } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues, type TensorOptions, tensorKinds } from "../create/allocation.ts";
import { copy_ } from "../create/copy.ts";
import { arange } from "../create/creation.ts";
import { unsqueeze } from "./view.ts";

// the row and column numbers are two small operands that broadcast: cheaper than dividing each element's position
export const trilOp = pointwise("tril", (x, row, column, diagonal) => choose(column.sub(row).le(diagonal), x, 0), {
  grad: (g, [, row, column, diagonal]) => [choose(column.sub(row).le(diagonal), g, 0)],
});
export const triuOp = pointwise("triu", (x, row, column, diagonal) => choose(column.sub(row).ge(diagonal), x, 0), {
  grad: (g, [, row, column, diagonal]) => [choose(column.sub(row).ge(diagonal), g, 0)],
});

function triangle(op: Pointwise, x: Tensor, diagonal: number, writes: boolean): Tensor {
  if (x.ndim < 2) throw new ShapeError(op.name, `needs at least two dimensions, got ${showShape(x.shape)}`, [x.shape]);
  checkInteger(op.name, "diagonal", diagonal);
  const options = { dtype: "int32", device: x.device } as const;
  const [height, width] = x.shape.slice(-2);
  const row = arange(0, height, 1, options);
  const column = arange(0, width, 1, options);
  const above = Math.min(Math.max(diagonal, -height), width); // kernels compare in 32 bits; beyond the corners nothing changes
  const rows = unsqueeze(row, 1);
  // bool does not promote back from the int32 of the positions: it is chosen apart, and then written
  const out = writes
    ? x.dtype === "bool"
      ? copy_(x, pointwiseCall(op, [x, rows, column, above]))
      : inPlace(op, x, rows, column, above)
    : toDType(pointwiseCall(op, [x, rows, column, above]), x.dtype);
  for (const t of [row, rows, column]) t.dispose();
  return out;
}
/**
 * The lower triangle of the last two dimensions: `y[i, j] = x[i, j]` where `j - i <= diagonal`, else `0`.
 *
 * Shape: that of `x`, [..., h, w]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @throws ArgumentError when `diagonal` is no integer.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.tril.html
 * @example
 * import { ones, tril } from "@flambeau/tensor";
 * console.log(tril(ones([2, 2])).tolist()); // [[1, 0], [1, 1]]
 * console.log(tril(ones([2, 3]), 1).tolist()); // [[1, 1, 0], [1, 1, 1]]
 */
export const tril = (x: Tensor, diagonal = 0): Tensor => {
  if (unscoped()) return scoped(tril, x, diagonal);
  checkTensor("tril", "x", x);
  return triangle(trilOp, x, diagonal, false);
};
/**
 * The upper triangle of the last two dimensions: `y[i, j] = x[i, j]` where `j - i >= diagonal`, else `0`.
 *
 * Shape: that of `x`, [..., h, w]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @throws ArgumentError when `diagonal` is no integer.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.triu.html
 * @example
 * ones([2, 2]).triu().tolist(); // [[1, 1], [0, 1]]
 * ones([2, 3]).triu(1).tolist(); // [[0, 1, 1], [0, 0, 1]]
 */
export const triu = (x: Tensor, diagonal = 0): Tensor => {
  if (unscoped()) return scoped(triu, x, diagonal);
  checkTensor("triu", "x", x);
  return triangle(triuOp, x, diagonal, false);
};
/** In place {@link tril}: `x = tril(x, diagonal)`. */
export const tril_ = (x: Tensor, diagonal = 0): Tensor => {
  if (unscoped()) return scoped(tril_, x, diagonal);
  checkTensor("tril_", "x", x);
  return triangle(trilOp, x, diagonal, true);
};
/** In place {@link triu}: `x = triu(x, diagonal)`. */
export const triu_ = (x: Tensor, diagonal = 0): Tensor => {
  if (unscoped()) return scoped(triu_, x, diagonal);
  checkTensor("triu_", "x", x);
  return triangle(triuOp, x, diagonal, true);
};

function positions(
  op: string,
  rows: number,
  columns: number,
  offset: number,
  options: TensorOptions,
  inside: (above: number) => boolean,
): Tensor {
  checkOptions(op, tensorKinds, options);
  checkInteger(op, "rows", rows, 0);
  checkInteger(op, "columns", columns, 0);
  checkInteger(op, "offset", offset);
  countElements([rows, columns], op);
  const found: number[][] = [[], []];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      if (inside(c - r - offset)) {
        found[0].push(r);
        found[1].push(c);
      }
  return fromValues(op, found.flat(), [2, found[0].length], { ...options, dtype: options.dtype ?? "int32" });
}
const isOptions = (x: number | TensorOptions): x is TensorOptions => typeof x === "object" && x !== null;
/**
 * Rows and columns of the elements of the lower triangle of a rows x columns matrix, row by row: `y[0, k] = i` and `y[1, k] = j` for each
 * `j - i <= offset`.
 *
 * Shape: [2, n]. Dtype: int32 (PyTorch: int64), unless the options say another.
 *
 * @throws ArgumentError when `rows` or `columns` is no integer from 0, or `offset` no integer.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.tril_indices.html
 * @example
 * trilIndices(2, 3).tolist(); // [[0, 1, 1], [0, 0, 1]]
 * trilIndices(2, 2, -1).tolist(); // [[1], [0]]
 */
export function trilIndices(
  rows: number,
  columns: number,
  offset: number | TensorOptions = 0,
  options: TensorOptions = none,
): Tensor {
  if (isOptions(offset)) return trilIndices(rows, columns, 0, offset);
  return positions("trilIndices", rows, columns, offset, options, (above) => above <= 0);
}
/**
 * Rows and columns of the elements of the upper triangle of a rows x columns matrix, row by row: `y[0, k] = i` and `y[1, k] = j` for each
 * `j - i >= offset`.
 *
 * Shape: [2, n]. Dtype: int32 (PyTorch: int64), unless the options say another.
 *
 * @throws ArgumentError when `rows` or `columns` is no integer from 0, or `offset` no integer.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.triu_indices.html
 * @example
 * const [i, j] = triuIndices(3, 3, 1).unbind();
 * i.tolist(); // [0, 0, 1]
 * j.tolist(); // [1, 2, 2]
 */
export function triuIndices(
  rows: number,
  columns: number,
  offset: number | TensorOptions = 0,
  options: TensorOptions = none,
): Tensor {
  if (isOptions(offset)) return triuIndices(rows, columns, 0, offset);
  return positions("triuIndices", rows, columns, offset, options, (above) => above >= 0);
}
