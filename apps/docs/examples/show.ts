// What an example draws with. A picture is data: the page draws it, in its own colours; a test reads it.

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
}

/** Where pictures go: the page's worker and the tests put a function here. */
export const screen: { show?: (picture: Picture) => void } = {};

/** Shows a picture, below the program in the page; where there is no page, nothing. */
export function show(picture: Picture): void {
  screen.show?.(picture);
}
