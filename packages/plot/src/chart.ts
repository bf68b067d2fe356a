import { ArgumentError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { axes, type Frame, frameOf, left, within } from "./frame.ts";
import { extremes, listOf, type Numbers, numbersOf, type Rows, rowsOf } from "./numbers.ts";
import { diverging, pngAddress } from "./pixels.ts";
import { Plot } from "./plot.ts";
import { widened } from "./scale.ts";
import { element, picture, px, words } from "./svg.ts";

const looks = ["line", "dots", "both", "faint"] as const;

/** Points in the order of their numbers. */
export interface Series {
  /** Its name in the key; without one it is not in there. */
  readonly name?: string | undefined;
  /** Default: 0, 1, 2, ... */
  readonly x?: Numbers | undefined;
  readonly y: Numbers;
  /** A `line`, `dots`, `both`, or a `faint` line: noise behind the others, which may leave the frame and does not stretch it. */
  readonly look?: (typeof looks)[number] | undefined;
  /** Which colour, from 0. Default: the next one. */
  readonly colour?: number | undefined;
}

/** Numbers of a grid, row by row from the lowest `y`, as shades behind the points: low ones blue, high ones orange. */
export interface Surface {
  readonly values: Rows;
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
}

export interface ChartOptions {
  /** What it shows: told to those who do not see it. */
  readonly title?: string | undefined;
  /** Names of the axes. */
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  /** Ends of the y axis; what is not given follows from the points. */
  readonly yMin?: number | undefined;
  readonly yMax?: number | undefined;
  readonly surface?: Surface | undefined;
  /** Whether the names stand above the frame. Default true. */
  readonly key?: boolean | undefined;
  /** In pixels. Default 640. */
  readonly width?: number | undefined;
  /** In pixels. Default 360. */
  readonly height?: number | undefined;
}
const chartKinds: Kinds<ChartOptions> = {
  title: option.string,
  x: option.string,
  y: option.string,
  yMin: option.number,
  yMax: option.number,
  surface: option.object,
  key: option.boolean,
  width: option.number,
  height: option.number,
};

/** Colours that are told apart on white and on black. A page's style sheet may have others: their class is `colour-0` and so on. */
export const colours: readonly string[] = ["#1f77d0", "#d9541e", "#2e9e5b", "#a25bd6", "#b8860b"];

interface Points {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly look: (typeof looks)[number];
  readonly colour: number;
}

/**
 * Lines through points, as training curves are.
 *
 * @throws ArgumentError for what is no series, and x and y of different lengths.
 * @throws UnavailableError for tensors on a device that cannot be read at once: give what `await x.data()` gives.
 * @example
 * const plot = curves([{ name: "loss", y: [2.3, 1.1, 0.7] }], { title: "Training", x: "epoch" });
 * plot.svg.startsWith("<svg "); // true
 */
export const curves = (series: readonly Series[], options: ChartOptions = {}): Plot =>
  chart("curves", "line", series, options);

/**
 * Points, each a dot.
 *
 * @throws ArgumentError for what is no series, and x and y of different lengths.
 * @throws UnavailableError for tensors on a device that cannot be read at once: give what `await x.data()` gives.
 * @example
 * scatter([{ x: [1, 2, 3], y: [1, 4, 9] }]).title; // "a scatter of 3 points"
 */
export const scatter = (series: readonly Series[], options: ChartOptions = {}): Plot =>
  chart("scatter", "dots", series, options);

function chart(
  op: "curves" | "scatter",
  usual: "line" | "dots",
  series: readonly Series[],
  options: ChartOptions,
): Plot {
  checkOptions(op, chartKinds, options);
  const all = listOf(op, "series", series).map((each, i) => pointsOf(op, each, usual, i));
  const { x = "", y = "", width = 640, height = 360 } = options;
  const named = options.key === false ? [] : all.filter(({ name, look }) => name && look !== "faint");
  const surface = options.surface && surfaceOf(op, options.surface);
  const ends = surface ?? rangesOf(all, options);
  const { keys, above } = keyOf(named, width);
  const frame = frameOf(ends.x, ends.y, { width, height, above });
  const count = all.reduce((sum, each) => sum + each.y.length, 0);
  const title = options.title ?? (usual === "line" ? `curves of ${count} points` : `a scatter of ${count} points`);
  const drawn = [...(surface ? [shades(surface, frame)] : []), ...all.flatMap((each) => marks(each, frame))];
  return new Plot(title, picture(title, width, height, ...axes(frame, x, y), within(frame, ...drawn), ...keys));
}

function pointsOf(op: string, given: unknown, usual: "line" | "dots", i: number): Points {
  if (typeof given !== "object" || given === null || !("y" in given))
    throw new ArgumentError(op, `a series has x and y, got ${show(given)}`);
  const { name = "", x, y, look = usual, colour = i } = given as Series;
  const along = numbersOf(op, "y", y);
  const across = x === undefined ? along.map((_, k) => k) : numbersOf(op, "x", x);
  if (across.length !== along.length)
    throw new ArgumentError(op, `x and y are equally long, got ${across.length} and ${along.length} numbers`);
  if (!looks.includes(look)) throw new ArgumentError(op, `the look is one of ${looks.join(", ")}, got ${show(look)}`);
  return { name: String(name), x: across, y: along, look, colour: colour % colours.length };
}

function rangesOf(all: readonly Points[], { yMin, yMax }: ChartOptions) {
  const seen = all.filter(({ look }) => look !== "faint");
  const [left, right] = extremes(seen.flatMap(({ x }) => x)) ?? [];
  const [low, high] = extremes(seen.flatMap(({ y }) => y)) ?? [];
  return { x: widened(left, right), y: widened(yMin ?? low, yMax ?? high) };
}

function surfaceOf(op: string, { values, x, y }: Surface) {
  const ends = (what: string, given: unknown): readonly [number, number] => {
    const [from, to, ...more] = numbersOf(op, what, given);
    if (more.length > 0 || !(from < to))
      throw new ArgumentError(op, `${what} goes from one number to a larger one, got ${show(given)}`);
    return [from, to];
  };
  return {
    rows: rowsOf(op, "the surface's values", values),
    x: ends("the surface's x", x),
    y: ends("the surface's y", y),
  };
}

function shades({ rows }: { readonly rows: readonly (readonly number[])[] }, { right, top, bottom }: Frame): string {
  const href = pngAddress([...rows].reverse(), diverging(rows)); // the lowest row is at the bottom
  const place = { x: left, y: top, width: right - left, height: bottom - top };
  return element("image", { ...place, href, preserveAspectRatio: "none", class: "surface" });
}

/** A series as its line and its dots. */
function marks({ x, y, look, colour }: Points, frame: Frame): string[] {
  const paint = colours[colour];
  const places = x.map((value, i) => [frame.x.at(value), frame.y.at(y[i])] as const);
  const line = { d: pathOf(places), fill: "none", stroke: paint, "stroke-linejoin": "round" };
  const parts: string[] = [];
  if (look === "faint")
    parts.push(element("path", { class: `faint colour-${colour}`, ...line, "stroke-opacity": 0.22 }));
  if (look === "line" || look === "both")
    parts.push(element("path", { class: `line colour-${colour}`, ...line, "stroke-width": 2 }));
  if (look === "dots" || look === "both")
    for (const [cx, cy] of places.filter((place) => place.every(Number.isFinite)))
      parts.push(element("circle", { class: `dot colour-${colour}`, cx, cy, r: look === "both" ? 4 : 3, fill: paint }));
  return parts;
}

/** The places joined; one that is no number leaves a gap. */
function pathOf(places: readonly (readonly [x: number, y: number])[]): string {
  let path = "";
  let open = false;
  for (const [x, y] of places) {
    const there = Number.isFinite(x) && Number.isFinite(y);
    if (there) path += `${open ? "L" : "M"}${px(x)} ${px(y)}`;
    open = there;
  }
  return path;
}

/** The names in their colours, above the frame, in as many lines as they need. */
function keyOf(named: readonly Points[], width: number): { readonly keys: readonly string[]; readonly above: number } {
  let [x, line] = [left, 0];
  const keys = named.flatMap(({ name, colour }) => {
    const wide = 34 + 7 * name.length; // letters of this size are some 7 pixels wide
    if (x > left && x + wide > width) [x, line] = [left, line + 1];
    const [at, y] = [x, 13 + 20 * line];
    x += wide;
    return [
      element("rect", {
        class: `colour-${colour}`,
        x: at,
        y: y - 6,
        width: 12,
        height: 4,
        rx: 2,
        fill: colours[colour],
      }),
      words(name, { class: "tick", x: at + 17, y }),
    ];
  });
  return { keys, above: named.length > 0 ? 20 * (line + 1) : 0 };
}
