import { polynomial, type WgslFunctions } from "./function.ts";

export const exponential: WgslFunctions = {
  // y 2^k for y in [1/2, 2]. The exponent is added to; the largest results and subnormal ones, which may come out as 0,
  // take a detour by which they round
  scale: {
    source: `fn scale(y: f32, k: i32) -> f32 {
  let low = k < -124;
  let high = k > 126;
  let lifted = bitcast<f32>(bitcast<i32>(y) + ((k + select(0, 32, low) - select(0, 2, high)) << 23u));
  return lifted * select(select(1f, 2.3283064365386963e-10f, low), 4f, high);
}`,
  },
  // (k, r) with x = k ln 2 + r and |r| <= ln 2 / 2. The products with the short first part are exact
  exp_parts: {
    source: `fn exp_parts(x: f32) -> vec2<f32> {
  let k = round(x * ${Math.LOG2E}f);
  return vec2<f32>(k, fma(k, 2.1219444e-4f, fma(k, -0.693359375f, x)));
}`,
  },
  // e^r - 1 for |r| <= ln 2 / 2: r + r^2 times a minimax polynomial; the error is 3.1e-9 of e^r
  expm1_curve: {
    source: `fn expm1_curve(r: f32) -> f32 {
  let p = ${polynomial("r", [0.0013814538, 0.008368745, 0.041668388, 0.16666521, 0.49999994])};
  return fma(r * r, p, r);
}`,
  },
  // y, infinity where x exceeds the limit, x where it is NaN
  overflow: {
    source: `fn overflow(y: f32, x: f32, limit: f32) -> f32 {
  let finite = select(bitcast<u32>(y), 0x7f800000u, x > limit);
  return bitcast<f32>(select(finite, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["f_isnan"],
  },
  f_exp: {
    source: `fn f_exp(x: f32) -> f32 {
  let p = exp_parts(clamp(x, -104f, 88.8f));
  return overflow(scale(1f + expm1_curve(p.y), i32(p.x)), x, 88.72283f);
}`,
    uses: ["exp_parts", "expm1_curve", "scale", "overflow"],
  },
  // e^x / 2, which is finite a little longer than e^x
  half_exp: {
    source: `fn half_exp(x: f32) -> f32 {
  let p = exp_parts(clamp(x, -104f, 89.5f));
  return overflow(scale(1f + expm1_curve(p.y), i32(p.x) - 1), x, 89.415985f);
}`,
    uses: ["exp_parts", "expm1_curve", "scale", "overflow"],
  },
  f_exp2: {
    source: `fn f_exp2(x: f32) -> f32 {
  let c = clamp(x, -151f, 128f);
  let k = round(c);
  return overflow(scale(1f + expm1_curve((c - k) * ${Math.LN2}f), i32(k)), x, 127.99999f);
}`,
    uses: ["expm1_curve", "scale", "overflow"],
  },
  // 2^k (e^r - 1) + 2^k - 1, at half size so that 2^k stays finite. It has x's sign, also at -0
  f_expm1: {
    source: `fn f_expm1(x: f32) -> f32 {
  let p = exp_parts(clamp(x, -40f, 88.8f));
  let s = bitcast<f32>((i32(p.x) + 126) << 23u);
  let y = 2f * fma(s, expm1_curve(p.y), s - 0.5f);
  // the half of a tiny number may be taken for 0
  return f_copysign(select(overflow(y, x, 88.72283f), x, abs(x) < 1e-20f), x);
}`,
    uses: ["exp_parts", "expm1_curve", "overflow", "f_copysign"],
  },
};
