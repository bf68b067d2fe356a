import type { Tensor } from "@flambeau/tensor/functional";
import type { Edge, Node } from "./node.ts";
import type { Place } from "./place.ts";

let current: Walk | null = null;

/** One backward pass, for what is done once in each. */
export class Walk {
  readonly #around = current;
  #order: readonly Node[] = [];
  #roots: readonly Place[] = [];
  #targets: readonly Place[] | null = null;
  #reached: Set<Edge> | null = null;
  /** What checkpointed calls have computed again in it, by the call. */
  readonly again = new Map<object, (Tensor | null)[]>();
  /** What comes once all nodes have run. */
  readonly last: (() => void)[] = [];

  constructor() {
    current = this;
  }
  /** Where it goes. */
  along(order: readonly Node[], roots: readonly Place[], targets: readonly Place[] | null): void {
    this.#order = order;
    this.#roots = roots;
    this.#targets = targets;
  }
  /** Whether a gradient may come to a place of the graph. */
  reaches(place: Edge): boolean {
    if (this.#reached === null) {
      const leads = new Set<Edge>(this.#order);
      for (const { at } of this.#roots) leads.add(at);
      const leaves = this.#targets && new Set<Edge>(this.#targets.map(({ at }) => at));
      for (const { edges } of this.#order) for (const e of edges) if (leaves === null || leaves.has(e)) leads.add(e);
      this.#reached = leads;
    }
    return this.#reached.has(place);
  }
  /** All nodes have run. */
  finish(): void {
    for (const call of this.last) call();
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
