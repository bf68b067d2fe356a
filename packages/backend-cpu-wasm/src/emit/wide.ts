import type { Graph, Node } from "./graph.ts";
import { f32x4, f64x2 } from "./opcodes.ts";

// float32 lanes in float64: two pairs

/** Lanes 2 and 3 moved down, and the low halves of two vectors joined. */
const upper = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Four float32 lanes as two float64 pairs. */
export const widen = (g: Graph, x: Node): readonly [low: Node, high: Node] => [
  g.v(f64x2.promoteLowF32, x),
  g.v(f64x2.promoteLowF32, g.shuffle(upper, x, x)),
];

/** Two float64 pairs as four float32 lanes. */
export const narrow = (g: Graph, low: Node, high: Node): Node =>
  g.shuffle(lowHalves, g.v(f32x4.demoteF64, low), g.v(f32x4.demoteF64, high));

/** Both halves of four float32 lanes as float64 pairs through `body`, and back. */
export function inFloat64(g: Graph, args: readonly Node[], body: (...halves: Node[]) => Node): Node {
  const pairs = args.map((a) => widen(g, a));
  return narrow(g, body(...pairs.map(([low]) => low)), body(...pairs.map(([, high]) => high)));
}
