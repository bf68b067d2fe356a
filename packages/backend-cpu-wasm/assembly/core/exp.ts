import { fma, nfma } from "./lanes";

// exp(x) = 2ⁿ·exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2, the latter as 1 + r + r²·P(r), P minimax of degree 3
// (relative error 1.05e-7 before rounding). ln 2 is split in two so that n·ln 2 is exact enough.
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
  8.312520571053028e-3, 8.312520571053028e-3, 8.312520571053028e-3, 8.312520571053028e-3,
  4.189015552401543e-2, 4.189015552401543e-2, 4.189015552401543e-2, 4.189015552401543e-2,
  1.6667114198207855e-1, 1.6667114198207855e-1, 1.6667114198207855e-1, 1.6667114198207855e-1,
  4.99992311000824e-1, 4.99992311000824e-1, 4.99992311000824e-1, 4.99992311000824e-1,
  1.0, 1.0, 1.0, 1.0,
  Infinity, Infinity, Infinity, Infinity,
  -88.0, -88.0, -88.0, -88.0,
  12583039.0, 12583039.0, 12583039.0, 12583039.0,
], 16);

/**
 * Constant i of those that exp takes: 0 lowest x, 1 highest, 2 1/ln 2, 3 1.5·2²³, 4 and 5 ln 2, 6 to 10 polynomial, 11 ∞, 12 and 13 see
 * expBelow. */
// @ts-ignore: decorator
@inline export function expConstant(i: i32): v128 {
  return v128.load(CONSTANTS + (<usize>i << 4));
}

/** exp of c, which lies within [lowest, highest]; the constants are passed so that two vectors can share their loads. */
// @ts-ignore: decorator
@inline export function expInside(
  c: v128, perLn2: v128, big: v128, ln2: v128, ln2Low: v128, p3: v128, p2: v128, p1: v128, p0: v128, one: v128,
): v128 {
  // the sum's last bits are the rounded integer
  const shifted = fma<f32>(c, perLn2, big);
  const n = f32x4.sub(shifted, big);
  const r = nfma<f32>(n, ln2Low, nfma<f32>(n, ln2, c));
  const p = fma<f32>(r, fma<f32>(r, fma<f32>(r, p3, p2), p1), p0);
  // times 2ⁿ: n is added to the exponent
  return i32x4.add(fma<f32>(f32x4.mul(r, r), p, f32x4.add(r, one)), i32x4.shl(shifted, 23));
}

/** exp of four f32, within 3 ulp; 0 below -87.33 (no denormals), +∞ above 88.72, NaN stays NaN. */
// @ts-ignore: decorator
@inline export function expF32(x: v128): v128 {
  const low = expConstant(0), top = expConstant(1);
  let p = expInside(
    f32x4.pmin(f32x4.pmax(x, low), top), expConstant(2), expConstant(3), expConstant(4), expConstant(5),
    expConstant(6), expConstant(7), expConstant(8), expConstant(9), expConstant(10),
  );
  p = v128.and(p, f32x4.ge(x, low));
  // ∞ where x is too large, NaN where it is
  const inside = f32x4.le(x, top);
  return v128.or(v128.and(p, inside), v128.andnot(f32x4.add(x, expConstant(11)), inside));
}

/**
 * exp of x, which is no more than 88: 0 for all that is too small, NaN where it is NaN. 2ⁿ is a factor here: the rounded integer has the
 * exponent's bias in it, so that at the lowest x, 12, where n is -127, the factor is 0.
 */
// @ts-ignore: decorator
@inline export function expBelow(
  x: v128, low: v128, perLn2: v128, big: v128, ln2: v128, ln2Low: v128, p3: v128, p2: v128, p1: v128, p0: v128, one: v128,
): v128 {
  const c = f32x4.pmax(x, low);
  const shifted = fma<f32>(c, perLn2, big);
  const n = f32x4.sub(shifted, big);
  const r = nfma<f32>(n, ln2Low, nfma<f32>(n, ln2, c));
  const p = fma<f32>(r, fma<f32>(r, fma<f32>(r, p3, p2), p1), p0);
  return f32x4.mul(fma<f32>(f32x4.mul(r, r), p, f32x4.add(r, one)), i32x4.shl(shifted, 23));
}
