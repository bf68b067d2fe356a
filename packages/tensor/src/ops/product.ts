import { applyOne, type Op } from "../apply.ts";
import { normalizeDim } from "../layout.ts";
import { sumType } from "../promote.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { toDType } from "./copy.ts";
import { productOfOthers } from "./cumulative.ts";
import { droppedShape, reduceKept, restore, squeezeFresh } from "./reduce.ts";
import type { ReduceOptions } from "./reduction.ts";
import { reshape } from "./view.ts";

const prodOp: Op<{ dim: number; keepdim: boolean }> = {
  name: "prod",
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
