import { expConstant, expInside } from "../core/exp";
import { fma, nfma } from "../core/lanes";

// Sigmoid and tanh of n neighbouring f32, as src/emit/math/hyperbolic.ts has them. Whole vectors are written: `to` has room for them.

// read from memory, one load each: V8 would build constants anew at every use
const CONSTANTS = memory.data<f32>([
  0.001388252722075641, 0.001388252722075641, 0.001388252722075641, 0.001388252722075641,
  0.00836651712615929, 0.00836651712615929, 0.00836651712615929, 0.00836651712615929,
  0.041667199692158, 0.041667199692158, 0.041667199692158, 0.041667199692158,
  0.16666543646647747, 0.16666543646647747, 0.16666543646647747, 0.16666543646647747,
  0.4999999815472973, 0.4999999815472973, 0.4999999815472973, 0.4999999815472973,
  10.0, 10.0, 10.0, 10.0,
  2.0, 2.0, 2.0, 2.0,
  -0.0, -0.0, -0.0, -0.0,
], 16);

/** Constant i: 0 to 4 polynomial of (eʳ - 1 - r) / r², 5 10, 6 2, 7 the sign's bit. */
// @ts-ignore: decorator
@inline function c(i: i32): v128 {
  return v128.load(CONSTANTS + (<usize>i << 4));
}

/** 1 / (1 + e⁻ˣ), as eˣ / (1 + eˣ) for negative x, where e⁻ˣ would overflow. */
export function sigmoids(to: usize, from: usize, n: i32): void {
  for (; n > 0; n -= 4) {
    const x = v128.load(from), one = expConstant(10);
    const e = expInside(
      f32x4.pmax(v128.or(x, c(7)), expConstant(0)), expConstant(2), expConstant(3), expConstant(4), expConstant(5),
      expConstant(6), expConstant(7), expConstant(8), expConstant(9), one,
    );
    const above = v128.bitselect(e, one, i32x4.shr_s(x, 31));
    v128.store(to, v128.or(f32x4.div(above, f32x4.add(one, e)), f32x4.ne(x, x)));
    from += 16;
    to += 16;
  }
}

/** t / (t + 2) with t = e^2|x| - 1, which does not cancel near 0; from 10 on tanh is 1. */
export function tanhs(to: usize, from: usize, n: i32): void {
  for (; n > 0; n -= 4) {
    const x = v128.load(from), sign = c(7), one = expConstant(10), big = expConstant(3);
    const a = f32x4.pmin(v128.andnot(x, sign), c(5)), twice = f32x4.add(a, a);
    const shifted = fma<f32>(twice, expConstant(2), big), k = f32x4.sub(shifted, big);
    const r = nfma<f32>(k, expConstant(5), nfma<f32>(k, expConstant(4), twice));
    const p = fma<f32>(r, fma<f32>(r, fma<f32>(r, fma<f32>(r, c(0), c(1)), c(2)), c(3)), c(4));
    const s = i32x4.add(i32x4.shl(shifted, 23), one);
    const t = fma<f32>(s, fma<f32>(f32x4.mul(r, r), p, r), f32x4.sub(s, one));
    v128.store(to, v128.or(f32x4.div(t, f32x4.add(t, c(6))), v128.and(x, sign)));
    from += 16;
    to += 16;
  }
}
