import { clone, isTensor, noGrad, type Tensor } from "@flambeau/tensor/functional";
import { copyHooks } from "./hooks.ts";
import { isModule, type Module } from "./module.ts";
import { Buffer, isBuffer, isParameter, Parameter } from "./parameter.ts";

/**
 * A module like another that shares no tensor with it, as Python's `deepcopy` makes one: parameters, buffers and submodules are copied with
 * their values, what stands there twice stands there twice in the copy, too. Functions and other objects are shared. Fields written
 * `#name` cannot be reached from outside their class: a module with such fields has no copy.
 */
export const deepCopy = <M extends Module>(module: M): M => new Copier().module(module);

class Copier {
  /** Copies by what they are of. */
  readonly #made = new Map<object, unknown>();

  module<M extends Module>(from: M): M {
    const known = this.#made.get(from);
    if (known !== undefined) return known as M; // put there below
    const to = Object.create(Object.getPrototypeOf(from)) as M; // the constructor would draw values, and wants its arguments
    this.#made.set(from, to);
    for (const [field, value] of Object.entries(from)) Reflect.set(to, field, this.#value(value));
    copyHooks(from, to);
    return to;
  }

  #value(x: unknown): unknown {
    if (typeof x !== "object" || x === null) return x;
    const known = this.#made.get(x);
    if (known !== undefined) return known;
    if (isModule(x)) return this.module(x);
    if (isTensor(x)) return this.#remember(x, this.#tensor(x));
    if (Array.isArray(x))
      return this.#remember(x, [], (to: unknown[]) => to.push(...x.map((v: unknown) => this.#value(v))));
    if (x instanceof Map)
      return this.#remember(x, new Map(), (to) => {
        for (const [key, v] of x) to.set(key, this.#value(v));
      });
    if (x instanceof Set)
      return this.#remember(x, new Set(), (to) => {
        for (const v of x) to.add(this.#value(v));
      });
    if (Object.getPrototypeOf(x) !== Object.prototype) return x;
    return this.#remember(x, {}, (to) => {
      for (const [key, v] of Object.entries(x)) Reflect.set(to, key, this.#value(v));
    });
  }
  /** Known before it is filled: it may hold itself. */
  #remember<T extends object>(of: object, made: T, fill?: (made: T) => unknown): T {
    this.#made.set(of, made);
    fill?.(made);
    return made;
  }
  #tensor(x: Tensor): Tensor {
    const own = noGrad(() => clone(x));
    const parameter = isParameter(x);
    if (!parameter && !isBuffer(x)) return own;
    const copy = parameter ? new Parameter(own, x.requiresGrad) : new Buffer(own, (x as Buffer).persistent);
    own.dispose();
    return copy;
  }
}
