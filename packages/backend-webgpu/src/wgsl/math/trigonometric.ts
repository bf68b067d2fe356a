import { polynomial, type WgslFunctions } from "./function.ts";

/** sin (quarters 0) or cos (quarters 1). */
const wave = (name: string, quarters: number) => ({
  source: `fn ${name}(x: f32) -> f32 {
  let p = quarter_turns(x);
  let q = i32(p.x) + ${quarters};
  let y = select(sin_curve(p.y), cos_curve(p.y), (q & 1) == 1);
  return not_finite(bitcast<f32>(bitcast<u32>(y) ^ ((bitcast<u32>(q) & 2u) << 30u)), x);
}`,
  uses: ["quarter_turns", "sin_curve", "cos_curve", "not_finite"],
});

export const trigonometric: WgslFunctions = {
  // 2/pi over 4, in bits
  two_over_pi: {
    source: `const two_over_pi = array<u32, 7>(
  0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau);`,
  },
  // (q, r) with x = q pi/2 + r, |r| <= pi/4 and q modulo 4. The product with 2/pi (Payne and Hanek) is in integers: exact for
  // arguments of any size, and nothing that a compiler may rearrange
  quarter_turns: {
    source: `fn quarter_turns(x: f32) -> vec2<f32> {
  if (abs(x) <= 0.7853981f) { return vec2<f32>(0f, x); }
  let b = bitcast<u32>(x);
  let e = ((b >> 23u) & 255u) - 126u;
  let i = min(e >> 5u, 4u);
  let s = e & 31u;
  // shifting by 32 in two steps is allowed
  let w0 = select(two_over_pi[max(i, 1u) - 1u], 0u, i == 0u);
  let w1 = two_over_pi[i];
  let w2 = two_over_pi[i + 1u];
  let w3 = two_over_pi[i + 2u];
  let high = (w0 << s) | ((w1 >> 1u) >> (31u - s));
  let middle = (w1 << s) | ((w2 >> 1u) >> (31u - s));
  let low = (w2 << s) | ((w3 >> 1u) >> (31u - s));
  let m = (b << 8u) | 0x80000000u;
  let p = mul64(m, middle);
  let l = p.x + mul64(m, low).y;
  let h = p.y + m * high + u32(l < p.x);
  // two bits of quarter turns, then the fraction, which becomes signed
  let f = h << 2u;
  let negative = (h & 0x20000000u) != 0u;
  let q = (h >> 30u) + u32(negative);
  let fh = f | (l >> 30u);
  let fl = l << 2u;
  let ah = select(fh, ~fh, negative);
  let al = select(fl, ~fl, negative);
  let z = min(countLeadingZeros(ah), 31u);
  let t = (ah << z) | ((al >> 1u) >> (31u - z));
  let r = f32(mul64(t, 0xc90fdaa2u).y) * bitcast<f32>((96u - z) << 23u);
  let sign = b >> 31u;
  let signed = bitcast<u32>(r) ^ ((sign ^ u32(negative)) << 31u);
  return vec2<f32>(f32(select(q, 4u - q, sign == 1u) & 3u), bitcast<f32>(signed));
}`,
    uses: ["two_over_pi", "mul64"],
  },
  // has r's sign, also at -0
  sin_curve: {
    source: `fn sin_curve(r: f32) -> f32 {
  let z = r * r;
  return f_copysign(fma(z * r, ${polynomial("z", [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])}, r), r);
}`,
    uses: ["f_copysign"],
  },
  cos_curve: {
    source: `fn cos_curve(r: f32) -> f32 {
  let z = r * r;
  let p = ${polynomial("z", [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2])};
  return fma(z * z, p, fma(z, -0.5f, 1f));
}`,
  },
  // y, but NaN where x is not finite
  not_finite: {
    source: `fn not_finite(y: f32, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(y), 0x7fc00000u, (bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u));
}`,
  },
  f_sin: wave("f_sin", 0),
  f_cos: wave("f_cos", 1),
  f_tan: {
    source: `fn f_tan(x: f32) -> f32 {
  let p = quarter_turns(x);
  let z = p.y * p.y;
  let c = ${polynomial(
    "z",
    [9.38540185543e-3, 3.11992232697e-3, 2.44301354525e-2, 5.34112807005e-2, 1.33387994085e-1, 3.33331568548e-1],
  )};
  let y = fma(z * p.y, c, p.y);
  return not_finite(select(y, -1f / y, (i32(p.x) & 1) == 1), x);
}`,
    uses: ["quarter_turns", "not_finite"],
  },
};
