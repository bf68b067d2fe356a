import type { Graph, Node } from "./graph.ts";
import { f32, f32x4, i32, i32x4, v128 } from "./opcodes.ts";

/** The few operations that half-float conversions need, on one scalar or on four lanes. Values are bits unless said. */
interface Words {
  word(value: number): Node;
  and(x: Node, y: Node): Node;
  or(x: Node, y: Node): Node;
  add(x: Node, y: Node): Node;
  sub(x: Node, y: Node): Node;
  shl(x: Node, by: number): Node;
  shrU(x: Node, by: number): Node;
  /** Signed comparison. */
  lt(x: Node, y: Node): Node;
  select(condition: Node, x: Node, y: Node): Node;
  /** Bits of (float of the bits) times or plus a number. */
  scale(bits: Node, by: number): Node;
  plus(bits: Node, by: number): Node;
}

const scalarWords = (g: Graph): Words => ({
  word: (value) => g.ic(value),
  and: (x, y) => g.i(i32.and, x, y),
  or: (x, y) => g.i(i32.or, x, y),
  add: (x, y) => g.i(i32.add, x, y),
  sub: (x, y) => g.i(i32.sub, x, y),
  shl: (x, by) => g.i(i32.shl, x, g.ic(by)),
  shrU: (x, by) => g.i(i32.shrU, x, g.ic(by)),
  lt: (x, y) => g.i(i32.ltS, x, y),
  select: (condition, x, y) => g.select(condition, x, y),
  scale: (x, by) => g.i(i32.reinterpret, g.f(f32.mul, g.f(f32.reinterpret, x), g.fc(by))),
  plus: (x, by) => g.i(i32.reinterpret, g.f(f32.add, g.f(f32.reinterpret, x), g.fc(by))),
});

const laneWords = (g: Graph): Words => ({
  word: (value) => g.vi(value),
  and: (x, y) => g.v(v128.and, x, y),
  or: (x, y) => g.v(v128.or, x, y),
  add: (x, y) => g.v(i32x4.add, x, y),
  sub: (x, y) => g.v(i32x4.sub, x, y),
  shl: (x, by) => g.v(i32x4.shl, x, g.ic(by)),
  shrU: (x, by) => g.v(i32x4.shrU, x, g.ic(by)),
  lt: (x, y) => g.v(i32x4.ltS, x, y),
  select: (condition, x, y) => g.v(v128.bitselect, x, y, condition),
  scale: (x, by) => g.v(f32x4.mul, x, g.vf(by)),
  plus: (x, by) => g.v(f32x4.add, x, g.vf(by)),
});

/** float32 bits from float16 bits: the exponent moves by a multiplication, which also normalizes subnormals exactly. */
function widenHalf(w: Words, h: Node): Node {
  const sign = w.shl(w.and(h, w.word(0x8000)), 16);
  const magnitude = w.and(h, w.word(0x7fff));
  const moved = w.shl(magnitude, 13);
  const special = w.or(moved, w.word(0x7f800000));
  return w.or(sign, w.select(w.lt(w.word(0x7bff), magnitude), special, w.scale(moved, 2 ** 112)));
}

/** float16 bits from float32 bits, to nearest even. */
function narrowHalf(w: Words, x: Node): Node {
  const magnitude = w.and(x, w.word(0x7fffffff));
  const odd = w.and(w.shrU(magnitude, 13), w.word(1));
  const normal = w.shrU(w.add(w.add(magnitude, w.word(((15 - 127) << 23) + 0xfff)), odd), 13);
  // adding 0.5 leaves a subnormal half's bits, rounded, at the bottom of the mantissa
  const subnormal = w.sub(w.plus(magnitude, 0.5), w.word(0x3f000000));
  const special = w.select(w.lt(w.word(0x7f800000), magnitude), w.word(0x7e00), w.word(0x7c00));
  const finite = w.select(w.lt(magnitude, w.word(0x38800000)), subnormal, normal);
  const bits = w.select(w.lt(magnitude, w.word(0x47800000)), finite, special);
  return w.or(bits, w.and(w.shrU(x, 16), w.word(0x8000)));
}

/** bfloat16 bits from float32 bits, to nearest even. */
function narrowBrain(w: Words, x: Node): Node {
  const odd = w.and(w.shrU(x, 16), w.word(1));
  const rounded = w.shrU(w.add(w.add(x, w.word(0x7fff)), odd), 16);
  const nan = w.lt(w.word(0x7f800000), w.and(x, w.word(0x7fffffff)));
  return w.select(nan, w.word(0x7fc0), rounded);
}

/** {@link widenHalf} on lanes whose bits were loaded with their sign; what becomes 2^16 or more is infinite or NaN, and wants a larger exponent. */
export function halvesToFloats(g: Graph, h: Node): Node {
  const moved = g.v(v128.and, g.v(i32x4.shl, h, g.ic(13)), g.vi(0x8fffe000 | 0));
  const fast = g.v(f32x4.mul, moved, g.vf(2 ** 112));
  const special = g.v(f32x4.ge, g.v(f32x4.abs, fast), g.vf(65536));
  return g.v(v128.or, fast, g.v(v128.and, special, g.vi(0x7f800000)));
}

/**
 * {@link narrowHalf} on lanes: where all are normal halves, a rounding of the bits; else the whole of it.
 */
export function floatsToHalves(g: Graph, x: Node): Node {
  const magnitude = g.v(v128.and, x, g.vi(0x7fffffff));
  const odd = g.v(v128.and, g.v(i32x4.shrU, magnitude, g.ic(13)), g.vi(1));
  const rounded = g.v(i32x4.add, g.v(i32x4.add, magnitude, g.vi(((15 - 127) << 23) + 0xfff)), odd);
  const sign = g.v(v128.and, g.v(i32x4.shrU, x, g.ic(16)), g.vi(0x8000));
  const fast = g.v(v128.or, g.v(i32x4.shrU, rounded, g.ic(13)), sign);
  const unusual = g.v(i32x4.geU, g.v(i32x4.sub, magnitude, g.vi(0x38800000)), g.vi(0x47800000 - 0x38800000));
  return g.patch(fast, unusual, narrowHalf(laneWords(g), x));
}

export const halfToFloat = (g: Graph, h: Node): Node => g.f(f32.reinterpret, widenHalf(scalarWords(g), h));
export const floatToHalf = (g: Graph, x: Node): Node => narrowHalf(scalarWords(g), g.i(i32.reinterpret, x));
export const floatToBrain = (g: Graph, x: Node): Node => narrowBrain(scalarWords(g), g.i(i32.reinterpret, x));
/** The same on four lanes; a v128 is bits and floats at once. */
export const floatsToBrains = (g: Graph, x: Node): Node => narrowBrain(laneWords(g), x);
