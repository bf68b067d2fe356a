/** The next representable double after x towards y. */
export function nextafter(x: f64, y: f64): f64 {
  if (x != x || y != y) return x + y;
  if (x == y) return y;
  if (x == 0.0) return copysign<f64>(reinterpret<f64>(1 as i64), y);
  const bits = reinterpret<i64>(x);
  return reinterpret<f64>(x < y == x > 0.0 ? bits + 1 : bits - 1);
}
