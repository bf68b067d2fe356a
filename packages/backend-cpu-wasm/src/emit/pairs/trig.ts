// The curves are those of FreeBSD's msun/src/{k_sin,k_cos}.c, Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed
// at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided
// that this notice is preserved.
import type { Node } from "../graph.ts";
import { type Pairs, roundingBias } from "./pairs.ts";

/** Beyond this, multiples of the parts of pi/2 below are no longer exact. */
const largest = 2 ** 22;

/** x less its nearest number of quarter turns, which is exact but for the last rounding, and what that lost. */
function reduce(l: Pairs, x: Node) {
  // rounded by a large number and not as such: 0 of -0, so that x keeps its sign
  const quadrant = l.integer(l.mul(x, l.c(2 / Math.PI)));
  const k = l.sub(quadrant, l.c(roundingBias));
  const first = l.fnma(k, l.c(1.570796325802803), x);
  const second = l.fnma(k, l.c(9.920935791635221e-10), first);
  const small = l.mul(k, l.c(5.170182981794105e-19));
  const r = l.sub(second, small);
  return { quadrant, r, lost: l.sub(l.sub(second, r), small) };
}

const sinCurve = (l: Pairs, r: Node, z: Node, lost: Node): Node => {
  const p = l.poly(
    z,
    1.58969099521155e-10,
    -2.5050760253406863e-8,
    2.7557313707070068e-6,
    -0.0001984126982985795,
    0.00833333333332249,
  );
  const cube = l.mul(z, r);
  const bend = l.fma(z, l.fnma(cube, p, l.mul(lost, l.c(0.5))), l.neg(lost));
  return l.sub(r, l.fma(cube, l.c(0.16666666666666632), bend));
};
const cosCurve = (l: Pairs, r: Node, z: Node, lost: Node): Node => {
  const p = l.poly(
    z,
    -1.1359647557788195e-11,
    2.087572321298175e-9,
    -2.7557314351390663e-7,
    2.480158728947673e-5,
    -0.001388888888887411,
    0.0416666666666666,
  );
  const half = l.mul(z, l.c(0.5));
  const whole = l.sub(l.c(1), half);
  const rest = l.fma(l.mul(z, z), p, l.neg(l.mul(r, lost)));
  return l.add(whole, l.add(l.sub(l.sub(l.c(1), whole), half), rest));
};

const large = (l: Pairs, x: Node): Node => l.not(l.le(l.abs(x), l.c(largest)));

/** sin(x + quarters pi/2); `slow` where an argument is large. */
function sine(l: Pairs, x: Node, quarters: number, slow: Node): Node {
  const { quadrant, r, lost } = reduce(l, x);
  const z = l.mul(r, r);
  const q = quarters ? l.iadd(quadrant, l.bits(BigInt(quarters))) : quadrant;
  const sign = l.shl(l.shrU(q, 1), 63);
  const sin = l.signed(sinCurve(l, r, z, lost), r);
  const y = l.xor(l.select(l.odd(q), cosCurve(l, r, z, lost), sin), sign);
  return l.g.patch(y, large(l, x), slow);
}
export const sin = (l: Pairs, x: Node, slow: Node): Node => sine(l, x, 0, slow);
export const cos = (l: Pairs, x: Node, slow: Node): Node => sine(l, x, 1, slow);

/** The quotient of both; a quarter turn on, the negative inverse. */
export function tan(l: Pairs, x: Node, slow: Node): Node {
  const { quadrant, r, lost } = reduce(l, x);
  const z = l.mul(r, r);
  const [s, c] = [l.signed(sinCurve(l, r, z, lost), r), cosCurve(l, r, z, lost)];
  const odd = l.odd(quadrant);
  const y = l.div(l.select(odd, l.neg(c), s), l.select(odd, s, c));
  return l.g.patch(y, large(l, x), slow);
}
