import { checkFunction } from "../core/errors.ts";
import { type Synchronous, synchronous } from "../core/modes.ts";
import { named } from "../core/named.ts";
import { Tensor } from "../core/tensor.ts";
import { tracer } from "../door/interpreter.ts";
import { promote, Scope } from "./scope.ts";

/** tidy for the inside of an op: frees what `fn` made but its one result, if it gives one. */
export function local<T extends Tensor | null>(fn: () => T): T {
  const scope = new Scope();
  try {
    const result = fn();
    if (result !== null) promote(result, scope);
    return result;
  } finally {
    scope.end();
  }
}

const isPlain = (value: object): boolean =>
  Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
/** Visits each tensor in a value: the value itself, or inside arrays, plain objects, maps and sets. */
export function eachTensor(value: unknown, visit: (t: Tensor) => void, seen = new Set<object>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) visit(value);
  else if (value instanceof Map) for (const v of value.values()) eachTensor(v, visit, seen);
  else if (Array.isArray(value) || value instanceof Set) for (const v of value) eachTensor(v, visit, seen);
  else if (isPlain(value) || named in value) for (const v of Object.values(value)) eachTensor(v, visit, seen);
}

/**
 * Runs `fn` and frees every tensor made inside it but those in its result (also inside arrays, objects, maps), those that
 * were `keep`-t, gradients of tensors from outside, and what a returned tensor's graph still needs for its backward pass.
 *
 * @example
 * import { tensor, tidy } from "flambeau";
 * const y = tidy(() => tensor([1, 2]).mul(2).add(1)); // the intermediate is freed
 * console.log(y.tolist()); // [3, 5]
 */
export function tidy<T>(fn: Synchronous<T>): T {
  checkFunction("tidy", "fn", fn);
  const scope = new Scope();
  let result: T;
  try {
    result = synchronous("tidy", fn());
    eachTensor(result, (t) => {
      promote(t, scope);
      tracer()?.saved(t, (s) => scope.spare(s));
    });
  } finally {
    scope.end();
  }
  return result;
}
