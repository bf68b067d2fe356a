import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../expr/expr.ts";
import { floatType } from "../../layout/promotion.ts";
import { toDType } from "../create/copy.ts";
import { mul, mul_ } from "./arithmetic.ts";

const float = { category: "float" } as const;
const notFloat = (dtype: DType): boolean => !isFloat(dtype);

export const expOp = pointwise("exp", (x) => scalar.exp(x), float);
export const exp2Op = pointwise("exp2", (x) => scalar.exp2(x), float);
export const expm1Op = pointwise("expm1", (x) => scalar.expm1(x), float);
export const logOp = pointwise("log", (x) => scalar.log(x), float);
export const log2Op = pointwise("log2", (x) => scalar.log2(x), float);
export const log10Op = pointwise("log10", (x) => scalar.log10(x), float);
export const log1pOp = pointwise("log1p", (x) => scalar.log1p(x), float);
export const sqrtOp = pointwise("sqrt", (x) => scalar.sqrt(x), float);
export const rsqrtOp = pointwise("rsqrt", (x) => scalar.recip(scalar.sqrt(x)), {
  category: "float",
  grad: (g, _, out) => [g.mul(-0.5).mul(out.mul(out).mul(out))],
});
export const sigmoidOp = pointwise("sigmoid", (x) => scalar.sigmoid(x), float);

/** e to the power x. Integers give the default floating dtype, as in all functions of this family. */
export const exp = (x: Tensor): Tensor => unary(expOp, x);
/** 2 to the power x. */
export const exp2 = (x: Tensor): Tensor => unary(exp2Op, x);
/** exp(x) - 1, precise near 0. */
export const expm1 = (x: Tensor): Tensor => unary(expm1Op, x);
/** Natural logarithm; NaN below 0, -Infinity at 0. */
export const log = (x: Tensor): Tensor => unary(logOp, x);
/** Logarithm to base 2. */
export const log2 = (x: Tensor): Tensor => unary(log2Op, x);
/** Logarithm to base 10. */
export const log10 = (x: Tensor): Tensor => unary(log10Op, x);
/** log(1 + x), precise near 0. */
export const log1p = (x: Tensor): Tensor => unary(log1pOp, x);
/** Square root; NaN below 0. */
export const sqrt = (x: Tensor): Tensor => unary(sqrtOp, x);
/** 1 / sqrt(x). */
export const rsqrt = (x: Tensor): Tensor => unary(rsqrtOp, x);
/** 1 / (1 + exp(-x)). */
export const sigmoid = (x: Tensor): Tensor => unary(sigmoidOp, x);
/** {@link sigmoid} under SciPy's name. */
export const expit: typeof sigmoid = sigmoid;

const one = constant(1);
const inside = (x: Expr, low: Expr, high: Expr): Expr => x.ge(low).and(x.le(high));
export const logitOp = pointwise("logit", (x) => scalar.log(x.div(one.sub(x))), {
  category: "float",
  grad: (g, [x]) => [choose(inside(x, constant(0), one), g.div(x.mul(one.sub(x))), constant(Number.NaN))],
});
export const logitEpsOp = pointwise(
  "logitEps",
  (x, eps) => {
    const z = choose(x.lt(eps), eps, choose(x.gt(one.sub(eps)), one.sub(eps), x));
    return scalar.log(z.div(one.sub(z)));
  },
  {
    title: "logit",
    category: "float",
    grad: (g, [x, eps]) => [choose(inside(x, eps, one.sub(eps)), g.div(x.mul(one.sub(x))), 0)],
  },
);
/** log(x / (1 - x)), with x first moved into [eps, 1 - eps] when `eps` is given. */
export const logit = (x: Tensor, eps: number | null = null): Tensor =>
  eps === null ? unary(logitOp, x) : pointwiseCall(logitEpsOp, [x, eps]);

// 0 * log(y) is 0 also where the logarithm is infinite, but not where y is NaN
const timesLog = (name: string, log: (y: Expr) => Expr, slope: (x: Expr, y: Expr) => Expr, pole: number) =>
  pointwise(name, (x, y) => choose(scalar.isnan(y), y, choose(x.eq(0), 0, x.mul(log(y)))), {
    category: "float",
    grad: (g, [x, y]) => [choose(x.eq(0).and(y.le(pole)), 0, g.mul(log(y))), g.mul(slope(x, y))],
  });
export const xlogyOp = timesLog(
  "xlogy",
  (y) => scalar.log(y),
  (x, y) => x.div(y),
  0,
);
export const xlog1pyOp = timesLog(
  "xlog1py",
  (y) => scalar.log1p(y),
  (x, y) => x.div(y.add(1)),
  -1,
);
/** x * log(y), and 0 where x is 0 and y is not NaN. */
export const xlogy = (x: Operand, y: Operand): Tensor => binary(xlogyOp, x, y);
/** x * log(1 + y), and 0 where x is 0 and y is not NaN. */
export const xlog1py = (x: Operand, y: Operand): Tensor => binary(xlog1pyOp, x, y);

// the larger argument is taken out, so that nothing overflows; equal infinities are their own sum
const addExponentials = (name: string, exp: (x: Expr) => Expr, log1p: (x: Expr) => Expr) =>
  pointwise(
    name,
    (x, y) =>
      choose(scalar.abs(x).eq(Infinity).and(x.eq(y)), x, scalar.max(x, y).add(log1p(exp(scalar.abs(x.sub(y)).neg())))),
    { refuses: notFloat, grad: (g, [x, y]) => [g.div(exp(y.sub(x)).add(1)), g.div(exp(x.sub(y)).add(1))] },
  );
export const logaddexpOp = addExponentials(
  "logaddexp",
  (x) => scalar.exp(x),
  (x) => scalar.log1p(x),
);
export const logaddexp2Op = addExponentials(
  "logaddexp2",
  (x) => scalar.exp2(x),
  (x) => scalar.log1p(x).mul(1 / Math.LN2),
);
/** log(exp(x) + exp(y)) without overflow. @throws DTypeError for integers. */
export const logaddexp = (x: Tensor, y: Tensor): Tensor => binary(logaddexpOp, x, y);
/** log2(2^x + 2^y) without overflow. @throws DTypeError for integers. */
export const logaddexp2 = (x: Tensor, y: Tensor): Tensor => binary(logaddexp2Op, x, y);

export const powerOfTwoOp = pointwise("powerOfTwo", (e) => scalar.exp2(e), {
  title: "ldexp",
  category: "float",
  grad: (g, _, out) => [g.mul(out.mul(Math.LN2))],
});
const twoTo = (exponent: Operand): Operand =>
  typeof exponent === "number" ? 2 ** exponent : unary(powerOfTwoOp, exponent);
/** x * 2^exponent. */
export const ldexp = (x: Tensor, exponent: Operand): Tensor => mul(toDType(x, floatType(x.dtype)), twoTo(exponent));

// floor(log2) may be off by one where log2 rounds: the mantissa then falls outside [0.5, 1) and is put right
const powerOfTwo = (x: Expr, e: Expr): Expr => {
  const half = scalar.floor(e.mul(0.5)); // in two steps: 2^-e itself overflows for subnormal x
  return x.mul(scalar.exp2(half)).mul(scalar.exp2(e.sub(half)));
};
const roughExponent = (x: Expr): Expr => scalar.floor(scalar.log2(scalar.abs(x))).add(1);
const correction = (x: Expr): Expr => {
  const m = scalar.abs(powerOfTwo(x, roughExponent(x).neg()));
  return choose(m.ge(1), 1, choose(m.lt(0.5), -1, 0));
};
const plain = (x: Expr): Expr => scalar.abs(x).gt(0).and(scalar.abs(x).lt(Infinity));
const exponentOf = (x: Expr): Expr => choose(plain(x), roughExponent(x).add(correction(x)), 0);
export const mantissaOp = pointwise("frexpMantissa", (x) => choose(plain(x), powerOfTwo(x, exponentOf(x).neg()), x), {
  title: "frexp",
  refuses: notFloat,
  grad: (g, [x]) => [powerOfTwo(g, exponentOf(x).neg())],
});
export const exponentOp = pointwise("frexpExponent", exponentOf, { title: "frexp", differentiable: false });
/** The parts of x = mantissa * 2^exponent with |mantissa| in [0.5, 1); the exponent is int32. @throws DTypeError for integers. */
export function frexp(x: Tensor): { mantissa: Tensor; exponent: Tensor } {
  if (!isFloat(x.dtype)) throw new DTypeError("frexp", `needs a floating-point tensor, got ${x.dtype}`);
  const mantissa = unary(mantissaOp, x);
  const exponent = unary(exponentOp, x);
  const whole = toDType(exponent, "int32");
  exponent.dispose();
  return { mantissa, exponent: whole };
}

export const floatPowerOp = pointwise("floatPower", (x, y) => scalar.pow(x, y));
const double = (x: Operand): Operand => (typeof x === "number" ? x : toDType(x, "float64"));
/** x to the power y, computed and returned in float64. */
export const floatPower = (x: Operand, y: Operand): Tensor => binary(floatPowerOp, double(x), double(y));

/** x = exp(x). */
export const exp_ = (x: Tensor): Tensor => inPlace(expOp, x);
/** x = 2^x. */
export const exp2_ = (x: Tensor): Tensor => inPlace(exp2Op, x);
/** x = exp(x) - 1. */
export const expm1_ = (x: Tensor): Tensor => inPlace(expm1Op, x);
/** x = log(x). */
export const log_ = (x: Tensor): Tensor => inPlace(logOp, x);
/** x = log2(x). */
export const log2_ = (x: Tensor): Tensor => inPlace(log2Op, x);
/** x = log10(x). */
export const log10_ = (x: Tensor): Tensor => inPlace(log10Op, x);
/** x = log(1 + x). */
export const log1p_ = (x: Tensor): Tensor => inPlace(log1pOp, x);
/** x = sqrt(x). */
export const sqrt_ = (x: Tensor): Tensor => inPlace(sqrtOp, x);
/** x = 1 / sqrt(x). */
export const rsqrt_ = (x: Tensor): Tensor => inPlace(rsqrtOp, x);
/** x = sigmoid(x). */
export const sigmoid_ = (x: Tensor): Tensor => inPlace(sigmoidOp, x);
/** x = logit(x, eps). */
export const logit_ = (x: Tensor, eps: number | null = null): Tensor =>
  eps === null ? inPlace(logitOp, x) : inPlace(logitEpsOp, x, eps);
/** x = x * log(y). */
export const xlogy_ = (x: Tensor, y: Operand): Tensor => inPlace(xlogyOp, x, y);
/** x = x * 2^exponent. */
export const ldexp_ = (x: Tensor, exponent: Operand): Tensor => mul_(x, twoTo(exponent));
