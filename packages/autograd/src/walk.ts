import type { Tensor } from "@flambeau/tensor/functional";

let current: Walk | null = null;

/** One backward pass, for what is done once in each. */
export class Walk {
  readonly #around = current;
  /** What checkpointed calls have computed again in it, by the call. */
  readonly again = new Map<object, (Tensor | null)[]>();

  constructor() {
    current = this;
  }
  /** Ends it, and frees what was computed again and nobody took. */
  end(): void {
    current = this.#around;
    for (const computed of this.again.values()) for (const t of computed) t?.dispose();
    this.again.clear();
  }
  /** The innermost one that is going on. */
  static get current(): Walk | null {
    return current;
  }
}
