// Draws a program's pictures.
import { curves, images, type Plot, type Series } from "flambeau/plot";
import type { Picture, Surface, Tile } from "../../examples/show.ts";
import { bars, written } from "./lists.ts";
import { many, numbers, rows, text } from "./untrusted.ts";

/** The picture as an element; it keeps to the width that there is. */
export function draw(picture: Picture): HTMLElement {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = text(picture.title);
  figure.append(caption);
  if (picture.tiles) figure.append(...drawn(() => tiles(picture.tiles ?? [])));
  if (picture.bars) figure.append(bars(picture.bars));
  if (picture.text !== undefined) figure.append(written(picture.text));
  if (picture.lines || picture.dots || picture.surface) {
    figure.classList.add("chart");
    figure.append(...drawn(() => chart(picture)));
  }
  return figure;
}

/** A plot as an element, or the words that say why there is none. */
function drawn(make: () => Plot | undefined): Node[] {
  try {
    const plot = make();
    if (!plot) return [];
    const { documentElement } = new DOMParser().parseFromString(plot.svg, "image/svg+xml");
    return [document.importNode(documentElement, true)];
  } catch (error) {
    return [document.createTextNode(String(error))];
  }
}

function chart({ title, x, y, lines, dots, surface }: Picture): Plot {
  const ground = surface && ({ values: rows(surface.values, 512), x: ends(surface.x), y: ends(surface.y) } as const);
  const all = [...many(lines).map((each) => series(each, "line")), ...many(dots).map((each) => series(each, "dots"))];
  // on a surface what is low is blue: of two kinds of points the first is, too
  const colour = (i: number) => (ground && !lines?.length && i < 2 ? 1 - i : i);
  const coloured = all.map((each, i) => ({ ...each, colour: colour(i) }));
  const size = matchMedia("(max-width: 40rem)").matches ? { width: 360, height: 300 } : {}; // words keep their size
  return curves(coloured, { ...size, title: text(title), x: text(x), y: text(y), ...(ground && { surface: ground }) });
}

function series(given: unknown, look: "line" | "dots"): Series {
  const { name, x, y } = Object(given) as { readonly [key: string]: unknown };
  const across = numbers(x);
  const along = numbers(y);
  return { name: text(name), look, x: across, y: across.map((_, i) => along[i] ?? Number.NaN) };
}

function ends(given: Surface["x"]): readonly [number, number] {
  const [from = 0, to = 1] = numbers(given, 2);
  return [from, to];
}

/** Gray images: 0 is paper and 1 is ink. */
function tiles(given: readonly Tile[]): Plot | undefined {
  const all = many(given).map((tile) => Object(tile) as Partial<Tile>);
  const seen = all
    .map((tile) => ({ rows: rows(tile.rows, 256), label: text(tile.label) }))
    .filter((each) => each.rows.length);
  if (seen.length === 0) return undefined;
  const labels = seen.some(({ label }) => label) ? seen.map(({ label }) => label) : [];
  return images(
    seen.map((each) => each.rows),
    { low: 1, high: 0, labels, columns: seen.some((each) => each.rows[0].length > 32) ? 4 : 8 },
  );
}
