import { decodeAttrs, encodeAttrs, show } from "@flambeau/tensor/plugin";
import { noGraph } from "./check.ts";
import type { GraphCall, GraphParts } from "./parts.ts";

/** What the files of this version say they are. */
const format = "flambeau graph";
const version = 1;

/** A graph as JSON. */
export const toJson = ({ inputs, states, nodes, output, mutations, dims, modules }: GraphParts): object => ({
  format,
  version,
  dims,
  inputs,
  states,
  nodes: nodes.map((call) => ({ ...call, attrs: encodeAttrs(call.attrs) })),
  output,
  mutations,
  modules,
});

/** What {@link toJson} gave; the constructor of graphs looks at the rest. @throws FormatError for another format, a later version, and damaged attributes. */
export function fromJson(file: string, json: unknown): GraphParts {
  const given = json as Partial<Record<string, unknown>> | null;
  if (typeof given !== "object" || given === null || given.format !== format)
    throw noGraph(file, `this is no graph: its "format" is not "${format}"`, "give what JSON.parse gives of it");
  if (given.version !== version)
    throw noGraph(
      file,
      `the graph is of version ${show(given.version)}, this @flambeau/graph knows version ${version}`,
      "install a later one",
    );
  const { inputs, states, nodes, output, mutations, dims, modules } = given as unknown as GraphParts; // looked at later
  if (!Array.isArray(nodes)) throw noGraph(file, `nodes is a list, got ${show(nodes)}`);
  return { inputs, states, nodes: nodes.map((call) => decoded(file, call)), output, mutations, dims, modules };
}

function decoded(file: string, call: GraphCall): GraphCall {
  if (typeof call !== "object" || call === null) throw noGraph(file, `a node is an object, got ${show(call)}`);
  try {
    return { ...call, attrs: decodeAttrs(plainOf(call.attrs)) as object };
  } catch (error) {
    throw noGraph(
      file,
      `attrs of ${show(call.name)} are damaged: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
/** Refuses what no graph has: the generators of the program that wrote it, and endless nesting. */
function plainOf(value: unknown, depth = 0): unknown {
  if (depth > 100) throw new RangeError("nested too deep");
  if (typeof value === "object" && value !== null) {
    if ("$generator" in value) throw new TypeError("they name a generator");
    for (const part of Object.values(value)) plainOf(part, depth + 1);
  }
  return value;
}
