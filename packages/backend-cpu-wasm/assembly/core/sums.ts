/** The sum of n neighbouring f32: vectors of f32 over 512 values at a time, those sums in f64. */
export function sum(p: usize, n: i32): f64 {
  let total: f64 = 0;
  while (n >= 16) {
    const end = p + (<usize>min(512, n & ~15) << 2);
    n -= <i32>((end - p) >> 2);
    let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (; p < end; p += 64) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      s2 = f32x4.add(s2, v128.load(p, 32));
      s3 = f32x4.add(s3, v128.load(p, 48));
    }
    s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    total += <f64>(f32x4.extract_lane(s0, 0) + f32x4.extract_lane(s0, 2))
      + <f64>(f32x4.extract_lane(s0, 1) + f32x4.extract_lane(s0, 3));
  }
  for (; n > 0; n--) {
    total += <f64>load<f32>(p);
    p += 4;
  }
  return total;
}
