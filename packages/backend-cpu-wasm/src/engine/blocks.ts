// How work is cut into the blocks that the static kernels take.

/** Rows of a matrix product that a kernel holds in registers (MR in assembly/). */
export const registerRows = 6;

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** The most that a row of floats takes in private memory: an odd number of cache lines, so that columns spread over the cache's sets. */
export function privateRowBytes(values: number): number {
  return roundUp(values * 4, 64) + 64;
}

/** How many items, of `work` each, make up the `worth` that pays for handing them to a thread. */
export function grainOf(worth: number, work: number): number {
  return Math.max(1, Math.ceil(worth / work));
}

/**
 * Cuts units of work into at most `wanted` shares that add up sums of their own, of `sumBytes`. Fixed by the shape alone, so that the sums have the
 * same order however many threads there are.
 */
export function cutShares(
  units: number,
  sumBytes: number,
  least: number,
  wanted = 16,
): { share: number; shares: number } {
  const most = Math.max(least, Math.min(wanted, Math.floor((64 << 20) / sumBytes)));
  const share = Math.ceil(units / Math.min(units, most));
  return { share, shares: Math.ceil(units / share) };
}

/** Bytes in a row of `values` floats, an odd number of cache lines. */
export const oddLines = (values: number): number => (Math.ceil(values / 16) | 1) * 64;
