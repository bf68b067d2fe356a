import { expand, select, slice, type Tensor, transpose } from "@flambeau/tensor";

/** How an op's input lies in memory. The values of an expanded one are not the case's: one element stands for a whole dimension. */
export const layouts = ["contiguous", "transposed", "sliced", "expanded"] as const;
export type LayoutName = (typeof layouts)[number];

/** A memory and the window of it that an input shows. */
export interface Place {
  /** Shape of the memory, which is row-major. */
  readonly memory: readonly number[];
  /** The window's strides and its first element in the memory. */
  readonly strides: readonly number[];
  readonly offset: number;
  /** The window, made with view ops, through which gradients reach the memory. */
  readonly see: (memory: Tensor) => Tensor;
}

const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, d) => shape.slice(d + 1).reduce((n, s) => n * s, 1));

/** The place of a tensor of `shape`. Scalars and empty tensors have only one. */
export function placeOf(layout: LayoutName, shape: readonly number[]): Place {
  const last = shape.length - 1;
  const strides = stridesOf(shape);
  if (layout === "contiguous" || last < 0 || shape.includes(0))
    return { memory: shape, strides, offset: 0, see: (m) => m };
  if (layout === "expanded") {
    // alternately the first and the last dimension that can be repeated
    const able = shape.flatMap((s, d) => (s > 1 ? [d] : []));
    const dim = able.at(shape.length % 2 === 0 ? 0 : -1);
    if (dim === undefined) return placeOf("sliced", shape);
    const memory = shape.map((s, d) => (d === dim ? 1 : s));
    return {
      memory,
      strides: stridesOf(memory).map((s, d) => (d === dim ? 0 : s)),
      offset: 0,
      see: (m) => expand(m, shape),
    };
  }
  if (layout === "transposed") {
    if (last === 0) return { memory: [shape[0], 2], strides: [2], offset: 1, see: (m) => select(m, 1, 1) };
    const memory = [...shape.slice(0, -2), shape[last], shape[last - 1]];
    return {
      memory,
      strides: [...strides.slice(0, -2), 1, shape[last - 1]],
      offset: 0,
      see: (m) => transpose(m, -1, -2),
    };
  }
  const memory = shape.map((s, d) => (d === last ? 2 * s + 1 : s + 2));
  const outer = stridesOf(memory);
  return {
    memory,
    strides: outer.map((s, d) => (d === last ? 2 : s)),
    offset: outer.reduce((n, s) => n + s, 0),
    see: (m) => shape.reduce((x, s, d) => slice(x, d, 1, d === last ? 2 * s + 1 : s + 1, d === last ? 2 : 1), m),
  };
}
