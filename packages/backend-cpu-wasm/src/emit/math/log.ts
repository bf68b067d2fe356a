import type { Node } from "../graph.ts";
import { f32x4, i32x4 } from "../opcodes.ts";
import { type Lanes, ln2High, ln2Low } from "./lanes.ts";

const sqrtHalf = 0x3f3504f3;

/** x = 2^exponent mantissa with the mantissa between sqrt(1/2) and sqrt(2), for normal positive x. */
export function split(l: Lanes, x: Node): { exponent: Node; mantissa: Node } {
  const shifted = l.isub(x, l.bits(sqrtHalf));
  const mantissa = l.iadd(l.and(shifted, l.bits(0x7fffff)), l.bits(sqrtHalf));
  return { exponent: l.shr(shifted, 23), mantissa };
}
function parts(l: Lanes, x: Node): { exponent: Node; e: Node; f: Node } {
  const { exponent, mantissa } = split(l, x);
  return { exponent, e: l.g.v(f32x4.convertI32, exponent), f: l.sub(mantissa, l.c(1)) };
}

/** log(1 + f) - f for sqrt(1/2) - 1 <= f <= sqrt(2) - 1 (Cephes' logf), plus `more`. */
function curve(l: Lanes, f: Node, more: Node): Node {
  const z = l.mul(f, f);
  const p = l.poly(
    f,
    7.0376836292e-2,
    -1.151461031e-1,
    1.167699874e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
  );
  return l.fnma(z, l.c(0.5), l.fma(l.mul(f, z), p, more));
}

type FromParts = (l: Lanes, e: Node, f: Node) => Node;

const natural: FromParts = (l, e, f) => l.fma(e, l.c(ln2High), l.add(f, curve(l, f, l.mul(e, l.c(ln2Low)))));
const binary: FromParts = (l, e, f) => l.fma(l.add(f, curve(l, f, l.c(0))), l.c(Math.LOG2E), e);
const decimal: FromParts = (l, e, f) => {
  const small = l.fma(e, l.c(2.487456639811952e-4), l.mul(l.add(f, curve(l, f, l.c(0))), l.c(Math.LOG10E)));
  return l.fma(e, l.c(0.30078125), small);
};

/** Lanes outside [smallest normal, infinity), as a mask. */
export const unusual = (l: Lanes, x: Node): Node => l.g.v(i32x4.geU, l.isub(x, l.bits(0x00800000)), l.bits(0x7f000000));

/** What a logarithm is at 0, below, at infinity and NaN; elsewhere `y`. */
function atEdges(l: Lanes, x: Node, y: Node): Node {
  const zero = l.select(l.eq(x, l.c(0)), l.c(-Infinity), y);
  const negative = l.select(l.lt(x, l.c(0)), l.c(Number.NaN), zero);
  return l.select(l.or(l.nan(x), l.eq(x, l.c(Infinity))), x, negative);
}

function logarithm(l: Lanes, x: Node, from: FromParts): Node {
  const { e, f } = parts(l, x);
  const tiny = l.lt(x, l.c(2 ** -126));
  const lifted = parts(l, l.select(tiny, l.mul(x, l.c(2 ** 23)), x));
  const slow = from(l, l.sub(lifted.e, l.and(tiny, l.c(23))), lifted.f);
  return l.g.patch(from(l, e, f), unusual(l, x), atEdges(l, x, slow));
}

export const log = (l: Lanes, x: Node): Node => logarithm(l, x, natural);
export const log2 = (l: Lanes, x: Node): Node => logarithm(l, x, binary);
export const log10 = (l: Lanes, x: Node): Node => logarithm(l, x, decimal);

/** log(1 + x): what rounding 1 + x to u lost is added to u's fraction. It has x's sign, also at -0. */
export function log1p(l: Lanes, x: Node): Node {
  const u = l.add(l.c(1), x);
  const { exponent, e, f } = parts(l, u);
  const lost = l.sub(x, l.sub(u, l.c(1)));
  const inverse = l.shl(l.g.v(i32x4.maxS, l.isub(l.bits(127), exponent), l.bits(0)), 23);
  const y = l.signed(natural(l, e, l.fma(lost, inverse, f)), x);
  return l.g.patch(y, unusual(l, u), atEdges(l, u, y));
}
