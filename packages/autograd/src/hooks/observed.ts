import type { Tensor } from "@flambeau/tensor/functional";
import { type Edge, Node } from "../node.ts";
import type { Place } from "../place.ts";
import { hookedLeaf } from "./accumulate.ts";

/** Leaves with hooks in one walk: their hooks see the sum over all paths, as soon as the last one has come. */
export class Observed {
  /** What has come so far. */
  readonly sums = new Map<Tensor, Tensor>();
  /** How many edges lead to each that have not come. */
  readonly #open = new Map<Tensor, number>();

  constructor(order: readonly Node[], roots: readonly Place[], targets: readonly Place[] | null) {
    const wanted = targets && new Set<Edge>(targets.map(({ at }) => at));
    const count = (edge: Edge) => {
      if (edge === null || edge instanceof Node || hookedLeaf(edge) === null) return;
      if (wanted === null || wanted.has(edge)) this.#open.set(edge, (this.#open.get(edge) ?? 0) + 1);
    };
    for (const { at } of roots) count(at);
    for (const node of order) node.edges.forEach(count);
  }

  has(leaf: Tensor): boolean {
    return this.#open.has(leaf);
  }
  /** These edges are done with: hands on the sums that nothing more comes to. */
  complete(edges: readonly Edge[], deliver: (leaf: Tensor, sum: Tensor) => void): void {
    for (const edge of edges) {
      if (edge === null || edge instanceof Node) continue;
      const left = this.#open.get(edge);
      if (left === undefined) continue;
      this.#open.set(edge, left - 1);
      const sum = this.sums.get(edge);
      if (left > 1 || sum === undefined) continue;
      this.sums.delete(edge);
      deliver(edge, sum);
    }
  }
}
