import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import {
  tensor as aTensor,
  boolean,
  checkOptions,
  type Kinds,
  listOf,
  none,
  number,
  orNull,
} from "../../core/options.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { pointwise } from "../../door/pointwise.ts";
import { scalar } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { countElements } from "../../layout/shapes.ts";
import { numbersFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { filledLike } from "../create/allocation.ts";
import { contiguous } from "../create/copy.ts";
import { linspace } from "../create/creation.ts";
import { addAt } from "../index/scattering.ts";
import { div, mul, sub } from "../pointwise/arithmetic.ts";
import { narrow, reshape, select, unsqueeze } from "../shape/view.ts";
import { amax, amin, sum } from "./reduction.ts";
import { searchsorted } from "./search.ts";

export interface HistogramOptions {
  /** Ends of the bins: low and high, of each dimension in turn. Default: the smallest and the largest element. */
  readonly range?: readonly number[] | null | undefined;
  /** What each point counts, instead of 1: one number for each, in the dtype of the points. */
  readonly weight?: Tensor | null | undefined;
  /** Divide by the total and by the volume of each bin (default false). */
  readonly density?: boolean | undefined;
}
const histogramKinds: Kinds<HistogramOptions> = {
  range: orNull(listOf(number)),
  weight: orNull(aTensor),
  density: boolean,
};

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
 * Counts of the elements of `x` in `bins` equal bins, or between the ascending edges that `bins` holds, with the edges: `hist[i]` counts
 * what has `binEdges[i] <= x < binEdges[i + 1]`, the last bin with its upper edge. What lies outside counts nowhere.
 * Shapes: `x` any; `hist` [bins], `binEdges` [bins + 1], both in the dtype of `x`.
 *
 * @throws DTypeError when `x` is not floating-point.
 * @throws ArgumentError when `bins` is no positive integer, or the range is reversed or not finite.
 * @throws ShapeError when `weight` has not one number for each element.
 * @throws UnavailableError when there is no `range` and the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.histogram.html
 * @example
 * const { hist, binEdges } = tensor([1, 2, 1]).histogram(4, { range: [0, 3] });
 * hist.tolist(); // [0, 2, 1, 0]
 * binEdges.tolist(); // [0, 0.75, 1.5, 2.25, 3]
 */
export function histogram(
  x: Tensor,
  bins: number | Tensor,
  options: HistogramOptions = none,
): { hist: Tensor; binEdges: Tensor } {
  if (unscoped()) return scoped(histogram, x, bins, options);
  checkOptions("histogram", histogramKinds, options);
  checkTensor("histogram", "x", x);
  checkFloat("histogram", x);
  const wide = inFloat32(x, options.weight, bins instanceof Tensor ? bins : null);
  if (wide) {
    const { hist, binEdges } = histogram(wide[0], wide[2] ?? bins, { ...options, weight: wide[1] });
    return { hist: toDType(hist, x.dtype), binEdges: toDType(binEdges, x.dtype) };
  }
  const range = options.range ? ([options.range[0], options.range[1]] as const) : null;
  const binEdges = bins instanceof Tensor ? bins : edgesOf(x, checkBins(bins), range);
  return { hist: count(reshape(x, [x.size, 1]), [binEdges], options), binEdges };
}
/**
 * Counts of points with D coordinates (the last dimension of `x`) in the cells of a grid: `hist[i, j, ...]` counts the points that are in
 * bin i of the first coordinate, bin j of the second and so on, as {@link histogram} has it for one.
 * Shapes: `x` [..., D]; `bins` a number for all coordinates, or a list with a number or a tensor of edges for each; `hist` [bins0, bins1,
 * ...], `binEdges` a list of D tensors. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions, or `weight` has not one number for each point.
 * @throws ArgumentError when `bins` has not one entry, or `range` not two, for each coordinate, and as {@link histogram}.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.histogramdd.html
 * @example
 * const points = tensor([[0, 1], [1, 0], [2, 0], [2, 2]]);
 * const { hist } = histogramdd(points, [3, 3], { weight: tensor([1, 2, 4, 8]) });
 * hist.tolist(); // [[0, 1, 0], [2, 0, 0], [4, 0, 8]]
 */
export function histogramdd(
  x: Tensor,
  bins: number | readonly (number | Tensor)[],
  options: HistogramOptions = none,
): { hist: Tensor; binEdges: Tensor[] } {
  if (unscoped()) return scoped(histogramdd, x, bins, options);
  checkOptions("histogramdd", histogramKinds, options);
  checkTensor("histogramdd", "x", x);
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
