import type { Fused, FusedKernel } from "../contract/fused-kernel.ts";
import type { FusedOps } from "../contract/fused-ops.ts";
import type { View } from "../contract/view.ts";
import { context } from "../core/context.ts";
import { type Synchronous, withModes } from "../core/modes.ts";
import type { Tensor } from "../core/tensor.ts";
import { runKernel } from "./machine.ts";
import { dense } from "./move.ts";

type Attrs<K extends keyof FusedOps> = FusedOps[K]["attrs"];
/** A kernel as ops call it: with lists, as they get them themselves. */
type OfLists<K extends keyof FusedOps> = FusedKernel<Fused<readonly View[], readonly View[], Attrs<K>>>;
/** The kernel of the op `name`, which hands it what its entry says. */
const kernelOf = <K extends keyof FusedOps>(x: Tensor, name: K): OfLists<K> | undefined =>
  x.backend.fused?.[name] as OfLists<K> | undefined;
const none: readonly number[] = [];

/**
 * Runs the backend's fast path for `name`, which is the op's, into fresh outputs, when it has one that supports these inputs. Returns
 * null, with nothing done, when the op must be decomposed: the one place where that is decided. `writes` are the inputs that the kernel
 * writes in place.
 */
export function runFused<K extends keyof FusedOps>(
  name: K,
  inputs: readonly Tensor[],
  outputs: () => readonly Tensor[],
  attrs: Attrs<K>,
  writes: readonly number[] = none,
): readonly Tensor[] | null {
  if (!context.fused) return null;
  const kernel = kernelOf(inputs[0], name);
  if (kernel === undefined || !kernel.supports(inputs, attrs)) return null;
  let ready = inputs;
  if (!kernel.strided)
    for (let i = 0; i < inputs.length; i++) {
      if (inputs[i].rowMajor) continue;
      // what is written to a copy would be lost
      for (const w of writes) if (!inputs[w].rowMajor) return null;
      ready = inputs.map(dense);
      break;
    }
  const out = outputs();
  runKernel(inputs[0], name, kernel, ready, out, attrs, writes);
  if (ready !== inputs) for (let i = 0; i < inputs.length; i++) if (ready[i] !== inputs[i]) ready[i].dispose();
  return out;
}

/** Whether the device has a fast path of that name that takes these inputs. */
export function canTake(name: string, inputs: readonly Tensor[], attrs: object): boolean {
  const kernels = inputs[0].backend.fused as { readonly [op: string]: FusedKernel } | undefined; // looked up by an op's name
  return kernels?.[name]?.supports(inputs, attrs) === true;
}

/** Whether {@link runFused} would run: the device has a fast path that takes these inputs, made dense where it wants that, and it is on. */
export const takesFused = (name: keyof FusedOps, inputs: readonly Tensor[], attrs: object): boolean =>
  context.fused && canTake(name, inputs, attrs);

/** Whether the backend's fast path for `name` takes these tensors as they are, read and written in place. */
export function canFuse<K extends keyof FusedOps>(name: K, tensors: readonly Tensor[], attrs: Attrs<K>): boolean {
  if (!context.fused) return false;
  const kernel = kernelOf(tensors[0], name);
  if (kernel === undefined) return false;
  for (let i = 0; i < tensors.length; i++) if (!tensors[i].rowMajor) return false;
  return kernel.supports(tensors, attrs);
}
/** {@link runFused} that writes `outputs`, which are there already. {@link canFuse} has said yes. */
export function runFusedInto<K extends keyof FusedOps>(
  name: K,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attrs: Attrs<K>,
): void {
  const kernel = kernelOf(inputs[0], name);
  if (kernel !== undefined) runKernel(inputs[0], name, kernel, inputs, outputs, attrs, none);
}

/** Runs `fn` with every fast path off: what remains is the definition of each op. */
export function withoutFused<T>(fn: Synchronous<T>): T {
  return withModes("withoutFused", { fused: false }, fn);
}
