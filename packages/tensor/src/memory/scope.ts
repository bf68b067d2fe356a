import { context } from "../context.ts";
import { FlambeauError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";

/** Owns the tensors made while it is the innermost open scope and frees them when it ends. */
export class Scope {
  readonly parent: Scope | null;
  readonly owned: Tensor[] = [];
  private open = true;

  constructor() {
    this.parent = context.scope;
    context.scope = this;
  }

  /** Ends the scope: everything it still owns is freed. Ending scopes out of order throws, and frees nothing. */
  end(): void {
    if (!this.open) return;
    if (context.scope !== this)
      throw new FlambeauError(
        "memory scopes must end in reverse order of their start: another scope is still open inside this one",
        "two async functions with scopes overlap; give each its own synchronous tidy(), or let the loader's loop free tensors",
      );
    this.open = false;
    context.scope = this.parent;
    const owned = this.owned;
    for (let i = 0; i < owned.length; i++) if (owned[i].owner === this) owned[i].endWithScope();
    owned.length = 0;
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

/** Gives a new tensor to the open scope, or to the garbage collector when there is none. */
export function adopt(t: Tensor): void {
  const scope = context.scope;
  if (scope !== null) {
    t.owner = scope;
    scope.owned.push(t);
  } else {
    t.owner = null;
    t.storage.watch();
  }
}

/** Moves a tensor out of the scope that owns it into that scope's parent. */
export function promote(t: Tensor, from: Scope): void {
  if (t.owner !== from) return;
  if (from.parent) {
    t.owner = from.parent;
    from.parent.owned.push(t);
  } else {
    t.owner = null;
    t.storage.watch();
  }
}

/**
 * Takes a tensor out of every scope: it lives until dispose() or until the garbage collector finds it dropped.
 * Returns its argument.
 */
export function keep<T extends Tensor>(t: T): T {
  t.owner = null;
  t.storage.watch();
  return t;
}

/** Lets the open scope free `t` when it ends; without one, the collector. For memory that an owner (an optimizer, say) drops. */
export function release(t: Tensor): void {
  if (t.disposed || t.owner !== null) return;
  adopt(t);
}

/**
 * Opens a scope by hand: `using scope = memoryScope()`, or `scope.end()` in a finally block. Tensors made until it ends are freed
 * then, except kept ones.
 */
export const memoryScope = (): Scope => new Scope();

/** tidy for the inside of an op: frees what `fn` made but its one result. */
export function local(fn: () => Tensor): Tensor {
  const scope = new Scope();
  try {
    const result = fn();
    promote(result, scope);
    return result;
  } finally {
    scope.end();
  }
}

const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "storage" in x && "owner" in x;

/** Visits each tensor in a value: the value itself, or inside arrays, plain objects, maps and sets. */
function eachTensor(value: unknown, visit: (t: Tensor) => void, seen = new Set<object>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (isTensor(value)) visit(value);
  else if (value instanceof Map) for (const v of value.values()) eachTensor(v, visit, seen);
  else if (Array.isArray(value) || value instanceof Set) for (const v of value) eachTensor(v, visit, seen);
  else if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
    for (const v of Object.values(value)) eachTensor(v, visit, seen);
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
export function tidy<T>(fn: () => T): T {
  const scope = new Scope();
  let result: T;
  try {
    result = fn();
    if (result instanceof Promise)
      throw new FlambeauError(
        "tidy: the function returned a promise, and a scope cannot stay open across await",
        "await first, then tidy the synchronous part",
      );
    eachTensor(result, (t) => {
      promote(t, scope);
      context.tracer?.saved(t, (s) => promote(s, scope));
    });
  } finally {
    scope.end();
  }
  return result;
}
