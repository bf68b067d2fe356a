export function sinh(x: f64): f64 { return NativeMath.sinh(x); }
export function cosh(x: f64): f64 { return NativeMath.cosh(x); }
export function tanh(x: f64): f64 { return NativeMath.tanh(x); }
export function acosh(x: f64): f64 { return NativeMath.acosh(x); }
export function asinh(x: f64): f64 { return NativeMath.asinh(x); }
export function atanh(x: f64): f64 { return NativeMath.atanh(x); }
