import type { Node } from "../graph.ts";
import { i32x4 } from "../opcodes.ts";
import { type Lanes, ln2High, ln2Low, roundingBias } from "./lanes.ts";

/** x = k ln 2 + r with |r| <= ln 2 / 2. `biased` holds the integer k in its low bits. */
function reduce(l: Lanes, x: Node): { biased: Node; r: Node } {
  const biased = l.fma(x, l.c(Math.LOG2E), l.c(roundingBias));
  const k = l.sub(biased, l.c(roundingBias));
  return { biased, r: l.fnma(k, l.c(ln2Low), l.fnma(k, l.c(ln2High), x)) };
}

/** e^r for |r| <= ln 2 / 2 by the minimax polynomial of degree 5; relative error 9.2e-8. Highest coefficient first. */
const coefficients = [
  0.008290318161352556, 0.041897959021348886, 0.16667636343977504, 0.49999149314315033, 0.9999997070964838, 1,
] as const;
const power = (l: Lanes, r: Node): Node => l.poly(r, ...coefficients);
/** 2^r for |r| <= 1/2: the same in r ln 2. */
export const power2 = (l: Lanes, r: Node): Node =>
  l.poly(r, ...(coefficients.map((c, i) => c * Math.LN2 ** (5 - i)) as [number, ...number[]])); // map keeps the length

/** e^r - 1 for |r| <= ln 2 / 2: r + r^2 times a minimax polynomial; relative error 1.4e-8. */
const powerMinusOne = (l: Lanes, r: Node): Node =>
  l.fma(
    l.mul(r, r),
    l.poly(r, 0.001388252722075641, 0.00836651712615929, 0.041667199692158, 0.16666543646647747, 0.4999999815472973),
    r,
  );

/** y 2^(k + shift) in two steps, so that neither the scale of the largest results nor that of subnormal ones is out of range. */
export function scale(l: Lanes, y: Node, biased: Node, shift: number): Node {
  const half = l.shr(biased, 1);
  const first = l.iadd(l.shl(half, 23), l.bits(127 << 23));
  const second = l.iadd(l.shl(l.isub(biased, half), 23), l.bits((127 + shift) << 23));
  return l.mul(l.mul(y, first), second);
}

/** Lanes with |x| beyond `limit`, and NaN, as a mask. */
const beyond = (l: Lanes, x: Node, limit: number): Node => l.g.v(i32x4.gtS, l.and(x, l.bits(0x7fffffff)), l.c(limit));

/** e^x for |x| <= 87: the scale goes straight into the exponent. */
function expInside(l: Lanes, x: Node): Node {
  const { biased, r } = reduce(l, x);
  return l.iadd(power(l, r), l.shl(biased, 23));
}

/** e^x 2^shift with every overflow, subnormal result and NaN as it should be. */
function expAnywhere(l: Lanes, x: Node, shift: number): Node {
  const { biased, r } = reduce(l, l.min(l.max(x, l.c(-104)), l.c(shift < 0 ? 90 : 88.8)));
  return scale(l, power(l, r), biased, shift);
}

export const exp = (l: Lanes, x: Node): Node => l.g.patch(expInside(l, x), beyond(l, x, 87), expAnywhere(l, x, 0));

/** e^x / 2, which is finite a little longer than e^x. */
export const halfExp = (l: Lanes, x: Node): Node => expAnywhere(l, x, -1);

export function exp2(l: Lanes, x: Node): Node {
  const parts = (y: Node) => {
    const biased = l.add(y, l.c(roundingBias));
    return { biased, p: power2(l, l.sub(y, l.sub(biased, l.c(roundingBias)))) };
  };
  const { biased, p } = parts(x);
  const anywhere = parts(l.min(l.max(x, l.c(-151)), l.c(128.5)));
  const fast = l.iadd(p, l.shl(biased, 23));
  return l.g.patch(fast, beyond(l, x, 125), scale(l, anywhere.p, anywhere.biased, 0));
}

/** e^x - 1 = 2^k (e^r - 1) + 2^k - 1, at half size so that 2^k stays finite. It has x's sign, also at -0. */
export function expm1(l: Lanes, x: Node): Node {
  const { biased, r } = reduce(l, l.min(l.max(x, l.c(-40)), l.c(88.8)));
  const s = l.iadd(l.shl(biased, 23), l.bits(126 << 23));
  const y = l.fma(s, powerMinusOne(l, r), l.sub(s, l.c(0.5)));
  return l.signed(l.add(y, y), x);
}

/** e^x - 1 for 0 <= x <= 80. */
export function expm1Inside(l: Lanes, x: Node): Node {
  const { biased, r } = reduce(l, x);
  const s = l.iadd(l.shl(biased, 23), l.c(1));
  return l.fma(s, powerMinusOne(l, r), l.sub(s, l.c(1)));
}
