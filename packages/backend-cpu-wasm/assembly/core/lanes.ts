// Vectors of any lane type. The same generic source serves f32, f64, i32 and i64.

/** Lanes in one 128-bit vector of T. */
// @ts-ignore: decorator
@inline export function lanes<T>(): i32 {
  return 16 / sizeof<T>();
}

/** a·b + c: fused where the build has relaxed SIMD, two roundings where it has not. */
// @ts-ignore: decorator
@inline export function fma<T>(a: v128, b: v128, c: v128): v128 {
  if (isFloat<T>() && ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** c - a·b. */
// @ts-ignore: decorator
@inline export function nfma<T>(a: v128, b: v128, c: v128): v128 {
  if (isFloat<T>() && ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c);
  return v128.sub<T>(c, v128.mul<T>(a, b));
}

/** One value in every lane, read from memory. */
// @ts-ignore: decorator
@inline export function broadcast<T>(p: usize, offset: usize = 0): v128 {
  if (sizeof<T>() == 4) return v128.load32_splat(p + offset);
  return v128.load64_splat(p + offset);
}

/** The sum of the lanes of an f32 vector, in a fixed order. */
// @ts-ignore: decorator
@inline export function sumF32(v: v128): f32 {
  const h = f32x4.add(v, v128.shuffle<u64>(v, v, 1, 0));
  return f32x4.extract_lane(h, 0) + f32x4.extract_lane(h, 1);
}

// @ts-ignore: decorator
@inline export function maxF32(v: v128): f32 {
  const h = f32x4.max(v, v128.shuffle<u64>(v, v, 1, 0));
  return max(f32x4.extract_lane(h, 0), f32x4.extract_lane(h, 1));
}
