import type { Tensor } from "@flambeau/tensor/functional";
import { filledLike } from "@flambeau/tensor/plugin";

/** The cotangent of a scalar that is differentiated. */
export const filledWithOnes = (t: Tensor): Tensor => filledLike(t, t.shape, 1);
