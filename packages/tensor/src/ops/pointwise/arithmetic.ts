import { type DType, isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { type Operand, type Pointwise, type PointwiseRule, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../expr/expr.ts";
import { toDType } from "../create/copy.ts";

const noBool = (dtype: DType): boolean => dtype === "bool";

export const addOp = pointwise("add", (x, y) => x.add(y));
export const addScaledOp = pointwise("addScaled", (x, y, alpha) => x.add(y.mul(alpha)), { title: "add" });
export const addNoneOp = pointwise("addNone", (x, y) => x.add(y.mul(0)), { title: "add" });
export const subOp = pointwise("sub", (x, y) => x.sub(y), { refuses: noBool });
export const mulOp = pointwise("mul", (x, y) => x.mul(y));
export const divOp = pointwise("div", (x, y) => x.div(y), { category: "float" });

export interface AlphaOptions {
  /** Factor of the second operand; a boolean for bools. */
  readonly alpha?: number | boolean;
}
const isBool = (x: Operand): boolean => typeof x !== "number" && x.dtype === "bool";

/** The op for x + alpha * y, and alpha where it is an operand. */
function scaledSum(x: Operand, y: Operand, alpha: number | boolean): readonly [Pointwise, ...number[]] {
  if (alpha === 1) return [addOp];
  // of bools, alpha only says whether y counts: it takes no part in promotion
  if (isBool(x) && isBool(y)) return [Number(alpha) === 0 ? addNoneOp : addOp];
  if (typeof alpha === "boolean")
    throw new DTypeError("add", "alpha can be a boolean for bool tensors only", `write { alpha: ${Number(alpha)} }`);
  return [addScaledOp, alpha];
}

/** x + alpha * y, broadcast and promoted as in PyTorch. @throws DTypeError for a boolean alpha, unless both are bools. */
export function add(x: Operand, y: Operand, options?: AlphaOptions): Tensor {
  if (options?.alpha === undefined) return binary(addOp, x, y);
  const [op, ...alpha] = scaledSum(x, y, options.alpha);
  return pointwiseCall(op, [x, y, ...alpha]);
}
/** x - alpha * y. @throws DTypeError for bools: use logicalXor. */
export const sub = (x: Operand, y: Operand, options?: AlphaOptions): Tensor =>
  options?.alpha === undefined || options.alpha === 1 || (isBool(x) && isBool(y))
    ? binary(subOp, x, y)
    : pointwiseCall(addScaledOp, [x, y, -options.alpha]);
/** y - alpha * x. */
export const rsub = (x: Tensor, y: Operand, options?: AlphaOptions): Tensor => sub(y, x, options);
/** x * y. */
export const mul = (x: Operand, y: Operand): Tensor => binary(mulOp, x, y);

// Python's rounding of a quotient: the floor, corrected where x / y rounds up to the next integer (PyTorch's div_floor)
const floorQuotient = (x: Expr, y: Expr): Expr => {
  const rest = scalar.rem(x, y);
  const exact = x.sub(rest).div(y);
  const low = choose(rest.ne(0).and(rest.lt(0).ne(y.lt(0))), exact.sub(1), exact);
  const near = scalar.floor(low);
  const rounded = choose(low.sub(near).gt(0.5), near.add(1), near);
  return choose(y.eq(0), x.div(y), choose(low.eq(0), scalar.copysign(0, x.div(y)), rounded));
};
const floorQuotientInt = (x: Expr, y: Expr): Expr => {
  const q = scalar.idiv(x, y);
  return choose(
    scalar
      .rem(x, y)
      .ne(0)
      .and(scalar.rem(x, y).lt(0).ne(y.lt(0))),
    q.sub(1),
    q,
  );
};
const isFloatCategory = (x: Operand): boolean => (typeof x === "number" ? !Number.isInteger(x) : isFloat(x.dtype));
export const floorDivideOp = pointwise("floorDivide", floorQuotient, { differentiable: false });
export const floorDivideIntOp = pointwise("floorDivideInt", floorQuotientInt, {
  title: "floorDivide",
  differentiable: false,
  refuses: noBool,
});
// as a mode of div they have gradients in PyTorch, of zeros; floorDivide has none
const rounded: PointwiseRule = { title: "div", grad: () => [constant(0), constant(0)] };
export const divFloorOp = pointwise("divFloor", floorQuotient, rounded);
export const divFloorIntOp = pointwise("divFloorInt", floorQuotientInt, { ...rounded, refuses: noBool });
export const divTruncOp = pointwise("divTrunc", (x, y) => scalar.trunc(x.div(y)), rounded);
export const divTruncIntOp = pointwise("divTruncInt", (x, y) => scalar.idiv(x, y), rounded);
const anyFloat = (x: Operand, y: Operand): boolean => isFloatCategory(x) || isFloatCategory(y);

export interface DivOptions {
  /** "trunc": towards zero, "floor": down; the result then keeps integer dtypes. */
  readonly roundingMode?: "trunc" | "floor" | null;
}
function divisionOf(op: string, x: Operand, y: Operand, options: DivOptions | undefined): Pointwise {
  const mode = options?.roundingMode ?? null;
  switch (mode) {
    case null:
      return divOp;
    case "floor":
      return anyFloat(x, y) ? divFloorOp : divFloorIntOp;
    case "trunc":
      return anyFloat(x, y) ? divTruncOp : divTruncIntOp;
    default:
      throw new ArgumentError(op, `roundingMode must be "trunc", "floor" or null, got ${JSON.stringify(mode)}`);
  }
}
/** x / y: true division (integers give floats), or rounded. */
export const div = (x: Operand, y: Operand, options?: DivOptions): Tensor =>
  binary(divisionOf("div", x, y, options), x, y);
/** The largest integer not above x / y. */
export const floorDivide = (x: Operand, y: Operand): Tensor =>
  binary(anyFloat(x, y) ? floorDivideOp : floorDivideIntOp, x, y);

// Python's modulus: the sign of the divisor
export const remainderOp = pointwise(
  "remainder",
  (x, y) => {
    const r = scalar.rem(x, y);
    return choose(r.ne(0).and(r.lt(0).ne(y.lt(0))), r.add(y), r);
  },
  { refuses: noBool, grad: (g, [x, y]) => [g, g.mul(floorQuotient(x, y)).neg()] },
);
export const fmodOp = pointwise("fmod", (x, y) => scalar.rem(x, y), { refuses: noBool });
/** Python's modulus: the result has the divisor's sign. */
export const remainder = (x: Operand, y: Operand): Tensor => binary(remainderOp, x, y);
/** C's fmod: the result has the dividend's sign. */
export const fmod = (x: Operand, y: Operand): Tensor => binary(fmodOp, x, y);

export const negOp = pointwise("neg", (x) => x.neg(), { refuses: noBool });
export const absOp = pointwise("abs", (x) => scalar.abs(x));
export const signOp = pointwise("sign", (x) => scalar.sign(x), { grad: () => [constant(0)] });
export const squareOp = pointwise("square", (x) => x.square());
export const reciprocalOp = pointwise("reciprocal", (x) => scalar.recip(x), { category: "float" });
/** -x. */
export const neg = (x: Tensor): Tensor => unary(negOp, x);
/** |x|. */
export const abs = (x: Tensor): Tensor => unary(absOp, x);
/** -1, 0 or 1. */
export const sign = (x: Tensor): Tensor => unary(signOp, x);
/** x squared; of bools an int32. */
export const square = (x: Tensor): Tensor => unary(squareOp, x.dtype === "bool" ? toDType(x, "int32") : x);
/** 1 / x. */
export const reciprocal = (x: Tensor): Tensor => unary(reciprocalOp, x);

export const powOp = pointwise("pow", (x, y) => scalar.pow(x, y));
/** x to the power y. Negative integer powers of integers are refused, as in PyTorch. */
export function pow(x: Operand, y: Operand): Tensor {
  if (typeof y === "number" && typeof x !== "number") {
    if (y === 2) return square(x);
    if (y < 0 && Number.isInteger(y) && !isFloatCategory(x))
      throw new ArgumentError(
        "pow",
        `integers to negative integer powers (${y}) are not allowed`,
        'convert first: x.to("float32")',
      );
  }
  return binary(powOp, x, y);
}

export const maximumOp = pointwise("maximum", (x, y) => scalar.max(x, y));
export const minimumOp = pointwise("minimum", (x, y) => scalar.min(x, y));
/** The larger of two elements; NaN wins. */
export const maximum = (x: Operand, y: Operand): Tensor => binary(maximumOp, x, y);
/** The smaller of two elements; NaN wins. */
export const minimum = (x: Operand, y: Operand): Tensor => binary(minimumOp, x, y);

export const addcmulOp = pointwise("addcmul", (x, a, b, value) => x.add(a.mul(b).mul(value)));
export const addcdivOp = pointwise("addcdiv", (x, a, b, value) => x.add(a.div(b).mul(value)));
export interface ValueOptions {
  readonly value?: number;
}
/** x + value * a * b. */
export const addcmul = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = {}): Tensor =>
  pointwiseCall(addcmulOp, [x, a, b, options.value ?? 1]);
/** x + value * a / b. */
export const addcdiv = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = {}): Tensor =>
  pointwiseCall(addcdivOp, [x, a, b, options.value ?? 1]);

export const lerpOp = pointwise(
  "lerp",
  (x, end, w) => choose(scalar.abs(w).lt(0.5), x.add(w.mul(end.sub(x))), end.sub(end.sub(x).mul(constant(1).sub(w)))),
  {
    grad: (g, [x, end, w]) => [g.mul(constant(1).sub(w)), g.mul(w), g.mul(end.sub(x))],
  },
);
/** x + weight * (end - x), computed from the nearer end. */
export const lerp = (x: Tensor, end: Tensor, weight: Operand): Tensor => pointwiseCall(lerpOp, [x, end, weight]);

/** x += alpha * y. */
export function add_(x: Tensor, y: Operand, options?: AlphaOptions): Tensor {
  const [op, ...alpha] = scaledSum(x, y, options?.alpha ?? 1);
  return inPlace(op, x, y, ...alpha);
}
/** x -= alpha * y. */
export const sub_ = (x: Tensor, y: Operand, options?: AlphaOptions): Tensor =>
  options?.alpha === undefined || options.alpha === 1 || (isBool(x) && isBool(y))
    ? inPlace(subOp, x, y)
    : inPlace(addScaledOp, x, y, -options.alpha);
/** x *= y. */
export const mul_ = (x: Tensor, y: Operand): Tensor => inPlace(mulOp, x, y);
/** x /= y, or the quotient rounded. */
export const div_ = (x: Tensor, y: Operand, options?: DivOptions): Tensor =>
  inPlace(divisionOf("div_", x, y, options), x, y);
/** x = x ** y. */
export const pow_ = (x: Tensor, y: Operand): Tensor => inPlace(powOp, x, y);
/** x += value * a * b. */
export const addcmul_ = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = {}): Tensor =>
  inPlace(addcmulOp, x, a, b, options.value ?? 1);
/** x += value * a / b. */
export const addcdiv_ = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = {}): Tensor =>
  inPlace(addcdivOp, x, a, b, options.value ?? 1);
/** x += weight * (end - x). */
export const lerp_ = (x: Tensor, end: Tensor, weight: Operand): Tensor => inPlace(lerpOp, x, end, weight);
/** x = -x. */
export const neg_ = (x: Tensor): Tensor => inPlace(negOp, x);
/** x = |x|. */
export const abs_ = (x: Tensor): Tensor => inPlace(absOp, x);
/** x = floor(x / y). */
export const floorDivide_ = (x: Tensor, y: Operand): Tensor =>
  inPlace(anyFloat(x, y) ? floorDivideOp : floorDivideIntOp, x, y);
/** x = remainder(x, y). */
export const remainder_ = (x: Tensor, y: Operand): Tensor => inPlace(remainderOp, x, y);
/** x = fmod(x, y). */
export const fmod_ = (x: Tensor, y: Operand): Tensor => inPlace(fmodOp, x, y);
/** x = sign(x). */
export const sign_ = (x: Tensor): Tensor => inPlace(signOp, x);
/** x = x * x. */
export const square_ = (x: Tensor): Tensor => inPlace(squareOp, x);
/** x = 1 / x. */
export const reciprocal_ = (x: Tensor): Tensor => inPlace(reciprocalOp, x);
