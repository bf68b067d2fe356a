import { context, type Frame } from "../core/context.ts";
import { type Synchronous, withModes } from "../core/modes.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Op } from "./op.ts";

// What stands at the door beside autograd: a stack of interpreters, each of which sees every op before it runs.

/** Runs a call for those below: how each kind of op goes on once no interpreter is left. */
type Run<A extends object> = (op: Op<A>, inputs: readonly Tensor[], attrs: A) => readonly Tensor[];

/** An op on its way through the door. */
export class Call<A extends object = object> {
  readonly op: Op<A>;
  readonly inputs: readonly Tensor[];
  /** Plain data (door/attrs.ts gives it as JSON). */
  readonly attrs: A;
  readonly #below: Frame | null;
  readonly #run: Run<A>;

  constructor(op: Op<A>, inputs: readonly Tensor[], attrs: A, below: Frame | null, run: Run<A>) {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.#below = below;
    this.#run = run;
  }

  /** Hands the call on, to the interpreter below and in the end to autograd and the device. Other inputs or attributes may be given. */
  next(inputs: readonly Tensor[] = this.inputs, attrs: A = this.attrs): readonly Tensor[] {
    const before = context.stack;
    context.stack = this.#below;
    try {
      return this.#run(this.op, inputs, attrs);
    } finally {
      context.stack = before;
    }
  }
}

/**
 * Sees every op that runs while it is installed: those of the program and those of gradient rules and optimizers. Ops that `op` calls
 * itself go to the interpreters below.
 *
 * @example
 * import { ones } from "flambeau";
 * import { withInterpreter } from "@flambeau/tensor/plugin";
 * const names: string[] = [];
 * const x = ones([2]);
 * withInterpreter({ op: (call) => (names.push(call.op.name), call.next()) }, () => x.mul(2).add(1));
 * console.log(names.join(" ")); // mul add
 */
export interface Interpreter {
  /** The results of the call: those of `call.next()`, or others in their place. */
  op(call: Call): readonly Tensor[];
  /**
   * Told before `op` (a function that gives numbers) reads the values of `x`. It may refuse by throwing, and give another tensor that is
   * read in its place.
   */
  read?(op: string, x: Tensor): Tensor | void;
  /**
   * Told that a part of the program begins which has a name: a walk backward (`of` are its roots), a step of it (`of` is the graph's node), an
   * optimizer's step, what {@link withRange} is given. It may give a function, which is called when the part is over, be it by an error.
   */
  range?(name: string, of?: object): (() => void) | void;
  /**
   * Asked before a function runs that is made of several ops and that PyTorch has as one: gives how to run it, or null to be shown its ops. `on` is
   * its first tensor.
   */
  whole?(name: string, on: Tensor): RunWhole | null;
  /** True for what concerns the program's own ops only: it does not see those of a walk backward. */
  readonly forwardOnly?: boolean;
  /** Runs `fn`, in which a checkpoint computes again what it computed under this interpreter, maybe after that was taken away. */
  again?<T>(fn: () => T): T;
  /** True for one that is shown opaque ops, too: custom functions, which others look through. */
  readonly opaque?: boolean;
}

/** Runs the synchronous `fn` with `interpreter` on top of the stack. */
export const withInterpreter = <T>(interpreter: Interpreter, fn: Synchronous<T>): T =>
  withModes("withInterpreter", { stack: { interpreter, below: context.stack } }, fn);
/** The stack without some of its interpreters. */
export function without(stack: Frame | null, leaveOut: (interpreter: Interpreter) => boolean): Frame | null {
  if (stack === null) return null;
  const below = without(stack.below, leaveOut);
  const interpreter = stack.interpreter as Interpreter; // nothing else is on the stack
  if (leaveOut(interpreter)) return below;
  return below === stack.below ? stack : { interpreter, below };
}

/** Runs a function that is made of several ops, in an interpreter's way: with other arguments, say. */
export type RunWhole = <A extends readonly unknown[], R>(fn: (...args: A) => R, args: A) => R;
/**
 * How the function `name`, which is made of several ops, is to run; null, as nearly always, where its ops are what matters. Such a function begins with
 * `const whole = wholeBy("addmm", x); if (whole !== null) return whole(addmm, [x, a, b]);`.
 */
export function wholeBy(name: string, on: Tensor): RunWhole | null {
  for (let frame = context.stack; frame !== null; frame = frame.below) {
    const run = (frame.interpreter as Interpreter).whole?.(name, on); // nothing else is on the stack
    if (run) return run;
  }
  return null;
}

/** Gives a call to the interpreter on top, which there is, or to that of a frame below. */
export function interpret<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attrs: A,
  run: Run<A>,
  frame: Frame = context.stack as Frame, // callers have looked
): readonly Tensor[] {
  const before = context.stack;
  context.stack = frame.below;
  try {
    const call = new Call(op, inputs, attrs, frame.below, run);
    return (frame.interpreter as Interpreter).op(call as unknown as Call); // an interpreter takes the attrs of each op as they come
  } finally {
    context.stack = before;
  }
}

/** The frame of the interpreter that is shown the next call of `op`: the one on top, but for opaque ops. */
export function frameFor({ opaque }: { readonly opaque?: boolean }): Frame | null {
  let frame = context.stack;
  if (opaque === true) while (frame !== null && (frame.interpreter as Interpreter).opaque !== true) frame = frame.below;
  return frame;
}

/** Runs `fn` past all interpreters: for what an interpreter does on its own account. */
export const withoutInterpreters = <T>(fn: Synchronous<T>): T => withModes("withoutInterpreters", { stack: null }, fn);

/** Runs `fn` as a part of the program that has a name, for those on the stack who want to know; without them it is just called. */
export function withRange<T>(name: string, fn: () => T, of?: object): T {
  if (context.stack === null) return fn();
  const ends: (() => void)[] = [];
  for (let frame: Frame | null = context.stack; frame !== null; frame = frame.below) {
    const end = (frame.interpreter as Interpreter).range?.(name, of); // nothing else is on the stack
    if (end) ends.push(end);
  }
  try {
    return fn();
  } finally {
    for (const end of ends) end();
  }
}

const isForwardOnly = ({ forwardOnly }: Interpreter): boolean => forwardOnly === true;
/** The stack for a walk backward: without those who want to see the program's own ops only. */
export const forWalk = (stack: Frame | null): Frame | null => without(stack, isForwardOnly);
