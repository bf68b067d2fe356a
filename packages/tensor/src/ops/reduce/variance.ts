import { isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, number } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { binary, pointwiseCall, unary } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { where as choose, input, scalar } from "../../expr/expr.ts";
import { broadcastView } from "../../layout/windows.ts";
import { fillInto } from "../../lower/move.ts";
import { droppedShape, keptShape, reducedDims, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { local } from "../../memory/tidy.ts";
import { add, div, mul, sub } from "../pointwise/arithmetic.ts";
import { expand } from "../shape/view.ts";
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
/** Around `middle`, with reduced dims of size 1; the mean is read along these as if it had x's shape. */
function varianceAround(x: Tensor, middle: Tensor, { dims, divisor }: Attrs): Tensor {
  const total = reduceKept("sum", x, dims, x.dtype, squaredDeviation, [broadcastView(middle, x.shape)]);
  return div(total, Math.max(0, divisor));
}
const ofNothing = (x: Tensor, { dims }: Attrs): Tensor =>
  fillInto(empty(x.backend, x.dtype, keptShape(x.shape, dims)), Number.NaN);
const shaped = (kept: Tensor, x: Tensor, { dims, keepdim }: Attrs): Tensor =>
  keepdim ? kept : squeezeFresh(kept, droppedShape(x.shape, dims));

type Around = (x: Tensor, middle: Tensor, attrs: Attrs) => Tensor;
const spreading = (around: Around) => (x: Tensor, attrs: Attrs) =>
  shaped(x.size === 0 ? ofNothing(x, attrs) : local(() => around(x, centre(x, attrs), attrs)), x, attrs);
const varianceOf = spreading(varianceAround);
export const varOp: Op<Attrs> = {
  name: "var",
  rounds: 1,
  forward: ([x], attrs) => varianceOf(x, attrs),
  save: ([x]) => [x],
  vjp: ({ attrs, saved: [x] }, [g]) => [g && slopeOf(x, attrs, g)],
};
function slopeOf(x: Tensor, { dims, divisor, whole }: Attrs, g: Tensor): Tensor {
  const back = restore(g, x.shape, dims);
  const off = sub(x, mean(x, dims.length ? dims : null, { keepdim: true }));
  return whole && divisor <= 0 ? mul(back, unary(offMeanOp, off)) : mul(mul(back, 2 / divisor), off);
}

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
export const stdSlopeOp = pointwise("stdSlope", (g, out) => choose(out.eq(0), 0, g.div(out.mul(2))), { title: "std" });
// squares of deviations from a large mean are taken of a part of them, so that they do not overflow: a power of 2, which rounds nothing
const part = 2 ** -64;
export const stdPartOp = pointwise("stdPart", (middle) => choose(scalar.abs(middle).gt(1e15), part, 1), {
  title: "std",
  differentiable: false,
});
const squaredPart = (() => {
  const d = input(0).sub(input(1)).mul(input(2));
  return d.mul(d);
})();
export const stdRootOp = pointwise("stdRoot", (mean, part) => scalar.sqrt(mean).div(part), {
  title: "std",
  differentiable: false,
});
function deviationAround(x: Tensor, middle: Tensor, { dims, divisor }: Attrs): Tensor {
  const by = unary(stdPartOp, middle);
  const beside = [broadcastView(middle, x.shape), broadcastView(by, x.shape)];
  return binary(stdRootOp, div(reduceKept("sum", x, dims, x.dtype, squaredPart, beside), Math.max(0, divisor)), by);
}
const deviationOf = spreading(deviationAround);
export const stdOp: Op<Attrs> = {
  name: "std",
  rounds: 1,
  forward: ([x], attrs) => deviationOf(x, attrs),
  save: ([x], [out]) => [x, out],
  vjp: ({ attrs, saved: [x, out] }, [g]) => [g && slopeOf(x, attrs, binary(stdSlopeOp, g, out))],
};
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
  applyOne(stdOp, [x], attrsOf("std", x, dim, options));
/**
 * Variance and mean over `dim`, or of all elements: `[variance(x, dim, options), mean(x, dim)]`, as {@link variance}. An infinity
 * leaves NaN as the mean, too, but as the last element of a line.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.var_mean.html
 * @example
 * const [v, m] = tensor([[1, 3], [2, 2]]).varMean(1);
 * v.tolist(); // [2, 0]
 * m.tolist(); // [2, 2]
 */
export const varMean = (x: Tensor, dim?: Dims, options: VarianceOptions = none): [Tensor, Tensor] =>
  withMean(varMeanOp, x, dim, options);
/**
 * Standard deviation and mean over `dim`, or of all elements: `[std(x, dim, options), mean(x, dim)]`, as {@link std}. An infinity
 * leaves NaN as the mean, too, but as the last element of a line.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.std_mean.html
 * @example
 * const [s, m] = tensor([[1, 3], [2, 2]]).stdMean(1, { correction: 0 });
 * s.tolist(); // [1, 0]
 * m.tolist(); // [2, 2]
 */
export const stdMean = (x: Tensor, dim?: Dims, options: VarianceOptions = none): [Tensor, Tensor] =>
  withMean(stdMeanOp, x, dim, options);

// PyTorch finds the two in one pass, in which an infinity makes NaN of the mean with the next element
export const meanBesideOp = pointwise(
  "meanBeside",
  (middle, before) =>
    choose(scalar.abs(middle).lt(Infinity), middle, choose(scalar.abs(before).lt(Infinity), middle, Number.NaN)),
  { title: "varMean", differentiable: false },
);
/** The mean, but NaN for an infinite one, unless the last element of a line makes it so. */
function meanBeside(x: Tensor, middle: Tensor, { dims, count }: Attrs): Tensor {
  if (count === 1) return middle;
  if (dims.length > 1) return pointwiseCall(meanBesideOp, [middle, Number.NaN]);
  const [d] = dims;
  const before = viewOf(
    x,
    x.shape.map((s, i) => (i === d ? s - 1 : s)),
    x.strides,
    x.offset,
  );
  return binary(meanBesideOp, middle, reduceKept("sum", before, dims, x.dtype));
}
const withMeanOp = (spread: "var" | "std", around: Around): Op<Attrs> => ({
  name: `${spread}Mean`,
  rounds: 2,
  forward([x], attrs) {
    if (x.size === 0) return [ofNothing(x, attrs), ofNothing(x, attrs)].map((kept) => shaped(kept, x, attrs));
    const middle = centre(x, attrs);
    return [around(x, middle, attrs), meanBeside(x, middle, attrs)].map((kept) => shaped(kept, x, attrs));
  },
  save: ([x], [out]) => (spread === "var" ? [x] : [x, out]),
  vjp({ attrs, saved: [x, out] }, [g, gMean]) {
    const ofSpread = g && slopeOf(x, attrs, spread === "var" ? g : binary(stdSlopeOp, g, out));
    const ofMean = gMean && div(expand(restore(gMean, x.shape, attrs.dims), x.shape), attrs.count);
    return [ofSpread && ofMean ? add(ofSpread, ofMean) : (ofSpread ?? ofMean)];
  },
});
export const varMeanOp = withMeanOp("var", varianceAround);
export const stdMeanOp = withMeanOp("std", deviationAround);
function withMean(op: Op<Attrs>, x: Tensor, dim: Dims | undefined, options: VarianceOptions): [Tensor, Tensor] {
  const [spread, middle] = applyMany(op, [x], attrsOf(op.name, x, dim, options));
  return [spread, middle];
}

// `var` is a reserved word of the language: exported under its name, and as `variance`
export { variance as var };
