import { ArgumentError, tidy } from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkOptions,
  context,
  eachTensor,
  type Given,
  type Kinds,
  option,
  show,
  synchronous,
} from "@flambeau/tensor/plugin";
import { type CompileStats, type Ended, explainCalls, statsOf } from "./explain.ts";
import { Plan } from "./plan.ts";
import { type Part, Replay } from "./replay.ts";
import { runInOrder, type Segment } from "./run.ts";
import { Recorder } from "./tape.ts";
import { type Node, Tree } from "./tree.ts";

export interface CompileOptions {
  /** How many tapes are kept: one for each way through the function, and for each set of shapes. Default 64. */
  readonly plans: number;
  /**
   * Leave the function itself out, too, once three calls in succession did the same: what it does is then its kernels on its arguments, on the
   * tensors that it knows, and steps of `Adam` and `SGD` with their options of then. For functions that do nothing else and look
   * at nothing else that changes. Every 65th call runs the function, to see that it still does the same. Results have no graph. Default false.
   */
  readonly replay: boolean;
}
const compileKinds: Kinds<CompileOptions> = { plans: option.number, replay: option.boolean };

// biome-ignore lint/suspicious/noExplicitAny: any function may be compiled
type AnyFunction = (...args: any[]) => any;
/** A layer, a model: whatever has a `forward`. */
interface Forward {
  readonly forward: AnyFunction;
}
/** Refuses functions that give a promise, as far as types tell. */
type Synchronous<F extends AnyFunction> = F extends (...args: never[]) => PromiseLike<unknown>
  ? 0 extends 1 & ReturnType<F> // any, which says nothing
    ? unknown
    : "a synchronous function: compile the parts between its awaits"
  : unknown;

/** A compiled function, which is called as the function itself. */
export type Compiled<F> = F & {
  /** What its calls came to. */
  stats(): CompileStats;
  /** The last call in words: which kernels were run, and for how many of those that the function asked for. */
  explain(): string;
};

/**
 * Runs a function's kernels together: `compile(fn)(x)` is `fn(x)`, with fewer kernels and less memory.
 *
 * The function runs as always at each call, while what it asks of its devices is taken down. Then it is all done at once: what several
 * pointwise kernels compute one after the other becomes one kernel, as does what is computed only to be summed; results that nobody sees are
 * left out, and memory is used again as soon as it can be. A plan for that is made when the same kernels are asked for a second time; other
 * shapes or another way through the function are another plan. A whole training step may stand in the function: forward and backward, clipping, the
 * optimizer.
 *
 * The results are those of the function itself: on the cpu bit for bit where pointwise kernels were joined, and within rounding where
 * a sum's terms are computed in it. A value that the function reads (`loss.item()`) ends a part: what comes before it is run.
 *
 * As in {@link tidy}, tensors that the function makes and neither returns nor keeps are freed when it ends; gradients, parameters and the state of
 * optimizers stay. Inside another compiled function, a compiled function is a part of that one.
 *
 * Shapes: what the function takes and gives. Dtypes and devices: any, those of plug-ins too.
 *
 * @throws FlambeauError when the function gives a promise: compile the parts between its awaits.
 * @throws ArgumentError for what is neither a function nor a module.
 * @throws What the function throws. What a kernel throws may come at the end of the function or where it reads a value; the error names the call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.compile.html
 * @example
 * import { compile, tensor } from "flambeau";
 * const swish = compile((x) => x.mul(x.neg().exp().add(1).reciprocal()));
 * for (let i = 0; i < 2; i++) swish(tensor([0, 1, 2])).tolist(); // [0, 0.7311, 1.7616]
 * swish.stats().kernels; // { asked: 5, run: 1 }
 */
export function compile<F extends AnyFunction>(fn: F & Synchronous<F>, options?: Given<CompileOptions>): Compiled<F>;
/** {@link compile} of a module's `forward`. */
export function compile<M extends Forward>(module: M, options?: Given<CompileOptions>): Compiled<M["forward"]>;
export function compile(target: AnyFunction | Forward, options: Given<CompileOptions> = {}): Compiled<AnyFunction> {
  checkOptions("compile", compileKinds, options);
  const fn = functionOf(target);
  const tree = new Tree(checkInteger("compile", "plans", options.plans ?? 64, 1));
  const replay = options.replay === true ? new Replay() : null;
  let calls = 0;
  let parts: (Ended & Part)[] = [];
  let last: readonly Ended[] = [];
  const tape = new Recorder(
    tree,
    (end, segment, why) => {
      const plan = planOf(end, segment);
      parts.push({ end, why, plan, segment });
      if (plan === null) runInOrder(end.path(), segment);
      else plan.run(segment);
    },
    replay !== null,
  );
  function compiled(this: unknown, ...args: unknown[]): unknown {
    // inside another compiled function this one is a part of it
    if (context.tape !== null) return synchronous("compile", fn.apply(this, args));
    calls++;
    const replayed = replay?.run(args);
    if (replayed) return replayed.result;
    replay?.begin();
    tape.begin();
    context.tape = tape;
    let result: unknown;
    let made: readonly (Ended & Part)[] = [];
    try {
      result = tidy(() => synchronous("compile", fn.apply(this, args)));
    } finally {
      try {
        // after an error, too: what the function did before it has been done
        runRest(tape, result, parts);
      } finally {
        context.tape = null;
        made = parts;
        parts = [];
        last = made.map(({ end, why, plan }) => ({ end, why, plan }));
      }
    }
    replay?.observe({ parts: made, args, result, rehearsals: tape.rehearsals, obstacle: tape.obstacle });
    return result;
  }
  return Object.assign(compiled, {
    stats: () => statsOf(calls, last, tree.ends.size, tree.evicted, replay),
    explain: () => explainCalls(last, replay),
  });
}

/** Runs what is left of a call. Where that fails nobody gets its result. */
function runRest(tape: Recorder, result: unknown, parts: readonly Part[]): void {
  try {
    tape.flush("the end");
  } catch (error) {
    disposeMade(result, parts);
    throw error;
  }
}
/** Gives back what a call made for its result. */
function disposeMade(result: unknown, parts: readonly Part[]): void {
  const made = new Set(parts.flatMap(({ segment }) => segment.slots.map(({ storage }) => storage)));
  eachTensor(result, (t) => {
    if (made.has(t.storage)) t.dispose();
  });
}

const plans = new WeakMap<Node, { readonly plan: Plan; readonly revision: number }>();
/** The plan of what was recorded, which is made when it comes for the second time. */
function planOf(end: Node, segment: Segment): Plan | null {
  if (end.runs === 0) return null;
  const { revision } = end;
  let known = plans.get(end);
  if (known?.revision !== revision) plans.set(end, (known = { plan: new Plan(end.path(), segment), revision }));
  return known.plan;
}

function functionOf(target: unknown): AnyFunction {
  if (typeof target === "function") return target as AnyFunction; // what it takes is the caller's to know
  const module = target as Partial<Forward> | null | undefined;
  if (typeof module === "object" && typeof module?.forward === "function")
    return (...inputs) => (module as Forward).forward(...inputs); // a hook may replace it
  throw new ArgumentError("compile", `takes a function or a module, got ${show(target)}`);
}
