// After FreeBSD's msun/src/e_log.c, Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun
// Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice
// is preserved.
import type { Node } from "../graph.ts";
import { f64x2, i32x4 } from "../opcodes.ts";
import { ln2High, ln2Low, type Pairs } from "./pairs.ts";

const rootHalf = 0x3fe6a09e667f3bcdn;
const highWords = [4, 5, 6, 7, 12, 13, 14, 15, 4, 5, 6, 7, 12, 13, 14, 15];

/** x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), for normal positive x. */
function parts(l: Pairs, x: Node): { k: Node; f: Node } {
  const { g } = l;
  const shifted = l.isub(x, l.bits(rootHalf));
  const mantissa = l.iadd(l.and(shifted, l.bits(0xfffffffffffffn)), l.bits(rootHalf));
  const exponents = g.v(i32x4.shrS, g.shuffle(highWords, shifted, shifted), g.ic(20));
  return { k: g.v(f64x2.convertLowI32, exponents), f: l.sub(mantissa, l.c(1)) };
}

/** f - log(1 + f) + `less`, in two parts: the square that counts most, and what is taken from it. */
function curve(l: Pairs, f: Node, less: Node): { half: Node; tail: Node } {
  const s = l.div(f, l.add(l.c(2), f));
  const z = l.mul(s, s);
  const w = l.mul(z, z);
  const even = l.mul(w, l.poly(w, 0.15313837699209373, 0.22222198432149784, 0.3999999999940942));
  const odd = l.mul(z, l.poly(w, 0.14798198605116586, 0.1818357216161805, 0.2857142874366239, 0.6666666666666735));
  const half = l.mul(l.mul(f, f), l.c(0.5));
  return { half, tail: l.fma(s, l.add(half, l.add(even, odd)), less) };
}

type FromParts = (l: Pairs, k: Node, f: Node) => Node;
const natural: FromParts = (l, k, f) => {
  const { half, tail } = curve(l, f, l.mul(k, l.c(ln2Low)));
  return l.sub(l.mul(k, l.c(ln2High)), l.sub(l.sub(half, tail), f));
};
const binary: FromParts = (l, k, f) => {
  const { half, tail } = curve(l, f, l.c(0));
  return l.fma(l.sub(f, l.sub(half, tail)), l.c(Math.LOG2E), k);
};

/** Lanes outside [smallest normal, infinity), as a mask. */
const unusual = (l: Pairs, x: Node): Node => l.not(l.and(l.ge(x, l.c(2 ** -1022)), l.lt(x, l.c(Infinity))));

/** What a logarithm is at 0, below, at infinity and NaN; elsewhere `y`. */
function atEdges(l: Pairs, x: Node, y: Node): Node {
  const zero = l.select(l.eq(x, l.c(0)), l.c(-Infinity), y);
  const negative = l.select(l.lt(x, l.c(0)), l.c(Number.NaN), zero);
  return l.select(l.or(l.nan(x), l.eq(x, l.c(Infinity))), x, negative);
}

/** log x for normal positive x. */
export function logInside(l: Pairs, x: Node): Node {
  const { k, f } = parts(l, x);
  return natural(l, k, f);
}

function logarithm(l: Pairs, x: Node, from: FromParts): Node {
  const { k, f } = parts(l, x);
  const tiny = l.lt(x, l.c(2 ** -1022));
  const lifted = parts(l, l.select(tiny, l.mul(x, l.c(2 ** 54)), x));
  const slow = from(l, l.sub(lifted.k, l.and(tiny, l.c(54))), lifted.f);
  return l.g.patch(from(l, k, f), unusual(l, x), atEdges(l, x, slow));
}
export const log = (l: Pairs, x: Node): Node => logarithm(l, x, natural);
export const log2 = (l: Pairs, x: Node): Node => logarithm(l, x, binary);

/** log(1 + x): what rounding 1 + x to u lost is added to u's fraction. It has x's sign, also at -0. */
export function log1p(l: Pairs, x: Node): Node {
  const u = l.add(l.c(1), x);
  const { k, f } = parts(l, u);
  const lost = l.sub(x, l.sub(u, l.c(1)));
  const inverse = l.power(l.max(l.neg(k), l.c(-1022)));
  const y = l.signed(natural(l, k, l.fma(lost, inverse, f)), x);
  return l.g.patch(y, unusual(l, u), atEdges(l, u, y));
}
