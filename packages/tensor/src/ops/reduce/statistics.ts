import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { floatType } from "../../layout/promotion.ts";
import { valuesFor } from "../../lower/host.ts";
import { fillInto } from "../../lower/move.ts";
import { local } from "../../memory/tidy.ts";
import { filledLike } from "../create/allocation.ts";
import { inFloat32, toDType } from "../create/copy.ts";
import { scalarTensor } from "../create/creation.ts";
import { addAt } from "../index/scattering.ts";
import { matmul } from "../linalg/matmul.ts";
import { div, mul, sub } from "../pointwise/arithmetic.ts";
import { clamp } from "../pointwise/clamp.ts";
import { sqrt } from "../pointwise/exponential.ts";
import { broadcastTo, diagonal, reshape, squeeze, transpose, unsqueeze } from "../shape/view.ts";
import { amax, amin, mean, sum } from "./reduction.ts";

/** Sum of the main diagonal of a matrix. */
export function trace(x: Tensor): Tensor {
  if (x.ndim !== 2) throw new ShapeError("trace", `needs a matrix, got shape ${showShape(x.shape)}`, [x.shape]);
  return sum(diagonal(x));
}

export interface CovOptions {
  /** What is taken from the count of observations in the divisor. */
  readonly correction?: number;
  /** How often each observation counts, as integers. */
  readonly fweights?: Tensor | null;
  /** The importance of each observation. */
  readonly aweights?: Tensor | null;
}
/** Covariance matrix of the variables in the rows of `x`, whose columns are observations. */
export function cov(x: Tensor, { correction = 1, fweights = null, aweights = null }: CovOptions = {}): Tensor {
  if (x.ndim > 2)
    throw new ShapeError("cov", `needs at most two dimensions, got shape ${showShape(x.shape)}`, [x.shape]);
  checkInteger("cov", "correction", correction);
  if (x.dtype === "bool") throw new DTypeError("cov", "is not defined for bool tensors");
  const wide = inFloat32(x);
  if (wide) return toDType(cov(...wide, { correction, fweights, aweights }), x.dtype);
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
/** Matrix of the correlation coefficients of the variables in the rows of `x`, each in [-1, 1]. */
export function corrcoef(x: Tensor): Tensor {
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
    return choose(x.ge(low).and(x.le(high)), at, 0);
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
/** Counts of elements in `bins` equal bins from `min` to `max` (both 0: from the smallest to the largest element); others count nowhere. */
export function histc(x: Tensor, bins = 100, min = 0, max = 0): Tensor {
  if (!isFloat(x.dtype))
    throw new DTypeError("histc", `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  checkInteger("histc", "bins", bins, 1);
  if (!(min <= max) || !Number.isFinite(max - min))
    throw new ArgumentError("histc", `the range from ${min} to ${max} must be finite and not reversed`);
  return applyOne(histcOp, [x], { bins, min, max });
}

export interface BincountOptions {
  /** What each element counts, instead of 1. */
  readonly weights?: Tensor | null;
  /** The result has at least this many elements. */
  readonly minlength?: number;
}
/** How often each non-negative integer occurs in the 1-d `x`: int32, or sums of `weights` in their floating dtype (float64 for integers). */
export function bincount(x: Tensor, { weights = null, minlength = 0 }: BincountOptions = {}): Tensor {
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
