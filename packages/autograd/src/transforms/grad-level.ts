import { AutogradError, clone, type GraphNode, isFloat, type Tensor } from "@flambeau/tensor/functional";
import {
  bottomOf,
  type Call,
  context,
  type Interpreter,
  type Level,
  LiftedStorage,
  liftedHandle,
  liftedOf,
  linkBase,
  type Op,
  records,
  sharesMemory,
  withModes,
} from "@flambeau/tensor/plugin";
import { tracer } from "../engine.ts";
import { type CustomCall, FunctionContext } from "../function.ts";
import type { Node } from "../node.ts";
import { takeOver } from "./take-over.ts";
import { tracked } from "./tracked.ts";

/** `t` as a handle of `level`, with the layout of `t`; as it is when it is one. */
export function liftTo(level: Level, t: Tensor, owns = false): Tensor {
  if (liftedOf(t)?.level === level) return t;
  return liftedHandle(new LiftedStorage(level, t, owns), t.shape, t.strides, t.offset);
}

/** The value of a handle of `level` on the level below. */
export const valueAt = (level: Level, t: Tensor): Tensor => {
  const lifted = liftedOf(t);
  return lifted?.level === level ? lifted.value : t;
};

/** Runs the rest of a call on the levels below, with the modes that held around this one. */
export function runBelow(
  call: Call,
  inputs: readonly Tensor[],
  attrs: object,
  gradBefore: boolean,
  inferenceBefore: boolean,
): readonly Tensor[] {
  const { gradEnabled, inference } = context;
  context.gradEnabled = gradEnabled && gradBefore;
  context.inference = inferenceBefore;
  try {
    return call.next(inputs, attrs);
  } finally {
    context.gradEnabled = gradEnabled;
    context.inference = inference;
  }
}

/**
 * A level that records: each op runs on the values of the level below and enters this level's own graph. So a gradient inside `vmap` is
 * taken of each sample, and a gradient of a gradient finds the inner one's ops on the level below.
 */
export class GradLevel implements Interpreter, Level {
  readonly transform: string;
  readonly opaque = true;
  private recording = true;
  /** Whether something on a level below wants gradients of what is computed here. */
  private tracks = false;
  private gradBefore = true;
  private inferenceBefore = false;

  /** All that was recorded, so that what it saved can be given back, walked or not. */
  private nodes: GraphNode[] = [];

  constructor(transform: string) {
    this.transform = transform;
  }

  /** Nothing will walk the graph any more: what it saved is given back. */
  end(): void {
    for (const node of this.nodes) (node as Node).free(); // this engine makes all graph nodes
    this.nodes = [];
  }
  private note(t: Tensor): void {
    const node = t.gradFn;
    if (node !== null) this.nodes.push(node);
  }

  /** Runs `fn` with this level on top. */
  run<T>(fn: () => T): T {
    const before = [this.gradBefore, this.inferenceBefore] as const;
    this.gradBefore = context.gradEnabled;
    this.inferenceBefore = context.inference;
    try {
      const stack = { interpreter: this, below: context.stack };
      return withModes(this.transform, { stack, gradEnabled: true, inference: false }, fn);
    } finally {
      [this.gradBefore, this.inferenceBefore] = before;
    }
  }

  /** A leaf of this level's graph for `x`. Inside {@link run}. */
  leaf(x: Tensor): Tensor {
    const handle = liftedHandle(new LiftedStorage(this, x, false), x.shape, x.strides, x.offset);
    if (isFloat(x.dtype)) handle.requiresGrad = true;
    this.tracks ||= tracked(x);
    return handle;
  }

  /** The value of a result, which is the caller's from now on. */
  out(t: Tensor): Tensor {
    const lifted = liftedOf(t);
    return lifted?.level === this ? lifted.release() : t;
  }

  /** Walks the graph: runs `walk`, which differentiates, with nothing recorded on this level. Told whether those below record it. */
  walk<T>(walk: (createGraph: boolean) => T): T {
    return this.run(() => {
      const before = this.recording;
      this.recording = false;
      try {
        return walk(this.tracks && this.gradBefore);
      } finally {
        this.recording = before;
      }
    });
  }

  unrecorded<T>(fn: () => T): T {
    return this.walk(fn);
  }
  again<T>(fn: () => T): T {
    const before = this.recording;
    this.recording = true;
    try {
      return fn();
    } finally {
      this.recording = before;
    }
  }

  /** More that levels below may want gradients of (cotangents, say). */
  observe(t: Tensor): Tensor {
    this.tracks ||= tracked(t);
    return t;
  }

  read(_op: string, x: Tensor): Tensor {
    return valueAt(this, x);
  }

  op(call: Call): readonly Tensor[] {
    const { op } = call;
    if (op.opaque === true) return this.custom(call);
    if (op.writesOf !== undefined) return this.several(call);
    if (op.writes?.[0] === 0) return [this.inPlace(call)];
    const inputs = call.inputs.map((t) => liftTo(this, t));
    const recording = this.recording && records(inputs);
    const { op: rule, attrs } = op.recorded?.(call.attrs) ?? { op, attrs: call.attrs };
    // gradient kernels are differentiated through what they are made of
    if (recording && rule.vjp === undefined && op.decompose !== undefined) {
      const made = this.run(() => (op.decompose as NonNullable<Op["decompose"]>)(inputs, call.attrs));
      return Array.isArray(made) ? made : [made as Tensor];
    }
    const values = this.below(call, call.inputs);
    const written = op.writes?.length ?? 0;
    const outputs = values.map((t, i) => (i < written ? call.inputs[(op.writes ?? [])[i]] : this.result(t)));
    // a view has one input
    if (op.aliases !== undefined && inputs.length === 1) this.view(call, inputs[0], outputs, recording);
    else if (recording && rule.vjp !== undefined)
      this.record(rule, inputs, attrs, written === 0 ? outputs : outputs.slice(written));
    return outputs;
  }

  /** A custom function runs below with a context of its own, whose tensors this level takes over. */
  private custom(call: Call): readonly Tensor[] {
    const attrs = call.attrs as CustomCall;
    const given = call.inputs.map((t) => valueAt(this, t));
    const ctx = new FunctionContext();
    const values = runBelow(call, given, { ...attrs, ctx }, this.gradBefore, this.inferenceBefore);
    const inputs = call.inputs.map((t) => liftTo(this, t));
    const outputs = values.map((t) => this.result(t));
    const known = [...given, ...values];
    takeOver(ctx, attrs.ctx, (t) => [...inputs, ...outputs][known.indexOf(t)] ?? liftTo(this, t));
    if (this.recording && records(inputs)) this.record(call.op, inputs, attrs, outputs);
    return outputs;
  }

  private below(call: Call, inputs: readonly Tensor[]): readonly Tensor[] {
    return runBelow(
      call,
      inputs.map((t) => valueAt(this, t)),
      call.attrs,
      this.gradBefore,
      this.inferenceBefore,
    );
  }
  private result(value: Tensor): Tensor {
    this.tracks ||= tracked(value);
    return liftTo(this, value, true);
  }

  private record(op: Op, inputs: readonly Tensor[], attrs: object, outputs: readonly Tensor[]): void {
    tracer.record(op, inputs, attrs, outputs);
    for (const out of outputs)
      if (out.gradFn !== null) {
        this.note(out);
        return;
      }
  }

  private view({ op, attrs }: Call, source: Tensor, outputs: readonly Tensor[], recording: boolean): void {
    for (const out of outputs) linkBase(source, out);
    if (!recording) return;
    if (op.aliases === "each") this.record(op, [source], attrs, outputs);
    else tracer.recordView(op, source, attrs, outputs[0]);
  }

  /** @throws AutogradError for a target from outside of the function, which would show what nobody can differentiate. */
  private checkOwn(op: Op, target: Tensor, inputs: readonly Tensor[]): void {
    if (liftedOf(target)?.level === this || !inputs.some((t) => liftedOf(t)?.level === this && t.requiresGrad)) return;
    throw new AutogradError(
      `${op.name}: inside ${this.transform}(...) a tensor from outside of the function cannot be changed in place`,
      "pass it as an argument, or work on a clone()",
    );
  }

  private inPlace(call: Call): Tensor {
    const { op, inputs: given } = call;
    const target = given[0];
    this.checkOwn(op, target, given.slice(1));
    if (liftedOf(target)?.level !== this) {
      this.below(call, given);
      return target;
    }
    const recording = this.recording && context.gradEnabled;
    if (recording) tracer.checkInPlace(op.name, target);
    const rule = op.recorded?.(call.attrs) ?? { op, attrs: call.attrs };
    const ground = bottomOf(target);
    const inputs = given.map((t, i) => {
      const handle = liftTo(this, t);
      // the graph must not keep what the write changes
      return recording && i > 0 && sharesMemory(ground, bottomOf(t), op.elementwise === true)
        ? this.run(() => clone(handle))
        : handle;
    });
    let { attrs } = rule;
    if (recording && rule.readsTarget?.(inputs)) {
      const before = this.run(() => clone(target));
      before.gradFn = target.gradFn;
      before.outputIndex = target.outputIndex;
      attrs = { ...attrs, before };
    }
    this.below(call, inputs);
    if (!recording || !isFloat(target.dtype)) return target;
    if (rule.op.vjp === undefined ? target.requiresGrad : records(inputs))
      tracer.recordInPlace(rule.op, inputs, attrs, target);
    this.note(target.base ?? target);
    return target;
  }

  private several(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    const written = (op.writesOf?.(inputs, attrs) ?? []).map((i) => inputs[i]);
    const recording = this.recording && context.gradEnabled;
    for (const t of written) {
      this.checkOwn(op, t, inputs);
      if (recording && liftedOf(t)?.level === this) tracer.checkInPlace(op.name, t);
    }
    this.below(call, inputs);
    if (recording)
      for (const t of written)
        if (liftedOf(t)?.level === this && t.requiresGrad) tracer.recordInPlace(op, [t], attrs, t);
    return written;
  }
}
