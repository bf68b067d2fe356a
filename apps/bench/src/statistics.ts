/** The middle value, or the mean of the two middle ones. @throws RangeError when there is none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("median: no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How far the values spread about their median: the median absolute deviation as a fraction of the median. */
export function spread(values: readonly number[]): number {
  const center = median(values);
  return median(values.map((value) => Math.abs(value - center))) / center;
}

/**
 * How many calls fill `budget` milliseconds, at least one, from the cost of one call.
 *
 * @example
 * iterationsFor(0.5, 100); // 200
 */
export function iterationsFor(msPerCall: number, budget: number): number {
  if (!(msPerCall > 0)) return 100_000;
  return Math.min(100_000, Math.max(1, Math.round(budget / msPerCall)));
}

/** Rounds for a workload whose batch takes `batchMs`: all of `wanted` while they fit into `limit` milliseconds, never under 2. */
export function roundsFor(batchMs: number, wanted: number, limit: number): number {
  return Math.min(wanted, Math.max(2, Math.floor(limit / Math.max(batchMs, 1e-6))));
}

/** Billions of floating-point operations a second. */
export function gflops(flops: number, msPerCall: number): number {
  return flops / msPerCall / 1e6;
}
