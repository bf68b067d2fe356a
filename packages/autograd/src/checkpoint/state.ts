import {
  clone,
  copy_,
  type Generator,
  getRngState,
  noGrad,
  setRngState,
  type Tensor,
} from "@flambeau/tensor/functional";
import { bytesOf, type Call, context, type Interpreter, viewOf, withModes } from "@flambeau/tensor/plugin";

// What a function that runs a second time must find as it was the first time, and leave as it was: random numbers and what it writes.

/** The generators that a function draws from, in the states in which it found them. */
export class Draws {
  #default = getRngState();
  readonly #others = new Map<Generator, Uint8Array>();

  /** Runs `fn` and notes what it draws from. */
  watch<T>(fn: () => T): T {
    const interpreter: Interpreter = { op: (call) => this.#see(call) };
    return withModes("checkpoint", { stack: { interpreter, below: context.stack } }, fn);
  }
  #see(call: Call): readonly Tensor[] {
    if (call.op.draws) {
      const { generator } = call.attrs as { readonly generator: Generator }; // which ops that draw have
      if (!this.#others.has(generator)) this.#others.set(generator, generator.getState());
    }
    return call.next();
  }

  /** Runs `fn` with the generators as they were then. */
  again<T>(fn: () => T): T {
    const before = getRngState();
    const others = [...this.#others.keys()].map((g) => [g, g.getState()] as const);
    setRngState(this.#default);
    for (const [g, state] of this.#others) g.setState(state);
    try {
      return fn();
    } finally {
      setRngState(before);
      for (const [g, state] of others) g.setState(state);
    }
  }
}

/** Memory as it was before something wrote to it. */
interface Former {
  readonly whole: Tensor;
  readonly copy: Tensor;
  readonly version: number;
}

/** Undoes what ops write to memory that was there before them: a batch norm's statistics, say. */
export class Undo implements Interpreter {
  /** Memory made since. */
  readonly #fresh = new WeakSet<Tensor["storage"]>();
  readonly #former = new Map<Tensor["storage"], Former>();

  op(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    for (const i of op.writesOf?.(inputs, attrs) ?? op.writes ?? []) this.#note(inputs[i]);
    const results = call.next();
    for (const { storage } of results) if (!inputs.some((x) => x.storage === storage)) this.#fresh.add(storage);
    return results;
  }
  #note(x: Tensor): void {
    const { storage, dtype } = x;
    if (this.#fresh.has(storage) || this.#former.has(storage) || storage.byteLength === 0) return;
    noGrad(() => {
      const whole = viewOf(x, [storage.byteLength / bytesOf(dtype)], [1], 0);
      const copy = clone(whole);
      for (const t of [whole, copy]) t.owner = null; // whatever scope is open here ends before
      this.#former.set(storage, { whole, copy, version: storage.version });
    });
  }
  /** Puts everything back, down to the versions: what graphs saved of it has not changed. */
  undo(): void {
    for (const { whole, copy, version } of this.#former.values()) {
      if (whole.storage.data !== null) {
        noGrad(() => copy_(whole, copy));
        whole.storage.version = version;
      }
      whole.dispose();
      copy.dispose();
    }
    this.#former.clear();
  }
}
