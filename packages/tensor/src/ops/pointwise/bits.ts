import { type DType, isFloat } from "../../core/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
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
/** Bits set in both; for bools: truth of both. @throws DTypeError for floats. */
export const bitwiseAnd = (x: Operand, y: Operand): Tensor => binary(andOp, x, y);
/** Bits set in either. @throws DTypeError for floats. */
export const bitwiseOr = (x: Operand, y: Operand): Tensor => binary(orOp, x, y);
/** Bits set in exactly one. @throws DTypeError for floats. */
export const bitwiseXor = (x: Operand, y: Operand): Tensor => binary(xorOp, x, y);
/** All bits flipped; for bools: not. @throws DTypeError for floats. */
export const bitwiseNot = (x: Tensor): Tensor => unary(notOp, x);
/** x * 2^n, bits beyond the dtype's width falling away. @throws DTypeError for floats and bools. */
export const bitwiseLeftShift = (x: Operand, n: Operand): Tensor => binary(leftOp, x, n);
/** floor(x / 2^n). @throws DTypeError for floats and bools. */
export const bitwiseRightShift = (x: Operand, n: Operand): Tensor => binary(rightOp, x, n);

/** x = x & y. */
export const bitwiseAnd_ = (x: Tensor, y: Operand): Tensor => inPlace(andOp, x, y);
/** x = x | y. */
export const bitwiseOr_ = (x: Tensor, y: Operand): Tensor => inPlace(orOp, x, y);
/** x = x ^ y. */
export const bitwiseXor_ = (x: Tensor, y: Operand): Tensor => inPlace(xorOp, x, y);
/** x = ~x. */
export const bitwiseNot_ = (x: Tensor): Tensor => inPlace(notOp, x);
/** x = x << n. */
export const bitwiseLeftShift_ = (x: Tensor, n: Operand): Tensor => inPlace(leftOp, x, n);
/** x = x >> n. */
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
/** Greatest common divisor; gcd(0, 0) is 0. @throws DTypeError for floats and bools. */
export const gcd = (x: Tensor, y: Tensor): Tensor => binary(wide(x, y) ? gcdWideOp : gcdOp, x, y);
/** Least common multiple; 0 where either is 0. @throws DTypeError for floats and bools. */
export const lcm = (x: Tensor, y: Tensor): Tensor => binary(wide(x, y) ? lcmWideOp : lcmOp, x, y);
