import type { Graph, Node } from "./graph.ts";
import { f32, f32x4, i16x8, i32, i32x4, v128 } from "./opcodes.ts";

// Half floats from and to float32: one at a time, and by lanes. A v128 is bits and floats at once.

/** A float16's bits, as float32: the exponent moves by a multiplication, which also normalizes subnormals exactly. */
export function halfToFloat(g: Graph, h: Node): Node {
  const and = (x: Node, y: number) => g.i(i32.and, x, g.ic(y));
  const sign = g.i(i32.shl, and(h, 0x8000), g.ic(16));
  const magnitude = and(h, 0x7fff);
  const moved = g.i(i32.shl, magnitude, g.ic(13));
  const special = g.i(i32.or, moved, g.ic(0x7f800000));
  const finite = g.i(i32.reinterpret, g.f(f32.mul, g.f(f32.reinterpret, moved), g.fc(2 ** 112)));
  const bits = g.select(g.i(i32.ltS, g.ic(0x7bff), magnitude), special, finite);
  return g.f(f32.reinterpret, g.i(i32.or, sign, bits));
}

/** float16 bits from a float32, to nearest even. */
export function floatToHalf(g: Graph, value: Node): Node {
  const x = g.i(i32.reinterpret, value);
  const magnitude = g.i(i32.and, x, g.ic(0x7fffffff));
  const below = (limit: number) => g.i(i32.ltS, magnitude, g.ic(limit));
  const odd = g.i(i32.and, g.i(i32.shrU, magnitude, g.ic(13)), g.ic(1));
  const rounded = g.i(i32.add, g.i(i32.add, magnitude, g.ic(((15 - 127) << 23) + 0xfff)), odd);
  const normal = g.i(i32.shrU, rounded, g.ic(13));
  // adding 0.5 leaves a subnormal half's bits, rounded, at the bottom of the mantissa
  const lifted = g.i(i32.reinterpret, g.f(f32.add, g.f(f32.reinterpret, magnitude), g.fc(0.5)));
  const finite = g.select(below(0x38800000), g.i(i32.sub, lifted, g.ic(0x3f000000)), normal);
  const special = g.select(below(0x7f800001), g.ic(0x7c00), g.ic(0x7e00));
  const bits = g.select(below(0x47800000), finite, special);
  return g.i(i32.or, bits, g.i(i32.and, g.i(i32.shrU, x, g.ic(16)), g.ic(0x8000)));
}

/** bfloat16 bits from a float32, to nearest even. */
export function floatToBrain(g: Graph, value: Node): Node {
  const x = g.i(i32.reinterpret, value);
  const odd = g.i(i32.and, g.i(i32.shrU, x, g.ic(16)), g.ic(1));
  const rounded = g.i(i32.shrU, g.i(i32.add, g.i(i32.add, x, g.ic(0x7fff)), odd), g.ic(16));
  return g.select(g.i(f32.ne, value, value), g.ic(0x7fc0), rounded);
}

/** Of eight 16-bit lanes the first or last four: `y`'s become upper halves of 32-bit lanes, `x`'s lower ones. */
const zip = (g: Graph, x: Node, y: Node, upper: boolean): Node => {
  const from = upper ? 8 : 0;
  const pair = (at: number) => [from + at, from + at + 1, from + at + 16, from + at + 17];
  return g.shuffle([0, 2, 4, 6].flatMap(pair), x, y);
};
const short = (g: Graph, value: number): Node => g.v(i16x8.splat, g.ic(value));

/** Four of eight float16 lanes as float32: see {@link halfToFloat}. All but the multiplication is done with eight at a time. */
export function halvesToFloats(g: Graph, h: Node, upper: boolean): Node {
  const high = g.v(v128.and, g.v(i16x8.shrS, h, g.ic(3)), short(g, 0x8fff));
  // what is infinite or NaN has float32's largest exponent from the beginning, and keeps it
  const largest = short(g, 0x7c00);
  const special = g.v(v128.and, g.v(i16x8.eq, g.v(v128.and, h, largest), largest), short(g, 0x7f80));
  const moved = zip(g, g.v(i16x8.shl, h, g.ic(13)), g.v(v128.or, high, special), upper);
  return g.v(f32x4.mul, moved, g.vf(2 ** 112));
}

/** Four of eight bfloat16 lanes as float32. */
export const brainsToFloats = (g: Graph, h: Node, upper: boolean): Node => zip(g, g.vi(0), h, upper);

/**
 * The magnitudes of floats as float16 bits; what is NaN becomes more than 0x7fff. Adding 2^13 times its power of two rounds a number to
 * the eleven bits that a half keeps, and puts them, as an integer M, at the sum's end, whose exponent is then E + 13; subnormals have the
 * smallest normal one's E. A half's bits are 2^10 (E - 113) + M: so much of the sum's upper 16 bits, and its lower ones.
 */
function halfMagnitudes(g: Graph, x: Node): Node {
  // from 2^16 on all is infinite
  const magnitude = g.v(f32x4.pmin, g.v(f32x4.abs, x), g.vf(65536));
  const power = g.v(i32x4.maxS, g.v(v128.and, magnitude, g.vi(0x7f800000)), g.vf(2 ** -14));
  const sum = g.relaxed
    ? g.v(f32x4.relaxedMadd, power, g.vf(2 ** 13), magnitude)
    : g.v(f32x4.add, g.v(f32x4.mul, power, g.vf(2 ** 13)), magnitude);
  return g.v(i32x4.sub, g.v(i32x4.dot, sum, g.vi((8 << 16) + 1)), g.vi((113 + 13) << 10));
}

/** float16 lanes from eight float32 lanes, to nearest even. */
export function floatsToHalves(g: Graph, low: Node, high: Node): Node {
  const magnitudes = g.v(i16x8.narrowS, halfMagnitudes(g, low), halfMagnitudes(g, high));
  // a float's bits are a number beyond int16 whose sign is the float's
  const signs = g.v(v128.and, g.v(i16x8.narrowS, low, high), short(g, 0x8000));
  return g.v(v128.or, g.v(i16x8.minS, magnitudes, short(g, 0x7e00)), signs);
}

/** bfloat16 lanes from eight float32 lanes, to nearest even. */
export function floatsToBrains(g: Graph, low: Node, high: Node): Node {
  const rounded = (x: Node) => {
    const odd = g.v(v128.and, g.v(i32x4.shrU, x, g.ic(16)), g.vi(1));
    return g.v(i32x4.shrS, g.v(i32x4.add, g.v(i32x4.add, x, g.vi(0x7fff)), odd), g.ic(16));
  };
  const nan = g.v(i16x8.narrowS, g.v(f32x4.ne, low, low), g.v(f32x4.ne, high, high));
  return g.v(v128.bitselect, short(g, 0x7fc0), g.v(i16x8.narrowS, rounded(low), rounded(high)), nan);
}
