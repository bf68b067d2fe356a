import { ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { inPlace, pointwiseCall } from "../../door/calls.ts";
import { type Pointwise, pointwise } from "../../door/pointwise.ts";
import { where as choose } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { countElements } from "../../layout/shapes.ts";
import { fromValues } from "../create/allocation.ts";
import { toDType } from "../create/copy.ts";
import { arange, type TensorOptions } from "../create/creation.ts";
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
  const out = writes
    ? inPlace(op, x, rows, column, above)
    : toDType(pointwiseCall(op, [x, rows, column, above]), x.dtype);
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
export const tril = (x: Tensor, diagonal = 0): Tensor => triangle(trilOp, x, diagonal, false);
/** The upper triangle of the last two dimensions: elements with column - row >= diagonal; the others are 0. */
export const triu = (x: Tensor, diagonal = 0): Tensor => triangle(triuOp, x, diagonal, false);
/** {@link tril} in place. */
export const tril_ = (x: Tensor, diagonal = 0): Tensor => triangle(trilOp, x, diagonal, true);
/** {@link triu} in place. */
export const triu_ = (x: Tensor, diagonal = 0): Tensor => triangle(triuOp, x, diagonal, true);

function positions(
  op: string,
  rows: number,
  columns: number,
  offset: number,
  options: TensorOptions,
  inside: (above: number) => boolean,
): Tensor {
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
  return fromValues(op, found.flat(), [2, found[0].length], { dtype: "int32", ...options });
}
const isOptions = (x: number | TensorOptions): x is TensorOptions => typeof x === "object" && x !== null;
/** Rows and columns of the elements of the lower triangle of a rows × columns matrix, as int32 [2, n] (PyTorch: int64). */
export function trilIndices(
  rows: number,
  columns: number,
  offset: number | TensorOptions = 0,
  options: TensorOptions = {},
): Tensor {
  if (isOptions(offset)) return trilIndices(rows, columns, 0, offset);
  return positions("trilIndices", rows, columns, offset, options, (above) => above <= 0);
}
/** Rows and columns of the elements of the upper triangle of a rows × columns matrix, as int32 [2, n] (PyTorch: int64). */
export function triuIndices(
  rows: number,
  columns: number,
  offset: number | TensorOptions = 0,
  options: TensorOptions = {},
): Tensor {
  if (isOptions(offset)) return triuIndices(rows, columns, 0, offset);
  return positions("triuIndices", rows, columns, offset, options, (above) => above >= 0);
}
