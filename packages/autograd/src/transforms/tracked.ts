import type { Tensor } from "@flambeau/tensor/functional";
import { liftedOf } from "@flambeau/tensor/plugin";

/** Whether a result on some level below wants a gradient, so that what is made of it has to be recorded there. */
export function tracked(t: Tensor): boolean {
  for (let at: Tensor | undefined = t; at !== undefined; at = liftedOf(at)?.value) if (at.requiresGrad) return true;
  return false;
}
