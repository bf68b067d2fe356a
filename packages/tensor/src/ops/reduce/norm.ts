import { type DType, isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { type Pointwise, pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { where as choose, constant, type Expr, input, masked, param, scalar } from "../../expr/expr.ts";
import { resultType } from "../../layout/promotion.ts";
import { normalizeDims, sizeOf } from "../../layout/shapes.ts";
import { fillInto } from "../../lower/move.ts";
import { checkNonEmpty, droppedShape, keptShape, reducedDims, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { svdvals } from "../linalg/svd.ts";
import { div, mul, powOp, sub } from "../pointwise/arithmetic.ts";
import { sqrt } from "../pointwise/exponential.ts";
import { movedim, reshape } from "../shape/view.ts";
import { amax, amin, type Dims, type ReduceOptions, reduceKinds, sum } from "./reduction.ts";
import { restore } from "./restoring.ts";

export interface NormAttrs {
  readonly p: number;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

const magnitude = scalar.abs(input(0));
const square = input(0).square();
const power = scalar.pow(magnitude, param(0));
const present = choose(input(0).ne(0), 1, 0);

// gradients of a norm with respect to an element, for cotangent g and norm n; slopes that have no value count as 0
const part = { title: "norm" } as const;
export const signSlopeOp = pointwise("normSignSlope", (x, g) => g.mul(scalar.sign(x)), part);
export const euclideanSlopeOp = pointwise("normEuclideanSlope", (x, g, n) => g.mul(masked(n.eq(0), x.div(n))), part);
/** Of orders below 1. */
export const lowSlopeOp = pointwise(
  "normLowSlope",
  (x, g, n, p) =>
    scalar
      .sign(x)
      .mul(masked(x.eq(0), scalar.pow(scalar.abs(x), p.sub(1))))
      .mul(g)
      .mul(scalar.pow(n, constant(1).sub(p))),
  part,
);
const scaled = (g: Expr, n: Expr, p: Expr): Expr => masked(n.eq(0), g.div(scalar.pow(n, p.sub(1))));
/** Of orders between 1 and 2, where {@link highSlopeOp} would divide by 0. */
export const middleSlopeOp = pointwise(
  "normMiddleSlope",
  (x, g, n, p) =>
    scalar
      .sign(x)
      .mul(scalar.pow(scalar.abs(x), p.sub(1)))
      .mul(scaled(g, n, p)),
  part,
);
export const highSlopeOp = pointwise(
  "normHighSlope",
  (x, g, n, p) => x.mul(scalar.pow(scalar.abs(x), p.sub(2))).mul(scaled(g, n, p)),
  part,
);
export const isExtremeOp = pointwise(
  "normIsExtreme",
  (x, n) =>
    scalar
      .abs(x)
      .eq(n)
      .or(scalar.isnan(n).and(scalar.isnan(x))),
  { ...part, category: "compare" },
);

function reduceNorm(x: Tensor, p: number, dims: readonly number[]): Tensor {
  if (x.size === 0) return fillInto(empty(x.backend, x.dtype, keptShape(x.shape, dims)), p < 0 ? Infinity : 0);
  if (p === Infinity) return reduceKept("max", x, dims, x.dtype, magnitude);
  if (p === -Infinity) return reduceKept("min", x, dims, x.dtype, magnitude);
  if (p === 0) return reduceKept("sum", x, dims, x.dtype, present);
  const one = x.ndim > 0 && dims.every((d) => x.shape[d] === 1); // the norm of one element is its magnitude, which no power has to hold
  if (p === 1 || one) return reduceKept("sum", x, dims, x.dtype, magnitude);
  const total =
    p === 2 ? reduceKept("sum", x, dims, x.dtype, square) : reduceKept("sum", x, dims, x.dtype, power, [], [p]);
  const out = p === 2 ? sqrt(total) : pointwiseCall(powOp, [total, 1 / p]); // pow itself would square for p = 1/2
  total.dispose();
  return out;
}
export const normOp: Op<NormAttrs> = {
  name: "norm",
  rounds: 1,
  forward([x], { p, dims, keepdim }) {
    const kept = reduceNorm(x, p, dims);
    return keepdim ? kept : squeezeFresh(kept, droppedShape(x.shape, dims));
  },
  save: ([x], [out]) => [x, out],
  vjp({ attrs: { p, dims }, saved: [x, out] }, [cotangent]) {
    if (!cotangent) return [null];
    const g = restore(cotangent, x.shape, dims);
    const n = restore(out, x.shape, dims);
    if (p === 0) return [null];
    if (p === 1) return [pointwiseCall(signSlopeOp, [x, g])];
    if (p === 2) return [pointwiseCall(euclideanSlopeOp, [x, g, n])];
    if (Math.abs(p) === Infinity) {
      // equal extremes share
      const mask = toDType(pointwiseCall(isExtremeOp, [x, n]), x.dtype);
      return [
        mul(pointwiseCall(signSlopeOp, [x, div(g, sum(mask, dims.length > 0 ? dims : null, { keepdim: true }))]), mask),
      ];
    }
    const slope: Pointwise = p < 1 ? lowSlopeOp : p < 2 ? middleSlopeOp : highSlopeOp;
    return [pointwiseCall(slope, [x, g, n, p])];
  },
};

function lengthOf(op: string, x: Tensor, p: number, dim: Dims | undefined, options: ReduceOptions): Tensor {
  if (typeof p !== "number") throw new ArgumentError(op, `the order of a norm must be a number, got ${show(p)}`);
  checkOptions(op, reduceKinds, options);
  checkTensor(op, "x", x);
  const from = options.dtype ? toDType(x, options.dtype) : x;
  if (!isFloat(from.dtype))
    throw new DTypeError(
      op,
      `needs a floating-point tensor, got ${from.dtype}`,
      'convert first: x.to("float32"), or pass { dtype }',
    );
  const dims = reducedDims(op, x, dim);
  if (p < 0 || (p === Infinity && sizeOf(keptShape(x.shape, dims)) > 0)) checkNonEmpty(op, x, dims);
  return applyOne(normOp, [from], { p, dims, keepdim: options.keepdim ?? false });
}
/**
 * The p-norm of vectors over `dim`, or of all elements: `sum(|x|^ord)^(1 / ord)`. Infinity gives the largest |x|, -Infinity the smallest, 0
 * the count of elements that are not 0.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
 *
 * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
 * @throws IndexError when a dimension is out of range or named twice, or has size 0 and `ord` is negative or Infinity.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
 * @example
 * import { tensor, vectorNorm } from "flambeau";
 * vectorNorm(tensor([3, -4])).item(); // 5
 * vectorNorm(tensor([[3, -4], [0, 2]]), Infinity, 1).tolist(); // [4, 2]
 * vectorNorm(tensor([3, 0, -4]), 0).item(); // 2
 */
export const vectorNorm = (x: Tensor, ord = 2, dim?: Dims, options: ReduceOptions = none): Tensor =>
  lengthOf("vectorNorm", x, ord, dim, options);

/** A matrix norm's name: "fro" (Frobenius), "nuc", or a number. */
export type MatrixNorm = "fro" | "nuc" | number;
/**
 * Norm of the matrices in the dimensions `dim`, by default the last two: "fro" gives `sqrt(sum(x^2))`, 1 the largest column sum of |x|,
 * Infinity the largest row sum, -1 and -Infinity the smallest, 2 the largest singular value, -2 the smallest, "nuc" the sum of them.
 * Shape: `x` without the two dimensions (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
 * @throws ArgumentError when `ord` is none of these.
 * @throws IndexError when a dimension is out of range or named twice.
 * @throws UnavailableError for 2, -2 and "nuc" when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * matrixNorm(x).item(); // 5.4772
 * matrixNorm(x, 1).item(); // 6
 * matrixNorm(x, 2).item(); // 5.4650
 */
export function matrixNorm(
  x: Tensor,
  ord: MatrixNorm = "fro",
  dim: readonly [number, number] = [-2, -1],
  options: ReduceOptions = none,
): Tensor {
  checkOptions("matrixNorm", reduceKinds, options);
  if (unscoped()) return scoped(matrixNorm, x, ord, dim, options);
  checkTensor("matrixNorm", "x", x);
  if (x.ndim < 2)
    throw new ShapeError("matrixNorm", `needs at least two dimensions, got shape ${showShape(x.shape)}`, [x.shape]);
  const [rows, columns] = normalizeDims("matrixNorm", dim, x.ndim);
  const keepdim = options.keepdim ?? false;
  if (ord === "fro") return lengthOf("matrixNorm", x, 2, [rows, columns], options);
  if (ord === "nuc" || Math.abs(ord) === 2) return singularNorm(x, ord, [rows, columns], options);
  if (Math.abs(ord) !== 1 && Math.abs(ord) !== Infinity)
    throw new ArgumentError("matrixNorm", `ord must be "fro", "nuc", 1, -1, 2, -2, Infinity or -Infinity, got ${ord}`);
  const [inner, outer] = Math.abs(ord) === 1 ? [rows, columns] : [columns, rows];
  const sums = lengthOf("matrixNorm", x, 1, inner, { ...options, keepdim: true });
  const out = ord > 0 ? largestOf(sums, outer, true) : amin(sums, outer, { keepdim: true });
  return keepdim ? out : reshape(out, droppedShape(x.shape, [rows, columns]));
}

/** The largest of what is not negative: 0 where there is nothing, as in PyTorch's norms of matrices without elements. */
const largestOf = (x: Tensor, dim: number, keepdim: boolean): Tensor =>
  x.shape.at(dim) === 0 ? sum(x, dim, { keepdim }) : amax(x, dim, { keepdim });

function singularNorm(
  x: Tensor,
  ord: MatrixNorm,
  dims: readonly [number, number],
  { keepdim = false, dtype }: ReduceOptions,
): Tensor {
  const from = movedim(dtype ? toDType(x, dtype) : x, dims, [-2, -1]);
  const values = svdvals(from);
  const out = ord === "nuc" ? sum(values, -1) : ord === 2 ? largestOf(values, -1, false) : amin(values, -1);
  return keepdim ? reshape(out, keptShape(x.shape, dims)) : out;
}

/**
 * The older form of {@link vectorNorm}: `sum(|x|^p)^(1 / p)` over `dim`, or of all elements. For p "fro" (the default) or null it is 2;
 * "nuc" sums the singular values of the matrices in two dimensions.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
 *
 * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
 * @throws ArgumentError when "nuc" is asked of other than two dimensions.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.norm.html
 * @example
 * tensor([[3, 4], [6, 8]]).norm().item(); // 11.1803
 * tensor([[3, 4], [6, 8]]).norm(2, 1).tolist(); // [5, 10]
 * tensor([[3, 0], [0, -4]]).norm("nuc").item(); // 7
 */
export function norm(x: Tensor, p: MatrixNorm | null = "fro", dim?: Dims, options: ReduceOptions = none): Tensor {
  if (unscoped()) return scoped(norm, x, p, dim, options);
  checkOptions("norm", reduceKinds, options);
  checkTensor("norm", "x", x);
  if (p === "nuc") {
    const dims = dim === undefined || dim === null ? x.shape.map((_, i) => i) : normalizeDims("norm", dim, x.ndim);
    if (dims.length !== 2)
      throw new ArgumentError("norm", `"nuc" is a norm of matrices: it needs two dimensions, got ${dims.length}`);
    return singularNorm(x, p, [dims[0], dims[1]], options);
  }
  return lengthOf("norm", x, p === "fro" || p === null ? 2 : p, dim, options);
}
/**
 * The p-norm of a difference, over all elements: `sum(|x - y|^p)^(1 / p)`, as {@link vectorNorm} has it for each p.
 * Shapes: `x` and `y` broadcast; the result is 0-d, in the dtype that they promote to.
 *
 * @throws ShapeError when `x` and `y` do not broadcast.
 * @throws DTypeError when that dtype is not floating-point.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.dist.html
 * @example
 * tensor([1, 2]).dist(tensor([4, 6])).item(); // 5
 * tensor([1, 2]).dist(tensor([4, 6]), 1).item(); // 7
 */
export const dist = (x: Tensor, y: Tensor, p = 2): Tensor => {
  const whole = wholeBy("dist", x);
  if (whole !== null) return whole(dist, [x, y, p]);
  if (unscoped()) return scoped(dist, x, y, p);
  checkTensor("dist", "x", x);
  checkTensor("dist", "y", y);
  const wide = inFloat32(x, y);
  if (wide) return toDType(dist(...wide, p), x.dtype);
  const common: DType = resultType([x, y]);
  return lengthOf("dist", sub(toDType(x, common), toDType(y, common)), p, null, {});
};

export const renormScaleOp = pointwise("renormScale", (n, limit) => choose(n.gt(limit), limit.div(n.add(1e-7)), 1), {
  title: "renorm",
});
/**
 * `x` with each slice along `dim` whose p-norm is above `maxnorm` scaled down to it: `y[i] = x[i] * min(1, maxnorm / norm(x[i]))` for rows.
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @throws ArgumentError when `p` is not positive or `maxnorm` is negative.
 * @throws DTypeError when `x` is not floating-point.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.renorm.html
 * @example
 * tensor([[3, 4], [0.3, 0.4]]).renorm(2, 0, 1).tolist(); // [[0.6000, 0.8000], [0.3000, 0.4000]]
 */
export function renorm(x: Tensor, p: number, dim: number, maxnorm: number): Tensor {
  const whole = wholeBy("renorm", x);
  if (whole !== null) return whole(renorm, [x, p, dim, maxnorm]);
  if (unscoped()) return scoped(renorm, x, p, dim, maxnorm);
  checkTensor("renorm", "x", x);
  const wide = inFloat32(x);
  if (wide) return toDType(renorm(...wide, p, dim, maxnorm), x.dtype);
  if (x.ndim < 2)
    throw new ShapeError("renorm", `needs at least two dimensions, got shape ${showShape(x.shape)}`, [x.shape]);
  if (!(p > 0)) throw new ArgumentError("renorm", `p must be positive, got ${p}`);
  if (!(maxnorm >= 0)) throw new ArgumentError("renorm", `maxnorm must not be negative, got ${maxnorm}`);
  const [d] = normalizeDims("renorm", dim, x.ndim);
  const others = x.shape.map((_, i) => i).filter((i) => i !== d);
  return mul(x, pointwiseCall(renormScaleOp, [lengthOf("renorm", x, p, others, { keepdim: true }), maxnorm]));
}
