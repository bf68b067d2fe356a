import type { Words } from "./words.ts";

/** Nested loops over positions of a shape in row-major order, and how far each view steps along them. */
export interface Loops {
  readonly sizes: readonly number[];
  /** A list for each view, in elements. */
  readonly steps: readonly (readonly number[])[];
}

/**
 * The fewest loops over the given dimensions (all of them by default): those of size 1 are dropped, neighbours that all views step
 * through as one are joined. There is always one.
 */
export function loopsOver(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  dims: readonly number[] = shape.map((_, d) => d),
): Loops {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (const d of dims) {
    const size = shape[d];
    if (size === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && steps.every((own, v) => own[last] === strides[v][d] * size)) {
      sizes[last] *= size;
      steps.forEach((own, v) => {
        own[last] = strides[v][d];
      });
    } else {
      sizes.push(size);
      steps.forEach((own, v) => {
        own.push(strides[v][d]);
      });
    }
  }
  if (sizes.length > 0) return { sizes, steps };
  return { sizes: [1], steps: strides.map(() => [0]) };
}

export const writeLoops = (words: Words, { sizes }: Loops): Words => words.int(sizes.length).ints(sizes);
