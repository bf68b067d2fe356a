import type { AnyOp } from "@flambeau/tensor/ops";
import { show } from "@flambeau/tensor/plugin";
import { type Dim, isAffine, showDim, showDims } from "./dim.ts";
import type { GraphCall, GraphOutput, GraphParts, GraphValue } from "./parts.ts";

// A graph as text, for people.

const typeOf = ({ dtype, shape }: GraphValue): string => `${dtype}${showDims(shape as readonly Dim[])}`;

/** A value among attributes. */
function showAttr(value: unknown): string {
  if (isAffine(value)) return showDim(value);
  if (Array.isArray(value)) return `[${value.map(showAttr).join(", ")}]`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return `{ ${shownAttrs(value).join(", ")} }`;
  return show(value);
}
const shownAttrs = (attrs: object): string[] =>
  Object.entries(attrs)
    .filter(([key, x]) => x !== undefined && !((key === "device" || key === "from") && x === null))
    .map(([key, x]) => `${key}=${showAttr(x)}`);

/** What stands between the parentheses of a call: inputs, and numbers in their places. */
export function argumentsOf({ inputs, attrs }: GraphCall): { readonly operands: string[]; readonly attrs: string[] } {
  const { operands, ...rest } = attrs as { operands?: readonly unknown[] };
  if (!Array.isArray(operands)) return { operands: [...inputs], attrs: shownAttrs(attrs) };
  let next = 0;
  return {
    operands: operands.map((x) => (x === "#" ? inputs[next++] : showAttr(x))),
    attrs: shownAttrs(rest),
  };
}
export function showStructure(s: GraphOutput): string {
  if (s === null) return "null";
  if (typeof s === "string") return s;
  return Array.isArray(s)
    ? `[${s.map(showStructure).join(", ")}]`
    : `{ ${Object.entries(s)
        .map(([key, part]) => `${key}: ${showStructure(part)}`)
        .join(", ")} }`;
}

export function printGraph(graph: GraphParts, record: (op: string) => AnyOp): string {
  const lines = [`graph(${graph.inputs.map((v) => `${v.name}: ${typeOf(v)}`).join(", ")}):`];
  for (const state of graph.states) lines.push(`  ${state.kind} ${state.name}: ${typeOf(state)}`);
  let module = "";
  for (const call of graph.nodes) {
    if (call.module !== module) {
      module = call.module;
      const kind = graph.modules[module];
      lines.push(["  #", module, kind ? `(${kind})` : ""].filter(Boolean).join(" "));
    }
    const { operands, attrs } = argumentsOf(call);
    const results = call.outputs.map((v) => `${v.name}: ${typeOf(v)}`).join(", ");
    const note = record(call.op).draws ? "  # draws" : "";
    lines.push(`  ${results}${results && " = "}${call.op}(${[...operands, ...attrs].join(", ")})${note}`);
  }
  for (const { target, value } of graph.mutations) lines.push(`  ${target} := ${value}`);
  lines.push(`  return ${showStructure(graph.output)}`);
  return lines.join("\n");
}
