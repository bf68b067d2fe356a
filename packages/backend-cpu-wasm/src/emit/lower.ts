import type { CastNode, ConstantNode, LeafNode, OperationNode, Program, ScalarType } from "@flambeau/tensor/plugin";
import type { Node } from "./graph.ts";

/** Where a program's inputs, params and index come from, in the type that the program wants. */
export type Leaf = (e: LeafNode) => Node;

/** What the other nodes of a program become, as scalars or as lanes. `type` is that of an operation's last argument. */
export interface Lowering {
  constant(e: ConstantNode): Node;
  cast(e: CastNode, x: Node, from: ScalarType): Node;
  operation(e: OperationNode, args: readonly Node[], type: ScalarType): Node;
}

/** A program's result. */
export function lower({ nodes }: Program, leaf: Leaf, into: Lowering): Node {
  const done: Node[] = [];
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
