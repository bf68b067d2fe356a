import { ArgumentError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { colours } from "./chart.ts";
import { axes, frameOf } from "./frame.ts";
import { extremes, type Numbers, numbersOf } from "./numbers.ts";
import { Plot } from "./plot.ts";
import { widened } from "./scale.ts";
import { element, escapeXml, picture } from "./svg.ts";

export interface HistogramOptions {
  /** What it shows: told to those who do not see it. */
  readonly title?: string | undefined;
  /** How many intervals of one width. Default 10. */
  readonly bins?: number | undefined;
  /** Where they begin and end; others are left out. Default: the least and the largest number. */
  readonly range?: readonly [from: number, to: number] | undefined;
  /** Names of the axes. Default of the second: "count". */
  readonly x?: string | undefined;
  readonly y?: string | undefined;
}
const histogramKinds: Kinds<HistogramOptions> = {
  title: option.string,
  bins: option.number,
  range: option.listOf(option.number, 2) as Kinds<HistogramOptions>["range"], // a list of two
  x: option.string,
  y: option.string,
};

/**
 * How many numbers lie in which interval: `[from, to)`, of the last one `[from, to]`. What is no finite number is left out.
 *
 * @throws ArgumentError for what is no list of numbers, and bins or a range that cannot be.
 * @throws UnavailableError for a tensor on a device that cannot be read at once.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.histogram.html
 * @example
 * histogram([1, 2, 2, 3], { bins: 2 }).svg.includes("<title>1 to 2: 1</title>"); // true
 */
export function histogram(values: Numbers, options: HistogramOptions = {}): Plot {
  checkOptions("histogram", histogramKinds, options);
  const { bins = 10, x = "", y = "count" } = options;
  const all = numbersOf("histogram", "values", values).filter(Number.isFinite);
  if (!Number.isInteger(bins) || bins < 1 || bins > 10_000)
    throw new ArgumentError("histogram", `bins is an integer from 1 to 10,000, got ${bins}`);
  const [least, most] = extremes(all) ?? [];
  const range = options.range ?? widened(least, most);
  const [from, to] = range;
  if (!(Number.isFinite(from) && from < to && Number.isFinite(to)))
    throw new ArgumentError("histogram", `the range goes from a number to a larger one, got ${show(range)}`);
  const edge = (i: number) => (i === bins ? to : from + (i * (to - from)) / bins);
  const counts = new Array<number>(bins).fill(0);
  for (const value of all)
    if (value >= from && value <= to) counts[binOf(value, edge, bins, (value - from) / (to - from))]++;
  const frame = frameOf([from, to], [0, Math.max(1, ...counts)], { width: 640, height: 360, above: 0 });
  const bars = counts.map((count, i) => {
    const [left, right, top] = [frame.x.at(edge(i)), frame.x.at(edge(i + 1)), frame.y.at(count)];
    const place = { x: left + 0.5, y: top, width: Math.max(0.5, right - left - 1), height: frame.bottom - top };
    const says = `${Number(edge(i).toPrecision(4))} to ${Number(edge(i + 1).toPrecision(4))}: ${count}`;
    return element(
      "rect",
      { class: "bar colour-0", ...place, fill: colours[0] },
      element("title", {}, escapeXml(says)),
    );
  });
  const title = options.title ?? `a histogram of ${all.length} numbers`;
  return new Plot(title, picture(title, 640, 360, ...axes(frame, x, y), ...bars));
}

/** The interval of a number: the one that its share says, or a neighbour where rounding led astray. */
function binOf(value: number, edge: (i: number) => number, bins: number, share: number): number {
  const near = Math.min(bins - 1, Math.floor(share * bins));
  if (value < edge(near)) return near - 1;
  return near < bins - 1 && value >= edge(near + 1) ? near + 1 : near;
}
