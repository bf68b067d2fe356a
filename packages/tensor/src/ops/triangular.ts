import { ArgumentError, ShapeError, showShape } from "../errors.ts";
import { where as choose } from "../expr/expr.ts";
import { inPlace, type Pointwise, pointwise, pointwiseCall } from "../pointwise.ts";
import type { Tensor } from "../tensor.ts";
import { fromValues } from "./allocation.ts";
import { toDType } from "./copy.ts";
import { arange, type TensorOptions } from "./creation.ts";
import { unsqueeze } from "./view.ts";

// the row and column numbers are two small operands that broadcast: cheaper than dividing each element's position
const lowerOp = pointwise("tril", (x, row, column, diagonal) => choose(column.sub(row).le(diagonal), x, 0), {
  grad: (g, [, row, column, diagonal]) => [choose(column.sub(row).le(diagonal), g, 0)],
});
const upperOp = pointwise("triu", (x, row, column, diagonal) => choose(column.sub(row).ge(diagonal), x, 0), {
  grad: (g, [, row, column, diagonal]) => [choose(column.sub(row).ge(diagonal), g, 0)],
});

function triangle(op: Pointwise, x: Tensor, diagonal: number, writes: boolean): Tensor {
  if (x.ndim < 2) throw new ShapeError(op.name, `needs at least two dimensions, got ${showShape(x.shape)}`, [x.shape]);
  if (!Number.isInteger(diagonal)) throw new ArgumentError(op.name, `diagonal must be an integer, got ${diagonal}`);
  const options = { dtype: "int32", device: x.device } as const;
  const row = arange(0, x.shape[x.ndim - 2], 1, options);
  const column = arange(0, x.shape[x.ndim - 1], 1, options);
  const rows = unsqueeze(row, 1);
  const out = writes
    ? inPlace(op, x, rows, column, diagonal)
    : toDType(pointwiseCall(op, [x, rows, column, diagonal]), x.dtype);
  for (const t of [row, rows, column]) t.dispose();
  return out;
}
/**
 * The lower triangle of the last two dimensions: elements with column - row <= diagonal; the others are 0.
 *
 * @example
 * import { ones, tril } from "@flambeau/tensor";
 * console.log(tril(ones([2, 2])).tolist()); // [[1, 0], [1, 1]]
 */
export const tril = (x: Tensor, diagonal = 0): Tensor => triangle(lowerOp, x, diagonal, false);
/** The upper triangle of the last two dimensions: elements with column - row >= diagonal; the others are 0. */
export const triu = (x: Tensor, diagonal = 0): Tensor => triangle(upperOp, x, diagonal, false);
/** {@link tril} in place. */
export const tril_ = (x: Tensor, diagonal = 0): Tensor => triangle(lowerOp, x, diagonal, true);
/** {@link triu} in place. */
export const triu_ = (x: Tensor, diagonal = 0): Tensor => triangle(upperOp, x, diagonal, true);

function positions(
  op: string,
  rows: number,
  columns: number,
  options: TensorOptions,
  inside: (row: number, column: number) => boolean,
): Tensor {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 0 || columns < 0)
    throw new ArgumentError(op, `rows and columns must be non-negative integers, got ${rows} and ${columns}`);
  const found: number[][] = [[], []];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      if (inside(r, c)) {
        found[0].push(r);
        found[1].push(c);
      }
  return fromValues(op, found.flat(), [2, found[0].length], { dtype: "int32", ...options });
}
/** Rows and columns of the elements of the lower triangle of a rows × columns matrix, as int32 [2, n] (PyTorch: int64). */
export function trilIndices(
  rows: number,
  columns: number,
  offset: number | TensorOptions = 0,
  options: TensorOptions = {},
): Tensor {
  if (typeof offset === "object") return trilIndices(rows, columns, 0, offset);
  return positions("trilIndices", rows, columns, options, (r, c) => c - r <= offset);
}
/** Rows and columns of the elements of the upper triangle of a rows × columns matrix, as int32 [2, n] (PyTorch: int64). */
export function triuIndices(
  rows: number,
  columns: number,
  offset: number | TensorOptions = 0,
  options: TensorOptions = {},
): Tensor {
  if (typeof offset === "object") return triuIndices(rows, columns, 0, offset);
  return positions("triuIndices", rows, columns, options, (r, c) => c - r >= offset);
}
