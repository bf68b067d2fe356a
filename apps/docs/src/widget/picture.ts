// Draws a program's pictures.
import type { Picture, Series, Surface } from "../../examples/show.ts";
import { bars, tiles, written } from "./lists.ts";
import { type Scale, scale } from "./scale.ts";
import { many, numbers, text } from "./untrusted.ts";

const width = 560;
const height = 320;
const margin = { top: 12, right: 14, bottom: 44, left: 56 };

type Attributes = Readonly<Record<string, string | number>>;

function svg(name: string, attributes: Attributes, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

interface Points {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
}

const points = (value: unknown): Points[] =>
  many(value).map((each) => {
    const { name, x, y } = Object(each) as Partial<Series>;
    return { name: text(name), x: numbers(x), y: numbers(y) };
  });

/** The picture as an element; it keeps to the width that there is. */
export function draw(picture: Picture): HTMLElement {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = text(picture.title);
  figure.append(caption);
  if (picture.tiles) figure.append(tiles(picture.tiles));
  if (picture.bars) figure.append(bars(picture.bars));
  if (picture.text !== undefined) figure.append(written(picture.text));
  if (picture.lines || picture.dots || picture.surface) figure.append(...chart(picture));
  return figure;
}

function chart(picture: Picture): Node[] {
  const lines = points(picture.lines);
  const dots = points(picture.dots);
  const surface = picture.surface && grid(picture.surface);
  const all = [...lines, ...dots];
  const across = surface ? surface.x : all.flatMap(({ x }) => x);
  const along = surface ? surface.y : all.flatMap(({ y }) => y);
  const x = scale(across, margin.left, width - margin.right, surface !== undefined);
  const y = scale(along, height - margin.bottom, margin.top, surface !== undefined);
  const plot = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": text(picture.title) });
  if (surface) plot.append(shade(surface.values, x, y));
  plot.append(...axes(x, y, text(picture.x), text(picture.y)));
  // on a surface what is low is blue: of two kinds of points the first is, too
  const colour = (i: number) => (surface && !lines.length && i < 2 ? 1 - i : i) % 5;
  lines.forEach((series, i) => {
    plot.append(svg("path", { d: path(series, x, y), class: `line colour-${colour(i)}` }));
  });
  dots.forEach((series, k) => {
    const marks = series.x.map((value, i) => [x.at(value), y.at(series.y[i] ?? Number.NaN)] as const);
    const seen = marks.filter((mark) => mark.every(Number.isFinite));
    const looks = { r: 3, class: `dot colour-${colour(lines.length + k)}` };
    plot.append(...seen.map(([cx, cy]) => svg("circle", { cx, cy, ...looks })));
  });
  const named = all.map(({ name }, i) => ({ name, colour: colour(i) })).filter(({ name }) => name);
  return named.length ? [plot, key(named)] : [plot];
}

function key(named: readonly { name: string; colour: number }[]): HTMLElement {
  const list = document.createElement("ul");
  list.className = "key";
  for (const { name, colour } of named) {
    const item = document.createElement("li");
    item.className = `colour-${colour}`;
    item.textContent = name;
    list.append(item);
  }
  return list;
}

function path({ x: across, y: along }: Points, x: Scale, y: Scale): string {
  let pen = "M";
  return across
    .map((value, i) => {
      const place = [x.at(value), y.at(along[i] ?? Number.NaN)];
      if (!place.every(Number.isFinite)) {
        pen = "M"; // what is no number leaves a gap
        return "";
      }
      const step = `${pen}${place.map((each) => each.toFixed(1)).join(" ")}`;
      pen = "L";
      return step;
    })
    .join("");
}

function axes(x: Scale, y: Scale, across: string, along: string): SVGElement[] {
  const bottom = height - margin.bottom;
  const written = (value: number) => (Math.abs(value) >= 1e5 ? value.toExponential() : String(value));
  return [
    ...x.ticks.flatMap((tick) => [
      svg("path", { d: `M${x.at(tick)} ${margin.top}V${bottom}`, class: "grid" }),
      svg("text", { x: x.at(tick), y: bottom + 18, "text-anchor": "middle" }, written(tick)),
    ]),
    ...y.ticks.flatMap((tick) => [
      svg("path", { d: `M${margin.left} ${y.at(tick)}H${width - margin.right}`, class: "grid" }),
      svg("text", { x: margin.left - 8, y: y.at(tick) + 4, "text-anchor": "end" }, written(tick)),
    ]),
    svg("text", { x: (margin.left + width - margin.right) / 2, y: height - 6, "text-anchor": "middle" }, across),
    svg(
      "text",
      {
        x: 14,
        y: (margin.top + bottom) / 2,
        "text-anchor": "middle",
        transform: `rotate(-90 14 ${(margin.top + bottom) / 2})`,
      },
      along,
    ),
  ];
}

interface Grid {
  readonly values: number[][];
  readonly x: number[];
  readonly y: number[];
}

function grid({ values, x, y }: Surface): Grid {
  const rows = (Array.isArray(values) ? values.slice(0, 512) : []).map((row) => numbers(row).slice(0, 512));
  return { values: rows, x: numbers(x).slice(0, 2), y: numbers(y).slice(0, 2) };
}

/** A grid of numbers as shades between two colours, from its lowest to its highest. */
function shade(rows: number[][], x: Scale, y: Scale): SVGElement {
  const canvas = document.createElement("canvas");
  canvas.width = rows[0]?.length ?? 0;
  canvas.height = rows.length;
  const all = rows.flat().filter(Number.isFinite);
  const low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const context = canvas.getContext("2d");
  if (!context || !canvas.width || !canvas.height) return svg("g", {});
  const pixels = context.createImageData(canvas.width, canvas.height);
  rows.forEach((row, i) => {
    row.slice(0, canvas.width).forEach((value, j) => {
      const share = high > low ? (value - low) / (high - low) : 0.5;
      pixels.data.set(mixed(share), 4 * ((canvas.height - 1 - i) * canvas.width + j)); // the lowest row is at the bottom
    });
  });
  context.putImageData(pixels, 0, 0);
  const place = { x: x.at(x.from), y: y.at(y.to), width: x.at(x.to) - x.at(x.from), height: y.at(y.from) - y.at(y.to) };
  return svg("image", { ...place, href: canvas.toDataURL(), preserveAspectRatio: "none", class: "surface" });
}

const cold = [47, 98, 122];
const middle = [240, 232, 220];
const hot = [214, 92, 32];

function mixed(share: number): number[] {
  if (!Number.isFinite(share)) return [0, 0, 0, 0];
  const [a, b, t] = share < 0.5 ? [cold, middle, 2 * share] : [middle, hot, 2 * share - 1];
  return [...a.map((value, i) => Math.round(value + t * ((b[i] ?? 0) - value))), 255];
}
