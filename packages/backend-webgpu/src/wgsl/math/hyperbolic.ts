import { polynomial, type WgslFunctions } from "./function.ts";

export const hyperbolic: WgslFunctions = {
  // 1 / (1 + e^-x), as e^x / (1 + e^x) for negative x, where e^-x would overflow
  f_sigmoid: {
    source: `fn f_sigmoid(x: f32) -> f32 {
  let e = f_exp(-abs(x));
  let y = select(1f, e, x < 0f) / (1f + e);
  return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["f_exp", "f_isnan"],
  },
  // t / (t + 2) with t = e^2|x| - 1, which does not cancel near 0; from 10 on tanh is 1
  f_tanh: {
    source: `fn f_tanh(x: f32) -> f32 {
  let t = f_expm1(2f * min(abs(x), 10f));
  let y = bitcast<u32>(f_copysign(t / (t + 2f), x));
  return bitcast<f32>(select(y, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["f_expm1", "f_copysign", "f_isnan"],
  },
  // e^|x| / 2 plus its quarter inverse; half size, so that it is finite as long as the result is
  f_cosh: {
    source: `fn f_cosh(x: f32) -> f32 {
  let a = abs(x);
  let h = half_exp(a);
  return select(h + 0.25f / h, h, a > 40f);
}`,
    uses: ["half_exp"],
  },
  // the same difference, and near 0, where that cancels, the series
  f_sinh: {
    source: `fn f_sinh(x: f32) -> f32 {
  let a = abs(x);
  let h = half_exp(a);
  let far = f_copysign(select(h - 0.25f / h, h, a > 40f), x);
  let z = x * x;
  let near = fma(z * x, ${polynomial("z", [1 / 362880, 1 / 5040, 1 / 120, 1 / 6])}, x);
  return select(far, near, a <= 1f);
}`,
    uses: ["half_exp", "f_copysign"],
  },
  // sign times log(a + sqrt(a^2 + 1)), written for log1p; for large a, log(a) + log 2
  f_asinh: {
    source: `fn f_asinh(x: f32) -> f32 {
  let a = abs(x);
  let big = a > 1073741824f;
  let c = min(a, 1073741824f);
  let square = c * c;
  let u = c + square / (1f + sqrt(square + 1f));
  let y = bitcast<u32>(f_copysign(f_log1p(select(u, a, big)) + select(0f, ${Math.LN2}f, big), x));
  return bitcast<f32>(select(y, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["f_log1p", "f_copysign", "f_isnan"],
  },
  // log(x + sqrt(x^2 - 1)) by way of t = x - 1
  f_acosh: {
    source: `fn f_acosh(x: f32) -> f32 {
  let big = x > 1073741824f;
  let t = clamp(x - 1f, 0f, 1073741824f);
  let u = t + sqrt(t * (t + 2f));
  let y = f_log1p(select(u, x, big)) + select(0f, ${Math.LN2}f, big);
  let special = select(bitcast<u32>(y), 0x7fc00000u, (x < 1f) | (bitcast<u32>(x) >= 0x80000000u));
  return bitcast<f32>(select(special, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["f_log1p", "f_isnan"],
  },
  // log((1 + a) / (1 - a)) / 2 with x's sign
  f_atanh: {
    source: `fn f_atanh(x: f32) -> f32 {
  let b = bitcast<u32>(x) & 0x7fffffffu;
  let a = min(abs(x), 0.99999994f);
  let y = 0.5f * f_log1p((2f * a) / (1f - a));
  let edge = select(bitcast<u32>(y), 0x7f800000u, b == 0x3f800000u);
  return f_copysign(bitcast<f32>(select(edge, 0x7fc00000u, b > 0x3f800000u)), x);
}`,
    uses: ["f_log1p", "f_copysign"],
  },
};
