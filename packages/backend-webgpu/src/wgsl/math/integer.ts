import type { WgslFunctions } from "./function.ts";

/** Integers as PyTorch has them where it says, and as the CPU backend has them where WGSL or C leave it open. */
export const integer: WgslFunctions = {
  i_abs: { source: "fn i_abs(x: i32) -> i32 { return select(x, 0 - x, x < 0); }" },
  i_sign: { source: "fn i_sign(x: i32) -> i32 { return i32(x > 0) - i32(x < 0); }" },
  i_min: { source: "fn i_min(x: i32, y: i32) -> i32 { return min(x, y); }" },
  i_max: { source: "fn i_max(x: i32, y: i32) -> i32 { return max(x, y); }" },
  // the smallest integer over -1 wraps to itself, as it is over 1
  safe_divisor: {
    source: `fn safe_divisor(x: i32, y: i32) -> i32 {
  return select(y, 1, (y == 0) | ((y == -1) & (x == bitcast<i32>(0x80000000u))));
}`,
  },
  i_idiv: {
    source: "fn i_idiv(x: i32, y: i32) -> i32 { return select(x / safe_divisor(x, y), 0, y == 0); }",
    uses: ["safe_divisor"],
  },
  i_rem: {
    source: "fn i_rem(x: i32, y: i32) -> i32 { return select(x % safe_divisor(x, y), 0, y == 0); }",
    uses: ["safe_divisor"],
  },
  // by squaring, wrapping; a negative power is an integer only of 1 and -1
  i_pow: {
    source: `fn i_pow(x: i32, y: i32) -> i32 {
  var power = 1;
  var square = x;
  for (var n = max(y, 0); n > 0; n >>= 1u) {
    power *= select(1, square, (n & 1) == 1);
    square *= square;
  }
  let one = select(select(0, select(1, -1, (y & 1) == 1), x == -1), 1, x == 1);
  return select(power, one, y < 0);
}`,
  },
  i_shl: {
    source: `fn i_shl(x: i32, y: i32) -> i32 {
  return select(0, x << (bitcast<u32>(y) & 31u), bitcast<u32>(y) < 32u);
}`,
  },
  i_shr: { source: "fn i_shr(x: i32, y: i32) -> i32 { return x >> min(bitcast<u32>(y), 31u); }" },
  i_to_f: { source: "fn i_to_f(x: i32) -> f32 { return f32(x); }" },
  // truncates, keeps to the nearest integer there is, and has 0 for NaN
  f_to_i: {
    source: `fn f_to_i(x: f32) -> i32 {
  let inside = i32(clamp(x, -2147483648f, 2147483520f));
  return select(select(inside, 0x7fffffff, x >= 2147483648f), 0, f_isnan(x));
}`,
    uses: ["f_isnan"],
  },
  // the low and the high word of a product
  mul64: {
    source: `fn mul64(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let m = (a & 0xffffu) * (b >> 16u);
  let n = (a >> 16u) * (b & 0xffffu);
  let carry = ((low >> 16u) + (m & 0xffffu) + (n & 0xffffu)) >> 16u;
  return vec2<u32>(a * b, (a >> 16u) * (b >> 16u) + (m >> 16u) + (n >> 16u) + carry);
}`,
  },
};
