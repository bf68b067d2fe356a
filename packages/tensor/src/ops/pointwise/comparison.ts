import { isFloat } from "../../core/dtype.ts";
import { element } from "../../core/element.ts";
import { ArgumentError } from "../../core/errors.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { resultType } from "../../layout/promotion.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fullLike } from "../create/creation.ts";
import { truePlaces } from "../index/positions.ts";

const compare = { category: "compare" } as const;
export const eqOp = pointwise("eq", (x, y) => x.eq(y), compare);
export const neOp = pointwise("ne", (x, y) => x.ne(y), compare);
export const ltOp = pointwise("lt", (x, y) => x.lt(y), compare);
export const leOp = pointwise("le", (x, y) => x.le(y), compare);
export const gtOp = pointwise("gt", (x, y) => x.gt(y), compare);
export const geOp = pointwise("ge", (x, y) => x.ge(y), compare);
/**
 * Whether elements are equal, `x == y`; NaN equals nothing.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.eq.html
 * @example
 * tensor([1, 2, NaN]).eq(tensor([1, 3, NaN])).tolist(); // [true, false, false]
 */
export const eq = (x: Operand, y: Operand): Tensor => binary(eqOp, x, y);
/**
 * Whether elements differ, `x != y`; NaN differs from all, itself too.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.ne.html
 * @example
 * tensor([1, 2, NaN]).ne(tensor([1, 3, NaN])).tolist(); // [false, true, true]
 */
export const ne = (x: Operand, y: Operand): Tensor => binary(neOp, x, y);
/**
 * Whether elements are less, `x < y`; false where either is NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.lt.html
 * @example
 * tensor([1, 2, 3]).lt(2).tolist(); // [true, false, false]
 */
export const lt = (x: Operand, y: Operand): Tensor => binary(ltOp, x, y);
/**
 * Whether elements are less or equal, `x <= y`; false where either is NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.le.html
 * @example
 * tensor([1, 2, 3]).le(2).tolist(); // [true, true, false]
 */
export const le = (x: Operand, y: Operand): Tensor => binary(leOp, x, y);
/**
 * Whether elements are greater, `x > y`; false where either is NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.gt.html
 * @example
 * tensor([[1], [2]]).gt(tensor([0, 1])).tolist(); // [[true, false], [true, true]]
 */
export const gt = (x: Operand, y: Operand): Tensor => binary(gtOp, x, y);
/**
 * Whether elements are greater or equal, `x >= y`; false where either is NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool; the comparison is made in the promoted dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.ge.html
 * @example
 * tensor([1, 2, 3]).ge(2).tolist(); // [false, true, true]
 */
export const ge = (x: Operand, y: Operand): Tensor => binary(geOp, x, y);

export const isnanOp = pointwise("isnan", (x) => scalar.isnan(x), compare);
export const isinfOp = pointwise("isinf", (x) => scalar.abs(x).eq(Infinity), compare);
export const isfiniteOp = pointwise("isfinite", (x) => scalar.abs(x).lt(Infinity), compare);
export const isposinfOp = pointwise("isposinf", (x) => x.eq(Infinity), compare);
export const isneginfOp = pointwise("isneginf", (x) => x.eq(-Infinity), compare);
const falseOf = (x: Tensor): Tensor => fullLike(x, 0, { dtype: "bool" });
/**
 * True where an element is NaN, `x != x`; of integers false.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when a floating-point `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isnan.html
 * @example
 * const x = tensor([1, NaN, Infinity, -Infinity]);
 * x.isnan().tolist(); // [false, true, false, false]
 */
export const isnan = (x: Tensor): Tensor => {
  checkTensor("isnan", "x", x);
  return isFloat(x.dtype) ? unary(isnanOp, x) : falseOf(x);
};
/**
 * True where an element is infinite, `|x| == Infinity`; of integers false.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when a floating-point `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isinf.html
 * @example
 * const x = tensor([1, NaN, Infinity, -Infinity]);
 * x.isinf().tolist(); // [false, false, true, true]
 */
export const isinf = (x: Tensor): Tensor => {
  checkTensor("isinf", "x", x);
  return isFloat(x.dtype) ? unary(isinfOp, x) : falseOf(x);
};
/**
 * True where an element is neither infinite nor NaN, `|x| < Infinity`; of integers true.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when a floating-point `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isfinite.html
 * @example
 * const x = tensor([1, NaN, Infinity, -Infinity]);
 * x.isfinite().tolist(); // [true, false, false, false]
 */
export const isfinite = (x: Tensor): Tensor => {
  checkTensor("isfinite", "x", x);
  return isFloat(x.dtype) ? unary(isfiniteOp, x) : fullLike(x, 1, { dtype: "bool" });
};
/**
 * True where an element is +Infinity, `x == Infinity`; of integers false.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when a floating-point `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isposinf.html
 * @example
 * const x = tensor([1, NaN, Infinity, -Infinity]);
 * x.isposinf().tolist(); // [false, false, true, false]
 */
export const isposinf = (x: Tensor): Tensor => {
  checkTensor("isposinf", "x", x);
  return isFloat(x.dtype) ? unary(isposinfOp, x) : falseOf(x);
};
/**
 * True where an element is -Infinity, `x == -Infinity`; of integers false.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when a floating-point `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isneginf.html
 * @example
 * const x = tensor([1, NaN, Infinity, -Infinity]);
 * x.isneginf().tolist(); // [false, false, false, true]
 */
export const isneginf = (x: Tensor): Tensor => {
  checkTensor("isneginf", "x", x);
  return isFloat(x.dtype) ? unary(isneginfOp, x) : falseOf(x);
};

const logical = { category: "logical" } as const;
export const andOp = pointwise("logicalAnd", (x, y) => x.ne(0).and(y.ne(0)), logical);
export const orOp = pointwise("logicalOr", (x, y) => x.ne(0).or(y.ne(0)), logical);
export const xorOp = pointwise("logicalXor", (x, y) => x.ne(0).ne(y.ne(0)), logical);
export const notOp = pointwise("logicalNot", (x) => x.eq(0), logical);
/**
 * Truth of both, `x != 0 && y != 0`.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool. Operands may be of any dtype: 0 is false, all else (NaN too) true.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_and.html
 * @example
 * tensor([2, 0, NaN]).logicalAnd(tensor([1, 1, 1])).tolist(); // [true, false, true]
 */
export const logicalAnd = (x: Operand, y: Operand): Tensor => binary(andOp, x, y);
/**
 * Truth of either, `x != 0 || y != 0`.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool. Operands may be of any dtype: 0 is false, all else (NaN too) true.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_or.html
 * @example
 * tensor([2, 0, 0]).logicalOr(tensor([0, 0, 1])).tolist(); // [true, false, true]
 */
export const logicalOr = (x: Operand, y: Operand): Tensor => binary(orOp, x, y);
/**
 * Truth of exactly one, `(x != 0) != (y != 0)`.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: bool. Operands may be of any dtype: 0 is false, all else (NaN too) true.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_xor.html
 * @example
 * tensor([2, 0, 0]).logicalXor(tensor([1, 0, 1])).tolist(); // [false, false, true]
 */
export const logicalXor = (x: Operand, y: Operand): Tensor => binary(xorOp, x, y);
/**
 * True where an element is 0, `x == 0`.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logical_not.html
 * @example
 * tensor([2, 0]).logicalNot().tolist(); // [false, true]
 */
export const logicalNot = (x: Tensor): Tensor => unary(notOp, x);

export const whereOp = pointwise("where", (c, x, y) => choose(c, x, y), {
  grad: (g, [c]) => [null, choose(c, g, 0), choose(c, 0, g)],
});
/**
 * `condition ? x : y`, broadcast together; without x and y the positions where the condition is true, `nonzero(condition, { asTuple: true
 * })`.
 *
 * Shapes: `condition`, `x` and `y` broadcast to that of the result; without them an int32 tensor [n] for each dimension of `condition`.
 * Dtype: the promoted one of `x` and `y`; two numbers give int32 when both are whole, else the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws ArgumentError when only one of `x` and `y` is given, and for a number that does not fit an integer result.
 * @throws UnavailableError without them, where the device cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.where.html
 * @example
 * const x = tensor([-1, 2, -3]);
 * where(x.gt(0), x, 0).tolist(); // [0, 2, 0]
 * where(x.gt(0), 1, tensor([[5], [6]])).tolist(); // [[5, 1, 5], [6, 1, 6]]
 * where(x.lt(0)).map((positions) => positions.tolist()); // [[0, 2]]
 */
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, x: Operand, y: Operand): Tensor;
export function where(condition: Tensor, x?: Operand, y?: Operand): Tensor | Tensor[] {
  checkTensor("where", "condition", condition);
  if (x === undefined || y === undefined) {
    if (x === y) return [...truePlaces("where", condition)];
    throw new ArgumentError(
      "where",
      "got x without y",
      "where(condition, x, y), or where(condition) for the positions",
    );
  }
  const plain = condition.dtype === "bool" && (x instanceof Tensor || y instanceof Tensor);
  if (!plain && unscoped()) return scoped(where, condition, x, y);
  // the condition takes no part in promotion: two numbers make the default dtype, and int32 conditions leave x and y alone
  const c = condition.dtype === "bool" ? condition : ne(condition, 0);
  const chosen = [x, y].filter((v) => v instanceof Tensor);
  const given = [x, y].filter((v) => typeof v === "number");
  const dtype = resultType(chosen, given);
  // what is not computed with must not wrap
  if (!isFloat(dtype)) for (const v of given) element("where", v, dtype);
  if (chosen.length > 0) return pointwiseCall(whereOp, [c, x, y]);
  const wide = typeof x === "bigint" || typeof y === "bigint";
  return pointwiseCall(whereOp, [c, fullLike(c, x as number | bigint, { dtype: wide ? "int64" : dtype }), y]);
}

// in place the truth values are stored in the dtype of x: 1 and 0
/** In place {@link eq}: `x = (x == y)`, as 1 and 0 in the dtype of `x`. */
export const eq_ = (x: Tensor, y: Operand): Tensor => inPlace(eqOp, x, y);
/** In place {@link ne}: `x = (x != y)`, as 1 and 0 in the dtype of `x`. */
export const ne_ = (x: Tensor, y: Operand): Tensor => inPlace(neOp, x, y);
/** In place {@link lt}: `x = (x < y)`, as 1 and 0 in the dtype of `x`. */
export const lt_ = (x: Tensor, y: Operand): Tensor => inPlace(ltOp, x, y);
/** In place {@link le}: `x = (x <= y)`, as 1 and 0 in the dtype of `x`. */
export const le_ = (x: Tensor, y: Operand): Tensor => inPlace(leOp, x, y);
/** In place {@link gt}: `x = (x > y)`, as 1 and 0 in the dtype of `x`. */
export const gt_ = (x: Tensor, y: Operand): Tensor => inPlace(gtOp, x, y);
/** In place {@link ge}: `x = (x >= y)`, as 1 and 0 in the dtype of `x`. */
export const ge_ = (x: Tensor, y: Operand): Tensor => inPlace(geOp, x, y);
/** In place {@link logicalAnd}: `x = (x != 0 && y != 0)`, as 1 and 0 in the dtype of `x`. */
export const logicalAnd_ = (x: Tensor, y: Operand): Tensor => inPlace(andOp, x, y);
/** In place {@link logicalOr}: `x = (x != 0 || y != 0)`, as 1 and 0 in the dtype of `x`. */
export const logicalOr_ = (x: Tensor, y: Operand): Tensor => inPlace(orOp, x, y);
/** In place {@link logicalXor}: `x = ((x != 0) != (y != 0))`, as 1 and 0 in the dtype of `x`. */
export const logicalXor_ = (x: Tensor, y: Operand): Tensor => inPlace(xorOp, x, y);
/** In place {@link logicalNot}: `x = (x == 0)`, as 1 and 0 in the dtype of `x`. */
export const logicalNot_ = (x: Tensor): Tensor => inPlace(notOp, x);
