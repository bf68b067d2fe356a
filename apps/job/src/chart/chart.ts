export interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** "line" joins the points, "faint" too but in the background, "dots" marks them as well. */
  readonly style: "line" | "faint" | "dots";
  /** Which of the two colours: 1 or 2. */
  readonly color: 1 | 2;
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Ends of the y axis; what is not given follows from the points. */
  readonly yMin?: number;
  readonly yMax?: number;
  readonly series: readonly Series[];
}

/** What the axes reach over. */
export function ranges(chart: Chart): { readonly x: readonly [number, number]; readonly y: readonly [number, number] } {
  // faint series are noise around the others: they may leave the frame, and do not stretch it
  const points = chart.series.filter(({ style }) => style !== "faint").flatMap((series) => series.points);
  const ends = (values: readonly number[]) =>
    values.reduce(
      ([min, max], v) => [Math.min(min, v), Math.max(max, v)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  const x = ends(points.map(([x]) => x));
  const y = ends(points.map(([, y]) => y).filter(Number.isFinite));
  return { x: widened(x[0], x[1]), y: widened(chart.yMin ?? y[0], chart.yMax ?? y[1]) };
}

/** A range that is not empty, whatever it is made from. */
function widened(min: number, max: number): [number, number] {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  return max > min ? [min, max] : [min - 0.5, max + 0.5];
}

/** About `count` round numbers from `min` to `max`, steps of 1, 2 or 5 times a power of ten. */
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

/** An exponential average over some hundredth of the curve, without the pull towards 0 at its start. */
export function smoothed(points: readonly (readonly [number, number])[]): [number, number][] {
  const keep = 1 - 1 / Math.max(1, points.length / 100);
  let sum = 0;
  let weight = 0;
  return points.map(([x, y]) => {
    sum = keep * sum + y;
    weight = keep * weight + 1;
    return [x, sum / weight];
  });
}
