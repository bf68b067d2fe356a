import { type Edge, Node } from "./node.ts";
import type { Place } from "./place.ts";

/** The nodes that lead from `roots` to leaves (or to `targets`), last recorded first. */
export function collect(roots: readonly Place[], targets: readonly Place[] | null): Node[] {
  const wanted = targets ? new Set<Edge>(targets.map(({ at }) => at)) : null;
  const leads = new Map<Node, boolean>();
  const stack: Node[] = [];
  for (const { at } of roots) if (at instanceof Node) stack.push(at);
  const nodes: Node[] = [];
  const seen = new Set<Node>();
  while (stack.length > 0) {
    const node = stack.pop() as Node; // the loop's condition
    if (seen.has(node)) continue;
    seen.add(node);
    nodes.push(node);
    for (const e of node.edges) if (e instanceof Node && !seen.has(e)) stack.push(e);
  }
  nodes.sort((a, b) => b.sequence - a.sequence);
  if (wanted === null) return nodes;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    leads.set(
      node,
      wanted.has(node) ||
        node.edges.some((e) => e !== null && (wanted.has(e) || (e instanceof Node && leads.get(e) === true))),
    );
  }
  return nodes.filter((n) => leads.get(n));
}

/** Which results of which nodes are targets. */
export function capturesByNode(targets: readonly Place[] | null): Map<Node, { slot: number; target: number }[]> {
  const out = new Map<Node, { slot: number; target: number }[]>();
  targets?.forEach(({ at, slot }, target) => {
    if (at instanceof Node) out.set(at, [...(out.get(at) ?? []), { slot, target }]);
  });
  return out;
}
