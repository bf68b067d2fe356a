import type { DimAttrs } from "../../contract/fused-ops.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { checkOptions, dtype, type Kinds, none } from "../../core/options.ts";
import { checkTensor, emptyLike, type Tensor } from "../../core/tensor.ts";
import { binary } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne, clone } from "../../door/run.ts";
import { scalar } from "../../expr/expr.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { runFused } from "../../lower/fused.ts";
import { reduceKept } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
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
  /** Convert to this dtype first (default: none, the dtype of `x`). */
  readonly dtype?: DType | undefined;
}
const softmaxKinds: Kinds<SoftmaxOptions> = { dtype };
function along(name: string, op: Op<DimAttrs>, x: Tensor, dim: number, options: SoftmaxOptions): Tensor {
  checkOptions(name, softmaxKinds, options);
  checkTensor(name, "x", x);
  const d = normalizeDim(name, dim, x.ndim);
  const input = options.dtype ? toDType(x, options.dtype) : x;
  if (!isFloat(input.dtype) && input.size === 0) return clone(input); // nothing is computed, and nothing refused
  if (!isFloat(input.dtype))
    throw new DTypeError(name, `needs a floating-point tensor, got ${input.dtype}`, "convert first, or pass { dtype }");
  return applyOne(op, [input], { dim: d });
}
/**
 * Softmax along `dim`: `y = exp(x - max(x)) / sum(exp(x - max(x)))`. The results lie in [0, 1] and add up to 1; the largest element is
 * taken away first, so that nothing overflows.
 *
 * Shape: that of `x`. Dtype: that of `x`, or `options.dtype`.
 *
 * @throws DTypeError when `x`, after conversion to `options.dtype`, is no floating-point tensor and has elements.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
 * @example
 * import { softmax, tensor } from "@flambeau/tensor";
 * softmax(tensor([[1, 2], [3, 3]]), 1).tolist(); // [[0.2689, 0.7311], [0.5, 0.5]]
 * tensor([1000, 1001]).softmax(0).tolist(); // [0.2689, 0.7311]
 */
export const softmax = (x: Tensor, dim: number, options: SoftmaxOptions = none): Tensor =>
  options !== none && unscoped() ? scoped(softmax, x, dim, options) : along("softmax", softmaxOp, x, dim, options);
/**
 * Logarithm of the softmax along `dim`: `y = x - max(x) - log(sum(exp(x - max(x))))`. It stays finite where the softmax itself rounds to 0.
 *
 * Shape: that of `x`. Dtype: that of `x`, or `options.dtype`.
 *
 * @throws DTypeError when `x`, after conversion to `options.dtype`, is no floating-point tensor and has elements.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 * @example
 * tensor([0, 1000]).logSoftmax(0).tolist(); // [-1000, 0]
 * tensor([1, 1]).logSoftmax(0).tolist(); // [-0.6931, -0.6931]
 */
export const logSoftmax = (x: Tensor, dim: number, options: SoftmaxOptions = none): Tensor =>
  options !== none && unscoped()
    ? scoped(logSoftmax, x, dim, options)
    : along("logSoftmax", logSoftmaxOp, x, dim, options);
/**
 * Softmax of the negated elements along `dim`, `softmin(x) = softmax(-x)`: the smallest element gets the largest share.
 *
 * Shape: that of `x`. Dtype: that of `x`, or `options.dtype`.
 *
 * @throws DTypeError when `x`, after conversion to `options.dtype`, is no floating-point tensor and has elements.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html
 * @example
 * softmin(tensor([1, 2, 2]), 0).tolist(); // [0.5761, 0.2119, 0.2119]
 */
export function softmin(x: Tensor, dim: number, options: SoftmaxOptions = none): Tensor {
  if (unscoped()) return scoped(softmin, x, dim, options);
  checkOptions("softmin", softmaxKinds, options);
  return along("softmin", softmaxOp, neg(x), dim, options);
}
