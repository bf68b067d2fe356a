import { context } from "./context.ts";
import type { DType } from "./dtype.ts";
import { ArgumentError, MemoryError, showShape } from "./errors.ts";
import { reclaim } from "./memory/reclaim.ts";
import { promote, Scope } from "./memory/scope.ts";
import { overlapsItself, sharesMemory } from "./overlap.ts";
import { freshCopy } from "./raw.ts";
import type { Tensor } from "./tensor.ts";
import { checkSameDevice } from "./windows.ts";

/** What a result was like; enough to make a zero gradient. */
export type Result = Pick<Tensor, "shape" | "dtype" | "backend">;

/** What a gradient rule sees of the call it differentiates. */
export interface VjpContext<A extends object = object> {
  readonly attrs: A;
  /** What `save` returned, in that order. */
  readonly saved: readonly Tensor[];
  /** Shape and dtype of each input. */
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly DType[];
  /** What each result was like. */
  readonly outputs: readonly Result[];
  /** Whether input i's gradient is wanted; the others may be null. */
  readonly needs: readonly boolean[];
}

/**
 * All there is to know of one operation. `forward` runs with recording off, and what it makes besides its results is freed; `vjp` (vector-Jacobian product) is written in
 * differentiable ops, so that gradients of any order follow. An op without `vjp` has no gradient.
 */
export interface Op<A extends object = object> {
  readonly name: string;
  forward(inputs: readonly Tensor[], attrs: A): Tensor | readonly Tensor[];
  /** The tensors that `vjp` reads. Default: none. */
  save?(inputs: readonly Tensor[], outputs: readonly Tensor[], attrs: A, needs: readonly boolean[]): readonly Tensor[];
  /**
   * Gradients of the results to gradients of the inputs. `grads[i]` is null where result i did not take part. A gradient may
   * have the shape that the input was broadcast to, and another dtype: the engine sums and converts it.
   */
  /** True when `vjp` is user code, which may hold on to tensors that it makes. */
  readonly opaque?: boolean;
  /** In place: for element i of the target only element i of each input is read, so that an input may be the target's own window. */
  readonly elementwise?: boolean;
  vjp?(ctx: VjpContext<A>, grads: readonly (Tensor | null)[]): readonly (Tensor | null)[];
}

/** A recorded call. What it holds is the tracer's business. */
export interface GraphNode {
  readonly name: string;
}

export interface BackwardOptions {
  gradient?: Tensor;
  retainGraph?: boolean;
  createGraph?: boolean;
  /** Only these leaves get gradients. */
  inputs?: readonly Tensor[];
}

/** Sees a gradient; what it returns, if anything, takes its place. */
export type GradHook = (grad: Tensor) => Tensor | void;

/** What @flambeau/autograd installs on the context: it is told of each call whose result may need a gradient. */
export interface Tracer {
  record<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A, outputs: readonly Tensor[]): void;
  /** `view` shows the same memory as `source`: in-place writes to either must reach both graphs. */
  recordView<A extends object>(op: Op<A>, source: Tensor, attrs: A, view: Tensor): void;
  /** Throws when `target` may not be written in place. Called before the write. */
  checkInPlace(op: string, target: Tensor): void;
  /** `target` was written: its new value is `op` of `inputs` (the first is the target's old value). Without a rule it depends on none of them. */
  recordInPlace<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A, target: Tensor): void;
  /** `base` was written in place since `view` was made: gives `view` its place in the graph anew. */
  refreshView(view: Tensor, base: Tensor): void;
  /** Visits the tensors that `t`'s graph keeps for its backward pass. */
  saved(t: Tensor, visit: (saved: Tensor) => void): void;
  backward(t: Tensor, options: BackwardOptions): void;
  retainGrad(t: Tensor): void;
  registerHook(t: Tensor, hook: GradHook): () => void;
}

const isList = (x: Tensor | readonly Tensor[]): x is readonly Tensor[] => Array.isArray(x);
const asList = (x: Tensor | readonly Tensor[]): readonly Tensor[] => (isList(x) ? x : [x]);

/** True when a result of these inputs belongs in the graph. */
export function records(inputs: readonly Tensor[]): boolean {
  if (context.tracer === null || !context.gradEnabled) return false;
  for (let i = 0; i < inputs.length; i++) if (inputs[i].requiresGrad) return true;
  return false;
}

/** The one door: runs `op` and, when a tracer wants it, records it. */
export function apply<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor | readonly Tensor[] {
  if (context.tracer === null || op.vjp === undefined || !records(inputs)) return unrecorded(op, inputs, attrs, false);
  const out = unrecorded(op, inputs, attrs, false);
  context.tracer.record(op, inputs, attrs, asList(out));
  return out;
}

/** {@link apply} for ops with one result. */
export function applyOne<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  return apply(op, inputs, attrs) as Tensor; // ops with one result return it bare
}

/** {@link apply} for ops with several results. */
export function applyMany<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
  return asList(apply(op, inputs, attrs));
}

/** Runs the forward rule with recording off; what it made besides its results is freed. With `writes`, the result is an input, written. */
function unrecorded<A extends object>(
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
    const out = op.forward(inputs, attrs);
    if (writes) return out;
    return isList(out) ? allOwned(out, inputs, scope) : owned(out, inputs, scope);
  } catch (error) {
    if (writes || op.opaque) throw error;
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
      out = freshCopy(out);
      break;
    }
  out.base = null;
  promote(out, scope);
  return out;
}

/** {@link owned} of each; apart, because a closure in the hot path costs an allocation even where it is not made. */
const allOwned = (out: readonly Tensor[], inputs: readonly Tensor[], scope: Scope): readonly Tensor[] =>
  out.map((t) => owned(t, inputs, scope));

const cloneOp: Op = {
  name: "clone",
  forward: ([x]) => freshCopy(x),
  vjp: (_, [g]) => [g],
};
/** A copy with memory of its own, row-major; gradients flow through it. */
export const clone = (x: Tensor): Tensor => applyOne(cloneOp, [x], {});

/** What a function that promises a copy of `x` gives: `out`, or a copy of it where `out` still shows `x`'s memory. */
export const apartFrom = (x: Tensor, out: Tensor): Tensor => (out.storage === x.storage ? clone(out) : out);

/**
 * Runs `op` as a write into `target` (its forward must do the writing and return the target). `inputs[0]` is the target; another
 * input that the write could change before it is read is copied first. A target that shows one element in several places is refused.
 */
export function applyInPlace<A extends object>(op: Op<A>, target: Tensor, inputs: readonly Tensor[], attrs: A): Tensor {
  if (!target.rowMajor && overlapsItself(target)) throw repeats(op.name, target);
  const tracer = context.tracer;
  if (tracer !== null && context.gradEnabled) tracer.checkInPlace(op.name, target);
  let apart = inputs;
  for (let i = 1; i < inputs.length; i++)
    if (sharesMemory(target, inputs[i], op.elementwise === true)) {
      if (apart === inputs) apart = [...inputs];
      (apart as Tensor[])[i] = clone(inputs[i]); // our own list
    }
  unrecorded(op, apart, attrs, true);
  target.storage.version++;
  // an op without gradient is recorded where it ends one: what it overwrote no longer matters
  if (tracer !== null && (op.vjp === undefined ? context.gradEnabled && target.requiresGrad : records(apart)))
    tracer.recordInPlace(op, apart, attrs, target);
  if (apart !== inputs) for (let i = 1; i < inputs.length; i++) if (apart[i] !== inputs[i]) apart[i].dispose();
  return target;
}

const repeats = (op: string, target: Tensor): ArgumentError =>
  new ArgumentError(
    op,
    `several elements of the target share one place in memory (shape ${showShape(target.shape)}, strides ${showShape(target.strides)})`,
    "clone() it first",
  );
