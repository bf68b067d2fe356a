// exp and expm1 after FreeBSD's msun/src/{e_exp,s_expm1}.c, Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed
// at SunPro, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided
// that this notice is preserved.
import type { Node } from "../graph.ts";
import { f64x2 } from "../opcodes.ts";
import { ln2High, ln2Low, type Pairs } from "./pairs.ts";

/** x = k ln 2 + (high - low), what is in brackets within ln 2 / 2. */
function reduce(l: Pairs, x: Node) {
  const k = l.nearest(l.mul(x, l.c(Math.LOG2E)));
  return { k, high: l.fnma(k, l.c(ln2High), x), low: l.mul(k, l.c(ln2Low)) };
}

/** e^(high - low) within ln 2 / 2. */
function power(l: Pairs, high: Node, low: Node): Node {
  const r = l.sub(high, low);
  const t = l.mul(r, r);
  const p = l.poly(
    t,
    4.1381367970572385e-8,
    -1.6533902205465252e-6,
    6.613756321437934e-5,
    -0.0027777777777015593,
    0.16666666666666602,
  );
  const c = l.fnma(t, p, r);
  return l.sub(l.c(1), l.sub(l.sub(low, l.div(l.mul(r, c), l.sub(l.c(2), c))), high));
}

/** e^x; the scale goes straight into the exponent up to |x| = 708. */
export function exp(l: Pairs, x: Node): Node {
  const inside = (y: Node) => {
    const { k, high, low } = reduce(l, y);
    return { k, y: power(l, high, low) };
  };
  const near = inside(x);
  const fast = l.iadd(near.y, l.shl(l.integer(near.k), 52));
  // in two steps, so that neither the scale of the largest results nor that of subnormal ones is out of range
  const far = inside(l.max(l.min(x, l.c(710)), l.c(-746)));
  const half = l.g.v(f64x2.floor, l.mul(far.k, l.c(0.5)));
  const slow = l.mul(l.mul(far.y, l.power(half)), l.power(l.sub(far.k, half)));
  return l.g.patch(fast, l.not(l.le(l.abs(x), l.c(708))), slow);
}

/** e^x - 1, which has x's sign, also at -0. */
export function expm1(l: Pairs, given: Node): Node {
  const x = l.max(l.min(given, l.c(710)), l.c(-40));
  const { k, high, low } = reduce(l, x);
  const r = l.sub(high, low);
  const lost = l.sub(l.sub(high, r), low);
  const half = l.mul(r, l.c(0.5));
  const square = l.mul(r, half);
  const p = l.poly(
    square,
    -2.0109921818362437e-7,
    4.008217827329362e-6,
    -7.93650757867488e-5,
    0.0015873015872548146,
    -0.03333333333333313,
    1,
  );
  const t = l.fnma(p, half, l.c(3));
  const quotient = l.mul(square, l.div(l.sub(p, t), l.fnma(r, t, l.c(6))));
  // e^r - 1 = r - e
  const e = l.sub(l.sub(l.mul(r, l.sub(quotient, lost)), lost), square);
  // times 2^k, plus 2^k - 1; the scale of the largest results is out of range
  const inverse = l.power(l.neg(l.min(k, l.c(1000))));
  const first = l.min(k, l.c(1023));
  const y = l.mul(l.add(l.sub(r, e), l.sub(l.c(1), inverse)), l.power(first));
  return l.signed(l.mul(y, l.power(l.sub(k, first))), given);
}
