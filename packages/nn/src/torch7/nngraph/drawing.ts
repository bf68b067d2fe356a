import type { Node } from "./node.ts";

const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

/** A graph in the language of Graphviz, top down, with one more node for what comes in and one for what goes out. */
export function toDot(
  title: string,
  nodes: readonly Node[],
  inputs: readonly Node[],
  outputs: readonly Node[],
): string {
  const id = (n: Node): string => `n${nodes.indexOf(n) + 1}`;
  const attributes = (of: Readonly<Record<string, string>>): string =>
    `[${Object.entries(of)
      .map(([name, value]) => `${name}=${quoted(value)}`)
      .join(", ")}]`;
  const text = ({ annotations: { name, description }, module, index }: Node): string =>
    [name, description, module === null ? `entry ${index}` : String(module)]
      .filter((line) => line !== undefined)
      .join("\n");
  return [
    `digraph ${quoted(title)} {`,
    "  node [shape=box]",
    '  in [label="input", shape=oval]',
    '  out [label="output", shape=oval]',
    ...nodes.map((n) => `  ${id(n)} ${attributes({ label: text(n), ...n.annotations.graphAttributes })}`),
    ...inputs.map((n) => `  in -> ${id(n)}`),
    ...nodes.flatMap((n) => n.inputs.map((input) => `  ${id(input)} -> ${id(n)}`)),
    ...outputs.map((n) => `  ${id(n)} -> out`),
    "}",
    "",
  ].join("\n");
}
