/** From numbers to places. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  at(value: number): number;
}

/** A scale whose ends lie at two places. */
export const scale = ([from, to]: readonly [number, number], start: number, end: number): Scale => ({
  from,
  to,
  at: (value) => start + ((value - from) / (to - from)) * (end - start),
});

/** A range that is not empty, whatever it is made from. */
export function widened(low: number | undefined, high: number | undefined): [number, number] {
  if (low === undefined || high === undefined || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
}

/** About `count` round numbers from `min` to `max`: steps of 1, 2 or 5 times a power of ten. */
export function ticks(min: number, max: number, count: number): number[] {
  const span = max - min;
  if (!(span > 0)) return [min];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  // from integers, so that no rounding adds up
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A number along an axis, in few letters. */
export const written = (value: number): string => (Math.abs(value) >= 1e5 ? value.toExponential() : String(value));
