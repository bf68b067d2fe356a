import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { type Pair, pair } from "../../core/named.ts";
import { checkTensor, isTensor, type Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, type Expr, masked, scalar } from "../../expr/expr.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";

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

/**
 * e to the power x, `y = e^x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.exp.html
 * @example
 * tensor([0, 1, -Infinity]).exp().tolist(); // [1, 2.7183, 0]
 * tensor([0, 1], { dtype: "int32" }).exp().dtype; // "float32"
 */
export const exp = (x: Tensor): Tensor => unary(expOp, x);
/**
 * 2 to the power x, `y = 2^x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.exp2.html
 * @example
 * tensor([-1, 0, 3]).exp2().tolist(); // [0.5, 1, 8]
 */
export const exp2 = (x: Tensor): Tensor => unary(exp2Op, x);
/**
 * `y = exp(x) - 1`, precise near 0.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.expm1.html
 * @example
 * const x = tensor([1e-8, 1]);
 * x.expm1().tolist(); // [1.0000e-8, 1.7183]
 * x.exp().sub(1).tolist(); // [0, 1.7183]
 */
export const expm1 = (x: Tensor): Tensor => unary(expm1Op, x);
/**
 * Natural logarithm, `y = ln(x)`; -Infinity at 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.log.html
 * @example
 * tensor([1, 10, 0, -1]).log().tolist(); // [0, 2.3026, -Infinity, NaN]
 */
export const log = (x: Tensor): Tensor => unary(logOp, x);
/**
 * Logarithm to base 2, `y = ln(x) / ln(2)`; -Infinity at 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.log2.html
 * @example
 * tensor([0.5, 1, 8]).log2().tolist(); // [-1, 0, 3]
 */
export const log2 = (x: Tensor): Tensor => unary(log2Op, x);
/**
 * Logarithm to base 10, `y = ln(x) / ln(10)`; -Infinity at 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.log10.html
 * @example
 * tensor([0.1, 1, 1000]).log10().tolist(); // [-1.0000, 0, 3.0000]
 */
export const log10 = (x: Tensor): Tensor => unary(log10Op, x);
/**
 * `y = log(1 + x)`, precise near 0; -Infinity at -1, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.log1p.html
 * @example
 * const x = tensor([1e-8, 1]);
 * x.log1p().tolist(); // [1.0000e-8, 0.6931]
 * x.add(1).log().tolist(); // [0, 0.6931]
 */
export const log1p = (x: Tensor): Tensor => unary(log1pOp, x);
/**
 * Square root, `y = x^(1/2)`; NaN below 0.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sqrt.html
 * @example
 * tensor([4, 2, -1]).sqrt().tolist(); // [2, 1.4142, NaN]
 */
export const sqrt = (x: Tensor): Tensor => unary(sqrtOp, x);
/**
 * Reciprocal of the square root, `y = 1 / sqrt(x)`; Infinity at 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.rsqrt.html
 * @example
 * tensor([4, 2, 0]).rsqrt().tolist(); // [0.5, 0.7071, Infinity]
 */
export const rsqrt = (x: Tensor): Tensor => unary(rsqrtOp, x);
/**
 * The logistic function, `y = 1 / (1 + exp(-x))`, between 0 and 1.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sigmoid.html
 * @example
 * tensor([-2, 0, 2]).sigmoid().tolist(); // [0.1192, 0.5, 0.8808]
 */
export const sigmoid = (x: Tensor): Tensor => unary(sigmoidOp, x);
/** {@link sigmoid} under SciPy's name. */
export const expit: typeof sigmoid = sigmoid;

const one = constant(1);
const inside = (x: Expr, low: Expr, high: Expr): Expr => x.ge(low).and(x.le(high));
export const logitOp = pointwise("logit", (x) => scalar.log(x.div(one.sub(x))), {
  category: "float",
  grad: (g, [x]) => [masked(inside(x, constant(0), one).not(), g.div(x.mul(one.sub(x))), Number.NaN)],
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
    grad: (g, [x, eps]) => [masked(inside(x, eps, one.sub(eps)).not(), g.div(x.mul(one.sub(x))))],
  },
);
/**
 * The inverse of {@link sigmoid}, `y = log(x / (1 - x))`, with `x` first moved into [eps, 1 - eps] when `eps` is given; NaN outside [0, 1].
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logit.html
 * @example
 * const x = tensor([0, 0.5, 0.8808, 1]);
 * x.logit().tolist(); // [-Infinity, 0, 2.0000, Infinity]
 * x.logit(0.1).tolist(); // [-2.1972, 0, 2.0000, 2.1972]
 */
export const logit = (x: Tensor, eps: number | null = null): Tensor =>
  eps === null ? unary(logitOp, x) : pointwiseCall(logitEpsOp, [x, eps]);

// 0 * log(y) is 0 also where the logarithm is infinite or NaN, but not where y is NaN; that goes for a cotangent of 0, too
const timesLog = (name: string, log: (y: Expr) => Expr, slope: (x: Expr, y: Expr) => Expr, pole: number) =>
  pointwise(name, (x, y) => choose(scalar.isnan(y), y, choose(x.eq(0), 0, x.mul(log(y)))), {
    category: "float",
    grad: (g, [x, y]) => [choose(x.eq(0).or(g.eq(0)).and(y.le(pole)), 0, g.mul(log(y))), g.mul(slope(x, y))],
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
/**
 * `x * log(y)`, and 0 where `x` is 0 and `y` is not NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.xlogy.html
 * @example
 * xlogy(tensor([0, 0, 2]), tensor([0, NaN, 3])).tolist(); // [0, NaN, 2.1972]
 */
export const xlogy = (x: Operand, y: Operand): Tensor => binary(xlogyOp, x, y);
/**
 * `x * log(1 + y)`, and 0 where `x` is 0 and `y` is not NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.xlog1py
 * @example
 * xlog1py(tensor([0, 0, 2]), tensor([-1, NaN, 3])).tolist(); // [0, NaN, 2.7726]
 */
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
/**
 * `log(exp(x) + exp(y))` without overflow.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logaddexp.html
 * @example
 * tensor([0, 1000]).logaddexp(tensor([1, 1000])).tolist(); // [1.3133, 1000.6932]
 */
export const logaddexp = (x: Tensor, y: Tensor): Tensor => binary(logaddexpOp, x, y);
/**
 * `log2(2^x + 2^y)` without overflow.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logaddexp2.html
 * @example
 * tensor([3, 1000]).logaddexp2(tensor([3, 1000])).tolist(); // [4, 1001]
 */
export const logaddexp2 = (x: Tensor, y: Tensor): Tensor => binary(logaddexp2Op, x, y);

export const ldexpOp = pointwise("ldexp", (x, e) => x.mul(scalar.exp2(e)), {
  category: "float",
  grad: (g, [, e], out) => [g.mul(scalar.exp2(e)), g.mul(out).mul(Math.LN2)],
});
/**
 * `x * 2^exponent`, as a float is put together of its parts.
 *
 * Shapes: `x` and `exponent` broadcast to that of the result. Dtype: that of `x`, promoted; integers and bools give the default floating
 * dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.ldexp.html
 * @example
 * tensor([1, 3]).ldexp(tensor([2, -1])).tolist(); // [4, 1.5]
 * tensor([1, 3], { dtype: "int32" }).ldexp(4).tolist(); // [16, 48]
 */
export const ldexp = (x: Tensor, exponent: Operand): Tensor => binary(ldexpOp, x, exponent);

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
/**
 * The parts of `x = mantissa * 2^exponent` with `0.5 <= |mantissa| < 1`. Of 0, infinities and NaN the mantissa is `x` and the exponent 0.
 *
 * Shapes: that of `x`, both. Dtypes: `mantissa` that of `x`, `exponent` int32.
 *
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.frexp.html
 * @example
 * const { mantissa, exponent } = frexp(tensor([8, -0.375, 0]));
 * mantissa.tolist(); // [0.5, -0.75, 0]
 * exponent.tolist(); // [4, -1, 0]
 * mantissa.ldexp(exponent).tolist(); // [8, -0.375, 0]
 */
export function frexp(x: Tensor): Pair & { mantissa: Tensor; exponent: Tensor } {
  if (unscoped()) return scoped(frexp, x);
  checkTensor("frexp", "x", x);
  if (!isFloat(x.dtype)) throw new DTypeError("frexp", `needs a floating-point tensor, got ${x.dtype}`);
  const mantissa = unary(mantissaOp, x);
  const exponent = unary(exponentOp, x);
  const whole = toDType(exponent, "int32");
  exponent.dispose();
  return pair({ mantissa, exponent: whole });
}

export const floatPowerOp = pointwise("floatPower", (x, y) => scalar.pow(x, y));
const double = (x: Operand): Operand => (isTensor(x) ? toDType(x, "float64") : typeof x === "bigint" ? Number(x) : x);
/**
 * `x` to the power `y`, `x ** y`, computed and returned in float64.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: float64.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers, and on devices without float64.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.float_power.html
 * @example
 * const y = floatPower(tensor([2, 3], { dtype: "int32" }), -1);
 * y.dtype; // "float64"
 * y.tolist(); // [0.5, 0.3333333333]
 */
export const floatPower = (x: Operand, y: Operand): Tensor =>
  unscoped() ? scoped(floatPower, x, y) : binary(floatPowerOp, double(x), double(y));

/** In place {@link exp}: `x = e^x`. */
export const exp_ = (x: Tensor): Tensor => inPlace(expOp, x);
/** In place {@link exp2}: `x = 2^x`. */
export const exp2_ = (x: Tensor): Tensor => inPlace(exp2Op, x);
/** In place {@link expm1}: `x = exp(x) - 1`. */
export const expm1_ = (x: Tensor): Tensor => inPlace(expm1Op, x);
/** In place {@link log}: `x = ln(x)`. */
export const log_ = (x: Tensor): Tensor => inPlace(logOp, x);
/** In place {@link log2}: `x = log2(x)`. */
export const log2_ = (x: Tensor): Tensor => inPlace(log2Op, x);
/** In place {@link log10}: `x = log10(x)`. */
export const log10_ = (x: Tensor): Tensor => inPlace(log10Op, x);
/** In place {@link log1p}: `x = log(1 + x)`. */
export const log1p_ = (x: Tensor): Tensor => inPlace(log1pOp, x);
/** In place {@link sqrt}: `x = x^(1/2)`. */
export const sqrt_ = (x: Tensor): Tensor => inPlace(sqrtOp, x);
/** In place {@link rsqrt}: `x = 1 / sqrt(x)`. */
export const rsqrt_ = (x: Tensor): Tensor => inPlace(rsqrtOp, x);
/** In place {@link sigmoid}: `x = 1 / (1 + exp(-x))`. */
export const sigmoid_ = (x: Tensor): Tensor => inPlace(sigmoidOp, x);
/** In place {@link logit}: `x = log(x / (1 - x))`. */
export const logit_ = (x: Tensor, eps: number | null = null): Tensor =>
  eps === null ? inPlace(logitOp, x) : inPlace(logitEpsOp, x, eps);
/** In place {@link xlogy}: `x = x * log(y)`. */
export const xlogy_ = (x: Tensor, y: Operand): Tensor => inPlace(xlogyOp, x, y);
/** In place {@link ldexp}: `x = x * 2^exponent`. */
export const ldexp_ = (x: Tensor, exponent: Operand): Tensor => inPlace(ldexpOp, x, exponent);
