import type { View } from "@flambeau/tensor/plugin";

/**
 * The fewest loops over several views of one shape, in row-major order: dimensions of size 1 are dropped, neighbours that all
 * views step through as one are joined. On reused arrays, since every strided call comes here.
 */
export class Nest {
  rank = 0;
  readonly sizes: number[] = [];
  /** The step of view v along loop d is at `d * views + v`. */
  readonly steps: number[] = [];
  views = 0;

  /** Finds the loops over the first view's shape. `skip` names a dimension to leave out. */
  collapse(views: readonly View[], count: number, skip = -1): this {
    const { shape } = views[0];
    const { sizes, steps } = this;
    let rank = 0;
    for (let d = 0; d < shape.length; d++) {
      const size = shape[d];
      if (size === 1 || d === skip) continue;
      const last = (rank - 1) * count;
      let joins = rank > 0;
      for (let v = 0; joins && v < count; v++) joins = steps[last + v] === views[v].strides[d] * size;
      if (joins) {
        sizes[rank - 1] *= size;
        for (let v = 0; v < count; v++) steps[last + v] = views[v].strides[d];
      } else {
        sizes[rank] = size;
        for (let v = 0; v < count; v++) steps[rank * count + v] = views[v].strides[d];
        rank++;
      }
    }
    this.rank = rank;
    this.views = count;
    return this;
  }

  /** Words that {@link write} needs. */
  get words(): number {
    return this.rank * (1 + this.views);
  }
  /** Writes sizes, then steps, from `at` on: what {@link unfold} reads. */
  write(u32: Uint32Array, at: number): void {
    const { rank, views, sizes, steps } = this;
    for (let d = 0; d < rank; d++) u32[at + d] = sizes[d];
    for (let s = 0; s < rank * views; s++) u32[at + rank + s] = steps[s];
  }
}

/**
 * Statements that turn the position `position` into the views' places: adds to the variables `places[v]`. `first` is the word at
 * which {@link Nest.write} wrote.
 */
export function unfold(
  rank: number,
  places: readonly string[],
  position: string,
  first: number,
  word: (at: number) => string,
  name = "rest",
): string {
  if (rank === 0) return "";
  const lines = [`var ${name} = ${position};`];
  for (let d = rank - 1; d >= 0; d--) {
    const coordinate = d > 0 ? `(${name} % ${word(first + d)})` : name;
    places.forEach((place, v) => {
      lines.push(`${place} += ${coordinate} * ${word(first + rank + d * places.length + v)};`);
    });
    if (d > 0) lines.push(`${name} = ${name} / ${word(first + d)};`);
  }
  return lines.join("\n    ");
}
