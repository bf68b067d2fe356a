import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, number, numbers, orNull } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { type Expr, input, param, scalar } from "../../expr/expr.ts";
import { floatType } from "../../layout/promotion.ts";
import { broadcastShapes, countElements, normalizeDim } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { runFused } from "../../lower/fused.ts";
import { type Dims, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { filledLike } from "../create/allocation.ts";
import { fullLike } from "../create/creation.ts";
import { indexSelect } from "../index/index-along.ts";
import { abs, add, div, mul, neg, pow, pow_, sign, sub } from "../pointwise/arithmetic.ts";
import { clampMin } from "../pointwise/clamp.ts";
import { eq, where } from "../pointwise/comparison.ts";
import { vectorNorm } from "../reduce/norm.ts";
import { sum } from "../reduce/reduction.ts";
import { unbroadcast } from "../reduce/unbroadcast.ts";
import { triuIndices } from "../shape/triangular.ts";
import { broadcastTo, expand, select, transpose, unsqueeze } from "../shape/view.ts";

const gap = scalar.abs(input(0).sub(input(1)));
const summands: { readonly [p: number]: Expr } = { 0: gap.ne(0), 1: gap, 2: gap.mul(gap) };
const anyPower = scalar.pow(gap, param(0));

export interface Attrs {
  readonly p: number;
}
/** p-norm of x - y over the last dimension; x and y broadcast, and their differences are never stored. */
export const distanceOp: Op<Attrs> = {
  name: "cdist",
  rounds: 1,
  forward([x, y], { p }) {
    const shape = broadcastShapes("cdist", x.shape, y.shape);
    const between = ofAllPairs(x, y, shape, p);
    if (between !== null) return between;
    const [a, b] = [expand(x, shape), expand(y, shape)];
    const last = shape.length - 1;
    const expr = p === Infinity ? gap : (summands[p] ?? anyPower);
    const kept = reduceKept(
      p === Infinity && shape[last] > 0 ? "max" : "sum",
      a,
      [last],
      x.dtype,
      expr,
      [b],
      expr === anyPower ? [p] : [],
    );
    a.dispose();
    b.dispose();
    const out = squeezeFresh(kept, shape.slice(0, -1));
    return p === 0 || p === 1 || p === Infinity ? out : pow_(out, 1 / p);
  },
  save: ([x, y], [out]) => [x, y, out],
  vjp({ attrs: { p }, saved: [x, y, out], shapes, needs }, [g]) {
    if (!g) return [null, null];
    if (p === 0) return shapes.map((shape, i) => (needs[i] ? filledLike(g, shape, 0) : null));
    const difference = sub(x, y);
    const slope = mul(unsqueeze(slopeScale(g, out, p), -1), direction(difference, unsqueeze(out, -1), p));
    return [needs[0] ? unbroadcast(slope, shapes[0]) : null, needs[1] ? neg(unbroadcast(slope, shapes[1])) : null];
  },
};
/** Distances of rows [..., P, 1, M] and [..., 1, R, M] by the device's own way; null where it has none, or these are others. */
function ofAllPairs(x: Tensor, y: Tensor, shape: readonly number[], p: number): Tensor | null {
  const out = shape.slice(0, -1);
  const { ndim } = x;
  if (
    ndim < 3 ||
    y.ndim !== ndim ||
    x.shape[ndim - 2] !== 1 ||
    y.shape[ndim - 3] !== 1 ||
    countElements(out, "cdist") === 0
  )
    return null;
  const inputs = [select(x, ndim - 2, 0), transpose(select(y, ndim - 3, 0), ndim - 3, ndim - 2)];
  const found = runFused("cdist", inputs, () => [empty(x.backend, x.dtype, out)], { p });
  return found === null ? null : found[0];
}
/** The factor of the gradient that is the same along a row; 0 where the distance is, as in PyTorch. */
function slopeScale(g: Tensor, out: Tensor, p: number): Tensor {
  if (p === 1 || p === Infinity) return g;
  const zero = eq(out, 0);
  const safe = where(zero, fullLike(out, 1), out);
  return where(zero, fullLike(g, 0), div(g, p === 2 ? safe : pow(safe, p - 1)));
}
function direction(difference: Tensor, out: Tensor, p: number): Tensor {
  if (p === 2) return difference;
  if (p === 1) return sign(difference);
  if (p === Infinity) return mul(sign(difference), toDType(eq(abs(difference), out), difference.dtype));
  const zero = eq(difference, 0);
  const size = where(zero, fullLike(difference, 1), abs(difference));
  return where(zero, fullLike(difference, 0), mul(sign(difference), pow(size, p - 1)));
}

function check(op: string, x: Tensor, y: Tensor, p: number): void {
  checkSameDevice(op, x, y);
  if (!isFloat(x.dtype) || x.dtype !== y.dtype)
    throw new DTypeError(op, `needs two floating-point tensors of one dtype, got ${x.dtype} and ${y.dtype}`);
  if (!(p >= 0)) throw new ArgumentError(op, `p must be at least 0, got ${p}`);
}
/**
 * Distances between all rows of `x` and all rows of `y` in the p-norm: `d[..., i, j] = sum(|x[..., i, k] - y[..., j, k]|^p)^(1 / p)`.
 * Infinity gives the largest difference, 0 the count of those that are not 0.
 * Shapes: `x` [..., P, M], `y` [..., R, M], batches broadcast; the result [..., P, R]. Dtype: one for both.
 *
 * @throws ShapeError when either has fewer than two dimensions, M differs, or the batches do not broadcast.
 * @throws DTypeError when the dtypes differ or are not floating-point.
 * @throws ArgumentError when `p` is negative.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cdist.html
 * @example
 * tensor([[0, 0], [3, 4]]).cdist(tensor([[0, 0], [3, 0]])).tolist(); // [[0, 3.0000], [5, 4]]
 */
export function cdist(x: Tensor, y: Tensor, p = 2): Tensor {
  check("cdist", x, y, p);
  if (x.ndim < 2 || y.ndim < 2 || x.shape[x.ndim - 1] !== y.shape[y.ndim - 1])
    throw new ShapeError(
      "cdist",
      `expected [..., P, M] and [..., R, M], got ${showShape(x.shape)} and ${showShape(y.shape)}`,
      [x.shape, y.shape],
    );
  return applyOne(distanceOp, [unsqueeze(x, -2), unsqueeze(y, -3)], { p });
}
/**
 * Distances between all pairs of rows of a matrix in the p-norm: `sum(|x[i] - x[j]|^p)^(1 / p)` for i < j, in the order (0, 1), (0, 2),
 * ..., (1, 2) and so on.
 * Shapes: `x` [N, M], the result [N * (N - 1) / 2]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` is not a matrix.
 * @throws DTypeError when `x` is not floating-point.
 * @throws ArgumentError when `p` is negative.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pdist.html
 * @example
 * pdist(tensor([[0, 0], [3, 4], [3, 0]])).tolist(); // [5, 3.0000, 4]
 * pdist(tensor([[0, 0], [3, 4], [3, 0]]), 1).tolist(); // [7, 3, 4]
 */
export function pdist(x: Tensor, p = 2): Tensor {
  const whole = wholeBy("pdist", x);
  if (whole !== null) return whole(pdist, [x, p]);
  if (unscoped()) return scoped(pdist, x, p);
  check("pdist", x, x, p);
  if (x.ndim !== 2) throw new ShapeError("pdist", `expected a matrix, got ${showShape(x.shape)}`, [x.shape]);
  const wide = inFloat32(x);
  if (wide) return toDType(pdist(...wide, p), x.dtype);
  const pairs = triuIndices(x.shape[0], x.shape[0], 1, { device: x.device });
  const [first, second] = [select(pairs, 0, 0), select(pairs, 0, 1)];
  return applyOne(distanceOp, [indexSelect(x, 0, first), indexSelect(x, 0, second)], { p });
}

export interface PairwiseDistanceOptions {
  /** Order of the norm (default 2). */
  readonly p?: number | undefined;
  /** Added to each difference, against infinite slopes at 0 (default 1e-6). */
  readonly eps?: number | undefined;
  /** Keep the last dimension with size 1 (default false). */
  readonly keepdim?: boolean | undefined;
}
export const pairwiseKinds: Kinds<PairwiseDistanceOptions> = { p: number, eps: number, keepdim: boolean };
/**
 * Distances of the rows of one tensor from those of another, row by row, in the p-norm: `sum(|x1 - x2 + eps|^p)^(1 / p)` over the last
 * dimension.
 * Shapes: `x1` and `x2` broadcast; the result lacks their last dimension (`keepdim`: size 1 there). Dtype: what they promote to; integers
 * give the default floating dtype.
 *
 * @throws ShapeError when they do not broadcast.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html
 * @example
 * pairwiseDistance(tensor([[0, 0], [1, 1]]), tensor([[3, 4], [1, 3]])).tolist(); // [5.0000, 2.0000]
 * pairwiseDistance(tensor([[0, 0]]), tensor([[3, 4]]), { p: 1, eps: 0, keepdim: true }).tolist(); // [[7]]
 */
export function pairwiseDistance(x1: Tensor, x2: Tensor, options: PairwiseDistanceOptions = none): Tensor {
  const whole = wholeBy("pairwiseDistance", x1);
  if (whole !== null) return whole(pairwiseDistance, [x1, x2, options]);
  if (unscoped()) return scoped(pairwiseDistance, x1, x2, options);
  checkOptions("pairwiseDistance", pairwiseKinds, options);
  const wide = inFloat32(x1, x2);
  if (wide) return toDType(pairwiseDistance(...wide, options), x1.dtype);
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  const apart = add(sub(x1, x2), eps);
  return vectorNorm(toDType(apart, floatType(apart.dtype)), p, -1, { keepdim });
}

export interface CosineSimilarityOptions {
  /** The dimension of the vectors (default 1). */
  readonly dim?: number | undefined;
  /** The least length that vectors are divided by (default 1e-8). */
  readonly eps?: number | undefined;
}
export const cosineKinds: Kinds<CosineSimilarityOptions> = { dim: number, eps: number };
/**
 * Cosine of the angle between vectors along `dim`: `sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps))`, in [-1, 1].
 * Shapes: `x1` and `x2` broadcast; the result lacks `dim`. Dtype: what they promote to.
 *
 * @throws ShapeError when they do not broadcast.
 * @throws DTypeError when they are not floating-point.
 * @throws IndexError when `dim` is out of range.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
 * @example
 * const x = tensor([[1, 0], [1, 1], [1, 0]]);
 * x.cosineSimilarity(tensor([[2, 0], [3, 0], [0, 5]])).tolist(); // [1, 0.7071, 0]
 */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = none): Tensor {
  const whole = wholeBy("cosineSimilarity", x1);
  if (whole !== null) return whole(cosineSimilarity, [x1, x2, options]);
  if (unscoped()) return scoped(cosineSimilarity, x1, x2, options);
  checkOptions("cosineSimilarity", cosineKinds, options);
  checkTensor("cosineSimilarity", "x1", x1);
  checkTensor("cosineSimilarity", "x2", x2);
  const wide = inFloat32(x1, x2);
  if (wide) return toDType(cosineSimilarity(...wide, options), x1.dtype);
  const { dim: along = 1, eps = 1e-8 } = options;
  const shape = broadcastShapes("cosineSimilarity", x1.shape, x2.shape);
  const dim = normalizeDim("cosineSimilarity", along, shape.length);
  const [a, b] = [broadcastTo(x1, shape), broadcastTo(x2, shape)];
  const unit = (x: Tensor) => div(x, clampMin(vectorNorm(x, 2, dim, { keepdim: true }), eps));
  return sum(mul(unit(a), unit(b)), dim);
}

export interface NormalizeOptions {
  /** Order of the norm (default 2). */
  readonly p?: number | undefined;
  /** The dimension of the vectors, or several; null for all. Default 1. */
  readonly dim?: Dims | undefined;
  /** The least norm that is divided by (default 1e-12). */
  readonly eps?: number | undefined;
}
const normalizeKinds: Kinds<NormalizeOptions> = { p: number, dim: orNull(numbers), eps: number };
/**
 * Vectors along `dim` scaled to length 1 in the p-norm: `x / max(|x|_p, eps)`.
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws DTypeError when `x` is not floating-point.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
 * @example
 * normalize(tensor([[3, 4], [0, 2]])).tolist(); // [[0.6000, 0.8000], [0, 1]]
 * normalize(tensor([3, 1]), { p: 1, dim: 0 }).tolist(); // [0.75, 0.25]
 */
export function normalize(x: Tensor, options: NormalizeOptions = none): Tensor {
  const whole = wholeBy("normalize", x);
  if (whole !== null) return whole(normalize, [x, options]);
  if (unscoped()) return scoped(normalize, x, options);
  checkOptions("normalize", normalizeKinds, options);
  checkTensor("normalize", "x", x);
  const wide = inFloat32(x);
  if (wide) return toDType(normalize(...wide, options), x.dtype);
  const { p = 2, dim = 1, eps = 1e-12 } = options;
  return div(x, clampMin(vectorNorm(x, p, dim, { keepdim: true }), eps));
}
