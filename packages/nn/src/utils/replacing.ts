import { ArgumentError, detach, noGrad, type Tensor, tidy } from "@flambeau/tensor/functional";
import { scoped, show, unscoped } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { fieldOf } from "./fields.ts";
import { compute } from "./parametrize/computed.ts";

// What the older normalizations share: a parameter gives way to others, from which it is computed when it is read.

/** The tensor in a field that such a function made, or what stands for it in a functionalCall. */
export const parameter = (module: Module, field: string): Tensor => Reflect.get(module, field) as Tensor;

/** Puts `parts` into fields, and `run` of them in the place of a parameter. */
export function replace(
  module: Module,
  field: string,
  parts: Readonly<Record<string, Tensor>>,
  run: (self: Module) => Tensor,
): void {
  Reflect.deleteProperty(module, field);
  Object.assign(module, parts);
  const names = Object.keys(parts).join(" and ");
  compute(
    module,
    field,
    (self) => (unscoped() ? scoped(run, self) : run(self)),
    () => {
      throw new ArgumentError("assignment", `${field} is computed from ${names}`, "assign to those");
    },
  );
}

/** Puts a parameter of the present value where one was computed, and takes away what it was computed from. */
export function settle<M extends Module>(op: string, by: string, module: M, name: string, parts: readonly string[]): M {
  const { field, key, tensor } = fieldOf(op, module, name);
  const from = parts.map((part) => `${key}_${part}`);
  if (tensor !== null || !from.every((part) => Object.hasOwn(module, part)))
    throw new ArgumentError(op, `${module.constructor.name} has no ${by} of ${show(name)}`);
  const value = noGrad(() => tidy(() => new Parameter(detach(parameter(module, field)))));
  for (const each of [field, ...from]) Reflect.deleteProperty(module, each);
  Object.assign(module, { [field]: value });
  return module;
}
