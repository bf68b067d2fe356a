import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { numbersFor } from "../../lower/host.ts";
import { toDType } from "../create/copy.ts";
import { scalarTensor } from "../create/creation.ts";
import { takeAt } from "../index/scattering.ts";
import { lerp } from "../pointwise/arithmetic.ts";
import { isnan } from "../pointwise/comparison.ts";
import { movedim, reshape } from "../shape/view.ts";
import { sum } from "./reduction.ts";
import { sort } from "./sorting.ts";

export interface QuantileOptions {
  readonly keepdim?: boolean;
  /** What to take between two neighbours. */
  readonly interpolation?: "linear" | "lower" | "higher" | "midpoint" | "nearest";
}

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
  const { keepdim = false, interpolation = "linear" } = options;
  if (!isFloat(x.dtype))
    throw new DTypeError(name, `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  if (x.size === 0) throw new ShapeError(name, `a tensor of shape ${showShape(x.shape)} has no quantiles`, [x.shape]);
  if (!["linear", "lower", "higher", "midpoint", "nearest"].includes(interpolation))
    throw new ArgumentError(
      name,
      `interpolation must be "linear", "lower", "higher", "midpoint" or "nearest", got ${JSON.stringify(interpolation)}`,
    );
  const at = typeof q === "number" ? scalarTensor(q, { dtype: x.dtype, device: x.device }) : q;
  if (at.ndim > 1)
    throw new ShapeError(name, `q must be a number or have at most one dimension, got shape ${showShape(at.shape)}`, [
      at.shape,
    ]);
  if (at.dtype !== x.dtype)
    throw new DTypeError(name, `q is ${at.dtype}, the input ${x.dtype}`, `convert: q.to("${x.dtype}")`);
  // a q that cannot be read at once is not checked
  const known =
    typeof q === "number"
      ? [q]
      : q.backend.readSync
        ? Array.from(numbersFor("quantile", q, "they are checked"), Number)
        : [];
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
 * The q-quantiles (0 to 1) of all elements or along `dim`; for a 1-d `q` the result's first dimension counts them. A line with a
 * NaN gives NaN.
 *
 * @example
 * import { quantile, tensor } from "@flambeau/tensor";
 * console.log(quantile(tensor([1, 2, 3, 4]), 0.5).item()); // 2.5
 */
export const quantile = (
  x: Tensor,
  q: Tensor | number,
  dim: number | null = null,
  options: QuantileOptions = {},
): Tensor => quantileOf("quantile", false, x, q, dim, options);
/** {@link quantile} of what is not NaN. */
export const nanquantile = (
  x: Tensor,
  q: Tensor | number,
  dim: number | null = null,
  options: QuantileOptions = {},
): Tensor => quantileOf("nanquantile", true, x, q, dim, options);
