import { type DType, isFloat } from "../../core/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary, inPlace, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, scalar } from "../../expr/expr.ts";

const notFloat = (dtype: DType): boolean => !isFloat(dtype);

export const sgnOp = pointwise("sgn", (x) => scalar.sign(x), { grad: () => [constant(0)] });
/** -1, 0 or 1: for real numbers the same as sign. */
export const sgn = (x: Tensor): Tensor => unary(sgnOp, x);
/** x = sgn(x). */
export const sgn_ = (x: Tensor): Tensor => inPlace(sgnOp, x);

// copysign sees the sign of -0, which no comparison does
export const signbitOp = pointwise("signbit", (x) => scalar.copysign(1, x).lt(0), { category: "compare" });
export const belowZeroOp = pointwise("signbitInt", (x) => x.lt(0), { title: "signbit", category: "compare" });
/** True where the sign bit is set: negative numbers, and -0. */
export const signbit = (x: Tensor): Tensor => unary(isFloat(x.dtype) ? signbitOp : belowZeroOp, x);

export const copysignOp = pointwise("copysign", (x, y) => scalar.copysign(x, y), {
  category: "float",
  grad: (g, [x], out) => [choose(x.eq(0), 0, g.mul(out.div(x))), constant(0)],
});
/** |x| with the sign of y. */
export const copysign = (x: Tensor, y: Operand): Tensor => binary(copysignOp, x, y);
/** x = copysign(x, y). */
export const copysign_ = (x: Tensor, y: Operand): Tensor => inPlace(copysignOp, x, y);

export const heavisideOp = pointwise("heaviside", (x, values) => choose(x.eq(0), values, choose(x.gt(0), 1, 0)), {
  differentiable: false,
});
/** 0 below 0 (and for NaN), 1 above, `values` at 0. */
export const heaviside = (x: Tensor, values: Operand): Tensor => binary(heavisideOp, x, values);
/** x = heaviside(x, values). */
export const heaviside_ = (x: Tensor, values: Operand): Tensor => inPlace(heavisideOp, x, values);

export const nextafterOp = pointwise("nextafter", (x, y) => scalar.nextafter(x, y), {
  refuses: notFloat,
  grad: (g, [x, y]) => [choose(x.eq(y), 0, g), constant(0)],
});
/** The next representable number after x towards y. @throws DTypeError for integers. */
export const nextafter = (x: Tensor, y: Operand): Tensor => binary(nextafterOp, x, y);
/** x = nextafter(x, y). */
export const nextafter_ = (x: Tensor, y: Operand): Tensor => inPlace(nextafterOp, x, y);
