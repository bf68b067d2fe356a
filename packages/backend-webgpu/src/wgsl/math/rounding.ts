import type { WgslFunctions } from "./function.ts";

/** Rounding to integers, quotients and the exact remainder. */
export const rounding: WgslFunctions = {
  f_floor: { source: "fn f_floor(x: f32) -> f32 { return floor(x); }" },
  f_ceil: { source: "fn f_ceil(x: f32) -> f32 { return ceil(x); }" },
  f_trunc: { source: "fn f_trunc(x: f32) -> f32 { return trunc(x); }" },
  // WGSL's round goes to even from halfway
  f_round: { source: "fn f_round(x: f32) -> f32 { return round(x); }" },
  f_sqrt: { source: "fn f_sqrt(x: f32) -> f32 { return sqrt(x); }" },
  f_recip: { source: "fn f_recip(x: f32) -> f32 { return 1f / x; }" },
  f_div: { source: "fn f_div(x: f32, y: f32) -> f32 { return x / y; }" },
  f_idiv: { source: "fn f_idiv(x: f32, y: f32) -> f32 { return trunc(x / y); }" },
  // C's fmod by long division of the significands, eight bits of the quotient at a time
  f_rem: {
    source: `fn f_rem(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  if (a >= 0x7f800000u || b > 0x7f800000u || b == 0u) { return f_nan(); }
  if (a < b) { return x; }
  // a subnormal number has the exponent of the smallest normal one, and no hidden bit
  let above = max(b >> 23u, 1u);
  let divisor = (b & 0x7fffffu) | select(0u, 0x800000u, b >= 0x800000u);
  var left = max(a >> 23u, 1u) - above;
  var r = ((a & 0x7fffffu) | select(0u, 0x800000u, a >= 0x800000u)) % divisor;
  while (left > 0u) {
    let step = min(left, 8u);
    r = (r << step) % divisor;
    left -= step;
  }
  let up = min(max(countLeadingZeros(r), 8u) - 8u, above - 1u);
  let rest = select(((above - up - 1u) << 23u) + (r << up), 0u, r == 0u);
  return bitcast<f32>(rest | (bitcast<u32>(x) & 0x80000000u));
}`,
    uses: ["f_nan"],
  },
};
