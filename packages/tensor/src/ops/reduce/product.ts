import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { sumType } from "../../layout/promotion.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { droppedShape, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { mul } from "../pointwise/arithmetic.ts";
import { reshape } from "../shape/view.ts";
import { asAsked } from "./as-asked.ts";
import { productOfOthers } from "./cumulative.ts";
import { type ReduceOptions, reduceKinds } from "./reduction.ts";
import { restore } from "./restoring.ts";

export const prodOp: Op<{ dim: number; keepdim: boolean }> = {
  name: "prod",
  rounds: 1,
  forward([x], { dim, keepdim }) {
    const dims = x.ndim === 0 ? [] : [dim];
    const out = reduceKept("prod", x, dims, sumType(x.dtype));
    return keepdim ? out : squeezeFresh(out, droppedShape(x.shape, dims));
  },
  save: ([x]) => [x],
  vjp: ({ attrs: { dim }, saved: [x] }, [g]) => [
    g && mul(restore(g, x.shape, x.ndim === 0 ? [] : [dim]), productOfOthers(x, dim)),
  ],
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
    return asAsked(applyOne(prodOp, [input], { dim: normalizeDim("prod", dim, x.ndim), keepdim }), options.dtype);
  const out = asAsked(applyOne(prodOp, [reshape(input, [x.size])], { dim: 0, keepdim: false }), options.dtype);
  return keepdim
    ? reshape(
        out,
        x.shape.map(() => 1),
      )
    : out;
}
