// From a picture's numbers to places on the screen.

export interface Scale {
  readonly from: number;
  readonly to: number;
  /** The place of a value between two ends. */
  at(value: number): number;
  /** Round numbers within, to be written along an axis. */
  readonly ticks: readonly number[];
}

/** A scale of values between two places, with some room at both ends unless the values are an interval that is meant. */
export function scale(values: Iterable<number>, start: number, end: number, exact = false): Scale {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    from = Math.min(from, value);
    to = Math.max(to, value);
  }
  if (from > to) [from, to] = [0, 1];
  if (from === to) [from, to] = [from - 0.5, to + 0.5];
  const room = exact ? 0 : 0.04 * (to - from);
  [from, to] = [from - room, to + room];
  return { from, to, at: (value) => start + ((value - from) / (to - from)) * (end - start), ticks: ticks(from, to) };
}

/** About five round numbers of an interval: steps of 1, 2 or 5 times a power of ten. */
export function ticks(from: number, to: number): number[] {
  const raw = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  // as 0.3, not 0.30000000000000004
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
