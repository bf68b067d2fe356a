import { fma, nfma } from "./lanes";

// exp(x) = 2ⁿ·exp(r) with n = round(x/ln 2) and |r| <= ln 2 / 2, the latter by a polynomial of degree 6 (relative error
// below 1e-8 before rounding). ln 2 is split in two so that n·ln 2 is exact enough.

// pmin, pmax and the rounding by a large number are single instructions, unlike f32x4.min, max and trunc_sat.


// Vector constants are read from memory, one load each: V8 would build each v128.const anew, in four instructions, at
// every use.
const CONSTANTS = memory.data<f32>([
  -87.33654, -87.33654, -87.33654, -87.33654,
  88.72283, 88.72283, 88.72283, 88.72283,
  1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341,
  12582912.0, 12582912.0, 12582912.0, 12582912.0,
  0.693359375, 0.693359375, 0.693359375, 0.693359375,
  -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4,
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3,
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1,
  0.5, 0.5, 0.5, 0.5,
  1.0, 1.0, 1.0, 1.0,
  Infinity, Infinity, Infinity, Infinity,
], 16);

/** exp of four f32, within 2 ulp; 0 below -87.33 (no denormals), +∞ above 88.72, NaN stays NaN. */
// @ts-ignore: decorator
@inline export function expF32(x: v128): v128 {
  const low = v128.load(CONSTANTS), top = v128.load(CONSTANTS, 16);
  const c = f32x4.pmin(f32x4.pmax(x, low), top);
  // 1.5·2²³: the sum's last bits are the rounded integer
  const big = v128.load(CONSTANTS, 48);
  const shifted = fma<f32>(c, v128.load(CONSTANTS, 32), big);
  const n = f32x4.sub(shifted, big);
  let r = nfma<f32>(n, v128.load(CONSTANTS, 64), c);
  r = nfma<f32>(n, v128.load(CONSTANTS, 80), r);
  let p = fma<f32>(r, v128.load(CONSTANTS, 96), v128.load(CONSTANTS, 112));
  p = fma<f32>(r, p, v128.load(CONSTANTS, 128));
  p = fma<f32>(r, p, v128.load(CONSTANTS, 144));
  p = fma<f32>(r, p, v128.load(CONSTANTS, 160));
  p = fma<f32>(f32x4.mul(r, r), p, f32x4.add(r, v128.load(CONSTANTS, 176)));
  // times 2ⁿ: n is added to the exponent
  p = i32x4.add(p, i32x4.shl(shifted, 23));
  p = v128.and(p, f32x4.ge(x, low));
  // ∞ where x is too large, NaN where it is
  const inside = f32x4.le(x, top);
  return v128.or(v128.and(p, inside), v128.andnot(f32x4.add(x, v128.load(CONSTANTS, 192)), inside));
}
