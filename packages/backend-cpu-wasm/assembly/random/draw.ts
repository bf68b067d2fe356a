import { cosInside, logF64, quartersF64, restF64, sinInside } from "../core/wide";
import { slot } from "../core/slots";

// PyTorch's CPU generator, the 32-bit Mersenne Twister (M. Matsumoto, T. Nishimura, ACM TOMACS 8, 1998), a block at a time, and what is
// made of its words.

const WORDS: i32 = 624;
const SHIFT: i32 = 397;

// @ts-ignore: decorator
@inline function mix(u: v128, v: v128): v128 {
  const joined = v128.or(v128.and(u, i32x4.splat(0x80000000)), v128.and(v, i32x4.splat(0x7fffffff)));
  const odd = i32x4.neg(v128.and(v, i32x4.splat(1)));
  return v128.xor(i32x4.shr_u(joined, 1), v128.and(odd, i32x4.splat(0x9908b0df)));
}
// @ts-ignore: decorator
@inline function mixOne(u: u32, v: u32): u32 {
  return (((u & 0x80000000) | (v & 0x7fffffff)) >> 1) ^ ((0 - (v & 1)) & 0x9908b0df);
}
// @ts-ignore: decorator
@inline function word(p: usize, i: i32): usize {
  return p + (<usize>i << 2);
}

function twist(p: usize): void {
  const split = WORDS - SHIFT; // 227
  let i = 0;
  for (; i + 4 <= split; i += 4) {
    v128.store(word(p, i), v128.xor(v128.load(word(p, i + SHIFT)), mix(v128.load(word(p, i)), v128.load(word(p, i + 1)))));
  }
  for (; i < split; i++) {
    store<u32>(word(p, i), load<u32>(word(p, i + SHIFT)) ^ mixOne(load<u32>(word(p, i)), load<u32>(word(p, i + 1))));
  }
  for (; i + 4 < WORDS; i += 4) {
    v128.store(word(p, i), v128.xor(v128.load(word(p, i - split)), mix(v128.load(word(p, i)), v128.load(word(p, i + 1)))));
  }
  for (; i < WORDS; i++) {
    const next = load<u32>(word(p, i == WORDS - 1 ? 0 : i + 1));
    store<u32>(word(p, i), load<u32>(word(p, i - split)) ^ mixOne(load<u32>(word(p, i)), next));
  }
}

// @ts-ignore: decorator
@inline function temper(y: v128): v128 {
  y = v128.xor(y, i32x4.shr_u(y, 11));
  y = v128.xor(y, v128.and(i32x4.shl(y, 7), i32x4.splat(0x9d2c5680)));
  y = v128.xor(y, v128.and(i32x4.shl(y, 15), i32x4.splat(0xefc60000)));
  return v128.xor(y, i32x4.shr_u(y, 18));
}

/**
 * Fills memory with uniforms in [0, 1), the low 24 bits of a word each. One index, one thread.
 * 0 the engine's 624 words  1 (also out) words left in the block  2 (also out) the next one's index  3 out  4 count
 */
export function draw_uniforms(desc: usize, start: i32, end: i32): void {
  const state = <usize>slot(desc, 0);
  let left = slot(desc, 1), next = slot(desc, 2), out = <usize>slot(desc, 3), count = slot(desc, 4);
  const low = i32x4.splat(0xffffff), unit = f32x4.splat(<f32>5.9604644775390625e-8);
  while (count > 0) {
    if (left == 0) {
      twist(state);
      left = WORDS;
      next = 0;
    }
    let n = min(left, count);
    left -= n;
    count -= n;
    let at = word(state, next);
    next += n;
    for (; n >= 4; n -= 4) {
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(v128.and(temper(v128.load(at)), low)), unit));
      at += 16;
      out += 16;
    }
    for (; n > 0; n--) {
      const y = temper(i32x4.splat(load<i32>(at)));
      store<f32>(out, <f32>(i32x4.extract_lane(y, 0) & 0xffffff) * <f32>5.9604644775390625e-8);
      at += 4;
      out += 4;
    }
  }
  store<i32>(desc, left, 4);
  store<i32>(desc, next, 8);
}

// @ts-ignore: decorator
@inline function joined(low: v128, high: v128): v128 {
  return v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}
// @ts-ignore: decorator
@inline function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 0));
}
/** Two values of f32 times a factor, plus a summand, rounded once. */
// @ts-ignore: decorator
@inline function placed(x: v128, std: v128, mean: v128): v128 {
  const low = f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(x), std), mean);
  return joined(low, f64x2.add(f64x2.mul(upper(x), std), mean));
}

/**
 * unit · width + from, rounded once; from where that is to. Index = four values.
 * 0 x  then f64 from byte 16 on: from, width, to
 */
export function draw_range(desc: usize, start: i32, end: i32): void {
  const from = load<f64>(desc, 16);
  const low = f32x4.splat(<f32>from), high = f32x4.splat(<f32>load<f64>(desc, 32));
  const width = v128.load64_splat(desc, 24), least = f64x2.splat(from);
  const stop = <usize>slot(desc, 0) + (<usize>end << 4);
  for (let x = <usize>slot(desc, 0) + (<usize>start << 4); x < stop; x += 16) {
    const value = placed(v128.load(x), width, least);
    v128.store(x, v128.bitselect(low, value, f32x4.eq(value, high)));
  }
}

/** The sine of x and `q` quarter turns, integers in i64 lanes, from the sine and the cosine of x. */
// @ts-ignore: decorator
@inline function turned(q: v128, s: v128, c: v128): v128 {
  const odd = i64x2.neg(v128.and(q, i64x2.splat(1)));
  return v128.xor(v128.bitselect(c, s, odd), i64x2.shl(i64x2.shr_u(q, 1), 63));
}

/**
 * Normals in the place of uniforms, by Box and Muller: of each 16 the first 8 give radii, the others angles. Every step is rounded to f32
 * where PyTorch's kernel does it; logarithm, sine and cosine are those of f64. Index = a block of 16.
 * 0 x  then f64 from byte 16 on: mean, standard deviation
 */
export function draw_normals(desc: usize, start: i32, end: i32): void {
  const mean = v128.load64_splat(desc, 16), std = v128.load64_splat(desc, 24);
  const one = f32x4.splat(1), twoPi = f32x4.splat(<f32>6.283185307179586), minusTwo = f32x4.splat(-2);
  const whole = f64x2.splat(6755399441055744.0);
  let x = <usize>slot(desc, 0) + (<usize>start << 6);
  const stop = <usize>slot(desc, 0) + (<usize>end << 6);
  for (; x < stop; x += 64) {
    for (let at = x; at < x + 32; at += 16) {
      const u = f32x4.sub(one, v128.load(at));
      const log = joined(logF64(f64x2.promote_low_f32x4(u)), logF64(upper(u)));
      const radius = f32x4.sqrt(f32x4.mul(log, minusTwo));
      const theta = f32x4.mul(v128.load(at, 32), twoPi);
      const t0 = f64x2.promote_low_f32x4(theta), t1 = upper(theta);
      const q0 = quartersF64(t0), q1 = quartersF64(t1);
      const r0 = restF64(t0, q0), r1 = restF64(t1, q1);
      const s0 = sinInside(r0), s1 = sinInside(r1), c0 = cosInside(r0), c1 = cosInside(r1);
      // as integers, in the low bits of their sum with a large number
      const i0 = f64x2.add(q0, whole), i1 = f64x2.add(q1, whole);
      const quarter = i64x2.splat(1);
      const cos = joined(turned(i64x2.add(i0, quarter), s0, c0), turned(i64x2.add(i1, quarter), s1, c1));
      const sin = joined(turned(i0, s0, c0), turned(i1, s1, c1));
      v128.store(at, placed(f32x4.mul(radius, cos), std, mean));
      v128.store(at, placed(f32x4.mul(radius, sin), std, mean), 32);
    }
  }
}
