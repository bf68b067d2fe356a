import type { Graph, Node } from "../graph.ts";
import { f32x4, f64x2 } from "../opcodes.ts";
import { power2, scale } from "./exp.ts";
import { type Lanes, roundingBias } from "./lanes.ts";
import { split, unusual } from "./log.ts";

/** Lanes 2 and 3 moved down, and the low halves of two vectors joined. */
const upper = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** Two float64 pairs as four float32 lanes. */
const narrow = (g: Graph, low: Node, high: Node): Node =>
  g.shuffle(lowHalves, g.v(f32x4.demoteF64, low), g.v(f32x4.demoteF64, high));

/** Both halves of four float32 lanes as float64 pairs through `body`, and back. */
export function inFloat64(l: Lanes, args: readonly Node[], body: (...halves: Node[]) => Node): Node {
  const { g } = l;
  const low = body(...args.map((a) => g.v(f64x2.promoteLowF32, a)));
  const high = body(...args.map((a) => g.v(f64x2.promoteLowF32, g.shuffle(upper, a, a))));
  return narrow(g, low, high);
}

function poly64(l: Lanes, x: Node, first: number, ...rest: number[]): Node {
  const { g } = l;
  let p = g.vd(first);
  for (const k of rest)
    p = g.relaxed ? g.v(f64x2.relaxedMadd, p, x, g.vd(k)) : g.v(f64x2.add, g.v(f64x2.mul, p, x), g.vd(k));
  return p;
}

/**
 * x^y as 2^(y log2 |x|) with the logarithm and the product in float64: y log2 |x| reaches 150 and its error is the result's.
 * Lanes where x is not normal or y not finite are left to `slow`; signs follow from the parity of integer exponents.
 */
export function pow(l: Lanes, x: Node, y: Node, slow: Node): Node {
  const { g } = l;
  const a = l.abs(x);
  const { exponent, mantissa } = split(l, a);
  const half = (fold: (n: Node) => Node): Node => {
    const wide = (n: Node) => g.v(f64x2.promoteLowF32, fold(n));
    const fraction = wide(mantissa);
    const s = g.v(f64x2.div, g.v(f64x2.sub, fraction, g.vd(1)), g.v(f64x2.add, fraction, g.vd(1)));
    const z = g.v(f64x2.mul, s, s);
    // log2(m) = 2 / ln 2 (s + s^3 / 3 + s^5 / 5 + ...), |s| <= 0.172
    const k = 2 * Math.LOG2E;
    const log2 = g.v(
      f64x2.add,
      g.v(f64x2.mul, s, poly64(l, z, k / 11, k / 9, k / 7, k / 5, k / 3, k)),
      g.v(f64x2.convertLowI32, fold(exponent)),
    );
    return g.v(f64x2.mul, wide(y), log2);
  };
  const low = half((n) => n);
  const high = half((n) => g.shuffle(upper, n, n));
  const clamp = (n: Node) => g.v(f64x2.pmax, g.v(f64x2.pmin, n, g.vd(129)), g.vd(-151));
  const whole = (n: Node) => g.v(f64x2.nearest, n);
  const [c0, c1] = [clamp(low), clamp(high)];
  const [k0, k1] = [whole(c0), whole(c1)];
  const k = l.add(narrow(g, k0, k1), l.c(roundingBias));
  const r = narrow(g, g.v(f64x2.sub, c0, k0), g.v(f64x2.sub, c1, k1));
  const magnitude = scale(l, power2(l, r), k, 0);
  // floats from 2^24 on are even
  const integer = l.eq(g.v(f32x4.trunc, y), y);
  const halved = l.mul(y, l.c(0.5));
  const odd = l.and(integer, l.ne(g.v(f32x4.trunc, halved), halved));
  const negative = l.shr(x, 31);
  const signed = l.xor(magnitude, l.and(l.and(negative, odd), l.bits(0x80000000)));
  const result = l.or(signed, l.and(negative, l.not(integer)));
  return g.patch(result, l.or(unusual(l, a), l.not(l.lt(l.abs(y), l.c(Infinity)))), slow);
}
