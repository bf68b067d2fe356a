// NativeMath's reduction by pi/2 has no table for arguments between its two ways, 2^20 pi/2 to 2^22: here in three parts, multiples
// of the first two of which are exact up to there.
const LEAST = 1647099.0, MOST = 4194304.0;

// @ts-ignore: decorator
@inline function between(x: f64): bool {
  const a = abs(x);
  return a >= LEAST && a < MOST;
}
// @ts-ignore: decorator
@inline function quarters(x: f64): f64 {
  return nearest<f64>(x * 0.6366197723675814);
}
// @ts-ignore: decorator
@inline function rest(x: f64, k: f64): f64 {
  return x - k * 1.570796325802803 - k * 9.920935791635221e-10 - k * 5.170182981794105e-19;
}
/** sin of r and n quarter turns. */
function turned(r: f64, n: i32): f64 {
  const y = n & 1 ? NativeMath.cos(r) : NativeMath.sin(r);
  return n & 2 ? -y : y;
}

export function sin(x: f64): f64 {
  if (!between(x)) return NativeMath.sin(x);
  const k = quarters(x);
  return turned(rest(x, k), <i32>k);
}
export function cos(x: f64): f64 {
  if (!between(x)) return NativeMath.cos(x);
  const k = quarters(x);
  return turned(rest(x, k), <i32>k + 1);
}
export function tan(x: f64): f64 {
  if (!between(x)) return NativeMath.tan(x);
  const k = quarters(x);
  const t = NativeMath.tan(rest(x, k));
  return <i32>k & 1 ? -1.0 / t : t;
}
