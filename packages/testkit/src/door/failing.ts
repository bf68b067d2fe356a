import { type Backend, backendOf, defaultGenerator, noGrad, type Tensor, tidy } from "@flambeau/tensor";
import {
  type Call,
  context,
  dispatch,
  type FusedKernel,
  type Interpreter,
  withoutInterpreters,
} from "@flambeau/tensor/plugin";
import { copiesOf, elementsOf } from "./replay.ts";

class Failure extends Error {}

/** A device whose kernels run until one is told to throw. */
export class Failing {
  /** Kernel calls until one throws; infinite while all shall run. */
  #left = Number.POSITIVE_INFINITY;
  #calls = 0;

  /** `backend` under the control of this object. */
  backend(backend: Backend): Backend {
    const guard = (value: unknown, target: object): unknown => {
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        this.#calls++;
        if (this.#left-- <= 0) throw new Failure("told to");
        return value.apply(target, args);
      };
    };
    const kernels = new Proxy(backend.kernels, { get: (target, key) => guard(Reflect.get(target, key), target) });
    const fused =
      backend.fused &&
      new Proxy(backend.fused, {
        get: (target, key) => {
          const kernel: FusedKernel | undefined = Reflect.get(target, key);
          return kernel && new Proxy(kernel, { get: (k, m) => (m === "run" ? guard(k.run, k) : Reflect.get(k, m)) });
        },
      });
    return new Proxy(backend, {
      get: (target, key) => {
        if (key === "kernels") return kernels;
        if (key === "fused") return fused;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  /** Calls `run` with the kernel call number `at` throwing; whether one did. Counts calls either way. */
  attempt(at: number, run: () => void): boolean {
    this.#left = at;
    this.#calls = 0;
    try {
      run();
      return false;
    } catch (error) {
      if (error instanceof Failure) return true;
      throw error;
    } finally {
      this.#left = Number.POSITIVE_INFINITY;
    }
  }
  get calls(): number {
    return this.#calls;
  }
}

/**
 * Runs each call once more for each of its kernel calls, with that one throwing: no buffer may be left behind, and no input changed that
 * the op does not declare to write.
 */
export class FailEach implements Interpreter {
  readonly problems = new Map<string, string>();
  readonly tried = new Set<string>();
  readonly #failing: Failing;

  constructor(failing: Failing) {
    this.#failing = failing;
  }

  op(call: Call): readonly Tensor[] {
    const { op } = call;
    if (!op.opaque && !this.tried.has(op.name)) {
      const problem = withoutInterpreters(() => noGrad(() => this.#try(call)));
      if (problem !== null && !this.problems.has(op.name)) this.problems.set(op.name, problem);
    }
    return call.next();
  }

  #try({ op, inputs, attrs }: Call): string | null {
    const backend = inputs[0]?.backend ?? backendOf(undefined);
    for (let at = 0; at < 40; at++) {
      const problem = tidy((): string | null | true => {
        const copies = copiesOf(inputs);
        const before = copies.map(elementsOf);
        const state = defaultGenerator.getState();
        const scope = context.scope;
        const held = backend.memory().buffers;
        let failed: boolean;
        try {
          failed = this.#failing.attempt(at, () => tidyless(() => dispatch(op, copies, attrs)));
        } catch {
          return true; // refused for another reason: not this law's business
        }
        defaultGenerator.setState(state);
        if (context.scope !== scope) return `a scope is open after kernel ${at} threw`;
        if (!failed) return true;
        this.tried.add(op.name);
        const left = backend.memory().buffers - held;
        if (left !== 0) return `leaves ${left} buffers when kernel ${at} throws`;
        const changed = copies.findIndex(
          (t, i) => !op.writes?.includes(i) && elementsOf(t).some((byte, b) => byte !== before[i][b]),
        );
        return changed < 0 ? null : `changes input ${changed} when kernel ${at} throws`;
      });
      if (problem === true) return null;
      if (problem !== null) return problem;
    }
    return null;
  }
}

/** Runs `fn` as at the top of a program: what it makes and leaves behind belongs to nobody. */
function tidyless(fn: () => unknown): void {
  const scope = context.scope;
  context.scope = null;
  try {
    fn();
  } finally {
    context.scope = scope;
  }
}
