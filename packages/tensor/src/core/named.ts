import type { Tensor } from "./tensor.ts";

/** Several results that have names and an order: what an op of two gives, `const [values, indices] = x.max(1)`. */
export interface Pair {
  readonly 0: Tensor;
  readonly 1: Tensor;
  [Symbol.iterator](): IterableIterator<Tensor>;
}
/** {@link Pair} of three. */
export interface Triple extends Pair {
  readonly 2: Tensor;
}

/** What named results of every copy of this package have. */
export const named: unique symbol = Symbol.for("flambeau/named");

class Named {
  get [named](): true {
    return true;
  }
  get 0(): unknown {
    return Object.values(this)[0];
  }
  get 1(): unknown {
    return Object.values(this)[1];
  }
  get 2(): unknown {
    return Object.values(this)[2];
  }
  [Symbol.iterator](): IterableIterator<unknown> {
    return Object.values(this).values();
  }
}

/** The parts under their names, and in their order (PyTorch's named tuples). */
export const pair = <P extends { readonly [name: string]: Tensor }>(parts: P): P & Pair =>
  Object.assign(new Named(), parts) as P & Pair; // the getters count its parts
export const triple = <P extends { readonly [name: string]: Tensor }>(parts: P): P & Triple =>
  Object.assign(new Named(), parts) as P & Triple;
