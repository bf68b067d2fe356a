import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, oneOf } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import { pointwise } from "../../door/pointwise.ts";
import { wholeBy } from "../../door/stack.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { numbersFor, readable } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { scalarTensor } from "../create/creation.ts";
import { takeAt } from "../index/scattering.ts";
import { lerp } from "../pointwise/arithmetic.ts";
import { isnan } from "../pointwise/comparison.ts";
import { movedim, reshape } from "../shape/view.ts";
import { sum } from "./reduction.ts";
import { sort } from "./sorting.ts";

export interface QuantileOptions {
  /** Keep the reduced dimension with size 1 (default false). */
  readonly keepdim?: boolean | undefined;
  /** What to take between two neighbours (default "linear"). */
  readonly interpolation?: "linear" | "lower" | "higher" | "midpoint" | "nearest" | undefined;
}
const quantileKinds: Kinds<QuantileOptions> = {
  keepdim: boolean,
  interpolation: oneOf("linear", "lower", "higher", "midpoint", "nearest"),
};

const part = { title: "quantile" } as const;
const fixed = { ...part, differentiable: false } as const;
// a line with a NaN has its last element, a NaN, as each quantile
export const quantileRankOp = pointwise(
  "quantileRank",
  (q, nans, n) => choose(nans.gt(0), n.sub(1), q.mul(n.sub(1))),
  part,
);
export const nanquantileRankOp = pointwise(
  "nanquantileRank",
  (q, nans, n) => {
    const rank = q.mul(n.sub(nans).sub(1));
    return choose(rank.lt(0), 0, rank);
  },
  { title: "nanquantile" },
);
export const rankBelowOp = pointwise("rankBelow", (r) => scalar.floor(r), fixed);
export const rankAboveOp = pointwise("rankAbove", (r) => scalar.ceil(r), fixed);
export const rankNearestOp = pointwise("rankNearest", (r) => scalar.round(r), fixed);
export const rankFractionOp = pointwise("rankFraction", (r) => r.sub(scalar.floor(r)), part);

function quantileOf(
  name: string,
  ignoreNan: boolean,
  x: Tensor,
  q: Tensor | number,
  dim: number | null,
  options: QuantileOptions,
): Tensor {
  const whole = wholeBy(name, x);
  if (whole !== null) return whole(quantileOf, [name, ignoreNan, x, q, dim, options]);
  checkOptions(name, quantileKinds, options);
  if (typeof q !== "number") checkTensor(name, "q", q);
  checkTensor(name, "x", x);
  const { keepdim = false, interpolation = "linear" } = options;
  if (!isFloat(x.dtype))
    throw new DTypeError(name, `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  if (x.size === 0) throw new ShapeError(name, `a tensor of shape ${showShape(x.shape)} has no quantiles`, [x.shape]);
  const at = typeof q === "number" ? scalarTensor(q, { dtype: x.dtype, device: x.device }) : q;
  if (at.ndim > 1)
    throw new ShapeError(name, `q must be a number or have at most one dimension, got shape ${showShape(at.shape)}`, [
      at.shape,
    ]);
  if (at.dtype !== x.dtype)
    throw new DTypeError(name, `q is ${at.dtype}, the input ${x.dtype}`, `convert: q.to("${x.dtype}")`);
  // a q that cannot be read at once is not checked
  const known =
    typeof q === "number" ? [q] : readable(q) ? Array.from(numbersFor("quantile", q, "they are checked"), Number) : [];
  for (const v of known) if (!(v >= 0 && v <= 1)) throw new ArgumentError(name, `q must be in [0, 1], got ${v}`);

  const d = dim === null ? 0 : normalizeDim(name, dim, x.ndim);
  // lines along a last dimension, one quantile for each of its elements
  const lines = dim === null || x.ndim === 0 ? reshape(x, [x.size]) : movedim(x, d, -1);
  const n = lines.shape[lines.ndim - 1];
  const ordered = sort(lines, -1).values;
  const nans = toDType(sum(isnan(lines), -1, { keepdim: true }), x.dtype);
  const ranks = pointwiseCall(ignoreNan ? nanquantileRankOp : quantileRankOp, [reshape(at, [at.size]), nans, n]);
  const valueAt = (r: Tensor): Tensor => takeAt(ordered, ordered.ndim - 1, toDType(r, "int32"));
  const result = (): Tensor => {
    if (interpolation === "higher") return valueAt(pointwiseCall(rankAboveOp, [ranks]));
    if (interpolation === "nearest") return valueAt(pointwiseCall(rankNearestOp, [ranks]));
    const below = valueAt(pointwiseCall(rankBelowOp, [ranks]));
    if (interpolation === "lower") return below;
    return lerp(
      below,
      valueAt(pointwiseCall(rankAboveOp, [ranks])),
      interpolation === "midpoint" ? 0.5 : pointwiseCall(rankFractionOp, [ranks]),
    );
  };
  // the quantiles come first, in q's shape
  let out = movedim(result(), -1, 0);
  if (keepdim) {
    const shape = x.shape.map((s, i) => (dim === null || i === d ? 1 : s));
    out = reshape(out, [at.size, ...shape]);
  }
  return at.ndim === 0 ? reshape(out, out.shape.slice(1)) : out;
}
/**
 * The q-quantiles, q from 0 to 1, of all elements or along `dim`: `s[r]` of the sorted elements s, between two neighbours of
 * `r = q * (n - 1)` by linear interpolation or as `interpolation` says. A line with a NaN gives NaN.
 * Shape: `x` without `dim`, or 0-d (`keepdim`: size 1 for what is reduced); a 1-d `q` puts its length first. Dtype: that of `x`.
 *
 * @throws DTypeError when `x` is not floating-point, or a tensor `q` has another dtype.
 * @throws ShapeError when `x` has no elements, or `q` more than one dimension.
 * @throws ArgumentError when a `q` is not in [0, 1] (not checked on a device that cannot be read synchronously), or `interpolation` is
 * none.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.quantile.html
 * @example
 * import { tensor } from "flambeau";
 * tensor([1, 2, 3, 4]).quantile(0.5).item(); // 2.5
 * tensor([1, 2, 3, 4]).quantile(0.5, null, { interpolation: "lower" }).item(); // 2
 * tensor([[1, 3], [5, 9]]).quantile(tensor([0, 0.25]), 1).tolist(); // [[1, 5], [1.5, 6]]
 */
export const quantile = (
  x: Tensor,
  q: Tensor | number,
  dim: number | null = null,
  options: QuantileOptions = none,
): Tensor => (unscoped() ? scoped(quantile, x, q, dim, options) : quantileOf("quantile", false, x, q, dim, options));
/**
 * {@link quantile} of what is not NaN: `quantile(x[~isnan(x)], q)`; NaN where there is nothing else.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nanquantile.html
 * @example
 * tensor([1, NaN, 3]).nanquantile(0.5).item(); // 2
 */
export const nanquantile = (
  x: Tensor,
  q: Tensor | number,
  dim: number | null = null,
  options: QuantileOptions = none,
): Tensor =>
  unscoped() ? scoped(nanquantile, x, q, dim, options) : quantileOf("nanquantile", true, x, q, dim, options);
