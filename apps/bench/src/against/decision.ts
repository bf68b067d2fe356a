import { median } from "../statistics.ts";

/** How many times the denominator the numerator is, from figures that come in pairs. */
export type Ratio = (numerator: readonly number[], denominator: readonly number[]) => number;

/** The smallest value. @throws RangeError when there is none. */
export function minimum(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("minimum: no values");
  return Math.min(...values);
}

/** The ratio of the smallest figures. */
export const ratioOfMinima: Ratio = (numerator, denominator) => minimum(numerator) / minimum(denominator);

/** The median of the pairs' ratios: what slows a machine down for a while slows both of a pair. */
export const medianOfRatios: Ratio = (numerator, denominator) =>
  median(numerator.map((value, i) => value / denominator[i]));

/** So many ways to swap the members of pairs are looked at one by one, more are sampled. */
const exhaustive = 13;

/**
 * How far from 1 the ratio of two series of the same thing may lie by chance, as a fraction: 0.02 stands for 0.98 to 1.02.
 *
 * The two series come in pairs, taken side by side. If nothing but chance tells them apart, each pair could as well have come out
 * the other way round, so all such swaps give the ratios that chance makes with these very measurements. The spread is the 99th
 * percentile of how far they lie from 1, and never less than how far the series as measured do.
 */
export function spreadByChance(ratio: Ratio, first: readonly number[], second: readonly number[]): number {
  const deviations = swaps(first.length).map((swapped) => {
    const one = first.map((value, i) => (swapped(i) ? second[i] : value));
    const other = second.map((value, i) => (swapped(i) ? first[i] : value));
    return deviation(ratio(one, other));
  });
  const asMeasured = deviations[0];
  deviations.sort((a, b) => a - b);
  return Math.max(asMeasured, deviations[Math.ceil(0.99 * deviations.length) - 1]);
}

/** How far a ratio or its inverse lies above 1. */
function deviation(ratio: number): number {
  return Math.max(ratio, 1 / ratio) - 1;
}

/** The ways to swap within `pairs` pairs, none of them first; the first pair stays, as swapping all gives the inverse ratio. */
function swaps(pairs: number): ((pair: number) => boolean)[] {
  if (pairs <= exhaustive) {
    return Array.from({ length: 2 ** (pairs - 1) }, (_, mask) => (pair) => ((mask << 1) & (1 << pair)) !== 0);
  }
  let state = 1;
  // a linear congruential generator: the same figures shall give the same verdict; its high bit is the good one
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state < 0;
  };
  return Array.from({ length: 2 ** (exhaustive - 1) }, (_, i) => {
    const drawn = Array.from({ length: pairs }, () => i > 0 && draw());
    return (pair) => drawn[pair];
  });
}

/** Whether a row passes: up to its kind's limit, or up to what chance reaches where that is more. */
export function decide(ratio: number, limit: number, spread: number): { limit: number; over: boolean } {
  const applied = Math.max(limit, 1 + spread);
  return { limit: applied, over: ratio > applied };
}
