import { context } from "../core/context.ts";
import { isFloat } from "../core/dtype.ts";
import { ArgumentError, showShape } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import { overlapsItself, sharesMemory } from "../layout/overlap.ts";
import { records, tracer } from "./interpreter.ts";
import type { Op } from "./op.ts";
import { checkInputs, clone, unrecorded } from "./run.ts";
import { interpret } from "./stack.ts";

/**
 * Runs `op` as a write into `target` (its forward must do the writing and return the target). `inputs[0]` is the target; another
 * input that the write could change before it is read is copied first. A target that shows one element in several places is refused,
 * unless all get one value.
 */
export function applyInPlace<A extends object>(op: Op<A>, target: Tensor, inputs: readonly Tensor[], attrs: A): Tensor {
  checkInputs(op, inputs);
  if (context.stack !== null) return interpret(op, inputs, attrs, callInPlace)[0];
  if (!target.rowMajor && op.uniform !== true && overlapsItself(target)) throw repeats(op.name, target);
  const recorder = tracer();
  if (recorder !== null && context.gradEnabled) recorder.checkInPlace(op.name, target);
  let apart = inputs;
  for (let i = 1; i < inputs.length; i++)
    if (sharesMemory(target, inputs[i], op.elementwise === true)) {
      if (apart === inputs) apart = [...inputs];
      (apart as Tensor[])[i] = clone(inputs[i]); // our own list
    }
  unrecorded(op, apart, attrs, true);
  target.storage.version++;
  // an op without gradient is recorded where it ends one: what it overwrote no longer matters
  if (
    recorder !== null &&
    isFloat(target.dtype) &&
    (op.vjp === undefined ? context.gradEnabled && target.requiresGrad : records(apart))
  )
    recorder.recordInPlace(op, apart, attrs, target);
  if (apart !== inputs) for (let i = 1; i < inputs.length; i++) if (apart[i] !== inputs[i]) apart[i].dispose();
  return target;
}

const callInPlace = <A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] => [
  applyInPlace(op, inputs[0], inputs, attrs),
];

/**
 * Runs an op that writes several of its inputs (`writesOf` says which; its forward must do the writing) and gives those. It has no
 * gradient: what is written while recording is on depends on nothing from then on. Inputs may share memory as the op's kernels allow.
 */
export function applyWrites<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
  if (context.stack !== null) return interpret(op, inputs, attrs, applyWrites);
  const written = (op.writesOf?.(inputs, attrs) ?? []).map((i) => inputs[i]);
  const recorder = context.gradEnabled ? tracer() : null;
  for (const target of written) {
    if (!target.rowMajor && overlapsItself(target)) throw repeats(op.name, target);
    recorder?.checkInPlace(op.name, target);
  }
  unrecorded(op, inputs, attrs, true);
  for (const target of written) {
    target.storage.version++;
    if (target.requiresGrad) recorder?.recordInPlace(op, [target], attrs, target);
  }
  return written;
}

const repeats = (op: string, target: Tensor): ArgumentError =>
  new ArgumentError(
    op,
    `several elements of the target share one place in memory (shape ${showShape(target.shape)}, strides ${showShape(target.strides)})`,
    "clone() it first",
  );
