import { type Pair, pair } from "../../core/named.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyMany } from "../../door/run.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { droppedShape, squeezeFresh } from "../../lower/reduce.ts";
import { filledLike } from "../create/allocation.ts";
import { div } from "../pointwise/arithmetic.ts";
import { sum } from "../reduce/reduction.ts";
import { restore } from "../reduce/restoring.ts";
import { unsqueeze } from "../shape/view.ts";
import { addAt, takeAt } from "./scattering.ts";

/** A reduction that picks one element along a dimension: what it picked, and where it stood. */
export interface Picked extends Pair {
  readonly values: Tensor;
  /** int32 (PyTorch: int64). */
  readonly indices: Tensor;
}
export interface PickAttrs {
  readonly dim: number;
  readonly keepdim: boolean;
}

/**
 * The op of a reduction whose result is one element of each line along `dim`. `positions` gives their places (int32, size 1 at
 * `dim`); the gradient goes to the picked elements.
 */
export const picking = <A extends PickAttrs>(name: string, positions: (x: Tensor, attrs: A) => Tensor): Op<A> => ({
  name,
  forward([x], attrs) {
    const kept = positions(x, attrs);
    const values = takeAt(x, attrs.dim, kept);
    if (attrs.keepdim || x.ndim === 0) return [values, kept];
    const shape = droppedShape(x.shape, [attrs.dim]);
    return [squeezeFresh(values, shape), squeezeFresh(kept, shape)];
  },
  save: (_, [, indices]) => [indices],
  vjp({ attrs, saved: [indices], shapes: [shape] }, [g]) {
    if (!g) return [null];
    const dims = shape.length === 0 ? [] : [attrs.dim];
    return [addAt(filledLike(g, shape, 0), attrs.dim, restore(indices, shape, dims), restore(g, shape, dims))];
  },
});

export function pick<A extends PickAttrs>(op: Op<A>, x: Tensor, attrs: A): Picked {
  const [values, indices] = applyMany(op, [x], attrs);
  return pair({ values, indices });
}

export const sameOp = pointwise("same", (x, y) => x.eq(y).or(scalar.isnan(x).and(scalar.isnan(y))), {
  category: "compare",
});
// 0 beside a gradient of NaN, too
export const shareOp = pointwise("share", (mask, g) => choose(mask.ne(0), g, 0));
export interface OfAllAttrs {
  /** Of each row of a matrix, which stands for a tensor of its own, instead of the whole. */
  readonly rows?: boolean;
}
/** The op of a reduction of a whole tensor to one of its elements: all that equal it share the gradient, as in PyTorch. */
export const ofAll = (name: string, compute: (x: Tensor, rows: boolean) => Tensor): Op<OfAllAttrs> => ({
  name,
  forward: ([x], { rows = false }) => compute(x, rows),
  save: ([x], [out]) => [x, out],
  vjp({ attrs: { rows = false }, saved: [x, out] }, [g]) {
    if (!g) return [null];
    const column = (t: Tensor): Tensor => (rows ? unsqueeze(t, 1) : t);
    const mask = toDType(binary(sameOp, x, column(out)), g.dtype);
    return [binary(shareOp, mask, column(div(g, sum(mask, rows ? 1 : null))))];
  },
});
