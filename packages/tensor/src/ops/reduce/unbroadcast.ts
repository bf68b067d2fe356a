import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { sumType } from "../../layout/promotion.ts";
import { sameShape } from "../../layout/shapes.ts";
import { droppedShape, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { expand, reshape } from "../shape/view.ts";
import { restore } from "./restoring.ts";

// The sum, and its use in gradient rules: what broadcasting repeated is added up.

export interface SumAttrs {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}
export const finish = (out: Tensor, x: Tensor, { dims, keepdim }: SumAttrs): Tensor =>
  keepdim ? out : squeezeFresh(out, droppedShape(x.shape, dims));
export const sumOp: Op<SumAttrs> = {
  name: "sum",
  forward: ([x], attrs) => finish(reduceKept("sum", x, attrs.dims, sumType(x.dtype)), x, attrs),
  vjp: ({ attrs, shapes }, [g]) => [g && expand(restore(g, shapes[0], attrs.dims), shapes[0])],
};
/** Sums `g` over the dimensions along which `shape` was broadcast to it; `g` itself where it has that shape. For gradient rules. */
export function unbroadcast(g: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.ndim - shape.length;
  const dims: number[] = [];
  for (let i = 0; i < g.ndim; i++) if (i < lead || (shape[i - lead] === 1 && g.shape[i] !== 1)) dims.push(i);
  if (dims.length === 0) return reshape(g, shape);
  return reshape(applyOne(sumOp, [g], { dims, keepdim: true }), shape);
}
