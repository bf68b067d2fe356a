import { isFloat, promoteTypes } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { tensor as aTensor, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { floatType } from "../../layout/promotion.ts";
import { readable, valuesFor } from "../../lower/host.ts";
import { fillInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local, tidy } from "../../memory/tidy.ts";
import { filledLike } from "../create/allocation.ts";
import { scalarTensor } from "../create/creation.ts";
import { addAt } from "../index/scattering.ts";
import { matmul } from "../linalg/matmul.ts";
import { div, mul, sub } from "../pointwise/arithmetic.ts";
import { clamp } from "../pointwise/clamp.ts";
import { sqrt } from "../pointwise/exponential.ts";
import { item } from "../read/values.ts";
import { broadcastTo, diagonal, reshape, squeeze, transpose, unsqueeze } from "../shape/view.ts";
import { amax, amin, mean, sum } from "./reduction.ts";

/**
 * Sum of the main diagonal of a matrix: `x[0, 0] + x[1, 1] + ...`.
 * Shapes: `x` [M, N], the result 0-d. Dtype: as of {@link sum}.
 *
 * @throws ShapeError when `x` is not a matrix.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.trace.html
 * @example
 * tensor([[1, 2, 3], [4, 5, 6]]).trace().item(); // 6
 */
export function trace(x: Tensor): Tensor {
  const whole = wholeBy("trace", x);
  if (whole !== null) return whole(trace, [x]);
  checkTensor("trace", "x", x);
  if (x.ndim !== 2) throw new ShapeError("trace", `needs a matrix, got shape ${showShape(x.shape)}`, [x.shape]);
  return sum(diagonal(x));
}

export interface CovOptions {
  /** What is taken from the count of observations in the divisor (default 1). */
  readonly correction?: number | undefined;
  /** How often each observation counts, as integers. */
  readonly fweights?: Tensor | null | undefined;
  /** The importance of each observation. */
  readonly aweights?: Tensor | null | undefined;
}
const covKinds: Kinds<CovOptions> = { correction: number, fweights: orNull(aTensor), aweights: orNull(aTensor) };
/**
 * Covariance matrix of the variables in the rows of `x`, whose columns are observations:
 * `y[i, j] = sum((x[i] - mean(x[i])) * (x[j] - mean(x[j]))) / (n - correction)`. Weights make the mean and the sum weighted ones.
 * Shapes: `x` [D, N], the result [D, D]; a vector is one variable, its result 0-d; weights [N]. Integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has more than two dimensions, or weights do not have N elements.
 * @throws DTypeError for bools, `fweights` that are not integers and `aweights` that are not floating-point.
 * @throws ArgumentError when `correction` is no integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cov.html
 * @example
 * const x = tensor([[0, 1, 2], [2, 1, 0]]);
 * x.cov().tolist(); // [[1, -1], [-1, 1]]
 * x.cov({ correction: 0 }).tolist(); // [[0.6667, -0.6667], [-0.6667, 0.6667]]
 */
export function cov(x: Tensor, options: CovOptions = none): Tensor {
  if (unscoped()) return scoped(cov, x, options);
  checkOptions("cov", covKinds, options);
  checkTensor("cov", "x", x);
  const { correction = 1, fweights = null, aweights = null } = options;
  if (x.ndim > 2)
    throw new ShapeError("cov", `needs at most two dimensions, got shape ${showShape(x.shape)}`, [x.shape]);
  checkInteger("cov", "correction", correction);
  if (x.dtype === "bool") throw new DTypeError("cov", "is not defined for bool tensors");
  const wide = inFloat32(x);
  if (wide) return toDType(cov(...wide, options), aweights ? promoteTypes(x.dtype, aweights.dtype) : x.dtype);
  const rows = toDType(x.ndim < 2 ? reshape(x, [1, x.size]) : x, floatType(x.dtype));
  const observations = rows.shape[1];
  for (const [name, w] of [
    ["fweights", fweights],
    ["aweights", aweights],
  ] as const) {
    if (w === null) continue;
    if (w.ndim > 1 || w.size !== observations)
      throw new ShapeError(
        "cov",
        `${name} ${showShape(w.shape)} needs one weight for each of ${observations} observations`,
        [w.shape, x.shape],
      );
    if (isFloat(w.dtype) !== (name === "aweights")) throw new DTypeError("cov", `${name} cannot be ${w.dtype}`);
  }
  const a = aweights && toDType(aweights, rows.dtype);
  const f = fweights && toDType(fweights, rows.dtype);
  const w = f && a ? mul(f, a) : (f ?? a);
  const total: Tensor | number = w ? sum(w) : observations;
  const middle = w ? div(sum(mul(rows, w), 1), total) : mean(rows, 1);
  const centred = sub(rows, unsqueeze(middle, 1));
  const products = matmul(centred, transpose(w ? mul(centred, w) : centred, 0, 1));
  const divisor =
    typeof total === "number"
      ? Math.max(0, total - correction)
      : clamp(sub(total, w && a && correction !== 0 ? div(mul(sum(mul(w, a)), correction), total) : correction), 0);
  return squeeze(div(products, divisor));
}
/**
 * Correlation coefficients of the variables in the rows of `x`, whose columns are observations:
 * `y[i, j] = c[i, j] / sqrt(c[i, i] * c[j, j])` for their covariance matrix c, cut to [-1, 1].
 * Shapes: `x` [D, N], the result [D, D]; a vector is one variable, its result 0-d. Integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has more than two dimensions.
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.corrcoef.html
 * @example
 * tensor([[0, 1, 2], [2, 1, 3]]).corrcoef().tolist(); // [[1, 0.5000], [0.5000, 1]]
 */
export function corrcoef(x: Tensor): Tensor {
  if (unscoped()) return scoped(corrcoef, x);
  checkTensor("corrcoef", "x", x);
  const wide = inFloat32(x);
  if (wide) return toDType(corrcoef(...wide), x.dtype);
  const c = cov(x);
  if (c.ndim === 0) return div(c, c);
  const deviation = sqrt(diagonal(c));
  return clamp(div(div(c, unsqueeze(deviation, 1)), unsqueeze(deviation, 0)), -1, 1);
}

const fixed = { title: "histc", differentiable: false } as const;
export const histcBinOp = pointwise(
  "histcBin",
  (x, low, high, bins) => {
    const at = scalar.min(scalar.floor(x.sub(low).div(high.sub(low)).mul(bins)), bins.sub(1));
    // ends so large that nothing lies between them have the bin of those that are apart
    return choose(low.eq(high), scalar.floor(bins.mul(0.5)), choose(x.ge(low).and(x.le(high)), at, 0));
  },
  fixed,
);
export const histcInsideOp = pointwise("histcInside", (x, low, high) => choose(x.ge(low).and(x.le(high)), 1, 0), fixed);
export const histcWiderOp = pointwise("histcWider", (x, other, by) => choose(x.eq(other), x.add(by), x), fixed);
export const histcOp: Op<{ readonly bins: number; readonly min: number; readonly max: number }> = {
  name: "histc",
  forward([x], { bins, min, max }) {
    const counts = fillInto(empty(x.backend, x.dtype, [bins]), 0);
    if (x.size === 0) return counts;
    const flat = reshape(x, [x.size]);
    const number = (v: number): Tensor => scalarTensor(v, { dtype: x.dtype, device: x.device });
    const ends = min === max ? [amin(flat), amax(flat)] : [number(min), number(max)];
    const low = pointwiseCall(histcWiderOp, [ends[0], ends[1], -1]);
    const high = pointwiseCall(histcWiderOp, [ends[1], ends[0], 1]);
    const place = toDType(pointwiseCall(histcBinOp, [flat, low, high, bins]), "int32");
    return addAt(counts, 0, place, pointwiseCall(histcInsideOp, [flat, low, high]));
  },
};
/**
 * Counts of elements in `bins` equal bins from `min` to `max` (both 0: from the smallest to the largest element): `y[i]` counts what has
 * `min + i * w <= x < min + (i + 1) * w` for the width `w = (max - min) / bins`, the last bin with its upper end. What lies outside counts
 * nowhere.
 * Shapes: `x` any, the result [bins]. Dtype: that of `x`.
 *
 * @throws DTypeError when `x` is not floating-point.
 * @throws ArgumentError when `bins` is no positive integer, or the range is reversed or not finite.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.histc.html
 * @example
 * tensor([1, 2, 1, 5]).histc(4, 0, 3).tolist(); // [0, 2, 1, 0]
 */
export function histc(x: Tensor, bins = 100, min = 0, max = 0): Tensor {
  checkTensor("histc", "x", x);
  if (!isFloat(x.dtype))
    throw new DTypeError("histc", `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  checkInteger("histc", "bins", bins, 1);
  if (!(min <= max) || !Number.isFinite(max - min))
    throw new ArgumentError("histc", `the range from ${min} to ${max} must be finite and not reversed`);
  // the range of a device that cannot be read at once is not looked at
  if (min === max && x.size > 0 && readable(x)) {
    const [low, high] = tidy(() => [amin(x), amax(x)].map((end) => item(end)));
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw new ArgumentError("histc", `the range from ${low} to ${high} must be finite`, "pass min and max");
  }
  return applyOne(histcOp, [x], { bins, min, max });
}

export interface BincountOptions {
  /** What each element counts, instead of 1. */
  readonly weights?: Tensor | null | undefined;
  /** The result has at least this many elements. */
  readonly minlength?: number | undefined;
}
const bincountKinds: Kinds<BincountOptions> = { weights: orNull(aTensor), minlength: number };
/**
 * How often each non-negative integer occurs in `x`: `y[v]` is the count of `x == v`, or the sum of `weights` there.
 * Shapes: `x` [N], `weights` [N]; the result has max(x) + 1 elements, at least `minlength`. Dtype: int32 (PyTorch: int64), or that of
 * `weights`, float64 where these are integers.
 *
 * @throws DTypeError when `x` is no vector of integers.
 * @throws ArgumentError when an element is negative, or `minlength` is no non-negative integer.
 * @throws ShapeError when `weights` has another shape.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU): the size of the result depends on the values.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bincount.html
 * @example
 * const x = tensor([0, 3, 1, 3], { dtype: "int32" });
 * x.bincount().tolist(); // [1, 1, 0, 2]
 * x.bincount({ weights: tensor([0.5, 1, 2, 4]), minlength: 5 }).tolist(); // [0.5, 2, 0, 5, 0]
 */
export function bincount(x: Tensor, options: BincountOptions = none): Tensor {
  checkOptions("bincount", bincountKinds, options);
  checkTensor("bincount", "x", x);
  const { weights = null, minlength = 0 } = options;
  if (x.ndim !== 1 || isFloat(x.dtype) || x.dtype === "bool")
    throw new DTypeError("bincount", `needs a 1-d tensor of integers, got ${x.dtype} of shape ${showShape(x.shape)}`);
  if (weights && showShape(weights.shape) !== showShape(x.shape))
    throw new ShapeError(
      "bincount",
      `weights ${showShape(weights.shape)} and input ${showShape(x.shape)} differ in shape`,
      [weights.shape, x.shape],
    );
  checkInteger("bincount", "minlength", minlength, 0);
  let [low, high] = [0, -1];
  for (const v of valuesFor("bincount", x, "the size of the result depends on the values")) {
    low = Math.min(low, Number(v));
    high = Math.max(high, Number(v));
  }
  if (low < 0) throw new ArgumentError("bincount", `elements must not be negative, got ${low}`);
  const dtype = weights ? (isFloat(weights.dtype) ? weights.dtype : "float64") : "int32";
  return local(() => {
    const counts = filledLike({ dtype, device: x.device }, [Math.max(minlength, high + 1)], 0);
    const each = weights ? toDType(weights, dtype) : broadcastTo(scalarTensor(1, { dtype, device: x.device }), x.shape);
    return addAt(counts, 0, toDType(x, "int32"), each);
  });
}
