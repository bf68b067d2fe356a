import { Tensor } from "@flambeau/tensor";
import { context } from "@flambeau/tensor/plugin";
import type { Failing } from "./failing.ts";

type Storage = Tensor["storage"];
type Owner = NonNullable<typeof context.scope>;
type AnyFunction = (...args: unknown[]) => unknown;

/** Visits each tensor in a value: the value itself, or inside arrays, maps, modules and other objects. */
function eachTensor(value: unknown, visit: (t: Tensor) => void, seen = new Set<unknown>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) {
    visit(value);
    if (value.grad !== null) visit(value.grad);
  } else if (value instanceof Map || value instanceof Set || Array.isArray(value))
    for (const v of value.values()) eachTensor(v, visit, seen);
  else for (const v of Object.values(value)) eachTensor(v, visit, seen);
}

/**
 * Watches what public functions leave behind when they are called as at the top of a program, outside of scopes: after a call only its
 * results live, what its arguments hold, and what a graph needs for backward. After one that threw, not even results: each function
 * is tried with each of its kernel calls throwing in turn.
 */
export class Leftovers {
  /** By function: what is left of a call. */
  readonly problems = new Map<string, string>();
  readonly tried = new Set<string>();
  readonly failed = new Set<string>();
  readonly #failing: Failing;
  #inside = false;

  constructor(failing: Failing) {
    this.#failing = failing;
  }

  /** The same functions, watched. What they call themselves is not: that is their own business. */
  functions<F extends { readonly [name: string]: unknown }>(functions: F): F {
    const watched: { [name: string]: unknown } = {};
    for (const [name, value] of Object.entries(functions))
      watched[name] =
        typeof value === "function" && !isClass(value) ? this.#watched(name, value as AnyFunction) : value;
    return watched as F; // the same names
  }
  /** The same classes of modules, whose `forward` is watched. */
  classes<F extends { readonly [name: string]: unknown }>(classes: F): F {
    const watched: { [name: string]: unknown } = {};
    for (const [name, value] of Object.entries(classes))
      watched[name] =
        typeof value === "function" && isClass(value)
          ? new Proxy(value, {
              construct: (target, args) => {
                const module: { forward?: AnyFunction } = Reflect.construct(target, args);
                if (module.forward) {
                  const forward = this.#watched(`${name}.forward`, module.forward, module);
                  Object.defineProperty(module, "forward", { value: forward, enumerable: false });
                }
                return module;
              },
            })
          : value;
    return watched as F; // the same names
  }

  #watched(name: string, fn: AnyFunction, self?: unknown): AnyFunction {
    return (...args) => {
      if (this.#inside) return fn.apply(self, args);
      const outer = context.scope;
      context.scope = null;
      this.#inside = true;
      try {
        if (!this.failed.has(name)) this.#failEach(name, fn, self, args);
        const result = this.#judged(name, "", [args, self], () => fn.apply(self, args));
        if (outer !== null) eachTensor(result, (t) => give(t, outer));
        return result;
      } finally {
        this.#inside = false;
        context.scope = outer;
      }
    };
  }

  #failEach(name: string, fn: AnyFunction, self: unknown, args: unknown[]): void {
    for (let at = 0; at < 60; at++) {
      let threw = false;
      const kept: unknown[] = [args, self];
      try {
        this.#judged(name, ` when kernel ${at} throws`, kept, () => {
          threw = this.#failing.attempt(at, () => void kept.push(fn.apply(self, args)));
        });
      } catch {
        return; // refused for another reason
      }
      if (!threw) return;
      this.failed.add(name);
    }
  }

  /** Runs `run` and looks at what was made and still is there, but for what `kept` and the result hold. */
  #judged<T>(name: string, when: string, kept: unknown[], run: () => T): T {
    const made = new Set<Storage>();
    const before = context.noteSite;
    context.noteSite = (storage: Storage) => void made.add(storage);
    let result: T | undefined;
    try {
      result = run();
      return result;
    } finally {
      context.noteSite = before;
      this.tried.add(name);
      const held = new Set<Storage>();
      eachTensor([kept, result], (t) => void held.add(t.storage));
      let left = 0;
      for (const storage of made) {
        if (storage.backend.name === "meta" || storage.data === null || storage.saves > 0 || held.has(storage))
          continue;
        left++;
        storage.free(); // nobody else has it
      }
      if (left > 0 && !this.problems.has(name)) this.problems.set(name, `leaves ${left} tensors${when}`);
    }
  }
}

function give(t: Tensor, owner: Owner): void {
  if (t.owner !== null) return;
  t.owner = owner;
  owner.owned.push(t);
}

const isClass = (f: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(f));
