import type { Tensor } from "../core/tensor.ts";

/** Sizes or dimensions as PyTorch's methods take them: one after another, or in one list. */
export type Sizes = number[] | [list: readonly number[]];

/** The method of a function that takes a list of sizes: `x.reshape(3, 4)` is `x.reshape([3, 4])`. */
export const spread =
  (f: (x: Tensor, list: readonly number[]) => Tensor) =>
  (x: Tensor, ...sizes: Sizes): Tensor =>
    f(x, isList(sizes) ? sizes[0] : sizes);

const isList = (sizes: Sizes): sizes is [list: readonly number[]] => typeof sizes[0] === "object";
