import { scoped, unscoped } from "@flambeau/tensor/plugin";
import { isHooked } from "./hooks.ts";
import type { Module } from "./module.ts";

/**
 * Runs the forward of a module that is made of others so that it leaves its result and nothing else, at the top of a program, too. Not where
 * hooks below look on: what they keep is theirs.
 */
export function alone<T>(module: Module, forward: () => T): T {
  if (!unscoped()) return forward();
  for (const each of module.modules()) if (each !== module && isHooked(each)) return forward();
  return scoped(forward);
}
