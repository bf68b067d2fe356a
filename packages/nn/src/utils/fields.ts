import { ArgumentError, type Tensor } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../module.ts";
import { isBuffer, isParameter } from "../parameter.ts";

/** A parameter or buffer of a module: its field, its key in the state, itself. */
export interface Field {
  readonly field: string;
  readonly key: string;
  /** null for one that is computed. */
  readonly tensor: Tensor | null;
}

/** The key in the state of a field, or of what has that key: PyTorch's names and ours are both understood. */
export const keyOf = (module: Module, name: string): string => module.keyOfField(name);

/** The parameter or buffer of a name, also one that is computed. @throws ArgumentError when the module has none. */
export function fieldOf(op: string, module: Module, name: string): Field {
  if (!isModule(module)) throw new ArgumentError(op, `module must be a Module, got ${show(module)}`);
  if (typeof name !== "string") throw new ArgumentError(op, `the tensor's name must be a string, got ${show(name)}`);
  const field = module.fieldOfKey(name);
  const key = keyOf(module, name);
  const held = Object.getOwnPropertyDescriptor(module, field);
  if (held?.get !== undefined) return { field, key, tensor: null };
  const tensor: unknown = held?.value;
  if (isParameter(tensor) || isBuffer(tensor)) return { field, key, tensor };
  throw new ArgumentError(
    op,
    `${module.constructor.name} has no parameter or buffer ${show(name)}`,
    `it has: ${module.ownNames().join(", ") || "none"}`,
  );
}

/** The tensor of a name as the module sees it now. @throws ArgumentError when there is none. */
export function tensorOf(op: string, module: Module, name: string): Tensor {
  const { field, tensor } = fieldOf(op, module, name);
  return tensor ?? (Reflect.get(module, field) as Tensor); // a computed field gives a tensor
}
