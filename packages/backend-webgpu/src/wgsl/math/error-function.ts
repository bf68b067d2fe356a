import { polynomial, type WgslFunctions } from "./function.ts";

const inner = [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1];
const outer = [
  -1.7285347e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1, -1.28717512e-1,
];
const tail = [
  -4.01139259e-4, -1.2307521e-3, 1.31355342e-3, 8.63227434e-3, -8.05991981e-3, -5.42046614e-2, 1.64055392e-1,
  -1.66031361e-1, -9.27639827e-2, 2.76978403e-1,
];

export const errorFunction: WgslFunctions = {
  // erf(x) / x - 1 for |x| < 0.93
  erf_curve: { source: `fn erf_curve(z: f32) -> f32 { return ${polynomial("z", inner)}; }` },
  // near 0 a polynomial, beyond it 1 - e^p with another (N. Juffa's)
  f_erf: {
    source: `fn f_erf(x: f32) -> f32 {
  let a = min(abs(x), 4f);
  let near = erf_curve(a * a);
  let p = ${polynomial("a", outer)};
  // the correction of a tiny number may be taken for 0
  let inside = select(fma(near, a, a), a * ${Math.sqrt(4 / Math.PI)}f, a < 1e-20f);
  let y = f_copysign(select(inside, 1f - f_exp(fma(p, a, -a)), a > 0.927734375f), x);
  return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["erf_curve", "f_exp", "f_copysign", "f_isnan"],
  },
  // (1 + 2a) e^(a^2) erfc(a) is a smooth function of (a - 2) / (a + 2) (N. Juffa's polynomial, after Shepherd and Laframboise,
  // Math. Comp. 36, 1981); near 0, 1 - erf(a) is closer. The square's error would be the result's: it is split into h^2, which is exact, and the rest d
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
  let far = select(y, 2f - y, x < 0f);
  let signed = bitcast<u32>(select(far, 1f - fma(erf_curve(x * x), x, x), a < 0.75f));
  return bitcast<f32>(select(signed, bitcast<u32>(x), f_isnan(x)));
}`,
    uses: ["erf_curve", "f_exp", "f_isnan"],
  },
};
