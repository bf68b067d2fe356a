import type { Node } from "../graph.ts";
import { f64x2 } from "../opcodes.ts";
import { inFloat64 } from "../wide.ts";
import type { Lanes } from "./lanes.ts";

/** C's fmod. In float64 the quotient times the divisor is exact while the quotient is below 2^28; beyond, `slow`. */
export function remainder(l: Lanes, x: Node, y: Node, slow: Node): Node {
  const { g } = l;
  const rest = inFloat64(g, [x, y], (a, b) => {
    const q = g.v(f64x2.trunc, g.v(f64x2.div, a, b));
    return g.v(f64x2.sub, a, g.v(f64x2.mul, q, b));
  });
  const signed = l.copysign(rest, x);
  const ratio = l.abs(l.div(x, y));
  const unusual = l.not(l.and(l.lt(ratio, l.c(2 ** 28)), l.lt(l.abs(y), l.c(Infinity))));
  return g.patch(signed, unusual, slow);
}

/** The neighbour of x towards y, by stepping its bits: away from 0 is one up. */
export function nextAfter(l: Lanes, x: Node, y: Node): Node {
  const up = l.not(l.xor(l.lt(x, y), l.gt(x, l.c(0))));
  const moved = l.isub(x, l.or(up, l.bits(1)));
  const step = l.select(l.eq(x, l.c(0)), l.signed(l.bits(1), y), moved);
  return l.select(l.or(l.nan(x), l.nan(y)), l.add(x, y), l.select(l.eq(x, y), y, step));
}
