import type { Node } from "../graph.ts";
import { type Lanes, roundingBias } from "./lanes.ts";

const ln2High = 0.693359375;
const ln2Low = -2.1219444e-4;

/** x = k ln 2 + r with |r| <= ln 2 / 2. `biased` holds the integer k in its low bits. */
function reduce(l: Lanes, x: Node): { biased: Node; k: Node; r: Node } {
  const biased = l.fma(x, l.c(Math.LOG2E), l.c(roundingBias));
  const k = l.sub(biased, l.c(roundingBias));
  const r = l.fnma(k, l.c(ln2Low), l.fnma(k, l.c(ln2High), x));
  return { biased, k, r };
}

/** (e^r - 1 - r) / r^2 for |r| <= 0.35, relative error of e^r below 2^-26 (Cephes' expf). */
const curve = (l: Lanes, r: Node): Node =>
  l.poly(r, 1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1);

/** y 2^(k + shift) in two steps, so that neither the scale of the largest results nor that of subnormal ones is out of range. */
function scale(l: Lanes, y: Node, biased: Node, shift: number): Node {
  const half = l.shr(biased, 1);
  const first = l.iadd(l.shl(half, 23), l.bits(127 << 23));
  const second = l.iadd(l.shl(l.isub(biased, half), 23), l.bits((127 + shift) << 23));
  return l.mul(l.mul(y, first), second);
}

/** e^x 2^shift. */
export function exp(l: Lanes, x: Node, shift = 0): Node {
  const { biased, r } = reduce(l, l.min(l.max(x, l.c(-104)), l.c(shift < 0 ? 90 : 88.8)));
  const y = l.add(l.fma(l.mul(r, r), curve(l, r), r), l.c(1));
  return scale(l, y, biased, shift);
}

/** e^x for -87 <= x <= 88: one step of scaling is enough. */
export function expInside(l: Lanes, x: Node): Node {
  const { biased, r } = reduce(l, x);
  const y = l.add(l.fma(l.mul(r, r), curve(l, r), r), l.c(1));
  return l.iadd(y, l.shl(biased, 23));
}

export function exp2(l: Lanes, x: Node): Node {
  const clamped = l.min(l.max(x, l.c(-151)), l.c(128.5));
  const biased = l.add(clamped, l.c(roundingBias));
  const r = l.mul(l.sub(clamped, l.sub(biased, l.c(roundingBias))), l.c(Math.LN2));
  const y = l.add(l.fma(l.mul(r, r), curve(l, r), r), l.c(1));
  return scale(l, y, biased, 0);
}

/** e^x - 1 = 2^k (e^r - 1) + 2^k - 1, at half size so that 2^k stays finite. It has x's sign, also at -0. */
export function expm1(l: Lanes, x: Node): Node {
  const { biased, r } = reduce(l, l.min(l.max(x, l.c(-40)), l.c(88.8)));
  const p = l.fma(l.mul(r, r), curve(l, r), r);
  const s = l.iadd(l.shl(biased, 23), l.bits(126 << 23));
  const y = l.fma(s, p, l.sub(s, l.c(0.5)));
  return l.signed(l.add(y, y), x);
}
