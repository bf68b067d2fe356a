import { context } from "../../core/context.ts";
import { isFloat } from "../../core/dtype.ts";
import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { fullLike } from "../create/creation.ts";
import { truePlaces } from "../index/positions.ts";

const compare = { category: "compare" } as const;
export const eqOp = pointwise("eq", (x, y) => x.eq(y), compare);
export const neOp = pointwise("ne", (x, y) => x.ne(y), compare);
export const ltOp = pointwise("lt", (x, y) => x.lt(y), compare);
export const leOp = pointwise("le", (x, y) => x.le(y), compare);
export const gtOp = pointwise("gt", (x, y) => x.gt(y), compare);
export const geOp = pointwise("ge", (x, y) => x.ge(y), compare);
/** x == y, as bool. */
export const eq = (x: Operand, y: Operand): Tensor => binary(eqOp, x, y);
/** x != y, as bool. */
export const ne = (x: Operand, y: Operand): Tensor => binary(neOp, x, y);
/** x < y, as bool. */
export const lt = (x: Operand, y: Operand): Tensor => binary(ltOp, x, y);
/** x <= y, as bool. */
export const le = (x: Operand, y: Operand): Tensor => binary(leOp, x, y);
/** x > y, as bool. */
export const gt = (x: Operand, y: Operand): Tensor => binary(gtOp, x, y);
/** x >= y, as bool. */
export const ge = (x: Operand, y: Operand): Tensor => binary(geOp, x, y);

export const isnanOp = pointwise("isnan", (x) => scalar.isnan(x), compare);
export const isinfOp = pointwise("isinf", (x) => scalar.abs(x).eq(Infinity), compare);
export const isfiniteOp = pointwise("isfinite", (x) => scalar.abs(x).lt(Infinity), compare);
export const isposinfOp = pointwise("isposinf", (x) => x.eq(Infinity), compare);
export const isneginfOp = pointwise("isneginf", (x) => x.eq(-Infinity), compare);
const falseOf = (x: Tensor): Tensor => fullLike(x, 0, { dtype: "bool" });
/** True where x is NaN. */
export const isnan = (x: Tensor): Tensor => (isFloat(x.dtype) ? unary(isnanOp, x) : falseOf(x));
/** True where x is infinite. */
export const isinf = (x: Tensor): Tensor => (isFloat(x.dtype) ? unary(isinfOp, x) : falseOf(x));
/** True where x is neither infinite nor NaN. */
export const isfinite = (x: Tensor): Tensor =>
  isFloat(x.dtype) ? unary(isfiniteOp, x) : fullLike(x, 1, { dtype: "bool" });
/** True where x is +infinity. */
export const isposinf = (x: Tensor): Tensor => (isFloat(x.dtype) ? unary(isposinfOp, x) : falseOf(x));
/** True where x is -infinity. */
export const isneginf = (x: Tensor): Tensor => (isFloat(x.dtype) ? unary(isneginfOp, x) : falseOf(x));

const logical = { category: "logical" } as const;
export const andOp = pointwise("logicalAnd", (x, y) => x.ne(0).and(y.ne(0)), logical);
export const orOp = pointwise("logicalOr", (x, y) => x.ne(0).or(y.ne(0)), logical);
export const xorOp = pointwise("logicalXor", (x, y) => x.ne(0).ne(y.ne(0)), logical);
export const notOp = pointwise("logicalNot", (x) => x.eq(0), logical);
/** Truth of both. */
export const logicalAnd = (x: Operand, y: Operand): Tensor => binary(andOp, x, y);
/** Truth of either. */
export const logicalOr = (x: Operand, y: Operand): Tensor => binary(orOp, x, y);
/** Truth of exactly one. */
export const logicalXor = (x: Operand, y: Operand): Tensor => binary(xorOp, x, y);
/** True where x is zero. */
export const logicalNot = (x: Tensor): Tensor => unary(notOp, x);

export const whereOp = pointwise("where", (c, x, y) => choose(c, x, y), {
  grad: (g, [c]) => [null, choose(c, g, 0), choose(c, 0, g)],
});
/** `x` where `condition` is true, else `y`, broadcast together; without them, where it is true: `nonzero(condition, { asTuple: true })`. */
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, x: Operand, y: Operand): Tensor;
export function where(condition: Tensor, x?: Operand, y?: Operand): Tensor | Tensor[] {
  if (x === undefined || y === undefined) {
    if (x === y) return [...truePlaces("where", condition)];
    throw new ArgumentError(
      "where",
      "got x without y",
      "where(condition, x, y), or where(condition) for the positions",
    );
  }
  // the condition takes no part in promotion: two numbers make the default dtype, and int32 conditions leave x and y alone
  const c = condition.dtype === "bool" ? condition : ne(condition, 0);
  if (typeof x === "number" && typeof y === "number") {
    const dtype = Number.isInteger(x) && Number.isInteger(y) ? "int32" : context.defaultDType;
    return pointwiseCall(whereOp, [c, fullLike(c, x, { dtype }), y]);
  }
  return pointwiseCall(whereOp, [c, x, y]);
}

// in place the truth values are stored in the dtype of x: 1 and 0
/** x = (x == y). */
export const eq_ = (x: Tensor, y: Operand): Tensor => inPlace(eqOp, x, y);
/** x = (x != y). */
export const ne_ = (x: Tensor, y: Operand): Tensor => inPlace(neOp, x, y);
/** x = (x < y). */
export const lt_ = (x: Tensor, y: Operand): Tensor => inPlace(ltOp, x, y);
/** x = (x <= y). */
export const le_ = (x: Tensor, y: Operand): Tensor => inPlace(leOp, x, y);
/** x = (x > y). */
export const gt_ = (x: Tensor, y: Operand): Tensor => inPlace(gtOp, x, y);
/** x = (x >= y). */
export const ge_ = (x: Tensor, y: Operand): Tensor => inPlace(geOp, x, y);
/** x = logicalAnd(x, y). */
export const logicalAnd_ = (x: Tensor, y: Operand): Tensor => inPlace(andOp, x, y);
/** x = logicalOr(x, y). */
export const logicalOr_ = (x: Tensor, y: Operand): Tensor => inPlace(orOp, x, y);
/** x = logicalXor(x, y). */
export const logicalXor_ = (x: Tensor, y: Operand): Tensor => inPlace(xorOp, x, y);
/** x = logicalNot(x). */
export const logicalNot_ = (x: Tensor): Tensor => inPlace(notOp, x);
