import type { Tensor } from "@flambeau/tensor/functional";
import type { Module } from "../../module.ts";

/**
 * Puts a field that is computed whenever it is read in the place of one that holds a tensor. It belongs to the module and works on `this`, so
 * that a copy of the module computes its own.
 */
export function compute(
  module: Module,
  field: string,
  get: (module: Module) => Tensor,
  set: (module: Module, value: Tensor) => void,
): void {
  Object.defineProperty(module, field, {
    get(this: Module) {
      return get(this);
    },
    set(this: Module, value: Tensor) {
      set(this, value);
    },
    configurable: true,
    enumerable: false, // or it would be read in order to find parameters
  });
}
