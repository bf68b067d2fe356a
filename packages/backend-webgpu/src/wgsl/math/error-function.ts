import { polynomial, type WgslFunctions } from "./function.ts";

const numerator = [
  2.0419488246332075e-6, 0.0002848074021391624, 0.003779618035753825, 0.05279030428346853, 0.1907842263730745,
  1.128379145352494,
];
const denominator = [
  3.8003785598255545e-5, 0.001165212329348722, 0.014997454585428933, 0.11425765531962583, 0.5024108379079016, 1,
];
const tail = [
  -4.01139259e-4, -1.2307521e-3, 1.31355342e-3, 8.63227434e-3, -8.05991981e-3, -5.42046614e-2, 1.64055392e-1,
  -1.66031361e-1, -9.27639827e-2, 2.76978403e-1,
];

export const errorFunction: WgslFunctions = {
  // x times a minimax quotient of polynomials in x^2 (relative error 2e-8 before rounding); from 3.93 on it is 1
  f_erf: {
    source: `fn f_erf(x: f32) -> f32 {
  let a = min(abs(x), 3.93f);
  let z = a * a;
  let p = ${polynomial("z", numerator)};
  let q = ${polynomial("z", denominator)};
  let y = f_copysign(min((a * p) / q, 1f), x);
  return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["f_copysign", "f_isnan"],
  },
  // (1 + 2a) e^(a^2) erfc(a) is a smooth function of (a - 2) / (a + 2) (N. Juffa's polynomial, after Shepherd and Laframboise,
  // Math. Comp. 36, 1981). The square's error would be the result's: it is split into h^2, which is exact, and the rest d
  f_erfc: {
    source: `fn f_erfc(x: f32) -> f32 {
  let a = min(abs(x), 11f);
  let v = (a - 2f) / (a + 2f);
  let p = ${polynomial("v", tail)};
  let r = (p + 1f) / fma(a, 2f, 1f);
  let h = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let d = (h - a) * (h + a);
  let more = d * ${polynomial("d", [1 / 24, 1 / 6, 1 / 2, 1])};
  let scaled = fma(r, more, r);
  let y = scaled * f_exp(-(h * h));
  let signed = bitcast<u32>(select(y, 2f - y, x < 0f));
  return bitcast<f32>(select(signed, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["f_exp", "f_isnan"],
  },
};
