import type { WgslFunctions } from "./function.ts";

/** float16 and bfloat16 as 16 bits in a word. Rounding is to nearest, halfway cases to even. */
export const half: WgslFunctions = {
  f16_to_f32: {
    source: `fn f16_to_f32(bits: u32) -> f32 {
  let a = bits & 0x7fffu;
  // a subnormal half is an integer times 2^-24, and a normal float
  let finite = select((a << 13u) + 0x38000000u, bitcast<u32>(f32(a) * 5.9604644775390625e-8f), a < 0x400u);
  let magnitude = select(finite, (a << 13u) | 0x7f800000u, a >= 0x7c00u);
  return bitcast<f32>(magnitude | ((bits & 0x8000u) << 16u));
}`,
  },
  f32_to_f16: {
    source: `fn f32_to_f16(x: f32) -> u32 {
  let b = bitcast<u32>(x);
  let a = b & 0x7fffffffu;
  let normal = (a + 0xc8000fffu + ((a >> 13u) & 1u)) >> 13u;
  // adding 0.5 leaves a subnormal half's bits, rounded, at the bottom of the significand
  let subnormal = bitcast<u32>(bitcast<f32>(min(a, 0x38800000u)) + 0.5f) - 0x3f000000u;
  let special = select(0x7c00u, 0x7e00u, a > 0x7f800000u);
  let magnitude = select(select(normal, subnormal, a < 0x38800000u), special, a >= 0x47800000u);
  return magnitude | ((b >> 16u) & 0x8000u);
}`,
  },
  bf16_to_f32: { source: "fn bf16_to_f32(bits: u32) -> f32 { return bitcast<f32>(bits << 16u); }" },
  f32_to_bf16: {
    source: `fn f32_to_bf16(x: f32) -> u32 {
  let b = bitcast<u32>(x);
  return select((b + 0x7fffu + ((b >> 16u) & 1u)) >> 16u, 0x7fc0u, f_isnan(x));
}`,
    uses: ["f_isnan"],
  },
};
