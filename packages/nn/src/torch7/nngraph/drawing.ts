import type { Annotations } from "./node.ts";

const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

interface Drawn {
  /** What stands in the box, below the annotations. */
  readonly text: string;
  readonly inputs: readonly number[];
  readonly annotations: Annotations;
}

/** A graph in the language of Graphviz, top down, with one more node for what comes in and one for what goes out. */
export function toDot(
  title: string,
  nodes: readonly Drawn[],
  inputs: readonly number[],
  outputs: readonly number[],
): string {
  const id = (at: number): string => `n${at + 1}`;
  const attributes = (of: Readonly<Record<string, string>>): string =>
    `[${Object.entries(of)
      .map(([name, value]) => `${name}=${quoted(value)}`)
      .join(", ")}]`;
  const label = ({ annotations: { name, description }, text }: Drawn): string =>
    [name, description, text].filter((line) => line !== undefined).join("\n");
  return [
    `digraph ${quoted(title)} {`,
    "  node [shape=box]",
    '  in [label="input", shape=oval]',
    '  out [label="output", shape=oval]',
    ...nodes.map((n, at) => `  ${id(at)} ${attributes({ label: label(n), ...n.annotations.graphAttributes })}`),
    ...inputs.map((at) => `  in -> ${id(at)}`),
    ...nodes.flatMap((n, at) => n.inputs.map((input) => `  ${id(input)} -> ${id(at)}`)),
    ...outputs.map((at) => `  ${id(at)} -> out`),
    "}",
    "",
  ].join("\n");
}
