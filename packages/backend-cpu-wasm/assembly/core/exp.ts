import { fma, nfma } from "./lanes";

// exp(x) = 2ⁿ·exp(r) with n = round(x/ln 2) and |r| <= ln 2 / 2, the latter by a polynomial of degree 6 (relative error
// below 1e-8 before rounding). ln 2 is split in two so that n·ln 2 is exact enough.

// pmin, pmax and the rounding by a large number are single instructions, unlike f32x4.min, max and trunc_sat.

/** exp of four f32, within 2 ulp; 0 below -87.33 (no denormals), +∞ above 88.72, NaN stays NaN. */
// @ts-ignore: decorator
@inline export function expF32(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.33654)), f32x4.splat(88.72283));
  // 1.5·2²³: the sum's last bits are the rounded integer
  const shifted = fma<f32>(c, f32x4.splat(1.44269504088896341), f32x4.splat(12582912.0));
  const n = f32x4.sub(shifted, f32x4.splat(12582912.0));
  let r = nfma<f32>(n, f32x4.splat(0.693359375), c);
  r = nfma<f32>(n, f32x4.splat(-2.12194440e-4), r);
  let p = fma<f32>(r, f32x4.splat(1.3981999507e-3), f32x4.splat(8.3334519073e-3));
  p = fma<f32>(r, p, f32x4.splat(4.1665795894e-2));
  p = fma<f32>(r, p, f32x4.splat(1.6666665459e-1));
  p = fma<f32>(r, p, f32x4.splat(0.5));
  p = fma<f32>(f32x4.mul(r, r), p, f32x4.add(r, f32x4.splat(1.0)));
  // times 2ⁿ: n is added to the exponent
  p = i32x4.add(p, i32x4.shl(shifted, 23));
  p = v128.and(p, f32x4.ge(x, f32x4.splat(-87.33654)));
  // all ones where x is too large or NaN; an exponent of ones is made from it
  const high = v128.not(f32x4.le(x, f32x4.splat(88.72283)));
  return v128.bitselect(f32x4.add(x, f32x4.splat(Infinity)), p, high);
}
