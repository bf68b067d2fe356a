// Scalar f64 functions that kernels emitted at run time import under "math". No libm is at hand in WebAssembly;
// AssemblyScript's NativeMath is a port of musl's, the rest stands beside this file.
export { digamma, lgamma } from "./gamma";
export { erf, erfc } from "./erf";
export { cos, sin, tan } from "./trig";
export { nextafter } from "./nextafter";
export { tanh, sinh, cosh, asinh, acosh, atanh } from "./hyperbolic";

export function exp(x: f64): f64 { return NativeMath.exp(x); }
export function exp2(x: f64): f64 { return NativeMath.exp2(x); }
export function expm1(x: f64): f64 { return NativeMath.expm1(x); }
// without a sign, as C has it; that of the processor shows in copysign
export function log(x: f64): f64 { return x < 0.0 ? NaN : NativeMath.log(x); }
export function log1p(x: f64): f64 { return NativeMath.log1p(x); }
export function log2(x: f64): f64 { return x < 0.0 ? NaN : NativeMath.log2(x); }
export function log10(x: f64): f64 { return x < 0.0 ? NaN : NativeMath.log10(x); }
export function asin(x: f64): f64 { return NativeMath.asin(x); }
export function acos(x: f64): f64 { return NativeMath.acos(x); }
export function atan(x: f64): f64 { return NativeMath.atan(x); }
export function atan2(y: f64, x: f64): f64 { return NativeMath.atan2(y, x); }
export function fmod(x: f64, y: f64): f64 { return NativeMath.mod(x, y); }

/** C99's pow: unlike JavaScript's, pow(1, NaN) and pow(-1, ±Infinity) are 1. */
export function pow(x: f64, y: f64): f64 {
  if (x == 1.0 || (x == -1.0 && abs(y) == Infinity)) return 1.0;
  return NativeMath.pow(x, y);
}
