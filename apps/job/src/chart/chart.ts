import { widened } from "flambeau/plot";

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
