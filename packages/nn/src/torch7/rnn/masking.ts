import {
  abs,
  amax,
  eq,
  indexAdd,
  indexSelect,
  logicalNot,
  nonzero,
  reshape,
  ShapeError,
  squeeze,
  type Tensor,
  where,
  zeros,
  zerosLike,
} from "@flambeau/tensor/functional";
import { showShape, sizeOf } from "@flambeau/tensor/plugin";
import type { Table } from "../table.ts";
import { firstOf, mapTable } from "./steps.ts";

/**
 * Which examples of the first tensor of `x` are all zeros: bool [N], or 0-d for a single example, which has `nInputDim` dimensions.
 *
 * @throws ShapeError when there are neither `nInputDim` dimensions nor one more.
 */
export function zeroExamples(op: string, x: Table, nInputDim: number): Tensor {
  const first = firstOf(x);
  const { ndim, shape } = first;
  if (ndim !== nInputDim && ndim !== nInputDim + 1)
    throw new ShapeError(op, `takes ${nInputDim} dimensions, or one more for the batch, got ${showShape(shape)}`, [
      shape,
    ]);
  const batch = shape.slice(0, ndim - nInputDim);
  return eq(amax(reshape(abs(first), [...batch, sizeOf(shape.slice(batch.length))]), -1), 0);
}

/** A table's tensors with zeros for the examples that are masked. */
export const withZeros = <T extends Table>(table: T, mask: Tensor): T =>
  mapTable(table, (t) => where(reshape(mask, [...mask.shape, ...t.shape.slice(mask.ndim).map(() => 1)]), 0, t));

/**
 * Runs `run` on the examples of `x` that are not masked and gives zeros for the others: what masking its results gives, for less work.
 *
 * @throws UnavailableError on a device that cannot be read at once: the number of examples depends on values.
 */
export function onOthers<T extends Table>(x: readonly Table[], mask: Tensor, run: (x: readonly Table[]) => T): T {
  if (mask.ndim === 0) return withZeros(run(x), mask);
  const rows = squeeze(nonzero(logicalNot(mask)), 1);
  const [n] = mask.shape;
  if (rows.size === n) return run(x);
  // no example is left: one of them says what the results look like
  const picked = rows.size === 0 ? null : rows;
  const some = (t: Tensor): Tensor => (picked === null ? t : indexSelect(t, 0, picked));
  const results = run(x.map((each) => mapTable(each, some)));
  return mapTable(results, (t) => {
    if (picked === null) return zerosLike(t);
    const laid = zeros([n, ...t.shape.slice(1)], { dtype: t.dtype, device: t.device });
    return indexAdd(laid, 0, picked, t);
  });
}
