import type { Node } from "../graph.ts";
import { exp, expm1 } from "./exp.ts";
import type { Pairs } from "./pairs.ts";

/** 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x, where e^-x would overflow. */
export function sigmoid(l: Pairs, x: Node): Node {
  const e = exp(l, l.neg(l.abs(x)));
  return l.div(l.select(l.lt(x, l.c(0)), e, l.c(1)), l.add(l.c(1), e));
}

/** t / (t + 2) with t = e^2|x| - 1, which does not cancel near 0; from 22 on tanh is 1. */
export function tanh(l: Pairs, x: Node): Node {
  const a = l.min(l.abs(x), l.c(22));
  const t = expm1(l, l.add(a, a));
  return l.signed(l.div(t, l.add(t, l.c(2))), x);
}
