import { type DType, isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError } from "../../core/errors.ts";
import { boolean, checkOptions, either, type Kinds, none, number, oneOf, orNull } from "../../core/options.ts";
import { checkTensor, isTensor, type Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import { type Operand, type Pointwise, type PointwiseRule, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../expr/expr.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";

const noBool = (dtype: DType): boolean => dtype === "bool";

export const addOp = pointwise("add", (x, y) => x.add(y));
export const addScaledOp = pointwise("addScaled", (x, y, alpha) => x.add(y.mul(alpha)), { title: "add" });
export const addNoneOp = pointwise("addNone", (x, y) => x.add(y.mul(0)), { title: "add" });
export const subOp = pointwise("sub", (x, y) => x.sub(y), { refuses: noBool });
export const mulOp = pointwise("mul", (x, y) => x.mul(y));
export const divOp = pointwise("div", (x, y) => x.div(y), { category: "float" });

export interface AlphaOptions {
  /** Factor of the second operand (default 1); a boolean for bools. */
  readonly alpha?: number | boolean | undefined;
}
const alphaKinds: Kinds<AlphaOptions> = { alpha: either(number, boolean) };
const isBool = (x: Operand): boolean => isTensor(x) && x.dtype === "bool";

/** The op for x + alpha * y, and alpha where it is an operand. */
function scaledSum(x: Operand, y: Operand, alpha: number | boolean): readonly [Pointwise, ...number[]] {
  if (alpha === 1) return [addOp];
  // of bools, alpha only says whether y counts: it takes no part in promotion
  if (isBool(x) && isBool(y)) return [Number(alpha) === 0 ? addNoneOp : addOp];
  if (typeof alpha === "boolean")
    throw new DTypeError("add", "alpha can be a boolean for bool tensors only", `write { alpha: ${Number(alpha)} }`);
  return [addScaledOp, alpha];
}

/**
 * `x + alpha * y`, broadcast and promoted as in PyTorch.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, of which tensors with dimensions decide, 0-d ones and
 * numbers only where theirs is a higher kind (bool, integer, floating point).
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices; 0-d ones on the cpu go with any.
 * @throws DTypeError for a boolean `alpha`, unless both are bools; for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.add.html
 * @example
 * tensor([[1, 2], [3, 4]]).add(tensor([10, 20])).tolist(); // [[11, 22], [13, 24]]
 * add(1, tensor([2, 3]), { alpha: 10 }).tolist(); // [21, 31]
 * tensor([1, 2], { dtype: "int32" }).add(0.5).dtype; // "float32"
 */
export function add(x: Operand, y: Operand, options?: AlphaOptions): Tensor {
  if (options !== undefined) checkOptions("add", alphaKinds, options);
  if (options?.alpha === undefined) return binary(addOp, x, y);
  const [op, ...alpha] = scaledSum(x, y, options.alpha);
  return pointwiseCall(op, [x, y, ...alpha]);
}
/**
 * `x - alpha * y`.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for bools: use `logicalXor`; for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sub.html
 * @example
 * tensor([5, 6]).sub(1).tolist(); // [4, 5]
 * sub(tensor([[10], [20]]), tensor([1, 2]), { alpha: 2 }).tolist(); // [[8, 6], [18, 16]]
 */
export const sub = (x: Operand, y: Operand, options?: AlphaOptions): Tensor => difference("sub", x, y, options);
function difference(op: string, x: Operand, y: Operand, options: AlphaOptions | undefined): Tensor {
  if (options !== undefined) checkOptions(op, alphaKinds, options);
  return options?.alpha === undefined || options.alpha === 1 || (isBool(x) && isBool(y))
    ? binary(subOp, x, y)
    : pointwiseCall(addScaledOp, [x, y, -options.alpha]);
}
/**
 * {@link sub} with its operands swapped: `y - alpha * x`.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sub.html
 * @example
 * tensor([1, 2]).rsub(10).tolist(); // [9, 8]
 * tensor([1, 2]).rsub(10, { alpha: 3 }).tolist(); // [7, 4]
 */
export const rsub = (x: Tensor, y: Operand, options?: AlphaOptions): Tensor => difference("rsub", y, x, options);
/**
 * `x * y`; of bools, the truth of both.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.mul.html
 * @example
 * tensor([[1], [2]]).mul(tensor([3, 4])).tolist(); // [[3, 4], [6, 8]]
 * tensor([true, true]).mul(tensor([true, false])).tolist(); // [true, false]
 */
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
const isFloatCategory = (x: Operand): boolean =>
  isTensor(x) ? isFloat(x.dtype) : typeof x === "number" && !Number.isInteger(x);
export const floorDivideOp = pointwise("floorDivide", floorQuotient, { differentiable: "refused" });
export const floorDivideIntOp = pointwise("floorDivideInt", floorQuotientInt, {
  title: "floorDivide",
  differentiable: "refused",
  refuses: noBool,
});
// as a mode of div they have gradients in PyTorch, of zeros; floorDivide refuses its own
const rounded: PointwiseRule = { title: "div", grad: () => [constant(0), constant(0)] };
export const divFloorOp = pointwise("divFloor", floorQuotient, rounded);
export const divFloorIntOp = pointwise("divFloorInt", floorQuotientInt, { ...rounded, refuses: noBool });
export const divTruncOp = pointwise("divTrunc", (x, y) => scalar.trunc(x.div(y)), rounded);
export const divTruncIntOp = pointwise("divTruncInt", (x, y) => scalar.idiv(x, y), rounded);
const anyFloat = (x: Operand, y: Operand): boolean => isFloatCategory(x) || isFloatCategory(y);

export interface DivOptions {
  /** "trunc": towards zero, "floor": down; the result then keeps integer dtypes. null (default): not rounded. */
  readonly roundingMode?: "trunc" | "floor" | null | undefined;
}
const divKinds: Kinds<DivOptions> = { roundingMode: orNull(oneOf("trunc", "floor")) };
function divisionOf(op: string, x: Operand, y: Operand, options: DivOptions | undefined): Pointwise {
  if (options === undefined) return divOp;
  checkOptions(op, divKinds, options);
  checkTensor(op, "x", x);
  if (typeof y !== "number") checkTensor(op, "y", y);
  if (typeof x !== "number") checkTensor(op, "x", x);
  const mode = options.roundingMode ?? null;
  if (mode === null) return divOp;
  if (mode === "floor") return anyFloat(x, y) ? divFloorOp : divFloorIntOp;
  return anyFloat(x, y) ? divTruncOp : divTruncIntOp;
}
/**
 * `x / y`: true division, or with `roundingMode` the quotient rounded down or towards 0.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one; in true division integers and bools give the default
 * floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws ArgumentError for an unknown `roundingMode`.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.div.html
 * @example
 * const x = tensor([7, -7], { dtype: "int32" });
 * x.div(2).tolist(); // [3.5, -3.5]
 * x.div(2, { roundingMode: "floor" }).tolist(); // [3, -4]
 * x.div(2, { roundingMode: "trunc" }).tolist(); // [3, -3]
 */
export const div = (x: Operand, y: Operand, options?: DivOptions): Tensor =>
  binary(divisionOf("div", x, y, options), x, y);
/**
 * The largest integer not above the quotient, `floor(x / y)`. It has no gradient: backward through it throws.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for bools; for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.floor_divide.html
 * @example
 * tensor([7, -7]).floorDivide(2).tolist(); // [3, -4]
 * floorDivide(10, tensor([3, 4])).tolist(); // [3, 2]
 */
export const floorDivide = (x: Operand, y: Operand): Tensor => {
  if (typeof x !== "number") checkTensor("floorDivide", "x", x);
  if (typeof y !== "number") checkTensor("floorDivide", "y", y);
  return binary(anyFloat(x, y) ? floorDivideOp : floorDivideIntOp, x, y);
};

// Python's modulus: the sign of the divisor
export const remainderOp = pointwise(
  "remainder",
  (x, y) => {
    const r = scalar.rem(x, y);
    return choose(r.ne(0).and(r.lt(0).ne(y.lt(0))), r.add(y), r);
  },
  // the quotient is whole; floor tells the second derivative that its slope is 0
  { refuses: noBool, grad: (g, [x, y]) => [g, g.mul(scalar.floor(floorQuotient(x, y))).neg()] },
);
export const fmodOp = pointwise("fmod", (x, y) => scalar.rem(x, y), { refuses: noBool });
/**
 * Python's modulus, `x - y * floor(x / y)`: the result has the divisor's sign.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for bools; for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.remainder.html
 * @example
 * tensor([-7, 7]).remainder(3).tolist(); // [2, 1]
 * tensor([-7, 7]).remainder(-3).tolist(); // [-1, -2]
 */
export const remainder = (x: Operand, y: Operand): Tensor => binary(remainderOp, x, y);
/**
 * C's fmod, `x - y * trunc(x / y)`: the result has the dividend's sign.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for bools; for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.fmod.html
 * @example
 * tensor([-7, 7]).fmod(3).tolist(); // [-1, 1]
 * tensor([-7.5, 7.5]).fmod(-2).tolist(); // [-1.5, 1.5]
 */
export const fmod = (x: Operand, y: Operand): Tensor => binary(fmodOp, x, y);

export const negOp = pointwise("neg", (x) => x.neg(), { refuses: noBool });
export const absOp = pointwise("abs", (x) => scalar.abs(x));
export const signOp = pointwise("sign", (x) => scalar.sign(x), { grad: () => [constant(0)] });
export const squareOp = pointwise("square", (x) => x.square());
export const reciprocalOp = pointwise("reciprocal", (x) => scalar.recip(x), { category: "float" });
/**
 * The negative, `y = -x`.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws DTypeError for bools: use `logicalNot`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.neg.html
 * @example
 * tensor([1, -2]).neg().tolist(); // [-1, 2]
 */
export const neg = (x: Tensor): Tensor => unary(negOp, x);
/**
 * The absolute value, `y = |x|`.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.abs.html
 * @example
 * tensor([-3, 0, 2]).abs().tolist(); // [3, 0, 2]
 */
export const abs = (x: Tensor): Tensor => unary(absOp, x);
/**
 * The sign, `y = (x > 0) - (x < 0)`: -1, 0 or 1, and 0 for NaN.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sign.html
 * @example
 * tensor([-3, 0, 2]).sign().tolist(); // [-1, 0, 1]
 */
export const sign = (x: Tensor): Tensor => unary(signOp, x);
const squareOfBool = (x: Tensor): Tensor =>
  unscoped() ? scoped(squareOfBool, x) : unary(squareOp, toDType(x, "int32"));
/**
 * The square, `y = x * x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; bools give int32.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.square.html
 * @example
 * tensor([-3, 0.5]).square().tolist(); // [9, 0.25]
 * tensor([true]).square().dtype; // "int32"
 */
export const square = (x: Tensor): Tensor => {
  checkTensor("square", "x", x);
  return x.dtype === "bool" ? squareOfBool(x) : unary(squareOp, x);
};
/**
 * The reciprocal, `y = 1 / x`; of 0 an infinity.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.reciprocal.html
 * @example
 * tensor([4, -0.5, 0]).reciprocal().tolist(); // [0.25, -2, Infinity]
 */
export const reciprocal = (x: Tensor): Tensor => unary(reciprocalOp, x);

export const powOp = pointwise("pow", (x, y) => scalar.pow(x, y));
/** Powers of floats to the numbers of which PyTorch has exact forms, rounded step by step. */
const byMultiplying = (name: string, y: number, formula: (x: Expr) => Expr) =>
  pointwise(name, formula, { title: "pow", grad: (g, [x]) => [g.mul(scalar.pow(x, y - 1).mul(y))] });
export const powHalfOp = byMultiplying("powHalf", 0.5, (x) => scalar.sqrt(x));
export const powMinusHalfOp = byMultiplying("powMinusHalf", -0.5, (x) => scalar.recip(scalar.sqrt(x)));
export const powMinusOneOp = byMultiplying("powMinusOne", -1, (x) => scalar.recip(x));
export const powMinusTwoOp = byMultiplying("powMinusTwo", -2, (x) => scalar.recip(x.square()));
export const powThreeOp = pointwise("powThree", (x) => x.square().mul(x), {
  title: "pow",
  grad: (g, [x]) => [g.mul(x.square().mul(3))],
});
/** What the power of `x` to the number `y` is computed by. */
function exactPower(x: Operand, y: Operand): Pointwise | undefined {
  if (typeof y !== "number" || !isTensor(x) || !isFloat(x.dtype)) return undefined;
  switch (y) {
    case 2:
      return squareOp;
    case 3:
      return powThreeOp;
    case 0.5:
      return powHalfOp;
    case -0.5:
      return powMinusHalfOp;
    case -1:
      return powMinusOneOp;
    case -2:
      return powMinusTwoOp;
    default:
      return undefined;
  }
}
/**
 * `x` to the power `y`, `x ** y`; NaN where a negative number has a fractional power.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws ArgumentError for a tensor of integers to a negative integer power that is a number: convert it to a floating dtype first.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.pow.html
 * @example
 * tensor([2, 3]).pow(2).tolist(); // [4, 9]
 * pow(2, tensor([-1, 0, 3])).tolist(); // [0.5, 1, 8]
 * tensor([-8]).pow(1 / 3).tolist(); // [NaN]
 */
export function pow(x: Operand, y: Operand): Tensor {
  if (typeof y !== "object" && typeof x === "object") {
    if (y === 2) return square(x);
    if (y < 0 && !isFloatCategory(y) && !isFloatCategory(x))
      throw new ArgumentError(
        "pow",
        `integers to negative integer powers (${y}) are not allowed`,
        'convert first: x.to("float32")',
      );
  }
  const exact = exactPower(x, y);
  return exact ? unary(exact, x as Tensor) : binary(powOp, x, y); // only tensors have one
}

export const maximumOp = pointwise("maximum", (x, y) => scalar.max(x, y));
export const minimumOp = pointwise("minimum", (x, y) => scalar.min(x, y));
/**
 * The larger of two elements, `max(x, y)`; NaN wins.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.maximum.html
 * @example
 * tensor([1, 5, NaN]).maximum(tensor([3, 2, 0])).tolist(); // [3, 5, NaN]
 */
export const maximum = (x: Operand, y: Operand): Tensor => binary(maximumOp, x, y);
/**
 * The smaller of two elements, `min(x, y)`; NaN wins.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError for two numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.minimum.html
 * @example
 * tensor([1, 5, NaN]).minimum(tensor([3, 2, 0])).tolist(); // [1, 2, NaN]
 */
export const minimum = (x: Operand, y: Operand): Tensor => binary(minimumOp, x, y);

export const addcmulOp = pointwise("addcmul", (x, a, b, value) => x.add(a.mul(b).mul(value)));
export const addcdivOp = pointwise("addcdiv", (x, a, b, value) => x.add(a.div(b).mul(value)));
export interface ValueOptions {
  /** Factor of the product or the quotient (default 1). */
  readonly value?: number | undefined;
}
const valueKinds: Kinds<ValueOptions> = { value: number };
function valueOf(op: string, options: ValueOptions): number {
  checkOptions(op, valueKinds, options);
  return options.value ?? 1;
}
/** {@link valueOf} for products, which PyTorch takes in the operands' dtype: without its fraction where those are integers. */
function factorOf(op: string, operands: readonly Operand[], options: ValueOptions): number {
  const value = valueOf(op, options);
  return operands.some(isFloatCategory) ? value : Math.trunc(value);
}
/**
 * `x + value * a * b`, in one pass.
 *
 * Shapes: `x`, `a` and `b` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.addcmul.html
 * @example
 * tensor([1, 2]).addcmul(tensor([[1], [2]]), 3, { value: 0.5 }).tolist(); // [[2.5, 3.5], [4, 5]]
 */
export const addcmul = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = none): Tensor =>
  pointwiseCall(addcmulOp, [x, a, b, factorOf("addcmul", [x, a, b], options)]);
/**
 * `x + value * a / b`, in one pass.
 *
 * Shapes: `x`, `a` and `b` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.addcdiv.html
 * @example
 * tensor([1, 2]).addcdiv(tensor([1, 1]), tensor([2, 4]), { value: 2 }).tolist(); // [2, 2.5]
 */
export const addcdiv = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = none): Tensor =>
  pointwiseCall(addcdivOp, [x, a, b, valueOf("addcdiv", options)]);

export const lerpOp = pointwise(
  "lerp",
  (x, end, w) => choose(scalar.abs(w).lt(0.5), x.add(w.mul(end.sub(x))), end.sub(end.sub(x).mul(constant(1).sub(w)))),
  {
    grad: (g, [x, end, w]) => [g.mul(constant(1).sub(w)), g.mul(w), g.mul(end.sub(x))],
  },
);
/**
 * The point between two, `x + weight * (end - x)`, computed from the nearer end; weights outside [0, 1] lie beyond.
 *
 * Shapes: `x`, `end` and `weight` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.lerp.html
 * @example
 * const [x, end] = [tensor([0, 10]), tensor([10, 20])];
 * x.lerp(end, 0.25).tolist(); // [2.5, 12.5]
 * x.lerp(end, tensor([1, 2])).tolist(); // [10, 30]
 */
export const lerp = (x: Tensor, end: Tensor, weight: Operand): Tensor => pointwiseCall(lerpOp, [x, end, weight]);

/** In place {@link add}: `x += alpha * y`. */
export function add_(x: Tensor, y: Operand, options?: AlphaOptions): Tensor {
  if (options !== undefined) checkOptions("add_", alphaKinds, options);
  checkTensor("add_", "x", x);
  const [op, ...alpha] = scaledSum(x, y, options?.alpha ?? 1);
  return inPlace(op, x, y, ...alpha);
}
/** In place {@link sub}: `x -= alpha * y`. */
export function sub_(x: Tensor, y: Operand, options?: AlphaOptions): Tensor {
  if (options !== undefined) checkOptions("sub_", alphaKinds, options);
  checkTensor("sub_", "x", x);
  return options?.alpha === undefined || options.alpha === 1 || (isBool(x) && isBool(y))
    ? inPlace(subOp, x, y)
    : inPlace(addScaledOp, x, y, -options.alpha);
}
/** In place {@link mul}: `x *= y`. */
export const mul_ = (x: Tensor, y: Operand): Tensor => inPlace(mulOp, x, y);
/** In place {@link div}: `x /= y`. */
export const div_ = (x: Tensor, y: Operand, options?: DivOptions): Tensor =>
  inPlace(divisionOf("div_", x, y, options), x, y);
/** In place {@link pow}: `x = x ** y`. */
export function pow_(x: Tensor, y: Operand): Tensor {
  const exact = exactPower(x, y);
  return exact ? inPlace(exact, x) : inPlace(powOp, x, y);
}
/** In place {@link addcmul}: `x += value * a * b`. */
export const addcmul_ = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = none): Tensor =>
  inPlace(addcmulOp, x, a, b, factorOf("addcmul_", [x, a, b], options));
/** In place {@link addcdiv}: `x += value * a / b`. */
export const addcdiv_ = (x: Tensor, a: Operand, b: Operand, options: ValueOptions = none): Tensor =>
  inPlace(addcdivOp, x, a, b, valueOf("addcdiv_", options));
/** In place {@link lerp}: `x += weight * (end - x)`. */
export const lerp_ = (x: Tensor, end: Tensor, weight: Operand): Tensor => inPlace(lerpOp, x, end, weight);
/** In place {@link neg}: `x = -x`. */
export const neg_ = (x: Tensor): Tensor => inPlace(negOp, x);
/** In place {@link abs}: `x = |x|`. */
export const abs_ = (x: Tensor): Tensor => inPlace(absOp, x);
/** In place {@link floorDivide}: `x = floor(x / y)`. */
export const floorDivide_ = (x: Tensor, y: Operand): Tensor => {
  checkTensor("floorDivide_", "x", x);
  if (typeof y !== "number") checkTensor("floorDivide_", "y", y);
  return inPlace(anyFloat(x, y) ? floorDivideOp : floorDivideIntOp, x, y);
};
/** In place {@link remainder}: `x = x - y * floor(x / y)`. */
export const remainder_ = (x: Tensor, y: Operand): Tensor => inPlace(remainderOp, x, y);
/** In place {@link fmod}: `x = x - y * trunc(x / y)`. */
export const fmod_ = (x: Tensor, y: Operand): Tensor => inPlace(fmodOp, x, y);
/** In place {@link sign}: `x = (x > 0) - (x < 0)`. */
export const sign_ = (x: Tensor): Tensor => inPlace(signOp, x);
/** In place {@link square}: `x = x * x`. */
export const square_ = (x: Tensor): Tensor => inPlace(squareOp, x);
/** In place {@link reciprocal}: `x = 1 / x`. */
export const reciprocal_ = (x: Tensor): Tensor => inPlace(reciprocalOp, x);
