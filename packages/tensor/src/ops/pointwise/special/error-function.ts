import { hasStorage, type Tensor } from "../../../core/tensor.ts";
import { inPlace, unary } from "../../../door/calls.ts";
import { pointwise } from "../../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../../expr/expr.ts";
import { polynomial, shallowPolynomial } from "./series.ts";

const float = { category: "float" } as const;
const sqrtPi = Math.sqrt(Math.PI);

export const erfOp = pointwise("erf", (x) => scalar.erf(x), float);
export const erfcOp = pointwise("erfc", (x) => scalar.erfc(x), float);
/**
 * The error function: `y = 2 / sqrt(pi) * integral of exp(-t^2) dt from 0 to x`. It runs from -1 to 1.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.erf
 * @example
 * tensor([-1, 0, 0.5, 3]).erf().tolist(); // [-0.8427, 0, 0.5205, 1.0000]
 */
export const erf = (x: Tensor): Tensor => unary(erfOp, x);
/**
 * The complementary error function: `y = 1 - erf(x)`, precise where it is small.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.erfc
 * @example
 * const x = tensor([0, 1, 5]);
 * x.erfc().tolist(); // [1, 0.1573, 1.537e-12]
 * x.erf().neg().add(1).tolist(); // [1, 0.1573, 0]
 */
export const erfc = (x: Tensor): Tensor => unary(erfcOp, x);

// erfinv(a) / a by w = -log(1 - a^2), in two ranges as Giles has it ("Approximating the erfinv function", 2010), here near the minimax
// polynomials: relative errors 6e-8 below w = 5 and, for float32, up to 16, 1e-7 up to 38. By falling powers
const middle = [
  -8.93192597e-9, 2.33359672e-8, 4.68131348e-7, -3.46398527e-6, -4.97241969e-6, 0.000218349386, -0.00125272639,
  -0.00417739288, 0.246640279, 1.50140936,
];
const tail = [
  -0.000204956487, 0.000104290272, 0.00135587227, -0.00367697944, 0.00573648141, -0.00762142114, 0.00943935531,
  1.0016740274, 2.8329769062,
];
const wideTail = [
  -3.28449304e-7, 5.45141897e-6, -3.74807053e-5, 0.000132402706, -0.000213730723, -0.000121141616, 0.00140582018,
  -0.0035431454, 0.00571479055, -0.00765302758, 0.00944126821, 1.00167616, 2.83297692,
];
/** `far` is the polynomial from w = 5 on; `refine` makes more of what the polynomials give for 0 <= a < 1. */
function inverse(y: Expr, far: readonly number[], refine: (x: Expr, a: Expr) => Expr): Expr {
  const size = scalar.abs(y);
  // where another branch counts, this one has finite slopes: gradients of any order go through it
  const a = choose(size.lt(1), size, 0);
  const w = scalar.log(constant(1).sub(a).mul(a.add(1))).neg();
  const root = scalar.sqrt(scalar.max(w, 5));
  const x = refine(
    choose(w.lt(5), shallowPolynomial(w.sub(2.5), middle), shallowPolynomial(root.sub(3), far)).mul(a),
    a,
  );
  // infinite at 1, as is its slope, and NaN beyond
  const edge = scalar.recip(scalar.sqrt(constant(1).sub(size)));
  const positive = choose(size.lt(1), x, edge);
  return choose(size.lt(1e-8), y.mul(sqrtPi / 2), choose(y.lt(0), positive.neg(), positive));
}
const erfinvOf = (y: Expr): Expr => inverse(y, tail, (x) => x);
/** For float64: one of Halley's steps, which triple the digits, with the residual from the side that does not cancel. */
const erfinvWideOf = (y: Expr): Expr =>
  inverse(y, wideTail, (x, a) => {
    const residual = choose(a.lt(0.5), scalar.erf(x).sub(a), constant(1).sub(a).sub(scalar.erfc(x)));
    const step = residual.mul(sqrtPi / 2).mul(scalar.exp(x.square()));
    return x.sub(step.div(x.mul(step).add(1)));
  });
const inverseOp = (name: string, formula: (y: Expr) => Expr) =>
  pointwise(name, formula, {
    title: "erfinv",
    category: "float",
    // from the input, so that the result may be changed in place
    grad: (g, [x]) => [g.mul(sqrtPi / 2).mul(scalar.exp(formula(x).square()))],
  });
export const erfinvOp = inverseOp("erfinv", erfinvOf);
export const erfinvWideOp = inverseOp("erfinvWide", erfinvWideOf);

const inverseFor = (x: Tensor) => (hasStorage(x) && x.dtype === "float64" ? erfinvWideOp : erfinvOp);
/**
 * The inverse of {@link erf}: `y` with `erf(y) = x`; +-Infinity at +-1, NaN beyond.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.erfinv
 * @example
 * tensor([-1, 0, 0.5, 2]).erfinv().tolist(); // [-Infinity, 0, 0.4769, NaN]
 */
export const erfinv = (x: Tensor): Tensor => unary(inverseFor(x), x);

// FreeBSD's rational functions of 1/x² for erfc(x) = exp(-x² - 9/16 + r/s) / x (msun/src/s_erf.c, Copyright (C) 1993 by Sun
// Microsystems, Inc.; permission to use, copy, modify, and distribute is freely granted, provided that this notice is preserved)
const nearTop = [
  -9.814329344169145, -81.2874355063066, -184.60509290671104, -162.39666946257347, -62.375332450326006,
  -10.558626225323291, -0.6938585727071818, -0.009864944034847148,
];
const nearBottom = [
  -0.0604244152148581, 6.570249770319282, 108.63500554177944, 429.00814002756783, 645.3872717332679, 434.56587747522923,
  137.65775414351904, 19.651271667439257, 1,
];
const farTop = [
  -483.5191916086514, -1025.0951316110772, -637.5664433683896, -160.63638485582192, -17.757954917754752,
  -0.799283237680523, -0.0098649429247001,
];
const farBottom = [
  -22.44095244658582, 474.52854120695537, 2553.0504064331644, 3199.8582195085955, 1536.729586084437, 325.7925129965739,
  30.33806074348246, 1,
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
  return choose(
    scalar.isnan(x),
    x,
    choose(x.ge(0), positive, choose(x.lt(-26.7), Infinity, square.mul(2).sub(positive))),
  );
}
export const erfcxOp = pointwise("erfcx", erfcxOf, {
  category: "float",
  grad: (g, [x], out) => [
    g.mul(
      x
        .mul(out)
        .mul(2)
        .sub(2 / sqrtPi),
    ),
  ],
});
/**
 * The scaled complementary error function: `y = exp(x^2) erfc(x)`, without underflow for large `x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.erfcx
 * @example
 * erfcx(tensor([-1, 0, 1, 100])).tolist(); // [5.0090, 1, 0.4276, 0.005642]
 */
export const erfcx = (x: Tensor): Tensor => unary(erfcxOp, x);

/** In place {@link erf}: `x = erf(x)`. */
export const erf_ = (x: Tensor): Tensor => inPlace(erfOp, x);
/** In place {@link erfc}: `x = erfc(x)`. */
export const erfc_ = (x: Tensor): Tensor => inPlace(erfcOp, x);
/** In place {@link erfinv}: `x = erfinv(x)`. */
export const erfinv_ = (x: Tensor): Tensor => inPlace(inverseFor(x), x);
