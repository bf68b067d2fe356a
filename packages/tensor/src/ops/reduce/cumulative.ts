import type { ScanKind } from "../../contract/backend.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { pair } from "../../core/named.ts";
import { checkOptions, dtype, type Kinds, none } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { binary, pointwiseCall } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { where as choose, type Expr, scalar } from "../../expr/expr.ts";
import { floatType, sumType } from "../../layout/promotion.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { lifted } from "../../layout/windows.ts";
import { runScan } from "../../lower/machine.ts";
import { freshCopy } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { filledLike } from "../create/allocation.ts";
import type { Picked } from "../index/picking.ts";
import { addAt } from "../index/scattering.ts";
import { mul } from "../pointwise/arithmetic.ts";
import { flip } from "../shape/flipping.ts";
import { cat } from "../shape/joining.ts";
import { narrow } from "../shape/view.ts";
import { asAsked } from "./as-asked.ts";

export interface DimAttrs {
  readonly dim: number;
}

const lengthOf = (x: Tensor, dim: number): number => (x.ndim === 0 ? 1 : x.shape[dim]);

const reversed = (x: Tensor, dim: number): Tensor => (lengthOf(x, dim) < 2 ? x : flip(x, dim));
/** `x` moved by one place towards the end of `dim`, `first` taking the first place. */
function shifted(x: Tensor, dim: number, first: number): Tensor {
  const n = lengthOf(x, dim);
  const head = filledLike(
    x,
    x.shape.map((s, i) => (i === dim ? Math.min(s, 1) : s)),
    first,
  );
  return n < 2 ? head : cat([head, narrow(x, dim, 0, n - 1)], dim);
}

function scan(kind: ScanKind, x: Tensor, dim: number, dtype: DType = x.dtype): Tensor {
  const out = empty(x.backend, dtype, x.shape);
  if (out.size > 0) runScan(x, kind, lifted(x), lifted(out), dim);
  return out;
}

export const cumsumOp: Op<DimAttrs> = {
  name: "cumsum",
  forward: ([x], { dim }) => scan("sum", x, dim, sumType(x.dtype)),
  vjp: ({ attrs }, [g]) => [g && reversed(applyOne(cumsumOp, [reversed(g, attrs.dim)], attrs), attrs.dim)],
};

// what was carried ends at a factor of 0, whatever it is
export const recurrenceStepOp = pointwise(
  "recurrenceStep",
  (g, a, carried) => g.add(choose(a.eq(0), 0, a.mul(carried))),
  { title: "recurrence", differentiable: false },
);
/**
 * The linear recurrence s[i] = g[i] + a[i] s[i-1] along a dimension, by doubling: after step k each element has taken in
 * 2^k predecessors. It is what the gradients of running products are made of, and its own gradient is one again.
 */
export const recurrenceOp: Op<DimAttrs> = {
  name: "recurrence",
  forward: ([g, a], { dim }) =>
    local(() => {
      const n = lengthOf(g, dim);
      let sum = g;
      let factor = a;
      for (let reach = 1; reach < n; reach *= 2) {
        const late = (x: Tensor): Tensor => narrow(x, dim, reach, n - reach);
        const early = (x: Tensor): Tensor => narrow(x, dim, 0, n - reach);
        sum = cat(
          [narrow(sum, dim, 0, reach), pointwiseCall(recurrenceStepOp, [late(sum), late(factor), early(sum)])],
          dim,
        );
        factor = cat([narrow(factor, dim, 0, reach), mul(late(factor), early(factor))], dim);
      }
      return sum === g ? freshCopy(g) : sum;
    }),
  save: ([, a], [s]) => [a, s],
  vjp({ attrs: { dim }, saved: [a, s] }, [h]) {
    if (!h) return [null, null];
    const t = backRecurrence(h, a, dim);
    return [t, mul(t, shifted(s, dim, 0))];
  },
};
const recurrence = (g: Tensor, a: Tensor, dim: number): Tensor => applyOne(recurrenceOp, [g, a], { dim });
/** s[i] = g[i] + a[i+1] s[i+1]: the same recurrence from the other end. */
const backRecurrence = (g: Tensor, a: Tensor, dim: number): Tensor =>
  reversed(recurrence(reversed(g, dim), shifted(reversed(a, dim), dim, 0), dim), dim);

export const cumprodOp: Op<DimAttrs> = {
  name: "cumprod",
  rounds: 1,
  forward: ([x], { dim }) => scan("prod", x, dim, sumType(x.dtype)),
  save: ([x]) => [x],
  // dx[i] = (x[0] ... x[i-1]) (g[i] + x[i+1] g[i+1] + x[i+1] x[i+2] g[i+2] + ...): no division, so zeros need no care
  vjp({ attrs: { dim }, saved: [x] }, [g]) {
    if (!g || lengthOf(x, dim) < 2) return [g];
    return [pointwiseCall(cumprodSlopeOp, [x, running(shifted(x, dim, 1), dim), backRecurrence(g, x, dim)])];
  },
};
const running = (x: Tensor, dim: number): Tensor => applyOne(cumprodOp, [x], { dim });
/** 1, but NaN, with slopes of NaN, for infinities and NaN: PyTorch divides the product by the factor. */
const divisible = (x: Expr): Expr => x.mul(0).mul(x).add(1);
// behind a 0 there is no slope, whatever comes back; the slopes are those of the product all the same
export const cumprodSlopeOp = pointwise(
  "cumprodSlope",
  (x, before, after) => choose(before.eq(0), 0, before.mul(after).mul(divisible(x))),
  {
    title: "cumprod",
    grad(g, [x, before, after]) {
      const part = g.mul(divisible(x));
      return [g.mul(before).mul(after).mul(x.mul(0)), part.mul(after), part.mul(before)];
    },
  },
);
/** For each element the product of all others along `dim`. */
export const productOfOthers = (x: Tensor, dim: number): Tensor =>
  mul(running(shifted(x, dim, 1), dim), reversed(running(shifted(reversed(x, dim), dim, 1), dim), dim));
// PyTorch divides only where there is no 0; more of them than `most` leave no slope, whatever comes back, but slopes of this one
export const prodSlopeOp = pointwise(
  "prodSlope",
  (g, x, others, zeros, most) => {
    const slope = g.mul(others);
    return choose(zeros.gt(most), 0, choose(zeros.gt(0), slope, slope.mul(divisible(x))));
  },
  {
    title: "prod",
    grad(h, [g, x, others, zeros]) {
      const by = h.mul(choose(zeros.gt(0), 1, divisible(x)));
      const ofX = choose(zeros.gt(0), 0, h.mul(g).mul(others).mul(x.mul(0)));
      return [by.mul(others), ofX, by.mul(g), null, null];
    },
  },
);

// equal infinities are in the ratio 1
export const expRatioOp = pointwise("expRatio", (x, y) =>
  choose(x.eq(y).and(scalar.abs(x).eq(Infinity)), 1, scalar.exp(x.sub(y))),
);
export const expShareOp = pointwise("expShare", (x, y) => choose(x.eq(-Infinity), 0, scalar.exp(x.sub(y))));
export const logcumsumexpOp: Op<DimAttrs> = {
  name: "logcumsumexp",
  rounds: 1,
  forward: ([x], { dim }) => scan("logsumexp", x, dim),
  save: ([x], [out]) => [x, out],
  // dx[i] = exp(x[i] - y[i]) (g[i] + exp(y[i] - y[i+1]) (g[i+1] + ...)): y grows, so that no exponential overflows
  vjp({ attrs: { dim }, saved: [x, y] }, [g]) {
    if (!g) return [null];
    const ratio = binary(expRatioOp, shifted(y, dim, -Infinity), y);
    return [mul(binary(expShareOp, x, y), backRecurrence(g, ratio, dim))];
  },
};

const extremeOp = (kind: "max" | "min"): Op<DimAttrs> => ({
  name: `cum${kind}`,
  forward([x], { dim }) {
    const values = empty(x.backend, x.dtype, x.shape);
    const indices = empty(x.backend, "int32", x.shape);
    if (x.size > 0) runScan(x, kind, lifted(x), lifted(values), dim, lifted(indices));
    return [values, indices];
  },
  save: (_, [, indices]) => [indices],
  vjp: ({ attrs: { dim }, saved: [indices], shapes }, [g]) => [
    g && addAt(filledLike(g, shapes[0], 0), dim, indices, g),
  ],
});
export const cummaxOp = extremeOp("max");
export const cumminOp = extremeOp("min");

export interface CumulativeOptions {
  /** Convert to this dtype first. */
  readonly dtype?: DType | undefined;
}
const cumulativeKinds: Kinds<CumulativeOptions> = { dtype };
function cumulative(op: Op<DimAttrs>, x: Tensor, dim: number, options: CumulativeOptions): Tensor {
  checkOptions(op.name, cumulativeKinds, options);
  checkTensor(op.name, "x", x);
  if (options.dtype && unscoped()) return scoped(cumulative, op, x, dim, options);
  const input = options.dtype ? toDType(x, options.dtype) : x;
  return asAsked(applyOne(op, [input], { dim: normalizeDim(op.name, dim, x.ndim) }), options.dtype);
}
/**
 * Running sum along `dim`: `y[i] = x[0] + x[1] + ... + x[i]`.
 * Shape: that of `x`. Dtype: the option `dtype`, else that of `x`, where bools and integers below 32 bits give int32.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cumsum.html
 * @example
 * tensor([[1, 2], [3, 4], [5, 6]]).cumsum(0).tolist(); // [[1, 2], [4, 6], [9, 12]]
 * tensor([true, false, true]).cumsum(0).tolist(); // [1, 1, 2]
 */
export const cumsum = (x: Tensor, dim: number, options: CumulativeOptions = none): Tensor =>
  cumulative(cumsumOp, x, dim, options);
/**
 * Running product along `dim`: `y[i] = x[0] * x[1] * ... * x[i]`. Its gradient divides by nothing, so zeros have their right ones.
 * Shape: that of `x`. Dtype: the option `dtype`, else that of `x`, where bools and integers below 32 bits give int32.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cumprod.html
 * @example
 * tensor([[1, 2], [3, 4], [5, 6]]).cumprod(0).tolist(); // [[1, 2], [3, 8], [15, 48]]
 */
export const cumprod = (x: Tensor, dim: number, options: CumulativeOptions = none): Tensor =>
  cumulative(cumprodOp, x, dim, options);
/**
 * Logarithm of the running sum of exponentials along `dim`, without overflow: `y[i] = log(exp(x[0]) + ... + exp(x[i]))`.
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logcumsumexp.html
 * @example
 * tensor([0, 0, 1000]).logcumsumexp(0).tolist(); // [0, 0.6931, 1000]
 */
export const logcumsumexp = (x: Tensor, dim: number): Tensor => {
  checkTensor("logcumsumexp", "x", x);
  if (!isFloat(x.dtype) && unscoped()) return scoped(logcumsumexp, x, dim);
  return applyOne(logcumsumexpOp, [toDType(x, floatType(x.dtype))], { dim: normalizeDim("logcumsumexp", dim, x.ndim) });
};
function extremes(op: Op<DimAttrs>, x: Tensor, dim: number): Picked {
  const [values, indices] = applyMany(op, [x], { dim: normalizeDim(op.name, dim, x.ndim) });
  return pair({ values, indices });
}
/**
 * Running maximum along `dim` and the position of the last one so far: `values[i] = max(x[0], ..., x[i])`. From a NaN on, all are NaN.
 * Shape: that of `x`, for values and indices. Dtype: that of `x`; indices are int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cummax.html
 * @example
 * const { values, indices } = tensor([1, 3, 2, 3, 0]).cummax(0);
 * values.tolist(); // [1, 3, 3, 3, 3]
 * indices.tolist(); // [0, 1, 1, 3, 3]
 */
export const cummax = (x: Tensor, dim: number): Picked => {
  checkTensor("cummax", "x", x);
  return extremes(cummaxOp, x, dim);
};
/**
 * Running minimum along `dim` and the position of the last one so far: `values[i] = min(x[0], ..., x[i])`. From a NaN on, all are NaN.
 * Shape: that of `x`, for values and indices. Dtype: that of `x`; indices are int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cummin.html
 * @example
 * const { values, indices } = tensor([[5, 1], [2, 3]]).cummin(1);
 * values.tolist(); // [[5, 1], [2, 2]]
 * indices.tolist(); // [[0, 1], [0, 0]]
 */
export const cummin = (x: Tensor, dim: number): Picked => {
  checkTensor("cummin", "x", x);
  return extremes(cumminOp, x, dim);
};
