import { type DType, isFloat } from "../../core/dtype.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { binary, inPlace, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, type Expr, scalar } from "../../expr/expr.ts";

const bits = { refuses: isFloat, differentiable: false } as const;
const whole = { refuses: (dtype: DType) => isFloat(dtype) || dtype === "bool", differentiable: false } as const;

export const andOp = pointwise("bitwiseAnd", (x, y) => x.and(y), bits);
export const orOp = pointwise("bitwiseOr", (x, y) => x.or(y), bits);
export const xorOp = pointwise("bitwiseXor", (x, y) => scalar.xor(x, y), bits);
export const notOp = pointwise("bitwiseNot", (x) => x.not(), bits);
export const leftOp = pointwise("bitwiseLeftShift", (x, n) => scalar.shl(x, n), whole);
export const rightOp = pointwise("bitwiseRightShift", (x, n) => scalar.shr(x, n), whole);
/**
 * Bits set in both, `z = x & y`; of bools, the truth of both.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, bool or an integer.
 *
 * @throws DTypeError for floating-point operands; for two numbers.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_and.html
 * @example
 * tensor([12, 10], { dtype: "int32" }).bitwiseAnd(6).tolist(); // [4, 2]
 * tensor([true, true]).bitwiseAnd(tensor([true, false])).tolist(); // [true, false]
 */
export const bitwiseAnd = (x: Operand, y: Operand): Tensor => binary(andOp, x, y);
/**
 * Bits set in either, `z = x | y`; of bools, the truth of either.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, bool or an integer.
 *
 * @throws DTypeError for floating-point operands; for two numbers.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_or.html
 * @example
 * tensor([12, 10], { dtype: "int32" }).bitwiseOr(6).tolist(); // [14, 14]
 */
export const bitwiseOr = (x: Operand, y: Operand): Tensor => binary(orOp, x, y);
/**
 * Bits set in exactly one, `z = x ^ y`; of bools, whether they differ.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, bool or an integer.
 *
 * @throws DTypeError for floating-point operands; for two numbers.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_xor.html
 * @example
 * tensor([12, 10], { dtype: "int32" }).bitwiseXor(6).tolist(); // [10, 12]
 */
export const bitwiseXor = (x: Operand, y: Operand): Tensor => binary(xorOp, x, y);
/**
 * All bits flipped, `y = ~x`; of bools, the opposite truth.
 *
 * Shape: that of `x`. Dtype: that of `x`, bool or an integer.
 *
 * @throws DTypeError for floating-point tensors.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_not.html
 * @example
 * tensor([0, 5], { dtype: "int32" }).bitwiseNot().tolist(); // [-1, -6]
 * tensor([0, 5], { dtype: "uint8" }).bitwiseNot().tolist(); // [255, 250]
 */
export const bitwiseNot = (x: Tensor): Tensor => unary(notOp, x);
/**
 * Bits moved up by n, `x * 2^n`; those beyond the width of the dtype fall away.
 *
 * Shapes: `x` and `n` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws DTypeError for floating-point operands, bools and two numbers.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_left_shift.html
 * @example
 * tensor([1, 3], { dtype: "int32" }).bitwiseLeftShift(4).tolist(); // [16, 48]
 * tensor([1, 255], { dtype: "uint8" }).bitwiseLeftShift(1).tolist(); // [2, 254]
 */
export const bitwiseLeftShift = (x: Operand, n: Operand): Tensor => binary(leftOp, x, n);
/**
 * Bits moved down by n, `floor(x / 2^n)`; the sign is kept.
 *
 * Shapes: `x` and `n` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws DTypeError for floating-point operands, bools and two numbers.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bitwise_right_shift.html
 * @example
 * tensor([-8, -1, 7], { dtype: "int32" }).bitwiseRightShift(1).tolist(); // [-4, -1, 3]
 */
export const bitwiseRightShift = (x: Operand, n: Operand): Tensor => binary(rightOp, x, n);

/** In place {@link bitwiseAnd}: `x = x & y`. */
export const bitwiseAnd_ = (x: Tensor, y: Operand): Tensor => inPlace(andOp, x, y);
/** In place {@link bitwiseOr}: `x = x | y`. */
export const bitwiseOr_ = (x: Tensor, y: Operand): Tensor => inPlace(orOp, x, y);
/** In place {@link bitwiseXor}: `x = x ^ y`. */
export const bitwiseXor_ = (x: Tensor, y: Operand): Tensor => inPlace(xorOp, x, y);
/** In place {@link bitwiseNot}: `x = ~x`. */
export const bitwiseNot_ = (x: Tensor): Tensor => inPlace(notOp, x);
/** In place {@link bitwiseLeftShift}: `x = x << n`. */
export const bitwiseLeftShift_ = (x: Tensor, n: Operand): Tensor => inPlace(leftOp, x, n);
/** In place {@link bitwiseRightShift}: `x = x >> n`. */
export const bitwiseRightShift_ = (x: Tensor, n: Operand): Tensor => inPlace(rightOp, x, n);

// Euclid's steps at their worst, for neighbouring Fibonacci numbers: 46 in 32 bits, 91 in 64
function euclid(x: Expr, y: Expr, steps: number): Expr {
  let [a, b] = [scalar.abs(x), scalar.abs(y)];
  for (let i = 0; i < steps; i++) [a, b] = [choose(b.eq(0), a, b), choose(b.eq(0), 0, scalar.rem(a, b))];
  return a;
}
const multiple = (x: Expr, y: Expr, divisor: Expr): Expr =>
  choose(divisor.eq(0), 0, scalar.abs(scalar.idiv(x, choose(divisor.eq(0), 1, divisor)).mul(y)));
export const gcdOp = pointwise("gcd", (x, y) => euclid(x, y, 46), whole);
export const gcdWideOp = pointwise("gcdWide", (x, y) => euclid(x, y, 91), { ...whole, title: "gcd" });
export const lcmOp = pointwise("lcm", (x, y) => multiple(x, y, euclid(x, y, 46)), whole);
export const lcmWideOp = pointwise("lcmWide", (x, y) => multiple(x, y, euclid(x, y, 91)), { ...whole, title: "lcm" });
const wide = (x: Tensor, y: Tensor): boolean => x.dtype === "int64" || y.dtype === "int64";
/**
 * Greatest common divisor, the largest `d >= 0` that divides both; `gcd(0, 0) = 0`.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, an integer.
 *
 * @throws DTypeError for floating-point tensors and bools.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.gcd.html
 * @example
 * gcd(tensor([12, -12, 0], { dtype: "int32" }), tensor([18, 8, 5], { dtype: "int32" })).tolist(); // [6, 4, 5]
 */
export const gcd = (x: Tensor, y: Tensor): Tensor => {
  checkTensor("gcd", "x", x);
  checkTensor("gcd", "y", y);
  return binary(wide(x, y) ? gcdWideOp : gcdOp, x, y);
};
/**
 * Least common multiple, `|x * y| / gcd(x, y)`; 0 where either is 0.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, an integer.
 *
 * @throws DTypeError for floating-point tensors and bools.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.lcm.html
 * @example
 * lcm(tensor([4, -4, 0], { dtype: "int32" }), tensor([6, 10, 5], { dtype: "int32" })).tolist(); // [12, 20, 0]
 */
export const lcm = (x: Tensor, y: Tensor): Tensor => {
  checkTensor("lcm", "x", x);
  checkTensor("lcm", "y", y);
  return binary(wide(x, y) ? lcmWideOp : lcmOp, x, y);
};
