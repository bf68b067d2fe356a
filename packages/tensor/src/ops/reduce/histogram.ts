import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { scalar } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { countElements } from "../../layout/shapes.ts";
import { numbersFor } from "../../lower/host.ts";
import { local } from "../../memory/tidy.ts";
import { filledLike } from "../create/allocation.ts";
import { contiguous, toDType } from "../create/copy.ts";
import { linspace } from "../create/creation.ts";
import { addAt } from "../index/scattering.ts";
import { div, mul, sub } from "../pointwise/arithmetic.ts";
import { narrow, reshape, select, unsqueeze } from "../shape/view.ts";
import { amax, amin, sum } from "./reduction.ts";
import { searchsorted } from "./search.ts";

export interface HistogramOptions {
  /** Ends of the bins: low and high, of each dimension in turn. Default: the smallest and the largest element. */
  readonly range?: readonly number[] | null;
  /** What each point counts, instead of 1. */
  readonly weight?: Tensor | null;
  /** Divide by the total and by the volume of each bin. */
  readonly density?: boolean;
}

export const withinEdgesOp = pointwise("withinEdges", (x, first, last) => x.ge(first).and(x.le(last)), {
  title: "histogram",
  category: "compare",
});
// the last edge belongs to the last bin
export const cellOp = pointwise(
  "histogramCell",
  (flat, place, bins) => flat.mul(bins).add(scalar.min(scalar.max(place.sub(1), 0), bins.sub(1))),
  { title: "histogram", differentiable: false },
);

/** Bins of equal width for one coordinate; an empty range is widened by 1/2 on either side. */
function edgesOf(x: Tensor, bins: number, range: readonly [number, number] | null): Tensor {
  const end = (t: Tensor) => Number(numbersFor("histogram", t, "the bins depend on the values", "pass range")[0]);
  let [low, high] = range ?? (x.size === 0 ? [0, 1] : [end(amin(x)), end(amax(x))]);
  if (!(low <= high) || !Number.isFinite(high - low))
    throw new ArgumentError("histogram", `the range from ${low} to ${high} must be finite and not reversed`);
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  return linspace(low, high, bins + 1, { dtype: x.dtype, device: x.device });
}
function checkBins(bins: number): number {
  countElements([checkInteger("histogram", "bins", bins, 1) + 1], "histogram");
  return bins;
}

/** How many points (rows of `points`) fall into each cell of a grid of edges. */
function count(points: Tensor, edges: readonly Tensor[], { weight = null, density = false }: HistogramOptions): Tensor {
  const [n] = points.shape;
  const sizes = edges.map((e) => e.size - 1);
  if (weight && weight.size !== n)
    throw new ShapeError("histogram", `weight ${showShape(weight.shape)} needs one number for each of ${n} points`, [
      weight.shape,
    ]);
  const hist = local(() => {
    const counts = filledLike(points, [sizes.reduce((a, b) => a * b, 1)], 0);
    let cell = filledLike({ dtype: "int32", device: points.device }, [n], 0);
    let counted: Tensor = weight ? reshape(weight, [n]) : filledLike(points, [n], 1);
    edges.forEach((edge, d) => {
      const x = contiguous(select(points, 1, d));
      const [first, last] = [select(edge, 0, 0), select(edge, 0, sizes[d])];
      const place = toDType(searchsorted(edge, x, { right: true }), "int32");
      counted = mul(counted, pointwiseCall(withinEdgesOp, [x, first, last]));
      cell = pointwiseCall(cellOp, [cell, place, sizes[d]]);
    });
    return n === 0 ? counts : addAt(counts, 0, cell, counted);
  });
  let out = reshape(hist, sizes);
  if (!density) return out;
  out = div(out, sum(out));
  edges.forEach((edge, d) => {
    let width = sub(narrow(edge, 0, 1, sizes[d]), narrow(edge, 0, 0, sizes[d]));
    for (let i = d + 1; i < edges.length; i++) width = unsqueeze(width, -1);
    out = div(out, width);
  });
  return out;
}
const isList = (bins: number | readonly (number | Tensor)[]): bins is readonly (number | Tensor)[] =>
  Array.isArray(bins);
function checkFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(op, `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
}

/**
 * Counts of the elements of `x` in `bins` equal bins, or between the ascending edges that `bins` holds; and the edges. What lies
 * outside counts nowhere. Reads the ends of the range, so without `range` the device must allow synchronous reads.
 */
export function histogram(
  x: Tensor,
  bins: number | Tensor,
  options: HistogramOptions = {},
): { hist: Tensor; binEdges: Tensor } {
  checkFloat("histogram", x);
  const range = options.range ? ([options.range[0], options.range[1]] as const) : null;
  const binEdges = bins instanceof Tensor ? bins : edgesOf(x, checkBins(bins), range);
  return { hist: count(reshape(x, [x.size, 1]), [binEdges], options), binEdges };
}
/** {@link histogram} of points with several coordinates: those of the last dimension. `bins` holds a number or edges for each. */
export function histogramdd(
  x: Tensor,
  bins: number | readonly (number | Tensor)[],
  options: HistogramOptions = {},
): { hist: Tensor; binEdges: Tensor[] } {
  checkFloat("histogramdd", x);
  if (x.ndim < 2)
    throw new ShapeError("histogramdd", `needs at least two dimensions, got shape ${showShape(x.shape)}`, [x.shape]);
  const coordinates = x.shape[x.ndim - 1];
  const each = isList(bins) ? bins : new Array<number>(coordinates).fill(checkBins(bins));
  if (each.length !== coordinates)
    throw new ArgumentError(
      "histogramdd",
      `bins has ${each.length} entries, the points have ${coordinates} coordinates`,
    );
  const { range = null } = options;
  if (range && range.length !== 2 * coordinates)
    throw new ArgumentError("histogramdd", `range needs ${2 * coordinates} numbers, got ${range.length}`);
  const points = reshape(x, [coordinates === 0 ? 0 : x.size / coordinates, coordinates]);
  const binEdges = each.map((b, d) =>
    b instanceof Tensor ? b : edgesOf(select(points, 1, d), checkBins(b), range && [range[2 * d], range[2 * d + 1]]),
  );
  return { hist: count(points, binEdges, options), binEdges };
}
