import type { DimAttrs } from "../../contract/fused-ops.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { emptyLike, type Tensor } from "../../core/tensor.ts";
import { binary } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { scalar } from "../../expr/expr.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { runFused } from "../../lower/fused.ts";
import { reduceKept } from "../../lower/reduce.ts";
import { local } from "../../memory/tidy.ts";
import { toDType } from "../create/copy.ts";
import { div, mul, neg, sub } from "../pointwise/arithmetic.ts";
import { exp, log } from "../pointwise/exponential.ts";
import { sum } from "../reduce/reduction.ts";

/** With nothing to sum there is nothing to compute. */
const orEmpty = (x: Tensor, compute: () => Tensor): Tensor => (x.size === 0 ? emptyLike(x, x.dtype) : local(compute));
const like = (x: Tensor) => () => [emptyLike(x, x.dtype)];
const kept = (x: Tensor, dim: number): readonly number[] => (x.ndim === 0 ? [] : [dim]);
const sumAlong = (x: Tensor, dim: number): Tensor => sum(x, x.ndim === 0 ? null : dim, { keepdim: true });

export const expOfDifferenceOp = pointwise("expOfDifference", (x, high) => scalar.exp(x.sub(high)), {
  differentiable: false,
});

export const softmaxOp: Op<DimAttrs> = {
  name: "softmax",
  rounds: 1,
  forward: ([x], attrs) =>
    runFused("softmax", [x], like(x), attrs)?.[0] ??
    orEmpty(x, () => {
      const dims = kept(x, attrs.dim);
      const e = binary(expOfDifferenceOp, x, reduceKept("max", x, dims, x.dtype));
      return div(e, reduceKept("sum", e, dims, x.dtype));
    }),
  save: (_, [out]) => [out],
  vjp: ({ attrs, saved: [out] }, [g]) => [g && applyOne(softmaxBackwardOp, [g, out], attrs)],
};
export const softmaxBackwardOp: Op<DimAttrs> = {
  name: "softmaxBackward",
  forward: ([g, out], attrs) =>
    runFused("softmaxBackward", [g, out], like(out), attrs)?.[0] ??
    local(() => mul(sub(g, sumAlong(mul(g, out), attrs.dim)), out)),
  save: (inputs) => inputs,
  vjp({ attrs, saved: [g, out] }, [h]) {
    if (!h) return [null, null];
    const along = (a: Tensor): Tensor => sumAlong(mul(a, out), attrs.dim);
    return [applyOne(softmaxBackwardOp, [h, out], attrs), sub(mul(h, sub(g, along(g))), mul(g, along(h)))];
  },
};

export const logSoftmaxOp: Op<DimAttrs> = {
  name: "logSoftmax",
  rounds: 1,
  forward: ([x], attrs) =>
    runFused("logSoftmax", [x], like(x), attrs)?.[0] ??
    orEmpty(x, () => {
      const dims = kept(x, attrs.dim);
      const shifted = sub(x, reduceKept("max", x, dims, x.dtype));
      return sub(shifted, log(reduceKept("sum", exp(shifted), dims, x.dtype)));
    }),
  save: (_, [out]) => [out],
  vjp: ({ attrs, saved: [out] }, [g]) => [g && applyOne(logSoftmaxBackwardOp, [g, out], attrs)],
};
export const logSoftmaxBackwardOp: Op<DimAttrs> = {
  name: "logSoftmaxBackward",
  forward: ([g, out], attrs) =>
    runFused("logSoftmaxBackward", [g, out], like(out), attrs)?.[0] ??
    local(() => sub(g, mul(exp(out), sumAlong(g, attrs.dim)))),
  save: (inputs) => inputs,
  vjp({ attrs, saved: [g, out] }, [h]) {
    if (!h) return [null, null];
    const p = exp(out);
    const weighted = mul(h, p);
    return [sub(h, sumAlong(weighted, attrs.dim)), neg(mul(weighted, sumAlong(g, attrs.dim)))];
  },
};

export interface SoftmaxOptions {
  /** Convert to this dtype first. */
  readonly dtype?: DType;
}
function along(name: string, op: Op<DimAttrs>, x: Tensor, dim: number, options: SoftmaxOptions): Tensor {
  const d = normalizeDim(name, dim, x.ndim);
  const input = options.dtype ? toDType(x, options.dtype) : x;
  if (!isFloat(input.dtype))
    throw new DTypeError(name, `needs a floating-point tensor, got ${input.dtype}`, "convert first, or pass { dtype }");
  return applyOne(op, [input], { dim: d });
}
/**
 * Softmax along `dim`: exp(x - max) / sum(exp(x - max)). Same shape as `x`.
 *
 * @throws DTypeError for integers.
 * @example
 * import { softmax, tensor } from "@flambeau/tensor";
 * console.log(softmax(tensor([0, 0]), 0).tolist()); // [0.5, 0.5]
 */
export const softmax = (x: Tensor, dim: number, options: SoftmaxOptions = {}): Tensor =>
  along("softmax", softmaxOp, x, dim, options);
/** log(softmax(x)) along `dim`, computed as x - max - log(sum(exp(x - max))). */
export const logSoftmax = (x: Tensor, dim: number, options: SoftmaxOptions = {}): Tensor =>
  along("logSoftmax", logSoftmaxOp, x, dim, options);
/** softmax(-x) along `dim`. */
export const softmin = (x: Tensor, dim: number, options: SoftmaxOptions = {}): Tensor =>
  along("softmin", softmaxOp, neg(options.dtype ? toDType(x, options.dtype) : x), dim, {});
