import { isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, number } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { unary } from "../../door/calls.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, input, scalar } from "../../expr/expr.ts";
import { broadcastView } from "../../layout/windows.ts";
import { fillInto } from "../../lower/move.ts";
import { droppedShape, keptShape, reducedDims, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { div, mul, sub } from "../pointwise/arithmetic.ts";
import { type Dims, mean } from "./reduction.ts";
import { restore } from "./restoring.ts";

export interface VarianceOptions {
  /** What is taken from the count of elements in the divisor: 1 (Bessel's correction) unless said. */
  readonly correction?: number | undefined;
  /** The older form of `correction`: true is 1, false is 0. */
  readonly unbiased?: boolean | undefined;
  /** Keep reduced dimensions with size 1 (default false). */
  readonly keepdim?: boolean | undefined;
}
const varianceKinds: Kinds<VarianceOptions> = { unbiased: boolean, keepdim: boolean, correction: number };
export interface Attrs {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  /** Elements reduced, and the divisor, of which the value takes one below 0 for 0, the gradient does not (as in PyTorch). */
  readonly count: number;
  readonly divisor: number;
  /** No dimensions were named. */
  readonly whole: boolean;
}

const squaredDeviation = (() => {
  const d = input(0).sub(input(1));
  return d.mul(d);
})();
const centre = (x: Tensor, { dims, count }: Attrs): Tensor => div(reduceKept("sum", x, dims, x.dtype), count);

// with nothing left to divide by PyTorch's slope is infinite, on either side of the mean, and a constant to the second derivative
export const offMeanOp = pointwise("offMean", (off) => choose(off.eq(0), Number.NaN, Infinity), {
  title: "var",
  differentiable: false,
});
export const varOp: Op<Attrs> = {
  name: "var",
  rounds: 1,
  forward([x], attrs) {
    const kept = local(() => {
      if (x.size === 0) return fillInto(empty(x.backend, x.dtype, keptShape(x.shape, attrs.dims)), Number.NaN);
      const middle = centre(x, attrs);
      // the mean is read along the reduced dims as if it had x's shape
      const total = reduceKept("sum", x, attrs.dims, x.dtype, squaredDeviation, [broadcastView(middle, x.shape)]);
      return div(total, Math.max(0, attrs.divisor));
    });
    return attrs.keepdim ? kept : squeezeFresh(kept, droppedShape(x.shape, attrs.dims));
  },
  save: ([x]) => [x],
  vjp({ attrs, saved: [x], shapes }, [g]) {
    if (!g) return [null];
    const { dims, divisor, whole } = attrs;
    const back = restore(g, shapes[0], dims);
    const off = sub(x, mean(x, dims.length ? dims : null, { keepdim: true }));
    return [whole && divisor <= 0 ? mul(back, unary(offMeanOp, off)) : mul(mul(back, 2 / divisor), off)];
  },
};

function attrsOf(name: string, x: Tensor, dim: Dims | undefined, options: VarianceOptions): Attrs {
  checkOptions(name, varianceKinds, options);
  checkTensor(name, "x", x);
  const { correction, unbiased, keepdim = false } = options;
  if (!isFloat(x.dtype))
    throw new DTypeError(name, `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  const dims = reducedDims(name, x, dim);
  const count = dims.reduce((n, d) => n * x.shape[d], 1);
  const divisor = count - (correction ?? (unbiased === false ? 0 : 1));
  return { dims, keepdim, count, divisor, whole: dim === undefined || dim === null || x.ndim === 0 };
}
/**
 * Variance over `dim`, or of all elements: `sum((x - mean)^2) / (n - correction)`, where n counts the elements that are reduced to one. NaN
 * where nothing is left to divide by.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
 *
 * @throws DTypeError for integers and bools.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.var.html
 * @example
 * import { tensor } from "flambeau";
 * tensor([1, 2, 3, 4]).var().item(); // 1.6667
 * tensor([1, 2, 3, 4]).var(0, { correction: 0 }).item(); // 1.25
 * tensor([[1, 3], [2, 2]]).var(1).tolist(); // [2, 0]
 */
export const variance = (x: Tensor, dim?: Dims, options: VarianceOptions = none): Tensor =>
  applyOne(varOp, [x], attrsOf("var", x, dim, options));

// where the deviation is 0 its slope counts as 0, as in PyTorch
export const stdRootOp = pointwise("stdRoot", (v) => scalar.sqrt(v), {
  title: "std",
  grad: (g, _, out) => [choose(out.eq(0), 0, g.div(out.mul(2)))],
});
/**
 * Standard deviation over `dim`, or of all elements: `sqrt(sum((x - mean)^2) / (n - correction))`, the square root of {@link variance}.
 * Where it is 0 its gradient counts as 0.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
 *
 * @throws DTypeError for integers and bools.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.std.html
 * @example
 * tensor([1, 2, 3, 4]).std().item(); // 1.2910
 * tensor([[1, 3], [2, 2]]).std(1, { correction: 0 }).tolist(); // [1, 0]
 */
export const std = (x: Tensor, dim?: Dims, options: VarianceOptions = none): Tensor =>
  unscoped() ? scoped(std, x, dim, options) : unary(stdRootOp, applyOne(varOp, [x], attrsOf("std", x, dim, options)));
/**
 * Variance and mean over `dim`, or of all elements: `[variance(x, dim, options), mean(x, dim)]`, as {@link variance}.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.var_mean.html
 * @example
 * const [v, m] = tensor([[1, 3], [2, 2]]).varMean(1);
 * v.tolist(); // [2, 0]
 * m.tolist(); // [2, 2]
 */
export const varMean = (x: Tensor, dim?: Dims, options: VarianceOptions = none): [Tensor, Tensor] =>
  unscoped() ? scoped(varMean, x, dim, options) : withMean(variance, x, dim, options);
/**
 * Standard deviation and mean over `dim`, or of all elements: `[std(x, dim, options), mean(x, dim)]`, as {@link std}.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.std_mean.html
 * @example
 * const [s, m] = tensor([[1, 3], [2, 2]]).stdMean(1, { correction: 0 });
 * s.tolist(); // [1, 0]
 * m.tolist(); // [2, 2]
 */
export const stdMean = (x: Tensor, dim?: Dims, options: VarianceOptions = none): [Tensor, Tensor] =>
  unscoped() ? scoped(stdMean, x, dim, options) : withMean(std, x, dim, options);

function withMean(
  spread: typeof variance,
  x: Tensor,
  dim: Dims | undefined,
  options: VarianceOptions,
): [Tensor, Tensor] {
  const wide = inFloat32(x);
  // one way back to a half, so that the two gradients are summed before they are rounded
  const from = wide ? wide[0] : x;
  const both = [spread(from, dim, options), mean(from, dim, { keepdim: options.keepdim ?? false })] as const;
  return [toDType(both[0], x.dtype), toDType(both[1], x.dtype)];
}

// `var` is a reserved word of the language: exported under its name, and as `variance`
export { variance as var };
