import { AutogradError, type GradHook, isTensor, keep, type Scope, type Tensor } from "@flambeau/tensor/functional";
import { sameShape, show, showShape } from "@flambeau/tensor/plugin";
import { handle, outside } from "../handles.ts";

/** Gradients of a node's results, or of its inputs; null where there is none. */
export type Grads = readonly (Tensor | null)[];
/** Sees the gradients of a node's results before it runs; the list that it returns, if any, takes their place. */
export type NodePrehook = (gradOutputs: Grads) => Grads | void;
/** Sees what a node has made of the gradients of its results; the list that it returns, if any, takes the place of the first. */
export type NodeHook = (gradInputs: Grads, gradOutputs: Grads) => Grads | void;

/** `hooks` without `hook`, which may be there several times, once. */
export function without<H>(hooks: readonly H[], hook: H): readonly H[] {
  const at = hooks.indexOf(hook);
  return hooks.filter((_, i) => i !== at);
}

/** What users have hung on a node of the graph, and what is noted of it: most nodes have none. */
export class NodeHooks {
  before: readonly NodePrehook[] = [];
  after: readonly NodeHook[] = [];
  /** Called with a result's gradient before the node runs; the returned tensor takes its place. */
  results: readonly { readonly slot: number; readonly call: GradHook }[] = [];
  /** Result tensors that keep their gradient (retainGrad). */
  retained: readonly { readonly slot: number; readonly tensor: WeakRef<Tensor> }[] = [];
  /** Where the call was made, while anomaly detection is on. */
  site: string | null = null;
  readonly notes: Record<string, unknown> = {};
}

/** Lets hooks see and replace a gradient. A hook may hold on to what it is given: it gets a handle of its own. */
export function runHooks(hooks: Iterable<GradHook>, g: Tensor, walk: Scope | null): Tensor {
  let current = g;
  for (const hook of hooks) {
    const replaced = outside(walk, () => hook(keep(handle(current))));
    if (replaced) current = handle(replaced);
  }
  return current;
}

/** Handles on gradients for a hook, which are the caller's scope's. */
export const shown = (grads: Grads, walk: Scope | null): Grads => outside(walk, () => grads.map((g) => g && handle(g)));

/** The gradients with which a node runs. */
export function runPrehooks(name: string, hooks: readonly NodePrehook[], grads: Grads, walk: Scope | null): Grads {
  let current = grads;
  for (const hook of hooks) {
    const given = shown(current, walk);
    current = taken(
      `a prehook of ${name}`,
      outside(walk, () => hook(given)),
      current,
    );
  }
  return current;
}
/** The gradients that a node hands on. `outputs` are handles that were made before it ran. */
export function runPosthooks(
  name: string,
  hooks: readonly NodeHook[],
  inputs: Grads,
  outputs: Grads,
  walk: Scope | null,
): Grads {
  let current = inputs;
  for (const hook of hooks) {
    const given = shown(current, walk);
    current = taken(
      `a hook of ${name}`,
      outside(walk, () => hook(given, outputs)),
      current,
    );
  }
  return current;
}

/** What a hook returned in the place of `before`. @throws AutogradError when it is no list of as many gradients, of their shapes. */
function taken(what: string, given: unknown, before: Grads): Grads {
  if (given === undefined || given === null) return before;
  if (!Array.isArray(given))
    throw new AutogradError(`${what} must return a list of gradients or nothing, got ${show(given)}`);
  const list: readonly unknown[] = given;
  if (list.length !== before.length)
    throw new AutogradError(`${what} returned ${list.length} gradients, and there are ${before.length}`);
  return list.map((g, i) => {
    const old = before[i];
    if (g === null || g === undefined) return null;
    if (!isTensor(g)) throw new AutogradError(`${what} must return tensors or null, got ${show(g)}`);
    if (old !== null && !sameShape(g.shape, old.shape))
      throw new AutogradError(
        `${what} returned a gradient of shape ${showShape(g.shape)} in the place of one of shape ${showShape(old.shape)}`,
      );
    return handle(g);
  });
}
