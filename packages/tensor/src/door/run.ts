import { context } from "../core/context.ts";
import { MemoryError } from "../core/errors.ts";
import { checkTensor, hasStorage, type Tensor } from "../core/tensor.ts";
import { checkSameDevice } from "../layout/windows.ts";
import { freshCopy } from "../lower/move.ts";
import { reclaim } from "../memory/reclaim.ts";
import { promote, Scope } from "../memory/scope.ts";
import { forwardWide, widens } from "./halves.ts";
import { records, tracer } from "./interpreter.ts";
import type { Op } from "./op.ts";
import { frameFor, interpret, looksThrough } from "./stack.ts";

const isList = (x: Tensor | readonly Tensor[]): x is readonly Tensor[] => Array.isArray(x);
const asList = (x: Tensor | readonly Tensor[]): readonly Tensor[] => (isList(x) ? x : [x]);

/** @throws ArgumentError for an input that is no tensor. */
export function checkInputs<A extends object>(op: Op<A>, inputs: readonly Tensor[]): void {
  for (let i = 0; i < inputs.length; i++)
    if (!hasStorage(inputs[i])) checkTensor(op.title ?? op.name, `input ${i + 1}`, inputs[i]);
}

/**
 * The one door: shows the call to the interpreters on the stack, runs it and, when a result may need a gradient, has it recorded.
 */
export function apply<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor | readonly Tensor[] {
  if (context.stack !== null) {
    const frame = frameFor(op);
    if (frame !== null) {
      // levels below record the ops themselves
      if (looksThrough(frame, op)) return op.forward(inputs, attrs);
      const out = interpret(op, inputs, attrs, applyMany, frame);
      return out.length === 1 ? out[0] : out;
    }
  }
  checkInputs(op, inputs);
  if (tracer() === null || !records(inputs)) return unrecorded(op, inputs, attrs, false);
  if (op.vjp === undefined) return op.decompose ? op.decompose(inputs, attrs) : unrecorded(op, inputs, attrs, false);
  const out = unrecorded(op, inputs, attrs, false);
  // what it wrote has no place in the graph
  tracer()?.record(op, inputs, attrs, op.writes === undefined ? asList(out) : asList(out).slice(op.writes.length));
  return out;
}

const nothing: readonly Tensor[] = [];
/** {@link applyOne} for ops without inputs, which make a tensor. */
export const create = <A extends object>(op: Op<A>, attrs: A): Tensor => applyOne(op, nothing, attrs);

/** {@link apply} for ops with one result. */
export function applyOne<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  return apply(op, inputs, attrs) as Tensor; // ops with one result return it bare
}

/** {@link apply} for ops with several results. */
export function applyMany<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
  return asList(apply(op, inputs, attrs));
}

/** Runs the forward rule with recording off; what it made besides its results is freed. With `writes`, the result is an input, written. */
export function unrecorded<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attrs: A,
  writes: boolean,
): Tensor | readonly Tensor[] {
  // kernels take their inputs' memory as it is: another device's would be read as if it were their own
  if (!op.opaque) for (let i = 1; i < inputs.length; i++) checkSameDevice(op.name, inputs[0], inputs[i]);
  const before = context.gradEnabled;
  context.gradEnabled = false;
  const scope = new Scope();
  try {
    const out =
      op.rounds !== undefined && widens(op, inputs, attrs) ? forwardWide(op, inputs, attrs) : op.forward(inputs, attrs);
    if (writes) return out;
    if (op.writes !== undefined) for (let i = 0; i < op.writes.length; i++) inputs[op.writes[i]].storage.version++;
    return isList(out) ? allOwned(out, inputs, scope, op.writes?.length ?? 0) : owned(out, inputs, scope);
  } catch (error) {
    // what was written once must not be written again
    if (writes || op.opaque || op.writes !== undefined) throw error;
    throwUnlessFreed(error);
  } finally {
    context.gradEnabled = before;
    scope.end();
  }
  return unrecorded(op, inputs, attrs, writes);
}

/** A kernel that found no room for its work has another try once dropped tensors are gone. */
function throwUnlessFreed(error: unknown): void {
  if (!(error instanceof MemoryError) || reclaim() === 0) throw error;
}

/**
 * A result as the caller gets it: with memory of its own (one that shows an input's is copied), and the view of no tensor (a view of
 * one of the rule's temporaries would take in-place writes to that temporary's graph, which nobody sees).
 */
function owned(out: Tensor, inputs: readonly Tensor[], scope: Scope): Tensor {
  for (let i = 0; i < inputs.length; i++)
    if (inputs[i].storage === out.storage) {
      out = context.stack === null ? freshCopy(out) : clone(out); // interpreters see what an opaque op makes
      break;
    }
  out.base = null;
  promote(out, scope);
  return out;
}

/** {@link owned} of each but the first ones, which are inputs that were written; apart, because a closure in the hot path costs an allocation even where it is not made. */
const allOwned = (
  out: readonly Tensor[],
  inputs: readonly Tensor[],
  scope: Scope,
  written: number,
): readonly Tensor[] => out.map((t, i) => (i < written ? t : owned(t, inputs, scope)));

export const cloneOp: Op = {
  name: "clone",
  forward: ([x]) => freshCopy(x),
  vjp: (_, [g]) => [g],
};
/**
 * A copy in memory of its own, row-major, through which gradients flow: `y[i] = x[i]`.
 *
 * Shape and dtype: those of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.clone.html
 * @example
 * const x = tensor([1, 2]);
 * const y = x.clone();
 * y.mul_(10);
 * x.tolist(); // [1, 2]
 */
export const clone = (x: Tensor): Tensor => applyOne(cloneOp, [x], {});

/** What a function that promises a copy of `x` gives: `out`, or a copy of it where `out` still shows `x`'s memory. */
export const apartFrom = (x: Tensor, out: Tensor): Tensor => (out.storage === x.storage ? clone(out) : out);
