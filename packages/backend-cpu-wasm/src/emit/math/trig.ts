import type { Node } from "../graph.ts";
import { i32x4 } from "../opcodes.ts";
import { type Lanes, roundingBias } from "./lanes.ts";

/** Beyond this, multiples of the parts of pi/2 below are no longer exact. */
const largest = 8192;

/** x - k pi/2 with |r| <= pi/4 (Cody and Waite; pi/2 in three parts); `quadrant` holds k in its low bits. */
function reduce(l: Lanes, x: Node): { quadrant: Node; r: Node } {
  const quadrant = l.fma(x, l.c(2 / Math.PI), l.c(roundingBias));
  const k = l.sub(quadrant, l.c(roundingBias));
  const parts = [1.5703125, 4.837512969970703e-4, 7.549789948768648e-8];
  return { quadrant, r: parts.reduce((r, part) => l.fnma(k, l.c(part), r), x) };
}

/** Large, infinite and NaN arguments, as a mask. */
const large = (l: Lanes, x: Node): Node => l.not(l.le(l.abs(x), l.c(largest)));

/** Has r's sign, also at -0. */
const sinCurve = (l: Lanes, r: Node, z: Node): Node =>
  l.signed(l.fma(l.mul(z, r), l.poly(z, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1), r), r);
const cosCurve = (l: Lanes, z: Node): Node =>
  l.fma(
    l.mul(z, z),
    l.poly(z, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2),
    l.fnma(z, l.c(0.5), l.c(1)),
  );

/** sin(x + quarters pi/2); `slow` where an argument is large. */
function sine(l: Lanes, x: Node, quarters: number, slow: Node): Node {
  const { quadrant, r } = reduce(l, x);
  const z = l.mul(r, r);
  const q = quarters ? l.iadd(quadrant, l.bits(quarters)) : quadrant;
  const odd = l.shr(l.shl(q, 31), 31);
  const sign = l.shl(l.g.v(i32x4.shrU, q, l.g.ic(1)), 31);
  const y = l.xor(l.select(odd, cosCurve(l, z), sinCurve(l, r, z)), sign);
  return l.g.patch(y, large(l, x), slow);
}

export const sin = (l: Lanes, x: Node, slow: Node): Node => sine(l, x, 0, slow);
export const cos = (l: Lanes, x: Node, slow: Node): Node => sine(l, x, 1, slow);

export function tan(l: Lanes, x: Node, slow: Node): Node {
  const { quadrant, r } = reduce(l, x);
  const z = l.mul(r, r);
  const p = l.poly(
    z,
    9.38540185543e-3,
    3.11992232697e-3,
    2.44301354525e-2,
    5.34112807005e-2,
    1.33387994085e-1,
    3.33331568548e-1,
  );
  const y = l.fma(l.mul(z, r), p, r);
  const odd = l.shr(l.shl(quadrant, 31), 31);
  return l.g.patch(l.select(odd, l.div(l.c(-1), y), y), large(l, x), slow);
}

/** asin(x) / x for 0 <= x <= 1/2, z = x^2 (Cephes' asinf). */
const asinCurve = (l: Lanes, x: Node, z: Node): Node =>
  l.fma(l.mul(z, x), l.poly(z, 4.2163199048e-2, 2.4181311049e-2, 4.5470025998e-2, 7.4953002686e-2, 1.6666752422e-1), x);

/** asin of a = |x|, and where a > 1/2 (`outer`) half of what asin(a) = pi/2 - 2 asin(sqrt((1 - a) / 2)) takes from pi/2. */
function asinParts(l: Lanes, a: Node): { outer: Node; p: Node } {
  const outer = l.gt(a, l.c(0.5));
  const z = l.select(outer, l.fnma(a, l.c(0.5), l.c(0.5)), l.mul(a, a));
  return { outer, p: asinCurve(l, l.select(outer, l.sqrt(z), a), z) };
}

export function asin(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const { outer, p } = asinParts(l, a);
  const y = l.select(outer, l.fnma(p, l.c(2), l.c(Math.PI / 2)), p);
  return l.or(l.xor(y, l.and(x, l.bits(0x80000000))), l.gt(a, l.c(1)));
}

export function acos(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const { outer, p } = asinParts(l, a);
  const negative = l.shr(x, 31);
  const twice = l.add(p, p);
  const outside = l.select(negative, l.sub(l.c(Math.PI), twice), twice);
  const signed = l.xor(p, l.and(x, l.bits(0x80000000)));
  return l.or(l.select(outer, outside, l.sub(l.c(Math.PI / 2), signed)), l.gt(a, l.c(1)));
}

/** What atan(t) is of t besides t, over t, for 0 <= t <= 1, by a minimax polynomial. */
function atanBend(l: Lanes, t: Node): Node {
  const z = l.mul(t, t);
  const p = l.poly(
    z,
    2.78569828e-3,
    -1.58660226e-2,
    4.24722321e-2,
    -7.49753043e-2,
    1.06448799e-1,
    -1.42070308e-1,
    1.99934542e-1,
    -3.33331466e-1,
  );
  return l.mul(p, z);
}
const atanCurve = (l: Lanes, t: Node): Node => l.fma(atanBend(l, t), t, t);

export function atan(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const outer = l.gt(a, l.c(1));
  const t = l.select(outer, l.div(l.c(1), a), a);
  const bend = atanBend(l, t);
  // pi / 2 as float32 has it is too large by what the small part takes away again
  const rest = l.sub(l.c(Math.PI / 2), l.add(t, l.fma(bend, t, l.c(Math.fround(Math.PI / 2) - Math.PI / 2))));
  return l.signed(l.select(outer, rest, l.fma(bend, t, t)), x);
}

/** The angle of (x, y): atan of the smaller coordinate over the larger, put into its octant. */
export function atan2(l: Lanes, y: Node, x: Node): Node {
  const ax = l.abs(x);
  const ay = l.abs(y);
  const high = l.max(ax, ay);
  const low = l.min(ay, ax);
  const ratio = l.select(l.eq(low, high), l.c(1), l.div(low, high));
  const first = atanCurve(l, l.select(l.eq(high, l.c(0)), l.c(0), ratio));
  const second = l.select(l.gt(ay, ax), l.sub(l.c(Math.PI / 2), first), first);
  const third = l.select(l.shr(x, 31), l.sub(l.c(Math.PI), second), second);
  return l.select(l.or(l.nan(x), l.nan(y)), l.c(Number.NaN), l.signed(third, y));
}
