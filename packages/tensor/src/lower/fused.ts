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

/** Whether the backend's fast path for `name` takes these tensors as they are, read and written in place. */
export function canFuse(name: string, tensors: readonly Tensor[], attrs: object): boolean {
  if (!context.fused) return false;
  const kernel = tensors[0].backend.fused?.[name];
  if (kernel === undefined) return false;
  for (let i = 0; i < tensors.length; i++) if (!tensors[i].rowMajor) return false;
  return kernel.supports(tensors, attrs);
}
/** {@link runFused} that writes `outputs`, which are there already. {@link canFuse} has said yes. */
export function runFusedInto(name: string, inputs: readonly Tensor[], outputs: readonly Tensor[], attrs: object): void {
  inputs[0].backend.fused?.[name].run(inputs, outputs, attrs);
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
