import { clone, noGrad } from "@flambeau/tensor/functional";
import { isModule, type Module } from "../module.ts";
import { Buffer, isBuffer, isParameter, Parameter } from "../parameter.ts";

/** A module of the same class with copies of its parameters, buffers and submodules; the other fields are the same. What is tied stays so. */
export function cloned<M extends Module>(module: M): M {
  const copies = new Map<object, object>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (isParameter(value) || isBuffer(value)) {
      const own = noGrad(() => clone(value));
      const made = isParameter(value) ? new Parameter(own, value.requiresGrad) : new Buffer(own, value.persistent);
      own.dispose();
      copies.set(value, made);
      return made;
    }
    if (!isModule(value)) return value;
    const made: object = Object.create(Object.getPrototypeOf(value));
    copies.set(value, made);
    for (const [name, field] of Object.entries(value)) Object.assign(made, { [name]: copy(field) });
    return made;
  };
  return copy(module) as M; // made after its prototype
}
