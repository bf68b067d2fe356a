import { context } from "../core/context.ts";
import type { Tensor } from "../core/tensor.ts";
import { dense } from "./move.ts";

/**
 * Runs the backend's fast path for `name` into fresh outputs, when it has one that supports these inputs. Returns false, with
 * nothing done, when the op must be decomposed: the one place where that is decided.
 */
export function runFused(
  name: string,
  inputs: readonly Tensor[],
  outputs: () => readonly Tensor[],
  attrs: object,
): readonly Tensor[] | null {
  if (!context.fused) return null;
  const kernel = inputs[0].backend.fused?.[name];
  if (kernel === undefined || !kernel.supports(inputs, attrs)) return null;
  let ready = inputs;
  if (!kernel.strided)
    for (let i = 0; i < inputs.length; i++) {
      if (inputs[i].rowMajor) continue;
      ready = inputs.map(dense);
      break;
    }
  const out = outputs();
  kernel.run(ready, out, attrs);
  if (ready !== inputs) for (let i = 0; i < inputs.length; i++) if (ready[i] !== inputs[i]) ready[i].dispose();
  return out;
}

/** Runs `fn` with every fast path off: what remains is the definition of each op. */
export function withoutFused<T>(fn: () => T): T {
  const before = context.fused;
  context.fused = false;
  try {
    return fn();
  } finally {
    context.fused = before;
  }
}
