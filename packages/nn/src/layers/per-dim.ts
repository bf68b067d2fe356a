import type { Spatial } from "@flambeau/tensor/functional";

/** One value for each spatial dimension: a number stands for all. */
export const perDim = (value: Spatial, n: number): readonly number[] =>
  typeof value === "number" ? new Array<number>(n).fill(value) : value;
