import type { Tensor } from "@flambeau/tensor/functional";
import { liftedOf } from "@flambeau/tensor/plugin";

/** Whether a result on some level below wants a gradient, so that what is made of it has to be recorded there. */
export function tracked(t: Tensor): boolean {
  for (let at: Tensor | undefined = t; at !== undefined; at = liftedOf(at)?.value) if (at.requiresGrad) return true;
  return false;
}

/** Whether a level below gives tangents to what is made of `t`. */
export function moving(t: Tensor): boolean {
  for (let at = liftedOf(t); at !== null; at = liftedOf(at.value)) if (at.level.transform === "jvp") return true;
  return false;
}
