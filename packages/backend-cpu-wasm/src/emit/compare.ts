import type { ScalarType } from "@flambeau/tensor/plugin";
import type { Graph, Node } from "./graph.ts";
import { f32, f64, i32, i64 } from "./opcodes.ts";

const signed = { lt: "ltS", le: "leS", gt: "gtS", ge: "geS" } as const;

/** Whether x stands in that order to y; bools are the integers 0 and 1. */
export function compare(g: Graph, type: ScalarType, op: keyof typeof signed, x: Node, y: Node): Node {
  if (type === "float32") return g.i(f32[op], x, y);
  if (type === "float64") return g.i(f64[op], x, y);
  return g.i(type === "int64" ? i64[signed[op]] : i32[signed[op]], x, y);
}

export const isNaN = (g: Graph, type: ScalarType, x: Node): Node =>
  type === "float32" ? g.i(f32.ne, x, x) : type === "float64" ? g.i(f64.ne, x, x) : g.ic(0);
