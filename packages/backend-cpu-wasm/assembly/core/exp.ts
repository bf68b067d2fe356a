import { fma, nfma } from "./lanes";

// exp(x) = 2ⁿ·exp(r) with n = round(x/ln 2) and |r| <= ln 2 / 2, the latter by a polynomial of degree 6 (relative error
// below 1e-8 before rounding). ln 2 is split in two so that n·ln 2 is exact enough.

/** exp of four f32, within 2 ulp; 0 below -87.33 (no denormals), +∞ above 88.72, NaN stays NaN. */
// @ts-ignore: decorator
@inline export function expF32(x: v128): v128 {
  const top = f32x4.min(f32x4.max(x, f32x4.splat(-88.0)), f32x4.splat(88.72284));
  const n = f32x4.nearest(f32x4.mul(top, f32x4.splat(1.44269504088896341)));
  let r = nfma<f32>(n, f32x4.splat(0.693359375), top);
  r = nfma<f32>(n, f32x4.splat(-2.12194440e-4), r);
  let p = fma<f32>(r, f32x4.splat(1.3981999507e-3), f32x4.splat(8.3334519073e-3));
  p = fma<f32>(r, p, f32x4.splat(4.1665795894e-2));
  p = fma<f32>(r, p, f32x4.splat(1.6666665459e-1));
  p = fma<f32>(r, p, f32x4.splat(0.5));
  p = fma<f32>(f32x4.mul(r, r), p, f32x4.add(r, f32x4.splat(1.0)));
  // 2ⁿ in two factors: n reaches 128, one more than an exponent holds
  const k = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(k, 1);
  const s0 = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const s1 = i32x4.shl(i32x4.add(i32x4.sub(k, half), i32x4.splat(127)), 23);
  p = f32x4.mul(f32x4.mul(p, s0), s1);
  p = v128.andnot(p, f32x4.lt(x, f32x4.splat(-87.33)));
  return v128.or(p, v128.and(f32x4.gt(x, f32x4.splat(88.72284)), f32x4.splat(Infinity)));
}
