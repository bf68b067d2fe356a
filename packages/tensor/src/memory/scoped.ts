import { context } from "../core/context.ts";
import { Tensor } from "../core/tensor.ts";
import { promote, Scope } from "./scope.ts";
import { eachTensor } from "./tidy.ts";

/**
 * Whether a function that is made of several ops is called at the top of a program, where nobody frees what it makes. It then runs
 * itself again in a scope: `if (unscoped()) return scoped(addmm, x, a, b);`. Interpreters may hold on to what they are shown.
 */
export const unscoped = (): boolean => context.scope === null && context.stack === null;

/** Runs `fn`, which is synchronous, and frees at once what it made and does not return, but for what a graph needs for its backward pass. */
export function scoped<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  const scope = new Scope();
  try {
    const result = fn(...args);
    if (result instanceof Tensor) promote(result, scope);
    else eachTensor(result, (t) => promote(t, scope));
    disposeRest(scope);
    return result;
  } finally {
    scope.end();
  }
}

/** Unlike at the end of a scope, what a graph saved lives as long as that. */
function disposeRest(scope: Scope): void {
  for (const t of scope.owned) {
    if (t.owner !== scope) continue;
    t.owner = null;
    t.dispose();
    // the collector frees what is left of a graph that is dropped
    t.storage.watch();
  }
  scope.owned.length = 0;
}
