import type { Tensor } from "../../core/tensor.ts";
import { keptShape } from "../../lower/reduce.ts";
import { reshape } from "../shape/view.ts";

/** A reduced tensor (with or without its reduced dims) in a shape that broadcasts against the input's. */
export const restore = (g: Tensor, shape: readonly number[], dims: readonly number[]): Tensor =>
  reshape(g, keptShape(shape, dims));
