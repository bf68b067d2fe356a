import { ArgumentError } from "@flambeau/tensor/functional";

/** How many values lie in which interval: `counts[i]` in (limits[i-1], limits[i]]. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** `"tensorflow"`: edges that grow by a tenth from 1e-12 to 1e20, of both signs; a number of equal bins; or the edges themselves. */
export type Bins = "tensorflow" | number | readonly number[];

/** The edges that TensorFlow uses, and PyTorch by default. */
function growing(): number[] {
  const positive: number[] = [];
  for (let edge = 1e-12; edge < 1e20; edge *= 1.1) positive.push(edge);
  return [...positive.map((edge) => -edge).reverse(), 0, ...positive];
}

/** Source: `numpy.histogram`, and `make_histogram` of PyTorch's TensorBoard. */
export function histogramOf(values: ArrayLike<number>, bins: Bins): Histogram {
  const num = values.length;
  if (num === 0) throw new ArgumentError("addHistogram", "there are no values");
  let [min, max, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < num; i++) {
    const value = values[i];
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumSquares += value * value;
  }
  const edges = edgesOf(bins, min, max);
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (let i = 0; i < num; i++) {
    const bin = binOf(values[i], edges);
    if (bin >= 0) counts[bin]++;
  }
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) throw new ArgumentError("addHistogram", `none of the ${num} values lies within the bins`);
  const last = counts.findLastIndex((count) => count > 0);
  // an interval has its upper limit alone: an empty one before the first brings the lower one
  return {
    min,
    max,
    num,
    sum,
    sumSquares,
    limits: edges.slice(first, last + 2),
    counts: [0, ...counts.slice(first, last + 1)],
  };
}

function edgesOf(bins: Bins, min: number, max: number): readonly number[] {
  if (bins === "tensorflow") return growing();
  if (typeof bins !== "number") return bins;
  if (!Number.isFinite(min) || !Number.isFinite(max))
    throw new ArgumentError("addHistogram", `equal bins from ${min} to ${max} cannot be`, "some values are not finite");
  const [from, to] = min === max ? [min - 0.5, max + 0.5] : [min, max];
  const step = (to - from) / bins;
  return Array.from({ length: bins + 1 }, (_, i) => (i === bins ? to : i * step + from));
}

/** The bin of a value: its lower edge belongs to it, of the last one the upper edge, too; -1 for none. */
function binOf(value: number, edges: readonly number[]): number {
  const bins = edges.length - 1;
  if (!(value >= edges[0] && value <= edges[bins])) return -1;
  let [low, high] = [0, bins];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value >= edges[middle]) low = middle;
    else high = middle;
  }
  return low;
}
