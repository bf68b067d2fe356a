import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { sumType } from "../../layout/promotion.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { droppedShape, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { toDType } from "../create/copy.ts";
import { mul } from "../pointwise/arithmetic.ts";
import { reshape } from "../shape/view.ts";
import { productOfOthers } from "./cumulative.ts";
import type { ReduceOptions } from "./reduction.ts";
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
/** Product of all elements, or along `dim`. Products of bools and integers are int32 (int64 for int64). Zeros have their right gradients. */
export function prod(x: Tensor, dim?: number | null, options: ReduceOptions = {}): Tensor {
  const input = options.dtype ? toDType(x, options.dtype) : x;
  const keepdim = options.keepdim ?? false;
  if (dim !== undefined && dim !== null)
    return applyOne(prodOp, [input], { dim: normalizeDim("prod", dim, x.ndim), keepdim });
  const out = applyOne(prodOp, [reshape(input, [x.size])], { dim: 0, keepdim: false });
  return keepdim
    ? reshape(
        out,
        x.shape.map(() => 1),
      )
    : out;
}
