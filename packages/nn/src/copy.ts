import {
  ArgumentError,
  AutogradError,
  clone,
  detach,
  isTensor,
  noGrad,
  type Tensor,
} from "@flambeau/tensor/functional";
import { copyHooks, isHooked } from "./hooks.ts";
import { Buffer, isBuffer, isParameter, Parameter } from "./parameter.ts";
import { copyStateHooks, type Stateful } from "./state.ts";

interface Copied extends Stateful {
  // biome-ignore lint/suspicious/noExplicitAny: what it takes and gives is each module's own
  forward(...inputs: any[]): any;
}
const isModule = (x: object): x is Copied => "isModule" in x;

/** A copy of a module and all that its fields hold, in which what was one thing is one thing again. */
export function deepCopy<M extends Copied>(module: M): M {
  return noGrad(() => new Copier().copy(module)) as M; // a copy is of the same class
}

class Copier {
  /** What is copied already, by what it is a copy of. */
  readonly #made = new Map<object, unknown>();

  copy(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const known = this.#made.get(value);
    if (known !== undefined) return known;
    if (isTensor(value)) return this.#note(value, copyTensor(value));
    if (isModule(value)) return this.#module(value);
    if (Array.isArray(value))
      return this.#fill(value, [], (to: unknown[]) => to.push(...value.map((x) => this.copy(x))));
    if (value instanceof Map)
      return this.#fill(value, new Map(), (to) => {
        for (const [k, v] of value) to.set(this.copy(k), this.copy(v));
      });
    if (value instanceof Set)
      return this.#fill(value, new Set(), (to) => {
        for (const v of value) to.add(this.copy(v));
      });
    if (ArrayBuffer.isView(value) && "slice" in value) return this.#note(value, (value as Uint8Array).slice());
    if (value instanceof Date) return this.#note(value, new Date(value));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value; // of a class that nobody here knows
    return this.#fill(value, Object.create(prototype) as object, (to) => this.#fields(value, to));
  }

  #module(module: Copied): Copied {
    const field = Object.getOwnPropertyDescriptor(module, "forward");
    if (field !== undefined && !isHooked(module))
      throw new ArgumentError(
        "clone",
        `the forward of ${module.constructor.name} is a function in a field, which would go on working on the module that is copied`,
        "write it as a method; of a graph or another wrapper, clone the module below",
      );
    return this.#fill(module, Object.create(Object.getPrototypeOf(module) as object) as Copied, (to) => {
      this.#fields(module, to);
      copyHooks(module, to);
      copyStateHooks(module, to);
    });
  }
  /** Fields as they are: also hidden ones, and those that are computed, which work on the copy then. */
  #fields(from: object, to: object): void {
    for (const key of Reflect.ownKeys(from)) {
      if (key === "forward" && isModule(from)) continue;
      const field = Object.getOwnPropertyDescriptor(from, key);
      if (field === undefined) continue;
      Object.defineProperty(to, key, "value" in field ? { ...field, value: this.copy(field.value) } : field);
    }
  }
  /** Known before it is filled: it may hold itself. */
  #fill<T extends object>(from: object, to: T, fill: (to: T) => void): T {
    this.#note(from, to);
    fill(to);
    return to;
  }
  #note<T>(from: object, to: T): T {
    this.#made.set(from, to);
    return to;
  }
}

function copyTensor(t: Tensor): Tensor {
  if (!t.isLeaf)
    throw new AutogradError(
      "clone: a field of the module holds a tensor that an op made with a graph",
      "detach() it, or compute it in forward",
    );
  const data = clone(detach(t));
  const made = isParameter(t)
    ? new Parameter(data, t.requiresGrad)
    : isBuffer(t)
      ? new Buffer(data, t.persistent)
      : data;
  if (made !== data) data.dispose();
  if (!isParameter(t) && t.requiresGrad) made.requiresGrad = true;
  if (t.grad) made.grad = clone(detach(t.grad));
  return made;
}
