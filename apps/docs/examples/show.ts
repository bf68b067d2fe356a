// What an example draws with, and what a reader draws for it. A picture is data: the page draws it, in its own colours; a test reads it.

/** Numbers in a row, as `await x.data()` gives them. */
export type Numbers = ArrayLike<number | bigint>;

/** Points in the order of their numbers: a curve, or a cloud. */
export interface Series {
  /** Its name in the key. */
  readonly name?: string;
  readonly x: Numbers;
  readonly y: Numbers;
}

/** Numbers of a grid, row by row from the lowest `y`, each column one `x`. */
export interface Surface {
  readonly values: readonly Numbers[];
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
}

/** Gray images of one size: rows from the top, 0 is paper and 1 is ink. */
export interface Tile {
  readonly rows: readonly Numbers[];
  readonly label?: string;
}

/** A number with its name, shown by the length of a bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
}

export interface Picture {
  /** A picture takes the place of an earlier one with its title. */
  readonly title: string;
  /** Names of the axes. */
  readonly x?: string;
  readonly y?: string;
  readonly lines?: readonly Series[];
  readonly dots?: readonly Series[];
  readonly surface?: Surface;
  readonly tiles?: readonly Tile[];
  readonly bars?: readonly Bar[];
  readonly text?: string;
}

/** Where pictures go and drawings come from: the page's worker and the tests put functions here. */
export const screen: {
  show?: (picture: Picture) => void;
  drawings?: (title: string) => AsyncIterable<Float32Array>;
} = {};

/** Shows a picture, below the program in the page; where there is no page, nothing. */
export function show(picture: Picture): void {
  screen.show?.(picture);
}

/**
 * What the reader draws on a square below the program, again and again until the program is stopped: 64 numbers, the rows of 8x8 pixels as in the
 * digits set, 0 is paper and 1 is ink. Where there is no page, nobody draws.
 */
export async function* drawings(title: string): AsyncGenerator<Float32Array> {
  if (screen.drawings) yield* screen.drawings(title);
}
