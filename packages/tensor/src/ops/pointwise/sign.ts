import { type DType, isFloat } from "../../core/dtype.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { binary, inPlace, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, masked, scalar } from "../../expr/expr.ts";

const notFloat = (dtype: DType): boolean => !isFloat(dtype);

export const sgnOp = pointwise("sgn", (x) => scalar.sign(x), { grad: () => [constant(0)] });
/**
 * The sign, `y = (x > 0) - (x < 0)`: -1, 0 or 1, for real numbers the same as `sign`.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sgn.html
 * @example
 * tensor([-3, 0, 2]).sgn().tolist(); // [-1, 0, 1]
 */
export const sgn = (x: Tensor): Tensor => unary(sgnOp, x);
/** In place {@link sgn}: `x = (x > 0) - (x < 0)`. */
export const sgn_ = (x: Tensor): Tensor => inPlace(sgnOp, x);

// copysign sees the sign of -0, which no comparison does
export const signbitOp = pointwise("signbit", (x) => scalar.copysign(1, x).lt(0), { category: "compare" });
export const belowZeroOp = pointwise("signbitInt", (x) => x.lt(0), { title: "signbit", category: "compare" });
/**
 * True where the sign bit is set, `x < 0 || x is -0`.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.signbit.html
 * @example
 * tensor([-1, -0, 0, 1]).signbit().tolist(); // [true, true, false, false]
 */
export const signbit = (x: Tensor): Tensor => {
  checkTensor("signbit", "x", x);
  return unary(isFloat(x.dtype) ? signbitOp : belowZeroOp, x);
};

export const copysignOp = pointwise("copysign", (x, y) => scalar.copysign(x, y), {
  category: "float",
  grad: (g, [x], out) => [g.mul(masked(x.eq(0), out.div(x))), constant(0)],
});
/**
 * The size of `x` with the sign of `y`, `y < 0 ? -|x| : |x|`; the sign of -0 counts.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.copysign.html
 * @example
 * tensor([1, -2, 3]).copysign(tensor([-0, 1, -5])).tolist(); // [-1, 2, -3]
 */
export const copysign = (x: Tensor, y: Operand): Tensor => binary(copysignOp, x, y);
/** In place {@link copysign}: `x = y < 0 ? -|x| : |x|`. */
export const copysign_ = (x: Tensor, y: Operand): Tensor => inPlace(copysignOp, x, y);

export const heavisideOp = pointwise("heaviside", (x, values) => choose(x.eq(0), values, choose(x.gt(0), 1, 0)), {
  differentiable: "refused",
});
/**
 * The step function, `x == 0 ? values : x > 0 ? 1 : 0`; 0 for NaN. It has no gradient: backward through it throws.
 *
 * Shapes: `x` and `values` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.heaviside.html
 * @example
 * tensor([-1, 0, 2]).heaviside(tensor([0.5])).tolist(); // [0, 0.5, 1]
 */
export const heaviside = (x: Tensor, values: Operand): Tensor => binary(heavisideOp, x, values);
/** In place {@link heaviside}: `x = x == 0 ? values : x > 0 ? 1 : 0`. */
export const heaviside_ = (x: Tensor, values: Operand): Tensor => inPlace(heavisideOp, x, values);

export const nextafterOp = pointwise("nextafter", (x, y) => scalar.nextafter(x, y), {
  refuses: notFloat,
  grad: (g, [x, y]) => [choose(x.eq(y), 0, g), constant(0)],
});
/**
 * The next representable number after `x` towards `y`, `x + ulp` or `x - ulp`; `y` itself where they are equal.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nextafter.html
 * @example
 * tensor([1, 1]).nextafter(tensor([2, 1])).sub(1).tolist(); // [1.1921e-7, 0]
 * nextafter(tensor([0], { dtype: "float64" }), 1).tolist(); // [5e-324]
 */
export const nextafter = (x: Tensor, y: Operand): Tensor => binary(nextafterOp, x, y);
/** In place {@link nextafter}: `x = nextafter(x, y)`. */
export const nextafter_ = (x: Tensor, y: Operand): Tensor => inPlace(nextafterOp, x, y);
