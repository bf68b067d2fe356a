import type { WgslFunctions } from "./function.ts";

// A WGSL compiler may assume that NaN and infinity never occur, and hardware may take subnormal numbers for 0. So
// whatever depends on them looks at bits as integers, and a special result is selected among bits, never among floats.

const nan = { source: "fn f_isnan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }" };

/** Comparisons by {@link order}; `ne` is the only one that is true of a NaN. */
const comparison = (name: string, operator: string) => ({
  source: `fn ${name}(x: f32, y: f32) -> bool {
  return (order(x) ${operator} order(y)) & !f_isnan(x) & !f_isnan(y);
}`,
  uses: ["order", "f_isnan"],
});

/** The smaller or larger, NaN where one is; of two zeros either. */
const extreme = (name: string, builtin: string) => ({
  source: `fn ${name}(x: f32, y: f32) -> f32 {
  let inner = select(bitcast<u32>(${builtin}(x, y)), bitcast<u32>(y), f_isnan(y));
  return bitcast<f32>(select(inner, bitcast<u32>(x), f_isnan(x)));
}`,
  uses: ["f_isnan"],
});

/** What floats are made of: NaN, infinity, sign, order, neighbours. Exact. */
export const bits: WgslFunctions = {
  // constants of these values are errors in WGSL; a variable's are not looked at
  nan_bits: { source: "var<private> nan_bits: u32 = 0x7fc00000u;" },
  inf_bits: { source: "var<private> inf_bits: u32 = 0x7f800000u;" },
  f_nan: { source: "fn f_nan() -> f32 { return bitcast<f32>(nan_bits); }", uses: ["nan_bits"] },
  f_inf: { source: "fn f_inf() -> f32 { return bitcast<f32>(inf_bits); }", uses: ["inf_bits"] },
  f_isnan: nan,
  f_abs: { source: "fn f_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }" },
  f_copysign: {
    source: `fn f_copysign(x: f32, y: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(y) & 0x80000000u));
}`,
  },
  // 0 for NaN, as (x > 0) - (x < 0) is
  f_sign: {
    source: `fn f_sign(x: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let one = (bitcast<u32>(x) & 0x80000000u) | 0x3f800000u;
  return bitcast<f32>(select(one, 0u, (a == 0u) | (a > 0x7f800000u)));
}`,
  },
  // an integer that orders as x does, subnormal numbers too; the zeros are equal
  order: {
    source: `fn order(x: f32) -> i32 {
  let b = bitcast<i32>(x);
  return select(b, -(b & 0x7fffffff), b < 0);
}`,
  },
  f_eq: comparison("f_eq", "=="),
  f_ne: { source: "fn f_ne(x: f32, y: f32) -> bool { return !f_eq(x, y); }", uses: ["f_eq"] },
  f_lt: comparison("f_lt", "<"),
  f_le: comparison("f_le", "<="),
  f_gt: comparison("f_gt", ">"),
  f_ge: comparison("f_ge", ">="),
  f_min: extreme("f_min", "min"),
  f_max: extreme("f_max", "max"),
  // one step of the bits; away from 0 is up
  f_nextafter: {
    source: `fn f_nextafter(x: f32, y: f32) -> f32 {
  let b = bitcast<u32>(x);
  let up = (order(x) < order(y)) == (b < 0x80000000u);
  let smallest = (bitcast<u32>(y) & 0x80000000u) | 1u;
  let step = select(select(b - 1u, b + 1u, up), smallest, (b & 0x7fffffffu) == 0u);
  let moved = select(step, bitcast<u32>(y), order(x) == order(y));
  return bitcast<f32>(select(moved, 0x7fc00000u, f_isnan(x) | f_isnan(y)));
}`,
    uses: ["order", "f_isnan"],
  },
};
