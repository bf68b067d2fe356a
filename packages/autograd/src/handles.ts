import { alias, type Scope, type Tensor } from "@flambeau/tensor/functional";
import { context, viewOf } from "@flambeau/tensor/plugin";

/** A handle of the engine's own on the same value, in the same place of the graph. */
export function handle(t: Tensor): Tensor {
  if (context.gradEnabled && t.requiresGrad && t.isLeaf) return alias(t); // a leaf's place is the leaf itself
  const out = viewOf(t, t.shape, t.strides, t.offset);
  out.gradFn = t.gradFn;
  out.outputIndex = t.outputIndex;
  return out;
}

/** Runs user code as if no backward were going on: what it makes belongs to the caller's scope, and it may keep it. */
export function outside<T>(walk: Scope | null, code: () => T): T {
  const before = context.scope;
  if (walk !== null) context.scope = walk.parent;
  try {
    return code();
  } finally {
    context.scope = before;
  }
}
