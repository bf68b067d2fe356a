import type { CastNode, ConstantNode, LeafNode, OperationNode, Program, ScalarType } from "@flambeau/tensor/plugin";
import type { Node } from "./graph.ts";

/** Where a program's inputs, params and index come from, in the type that the program wants. */
export type Leaf<V = Node> = (e: LeafNode) => V;

/** What the other nodes of a program become, as scalars or as lanes. `type` is that of an operation's last argument. */
export interface Lowering<V = Node> {
  constant(e: ConstantNode): V;
  cast(e: CastNode, x: V, from: ScalarType): V;
  operation(e: OperationNode, args: readonly V[], type: ScalarType): V;
}

/** A program's result. */
export function lower<V = Node>({ nodes }: Program, leaf: Leaf<V>, into: Lowering<V>): V {
  const done: V[] = [];
  for (const e of nodes) {
    const args = e.args.map((a) => done[a]);
    switch (e.op) {
      case "input":
      case "param":
      case "index":
        done.push(leaf(e));
        break;
      case "const":
        done.push(into.constant(e));
        break;
      case "cast":
        done.push(into.cast(e, args[0], nodes[e.args[0]].type));
        break;
      default:
        done.push(into.operation(e, args, nodes[e.args[e.args.length - 1]].type));
    }
  }
  return done[done.length - 1];
}
