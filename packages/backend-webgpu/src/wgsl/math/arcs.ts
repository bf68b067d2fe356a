import { polynomial, type WgslFunctions } from "./function.ts";

export const arcs: WgslFunctions = {
  // for a = |x|, asin(a) for a <= 1/2 (Cephes' asinf), beyond asin(sqrt((1 - a) / 2)), half the angle left to pi/2
  asin_parts: {
    source: `fn asin_parts(a: f32) -> f32 {
  let outer = a > 0.5f;
  let z = select(a * a, max(fma(a, -0.5f, 0.5f), 0f), outer);
  let s = select(a, sqrt(z), outer);
  let p = ${polynomial("z", [4.2163199048e-2, 2.4181311049e-2, 4.5470025998e-2, 7.4953002686e-2, 1.6666752422e-1])};
  return fma(z * s, p, s);
}`,
  },
  // y, but NaN where |x| > 1
  in_unit: {
    source: `fn in_unit(y: f32, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(y), 0x7fc00000u, (bitcast<u32>(x) & 0x7fffffffu) > 0x3f800000u));
}`,
  },
  f_asin: {
    source: `fn f_asin(x: f32) -> f32 {
  let a = abs(x);
  let p = asin_parts(a);
  return in_unit(f_copysign(select(p, fma(p, -2f, 1.5707964f), a > 0.5f), x), x);
}`,
    uses: ["asin_parts", "in_unit", "f_copysign"],
  },
  f_acos: {
    source: `fn f_acos(x: f32) -> f32 {
  let a = abs(x);
  let p = asin_parts(a);
  let outside = select(2f * p, fma(p, -2f, 3.1415927f), x < 0f);
  return in_unit(select(1.5707964f - f_copysign(p, x), outside, a > 0.5f), x);
}`,
    uses: ["asin_parts", "in_unit", "f_copysign"],
  },
  // atan(t) + c for 0 <= t <= 1 and a small c, by a minimax polynomial
  atan_curve: {
    source: `fn atan_curve(t: f32, c: f32) -> f32 {
  let z = t * t;
  let p = ${polynomial(
    "z",
    [
      2.78569828e-3, -1.58660226e-2, 4.24722321e-2, -7.49753043e-2, 1.06448799e-1, -1.42070308e-1, 1.99934542e-1,
      -3.33331466e-1,
    ],
  )};
  return t + fma(p * z, t, c);
}`,
  },
  f_atan: {
    source: `fn f_atan(x: f32) -> f32 {
  let a = min(abs(x), 1e30f);
  let outer = a > 1f;
  // pi / 2 as a float has it is too large by what the curve begins with
  let y = atan_curve(select(a, 1f / a, outer), select(0f, 4.371139e-8f, outer));
  let signed = f_copysign(select(y, 1.5707964f - y, outer), x);
  return bitcast<f32>(select(bitcast<u32>(signed), bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["atan_curve", "f_copysign", "f_isnan"],
  },
  // a float of bits b times 2^24, where b may be subnormal
  raised: {
    source: `fn raised(b: u32) -> f32 {
  return select(bitcast<f32>(b) * 16777216f, f32(b) * 2.350988701644575e-38f, b < 0x800000u);
}`,
  },
  // the angle of (x, y): atan of the smaller coordinate over the larger, put into its octant
  f_atan2: {
    source: `fn f_atan2(y: f32, x: f32) -> f32 {
  let bx = bitcast<u32>(x) & 0x7fffffffu;
  let by = bitcast<u32>(y) & 0x7fffffffu;
  let steep = by > bx;
  let high = max(bx, by);
  let low = min(bx, by);
  // out of the ranges where division may be wrong
  let s = select(1f, 0.0625f, high > 0x7d000000u);
  let tiny = (high < 0x0d800000u) | ((low < 0x800000u) & (high < 0x72000000u));
  let infinite = high >= 0x7f800000u;
  let divisor = select(bitcast<f32>(select(high, 0x3f800000u, infinite)) * s, max(raised(high), 1e-37f), tiny);
  let quotient = select(select(bitcast<f32>(low) * s, raised(low), tiny) / divisor, 0f, infinite);
  let first = atan_curve(select(quotient, 1f, (low == high) & (high != 0u)), 0f);
  let second = select(first, 1.5707964f - first, steep);
  let third = select(second, 3.1415927f - second, bitcast<u32>(x) >= 0x80000000u);
  let nan = f_isnan(x) | f_isnan(y);
  return bitcast<f32>(select(bitcast<u32>(f_copysign(third, y)), 0x7fc00000u, nan));
}`,
    uses: ["raised", "atan_curve", "f_copysign", "f_isnan"],
  },
};
