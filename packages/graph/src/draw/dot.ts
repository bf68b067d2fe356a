import { checkOptions } from "@flambeau/tensor/plugin";
import { checkGraph, type Graph } from "../graph.ts";
import { type Box, type Frame, type GraphDrawOptions, type Look, sceneOf } from "./scene.ts";
import { drawKinds } from "./svg.ts";

const shapes: { readonly [L in Look]: string } = {
  input: "shape=oval",
  output: "shape=oval",
  weights: 'shape=box, style="rounded,filled", fillcolor="#e8f0fe"',
  module: 'shape=box, style="rounded,filled", fillcolor="#e8f0fe"',
  view: "shape=box, style=rounded, color=gray",
  draw: 'shape=box, style="rounded,filled", fillcolor="#fdeef6"',
  op: 'shape=box, style="rounded,filled", fillcolor="#fff6e0"',
};
const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;

/**
 * A graph in the language of Graphviz: `dot -Tpdf`. Boxes and frames are those of {@link toSvg}, laid out by that program.
 *
 * Shapes: of the result, in each box.
 *
 * @param options.depth how deep modules are opened; deeper ones are one box.
 * @throws ArgumentError for another option.
 * @see https://graphviz.org/doc/info/lang.html
 * @example
 * const graph = capture((x) => x.exp(), [zeros([2])]);
 * toDot(graph).includes('"input input" -> "exp"'); // true
 */
export function toDot(graph: Graph, options: GraphDrawOptions = {}): string {
  checkOptions("toDot", drawKinds, options);
  checkGraph("toDot", graph);
  const { root, edges } = sceneOf(graph, (op) => graph.record(op), options);
  const lines = ["digraph {", '  node [fontname="Helvetica"]'];
  let count = 0;
  const add = (m: Box | Frame, indent: string): void => {
    if ("members" in m) {
      lines.push(`${indent}subgraph cluster_${count++} {`, `${indent}  label=${quoted(m.title)}; style=dashed`);
      for (const part of m.members) add(part, `${indent}  `);
      lines.push(`${indent}}`);
    } else
      lines.push(`${indent}${quoted(m.id)} [label=${quoted([m.title, ...m.lines].join("\n"))}, ${shapes[m.look]}]`);
  };
  for (const m of root.members) add(m, "  ");
  for (const [from, to] of edges) lines.push(`  ${quoted(from)} -> ${quoted(to)}`);
  lines.push("}");
  return lines.join("\n");
}
