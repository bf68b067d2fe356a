import { constant, type Expr, scalar, where as choose } from "../../expr/expr.ts";
import { inPlace, pointwise, unary } from "../../pointwise.ts";
import type { Tensor } from "../../tensor.ts";
import { polynomial } from "./series.ts";

const float = { category: "float" } as const;
const sqrtPi = Math.sqrt(Math.PI);

const erfOp = pointwise("erf", (x) => scalar.erf(x), float);
const erfcOp = pointwise("erfc", (x) => scalar.erfc(x), float);
/** The error function: 2/sqrt(π) times the integral of exp(-t²) from 0 to x. */
export const erf = (x: Tensor): Tensor => unary(erfOp, x);
/** 1 - erf(x), precise for large x. */
export const erfc = (x: Tensor): Tensor => unary(erfcOp, x);

// Giles, "Approximating the erfinv function" (2010), by falling powers: the start for w below 5 and beyond
const middle = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727,
  1.50140941,
];
const tail = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406,
  2.83297682,
];
export function erfinvOf(y: Expr): Expr {
  const a = scalar.abs(y);
  const w = scalar.log(constant(1).sub(a).mul(a.add(1))).neg();
  let x = choose(w.lt(5), polynomial(w.sub(2.5), middle), polynomial(scalar.sqrt(w).sub(3), tail)).mul(a);
  // two of Halley's steps, with the residual from the side that does not cancel
  for (let i = 0; i < 2; i++) {
    const residual = choose(a.lt(0.5), scalar.erf(x).sub(a), constant(1).sub(a).sub(scalar.erfc(x)));
    const step = residual.mul(sqrtPi / 2).mul(scalar.exp(x.square()));
    x = x.sub(step.div(x.mul(step).add(1)));
  }
  const inside = choose(a.lt(1e-8), a.mul(sqrtPi / 2), x);
  return scalar.copysign(choose(a.lt(1), inside, choose(a.eq(1), Infinity, Number.NaN)), y);
}
const erfinvOp = pointwise("erfinv", erfinvOf, {
  category: "float",
  grad: (g, _, out) => [g.mul(sqrtPi / 2).mul(scalar.exp(out.square()))],
});
/** The inverse of {@link erf}; ±Infinity at ±1, NaN beyond. */
export const erfinv = (x: Tensor): Tensor => unary(erfinvOp, x);

// FreeBSD's rational functions of 1/x² for erfc(x) = exp(-x² - 9/16 + r/s) / x (msun/src/s_erf.c, Copyright (C) 1993 by Sun
// Microsystems, Inc.; permission to use, copy, modify, and distribute is freely granted, provided that this notice is preserved)
const nearTop = [
  -9.81432934416914548592, -8.12874355063065934246e1, -1.84605092906711035994e2, -1.62396669462573470355e2,
  -6.23753324503260060396e1, -1.05586262253232909814e1, -6.93858572707181764372e-1, -9.86494403484714822705e-3,
];
const nearBottom = [
  -6.04244152148580987438e-2, 6.57024977031928170135, 1.08635005541779435134e2, 4.29008140027567833386e2,
  6.45387271733267880336e2, 4.34565877475229228821e2, 1.3765775414351904026e2, 1.96512716674392571292e1, 1,
];
const farTop = [
  -4.83519191608651397019e2, -1.02509513161107724954e3, -6.37566443368389627722e2, -1.60636384855821916062e2,
  -1.77579549177547519889e1, -7.99283237680523006574e-1, -9.86494292470009928597e-3,
];
const farBottom = [
  -2.24409524465858183362e1, 4.74528541206955367215e2, 2.55305040643316442583e3, 3.19985821950859553908e3,
  1.53672958608443695994e3, 3.25792512996573918826e2, 3.03380607434824582924e1, 1,
];
export function erfcxOf(x: Expr): Expr {
  const a = scalar.abs(x);
  const s = scalar.recip(a.square());
  const ratio = choose(
    a.lt(1 / 0.35),
    polynomial(s, nearTop).div(polynomial(s, nearBottom)),
    polynomial(s, farTop).div(polynomial(s, farBottom)),
  );
  const square = scalar.exp(x.square());
  const positive = choose(a.lt(1.25), square.mul(scalar.erfc(a)), scalar.exp(ratio.sub(0.5625)).div(a));
  return choose(scalar.isnan(x), x, choose(x.ge(0), positive, choose(x.lt(-26.7), Infinity, square.mul(2).sub(positive))));
}
const erfcxOp = pointwise("erfcx", erfcxOf, {
  category: "float",
  grad: (g, [x], out) => [g.mul(x.mul(out).mul(2).sub(2 / sqrtPi))],
});
/** exp(x²) erfc(x), without underflow for large x. */
export const erfcx = (x: Tensor): Tensor => unary(erfcxOp, x);

/** x = erf(x). */
export const erf_ = (x: Tensor): Tensor => inPlace(erfOp, x);
/** x = erfc(x). */
export const erfc_ = (x: Tensor): Tensor => inPlace(erfcOp, x);
/** x = erfinv(x). */
export const erfinv_ = (x: Tensor): Tensor => inPlace(erfinvOp, x);
