import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { sumType } from "../../layout/promotion.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { droppedShape, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { eq } from "../pointwise/comparison.ts";
import { reshape } from "../shape/view.ts";
import { asAsked } from "./as-asked.ts";
import { prodSlopeOp, productOfOthers } from "./cumulative.ts";
import { type ReduceOptions, reduceKinds, sum } from "./reduction.ts";
import { restore } from "./restoring.ts";

export interface Attrs {
  readonly dim: number;
  readonly keepdim: boolean;
  /** No dimension was named. */
  readonly whole: boolean;
}
export const prodOp: Op<Attrs> = {
  name: "prod",
  rounds: 1,
  forward([x], { dim, keepdim }) {
    const dims = x.ndim === 0 ? [] : [dim];
    const out = reduceKept("prod", x, dims, sumType(x.dtype));
    return keepdim ? out : squeezeFresh(out, droppedShape(x.shape, dims));
  },
  save: ([x]) => [x],
  vjp({ attrs: { dim, whole }, saved: [x] }, [g]) {
    if (!g || x.ndim === 0) return [g];
    const zeros = sum(eq(x, 0), null, { dtype: x.dtype });
    const most = whole ? 1 : Infinity;
    return [pointwiseCall(prodSlopeOp, [restore(g, x.shape, [dim]), x, productOfOthers(x, dim), zeros, most])];
  },
};
/**
 * Product of all elements, or along `dim`: `y[i] = x[i, 0] * x[i, 1] * ...` for `dim` 1. Of none it is 1; zeros have their right gradients.
 * Shape: `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: the option `dtype`, else that of `x`, where bools and integers
 * below 32 bits give int32.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.prod.html
 * @example
 * tensor([[1, 2], [3, 4]]).prod().item(); // 24
 * tensor([[1, 2], [3, 4]]).prod(1, { keepdim: true }).tolist(); // [[2], [12]]
 */
export function prod(x: Tensor, dim?: number | null, options: ReduceOptions = none): Tensor {
  checkOptions("prod", reduceKinds, options);
  checkTensor("prod", "x", x);
  if (options.dtype && unscoped()) return scoped(prod, x, dim, options);
  const input = options.dtype ? toDType(x, options.dtype) : x;
  const keepdim = options.keepdim ?? false;
  if (dim !== undefined && dim !== null)
    return asAsked(
      applyOne(prodOp, [input], { dim: normalizeDim("prod", dim, x.ndim), keepdim, whole: false }),
      options.dtype,
    );
  const all = x.ndim === 0 ? input : reshape(input, [x.size]);
  const out = asAsked(applyOne(prodOp, [all], { dim: 0, keepdim: false, whole: true }), options.dtype);
  return keepdim
    ? reshape(
        out,
        x.shape.map(() => 1),
      )
    : out;
}
