import { isFloat } from "../../core/dtype.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { unary } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { floatType } from "../../layout/promotion.ts";
import { fillInto } from "../../lower/move.ts";
import { droppedShape, keptShape, reducedDims, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { add, mul, sub } from "../pointwise/arithmetic.ts";
import { exp, log } from "../pointwise/exponential.ts";
import { type Dims, type KeepdimOptions, keepdimKinds } from "./reduction.ts";
import { restore } from "./restoring.ts";

// an infinite maximum is not subtracted: inf - inf would make NaN of a row of infinities
export const finiteOp = pointwise("finite", (x) => choose(scalar.abs(x).eq(Infinity), 0, x), { differentiable: false });

export interface Attrs {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}
export const logsumexpOp: Op<Attrs> = {
  name: "logsumexp",
  rounds: 1,
  forward([x], { dims, keepdim }) {
    const kept = local(() => {
      if (x.size === 0) return fillInto(empty(x.backend, x.dtype, keptShape(x.shape, dims)), -Infinity);
      const high = unary(finiteOp, reduceKept("max", x, dims, x.dtype));
      return add(log(reduceKept("sum", exp(sub(x, high)), dims, x.dtype)), high);
    });
    return keepdim ? kept : squeezeFresh(kept, droppedShape(x.shape, dims));
  },
  save: ([x], [out]) => [x, out],
  vjp({ attrs, saved: [x, out], shapes }, [g]) {
    if (!g) return [null];
    const at = (y: Tensor): Tensor => restore(y, shapes[0], attrs.dims);
    return [mul(at(g), exp(sub(x, at(out))))];
  },
};
/**
 * Logarithm of the sum of exponentials over `dim`, without overflow: `y = log(sum(exp(x)))`, computed as
 * `log(sum(exp(x - max(x)))) + max(x)`.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`; integers and bools give the default floating
 * dtype.
 *
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logsumexp.html
 * @example
 * import { tensor } from "flambeau";
 * tensor([1000, 1000]).logsumexp(0).item(); // 1000.693...
 * tensor([[0, 1], [2, 3]]).logsumexp([0, 1]).item(); // 3.4402
 */
export function logsumexp(x: Tensor, dim: Dims, options: KeepdimOptions = none): Tensor {
  checkOptions("logsumexp", keepdimKinds, options);
  checkTensor("logsumexp", "x", x);
  if (!isFloat(x.dtype) && unscoped()) return scoped(logsumexp, x, dim, options);
  const dims = reducedDims("logsumexp", x, dim);
  return applyOne(logsumexpOp, [toDType(x, floatType(x.dtype))], { dims, keepdim: options.keepdim ?? false });
}
