// Elementary functions of two f64, within an ulp or so, for arguments that need no care at the edges. After FreeBSD's
// msun/src/{e_log,k_sin,k_cos}.c, Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun
// Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided that
// this notice is preserved.
import { fma, nfma } from "./lanes";

// read from memory, one load each: V8 would build constants anew at every use
const LOG = memory.data<f64>([
  0.6666666666666735130, 0.3999999999940941908, 0.2857142874366239149, 0.2222219843214978396, 0.1818357216161805012,
  0.1531383769920937332, 0.1479819860511658591,
  6.93147180369123816490e-01, 1.90821492927058770002e-10,
], 16);
const TRIG = memory.data<f64>([
  -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04, 2.75573137070700676789e-06,
  -2.50507602534068634195e-08, 1.58969099521155010221e-10,
  4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05, -2.75573143513906633035e-07,
  2.08757232129817482790e-09, -1.13596475577881948265e-11,
  6.36619772367581382433e-01, 1.57079632673412561417e+00, 6.07710050650619224932e-11,
], 16);

// @ts-ignore: decorator
@inline function c(table: usize, i: i32): v128 {
  return v128.load64_splat(table + (<usize>i << 3));
}

/** log(x) of normal positive x. */
export function logF64(x: v128): v128 {
  const rootHalf = i64x2.splat(0x3fe6a09e667f3bcd);
  const shifted = i64x2.sub(x, rootHalf);
  const f = f64x2.sub(i64x2.add(v128.and(shifted, i64x2.splat(0x000fffffffffffff)), rootHalf), f64x2.splat(1.0));
  const k = f64x2.convert_low_i32x4_s(i32x4.shr_s(v128.shuffle<i32>(shifted, shifted, 1, 3, 1, 3), 20));
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2.0), f));
  const z = f64x2.mul(s, s), w = f64x2.mul(z, z);
  const even = f64x2.mul(w, fma<f64>(w, fma<f64>(w, c(LOG, 5), c(LOG, 3)), c(LOG, 1)));
  const odd = f64x2.mul(z, fma<f64>(w, fma<f64>(w, fma<f64>(w, c(LOG, 6), c(LOG, 4)), c(LOG, 2)), c(LOG, 0)));
  const half = f64x2.mul(f64x2.mul(f, f), f64x2.splat(0.5));
  const tail = fma<f64>(s, f64x2.add(half, f64x2.add(even, odd)), f64x2.mul(k, c(LOG, 8)));
  return f64x2.sub(f64x2.mul(k, c(LOG, 7)), f64x2.sub(f64x2.sub(half, tail), f));
}

/** The quarter turns in x, |x| up to some thousands, as f64. */
// @ts-ignore: decorator
@inline export function quartersF64(x: v128): v128 {
  return f64x2.nearest(f64x2.mul(x, c(TRIG, 12)));
}
/** What is left of x beside them. */
// @ts-ignore: decorator
@inline export function restF64(x: v128, quarters: v128): v128 {
  return nfma<f64>(quarters, c(TRIG, 14), nfma<f64>(quarters, c(TRIG, 13), x));
}
/** sin(r), |r| <= π/4. */
// @ts-ignore: decorator
@inline export function sinInside(r: v128): v128 {
  const z = f64x2.mul(r, r);
  const p = fma<f64>(z, fma<f64>(z, fma<f64>(z, fma<f64>(z, fma<f64>(z,
    c(TRIG, 5), c(TRIG, 4)), c(TRIG, 3)), c(TRIG, 2)), c(TRIG, 1)), c(TRIG, 0));
  return fma<f64>(f64x2.mul(z, r), p, r);
}
/** cos(r), |r| <= π/4. */
// @ts-ignore: decorator
@inline export function cosInside(r: v128): v128 {
  const z = f64x2.mul(r, r);
  const p = fma<f64>(z, fma<f64>(z, fma<f64>(z, fma<f64>(z, fma<f64>(z,
    c(TRIG, 11), c(TRIG, 10)), c(TRIG, 9)), c(TRIG, 8)), c(TRIG, 7)), c(TRIG, 6));
  return fma<f64>(f64x2.mul(z, z), p, nfma<f64>(z, f64x2.splat(0.5), f64x2.splat(1.0)));
}
