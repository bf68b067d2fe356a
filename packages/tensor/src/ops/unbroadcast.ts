import { applyOne, type Op } from "../apply.ts";
import { sameShape } from "../layout.ts";
import { sumType } from "../promote.ts";
import type { Tensor } from "../tensor.ts";
import { droppedShape, reduceKept, restore, squeezeFresh } from "./reduce.ts";
import { expand, reshape } from "./view.ts";

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
