import type { Node } from "../graph.ts";
import { exp, expm1Inside, halfExp } from "./exp.ts";
import type { Lanes } from "./lanes.ts";
import { log1p } from "./log.ts";

/** 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x, where e^-x would overflow. */
export function sigmoid(l: Lanes, x: Node): Node {
  const e = exp(l, l.or(x, l.bits(0x80000000)));
  return l.div(l.select(l.shr(x, 31), e, l.c(1)), l.add(l.c(1), e));
}

/** t / (t + 2) with t = e^2|x| - 1, which does not cancel near 0; from 10 on tanh is 1. */
export function tanh(l: Lanes, x: Node): Node {
  const a = l.min(l.abs(x), l.c(10));
  const t = expm1Inside(l, l.add(a, a));
  return l.signed(l.div(t, l.add(t, l.c(2))), x);
}

/** e^|x| / 2 plus its quarter inverse; half size, so that it is finite as long as the result is. */
export function cosh(l: Lanes, x: Node): Node {
  const half = halfExp(l, l.abs(x));
  return l.add(half, l.div(l.c(0.25), half));
}

/** The same difference, and near 0, where that cancels, the series of sinh. */
export function sinh(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const half = halfExp(l, a);
  const far = l.signed(l.sub(half, l.div(l.c(0.25), half)), x);
  const z = l.mul(x, x);
  const near = l.fma(l.mul(z, x), l.poly(z, 1 / 362880, 1 / 5040, 1 / 120, 1 / 6), x);
  return l.select(l.gt(a, l.c(1)), far, near);
}

/** Sign times log(a + sqrt(a^2 + 1)), written for log1p; for large a, log(a) + log 2. */
export function asinh(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const big = l.gt(a, l.c(2 ** 30));
  const square = l.mul(a, a);
  const u = l.add(a, l.div(square, l.add(l.c(1), l.sqrt(l.add(square, l.c(1))))));
  const y = l.add(log1p(l, l.select(big, a, u)), l.and(big, l.c(Math.LN2)));
  return l.copysign(y, x);
}

/** log(x + sqrt(x^2 - 1)) by way of t = x - 1. */
export function acosh(l: Lanes, x: Node): Node {
  const t = l.sub(x, l.c(1));
  const big = l.gt(x, l.c(2 ** 30));
  const u = l.add(t, l.sqrt(l.mul(t, l.add(t, l.c(2)))));
  const y = l.add(log1p(l, l.select(big, t, u)), l.and(big, l.c(Math.LN2)));
  return l.or(y, l.lt(x, l.c(1)));
}

/** log((1 + a) / (1 - a)) / 2 with x's sign. */
export function atanh(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const y = l.mul(l.c(0.5), log1p(l, l.div(l.add(a, a), l.sub(l.c(1), a))));
  return l.copysign(y, x);
}
