import type { Node } from "../graph.ts";
import { f32x4, f64x2, i64x2 } from "../opcodes.ts";
import { inFloat64 } from "../wide.ts";
import type { Lanes } from "./lanes.ts";
import { split, unusual } from "./log.ts";

function poly64(l: Lanes, x: Node, first: number, ...rest: number[]): Node {
  const { g } = l;
  let p = g.vd(first);
  for (const k of rest)
    p = g.relaxed ? g.v(f64x2.relaxedMadd, p, x, g.vd(k)) : g.v(f64x2.add, g.v(f64x2.mul, p, x), g.vd(k));
  return p;
}

/** 2^r for |r| <= 1/2 by the minimax polynomial of degree 7; relative error 5.9e-11. */
const power2 = (l: Lanes, r: Node): Node =>
  poly64(
    l,
    r,
    1.5200354825716543e-5,
    1.547400295074095e-4,
    0.0013333971548386166,
    0.009618010664176066,
    0.05550410222222531,
    0.24022651340824,
    0.6931471808003495,
    0.9999999999442823,
  );
/** 1.5 * 2^52: adding it leaves an integer in the low bits of a float64. */
const roundingBias64 = 6755399441055744;

/** 2^(y log2(m 2^e)) for sqrt(1/2) <= m <= sqrt(2), in float64 pairs; relative error 6e-9. Beyond float32 either way it is cut. */
function magnitude(l: Lanes, m: Node, e: Node, y: Node): Node {
  const { g } = l;
  const s = g.v(f64x2.div, g.v(f64x2.sub, m, g.vd(1)), g.v(f64x2.add, m, g.vd(1)));
  const z = g.v(f64x2.mul, s, s);
  // log2(m) = 2 / ln 2 (s + s^3 / 3 + s^5 / 5 + ...), |s| <= 0.172
  const c = 2 * Math.LOG2E;
  const log2 = g.v(f64x2.add, g.v(f64x2.mul, s, poly64(l, z, c / 11, c / 9, c / 7, c / 5, c / 3, c)), e);
  const t = g.v(f64x2.pmax, g.v(f64x2.pmin, g.v(f64x2.mul, y, log2), g.vd(129)), g.vd(-151));
  const k = g.v(f64x2.nearest, t);
  const exponent = g.v(i64x2.shl, g.v(f64x2.add, k, g.vd(roundingBias64 + 1023)), g.ic(52));
  return g.v(f64x2.mul, power2(l, g.v(f64x2.sub, t, k)), exponent);
}

/**
 * x^y as 2^(y log2 |x|), all of it in float64 and rounded once: powers that float32 can hold are exact. Lanes where x is not
 * normal or y not finite are left to `slow`; signs follow from the parity of integer exponents.
 */
export function pow(l: Lanes, x: Node, y: Node, slow: Node): Node {
  const { g } = l;
  const a = l.abs(x);
  const { exponent, mantissa } = split(l, a);
  const size = inFloat64(g, [mantissa, g.v(f32x4.convertI32, exponent), y], (m, e, p) => magnitude(l, m, e, p));
  // floats from 2^24 on are even
  const integer = l.eq(g.v(f32x4.trunc, y), y);
  const halved = l.mul(y, l.c(0.5));
  const odd = l.and(integer, l.ne(g.v(f32x4.trunc, halved), halved));
  const negative = l.shr(x, 31);
  const signed = l.xor(size, l.and(l.and(negative, odd), l.bits(0x80000000)));
  const result = l.or(signed, l.and(negative, l.not(integer)));
  return g.patch(result, l.or(unusual(l, a), l.not(l.lt(l.abs(y), l.c(Infinity)))), slow);
}
