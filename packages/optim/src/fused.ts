import { type Tensor, tidy } from "@flambeau/tensor/functional";
import {
  applyWrites,
  canFuse,
  context,
  type FusedOps,
  type Op,
  type Renewal,
  runFusedInto,
} from "@flambeau/tensor/plugin";
import { nextStep, passing, stepsOf } from "./first-order.ts";
import type { ParamState } from "./state-dict.ts";

/** The step of one parameter in ops: `written` is the parameter, then its state. */
type Step<A> = (grad: Tensor, written: readonly Tensor[], attrs: A) => void;

type Attrs<K extends keyof FusedOps> = FusedOps[K]["attrs"];

/**
 * The op that takes the steps of several parameters in place: by the backend's fast path `name`, which takes several in one call, or else
 * by `step`. Inputs are a gradient of each parameter, then each parameter followed by its state, `each(attrs)` tensors in all; the fast
 * path's `supports` is asked of one parameter at a time.
 */
export function stepOp<K extends keyof FusedOps>(
  name: K,
  each: (attrs: Attrs<K>) => number,
  step: Step<Attrs<K>>,
): Op<Attrs<K>> {
  const countOf = (inputs: readonly Tensor[], attrs: Attrs<K>) => inputs.length / (1 + each(attrs));
  return {
    name,
    writesOf(inputs, attrs) {
      const count = countOf(inputs, attrs);
      return Array.from({ length: inputs.length - count }, (_, i) => count + i);
    },
    forward(inputs, attrs) {
      const count = countOf(inputs, attrs);
      const writtenFrom = (k: number) => count + k * each(attrs);
      const written = (from: number, to: number) => inputs.slice(writtenFrom(from), writtenFrom(to));
      let begin = 0; // of those that the fast path takes and that wait for it
      for (let k = 0; k <= count; k++) {
        if (k < count && canFuse(name, [inputs[k], ...written(k, k + 1)], attrs)) continue;
        if (begin < k) runFusedInto(name, inputs.slice(begin, k), written(begin, k), attrs);
        if (k < count) context.tape?.refuse(`${name} without a fast path`);
        if (k < count) tidy(() => step(inputs[k], written(k, k + 1), attrs));
        begin = k + 1;
      }
      return written(0, count);
    },
    decompose(inputs, attrs) {
      const written = inputs.slice(countOf(inputs, attrs));
      const size = each(attrs);
      for (let k = 0; k * size < written.length; k++)
        passing(() => step(inputs[k], written.slice(k * size, (k + 1) * size), attrs));
      return written;
    },
  };
}

/**
 * Steps of one op that wait to be taken in one call: those in succession of one group, on one backend and with the same counter, a number
 * among the op's attributes beside the group's options.
 */
export class FusedSteps<G extends object, A extends object> {
  readonly #op: Op<A>;
  readonly #attrsOf: (group: G, count: number) => A;
  /** Whether the counter is that of a parameter's steps; else it stays as it is. */
  readonly #counts: boolean;
  /** Whether a parameter's state is the one that its steps go on from. */
  readonly #isOwn: (p: Tensor, state: ParamState) => boolean;
  #group: G | null = null;
  #count = 0;
  #attrs: A | null = null;
  #grads: Tensor[] = [];
  #written: Tensor[] = [];
  #states: ParamState[] = [];

  constructor(
    op: Op<A>,
    attrsOf: (group: G, count: number) => A,
    counts: boolean,
    isOwn: (p: Tensor, state: ParamState) => boolean,
  ) {
    this.#op = op;
    this.#attrsOf = attrsOf;
    this.#counts = counts;
    this.#isOwn = isOwn;
  }

  /** Takes on the step of one parameter for `run` to do (or records it at once): `written` is the parameter and its state. */
  take(grad: Tensor, written: readonly Tensor[], group: G, count: number, state: ParamState): void {
    if (context.gradEnabled) {
      this.#op.decompose?.([grad, ...written], this.#attrsOf(group, count));
      return;
    }
    if (group !== this.#group || count !== this.#count || written[0].backend !== this.#written[0].backend) {
      this.run();
      this.#group = group;
      this.#count = count;
      this.#attrs = this.#attrsOf(group, count);
    }
    this.#grads.push(grad);
    this.#written.push(...written);
    this.#states.push(state);
  }

  /** Does the steps that were taken on. */
  run(): void {
    const [grads, written, attrs, states] = [this.#grads, this.#written, this.#attrs, this.#states];
    const [group, count] = [this.#group, this.#count];
    this.#group = null; // its options may be others the next time
    if (attrs === null || group === null || grads.length === 0) return;
    this.#attrs = null;
    this.#grads = [];
    this.#written = [];
    this.#states = [];
    const { tape } = context;
    if (tape !== null) {
      const size = written.length / grads.length;
      const params = grads.map((_, i) => written[i * size]);
      tape.renew(attrs, () => this.#again(group, params, states, count));
    }
    applyWrites(this.#op, [...grads, ...written], attrs);
  }

  /** The attributes of the step that follows a step of these parameters, and what counts it; null where it goes on from another state. */
  #again(group: G, params: readonly Tensor[], states: readonly ParamState[], before: number): Renewal | null {
    for (const [i, p] of params.entries()) if (!this.#isOwn(p, states[i])) return null;
    if (!this.#counts) return { attrs: this.#attrsOf(group, before), count() {} };
    return {
      attrs: this.#attrsOf(group, stepsOf(states[0]) + 1),
      count() {
        for (const state of states) nextStep(state);
      },
    };
  }
}
