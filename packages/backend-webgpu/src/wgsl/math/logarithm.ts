import { polynomial, type WgslFunctions } from "./function.ts";

const log2High = 0.693359375;
const log2Low = -2.1219444e-4;

/** A logarithm from the exponent p.x and the fraction p.y of {@link log_parts}. */
const logarithm = (name: string, formula: string) => ({
  source: `fn ${name}(x: f32) -> f32 {
  let p = log_parts(x);
  return log_edges(${formula}, x);
}`,
  uses: ["log_parts", "log_curve", "log_edges"],
});

export const logarithms: WgslFunctions = {
  // (e, f) with x = 2^e (1 + f) and 1 + f between sqrt(1/2) and sqrt(2). A subnormal number is its bits times 2^-149
  log_parts: {
    source: `fn log_parts(x: f32) -> vec2<f32> {
  let b = bitcast<i32>(x);
  let tiny = b < 0x800000;
  let shifted = select(b, bitcast<i32>(f32(b)), tiny) - 0x3f3504f3;
  let m = bitcast<f32>((shifted & 0x7fffff) + 0x3f3504f3);
  return vec2<f32>(f32((shifted >> 23u) - select(0, 149, tiny)), m - 1f);
}`,
  },
  // log(1 + f) - f for sqrt(1/2) - 1 <= f <= sqrt(2) - 1 (Cephes' logf), plus `more`
  log_curve: {
    source: `fn log_curve(f: f32, more: f32) -> f32 {
  let z = f * f;
  let p = ${polynomial(
    "f",
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  )};
  return fma(z, -0.5f, fma(f * z, p, more));
}`,
  },
  // what a logarithm is at 0, below, at infinity and NaN; elsewhere y
  log_edges: {
    source: `fn log_edges(y: f32, x: f32) -> f32 {
  let b = bitcast<u32>(x);
  let zero = select(bitcast<u32>(y), 0xff800000u, (b & 0x7fffffffu) == 0u);
  let negative = select(zero, 0x7fc00000u, b > 0x80000000u);
  return bitcast<f32>(select(negative, b, b - 0x7f800000u < 0x800000u));
}`,
  },
  log_natural: {
    source: `fn log_natural(e: f32, f: f32) -> f32 {
  return fma(e, ${log2High}f, f + log_curve(f, e * ${log2Low}f));
}`,
    uses: ["log_curve"],
  },
  f_log: {
    source: `fn f_log(x: f32) -> f32 {
  let p = log_parts(x);
  return log_edges(log_natural(p.x, p.y), x);
}`,
    uses: ["log_parts", "log_natural", "log_edges"],
  },
  f_log2: logarithm("f_log2", `fma(p.y + log_curve(p.y, 0f), ${Math.LOG2E}f, p.x)`),
  f_log10: logarithm(
    "f_log10",
    `fma(p.x, 0.30078125f, fma(p.x, 2.487456639811952e-4f, ${Math.LOG10E}f * (p.y + log_curve(p.y, 0f))))`,
  ),
  // log(1 + x) with the exponent of 1 + x, and the fraction from x itself, of which nothing is lost: scaling is exact.
  // It has x's sign, also at -0
  f_log1p: {
    source: `fn f_log1p(x: f32) -> f32 {
  let u = 1f + x;
  let p = log_parts(u);
  let s = bitcast<f32>(clamp(127 - i32(p.x), 1, 254) << 23u);
  let f = select(fma(x, s, s - 1f), p.y, p.x > 100f);
  return log_edges(f_copysign(log_natural(p.x, f), x), u);
}`,
    uses: ["log_parts", "log_natural", "log_edges", "f_copysign"],
  },
};
