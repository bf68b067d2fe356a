import { ArgumentError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { extremes, listOf, type Rows, rowsOf } from "./numbers.ts";
import { diverging, gray, pngAddress } from "./pixels.ts";
import { Plot } from "./plot.ts";
import { element, picture, words } from "./svg.ts";

export interface ImageOptions {
  /** What it shows: told to those who do not see it. */
  readonly title?: string | undefined;
  /** The number that is black, and the one that is white; `low` may be the larger one. Default: the least and the largest of all. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** `gray` from black to white (default), `diverging` from blue to orange. */
  readonly colours?: "gray" | "diverging" | undefined;
  /** A text below each. */
  readonly labels?: readonly string[] | undefined;
  /** How many stand side by side. Default 8. */
  readonly columns?: number | undefined;
  /** Pixels of the screen for one of the image. Default: as many as make it some 64 wide. */
  readonly zoom?: number | undefined;
}
const imageKinds: Kinds<ImageOptions> = {
  title: option.string,
  low: option.number,
  high: option.number,
  colours: option.oneOf("gray", "diverging"),
  labels: option.listOf(option.string),
  columns: option.number,
  zoom: option.number,
};

/**
 * Images beside each other, all on one scale of brightness.
 *
 * Shapes: each [height, width], row 0 on top.
 *
 * @throws ArgumentError for rows of different lengths, no image, and options that cannot be.
 * @throws UnavailableError for tensors on a device that cannot be read at once.
 * @example
 * images([[[0, 1], [1, 0]], [[1, 0], [0, 1]]], { labels: ["a", "b"] }).title; // "2 images"
 */
export function images(list: readonly Rows[], options: ImageOptions = {}): Plot {
  checkOptions("images", imageKinds, options);
  const given = listOf("images", "images", list);
  if (given.length === 0) throw new ArgumentError("images", "there are no images");
  return drawn(
    "images",
    given.map((each) => rowsOf("images", "an image", each)),
    `${given.length} images`,
    options,
  );
}

/**
 * One image: a matrix's numbers as shades.
 *
 * Shape: [height, width], row 0 on top.
 *
 * @throws ArgumentError for rows of different lengths, and options that cannot be.
 * @throws UnavailableError for a tensor on a device that cannot be read at once.
 * @example
 * image([[0, 0.5], [0.5, 1]]).title; // "an image of 2 x 2"
 */
export function image(rows: Rows, options: ImageOptions = {}): Plot {
  checkOptions("image", imageKinds, options);
  const one = rowsOf("image", "the image", rows);
  return drawn("image", [one], `an image of ${one.length} x ${one[0].length}`, {
    zoom: Math.max(1, Math.round(256 / one[0].length)),
    ...options,
  });
}

function drawn(op: string, all: readonly number[][][], what: string, options: ImageOptions): Plot {
  const { labels = [], columns = 8, title = what, colours = "gray" } = options;
  const wide = Math.max(...all.map((rows) => rows[0].length));
  const high = Math.max(...all.map((rows) => rows.length));
  const zoom = options.zoom ?? Math.max(1, Math.round(64 / wide));
  if (!Number.isInteger(columns) || columns < 1)
    throw new ArgumentError(op, `columns is a positive integer, got ${columns}`);
  if (!(zoom > 0)) throw new ArgumentError(op, `zoom is a positive number, got ${zoom}`);
  const values = all.flat();
  const [least, most] = extremes(values.flat()) ?? [0, 1];
  const paint =
    colours === "diverging"
      ? diverging(values)
      : gray(options.low ?? least, options.high ?? (most > least ? most : least + 1));
  const cell = { width: wide * zoom + 8, height: high * zoom + (labels.length > 0 ? 24 : 8) };
  const parts = all.flatMap((rows, i) => {
    const [x, y] = [(i % columns) * cell.width + 4, Math.floor(i / columns) * cell.height + 4];
    const size = { width: rows[0].length * zoom, height: rows.length * zoom };
    const pixels = element("image", {
      x,
      y,
      ...size,
      href: pngAddress(rows, paint),
      "image-rendering": "pixelated",
    });
    const below = { class: "tick", x: x + size.width / 2, y: y + size.height + 14, "text-anchor": "middle" };
    return labels[i] ? [pixels, words(labels[i], below)] : [pixels];
  });
  const across = Math.min(columns, all.length) * cell.width;
  return new Plot(title, picture(title, across, Math.ceil(all.length / columns) * cell.height, ...parts));
}
