import { isFloat, largestOf, rangeOf } from "../../core/dtype.ts";
import { ArgumentError } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall } from "../../door/calls.ts";
import { type Operand, type Pointwise, pointwise } from "../../door/pointwise.ts";
import { where as choose, type Expr, scalar } from "../../expr/expr.ts";
import { resultType } from "../../layout/promotion.ts";

// gradients as PyTorch's: at a bound x keeps the gradient, and a bound has one only where it is what comes out
export const clampOp = pointwise("clamp", (x, low, high) => scalar.min(scalar.max(x, low), high), {
  grad: (g, [x, low, high]) => [
    choose(x.ge(low).and(x.le(high)), g, 0),
    choose(low.lt(high).and(x.lt(low)), g, 0),
    choose(x.gt(high).or(high.lt(low)), g, 0),
  ],
});
export const clampMinOp = pointwise("clampMin", (x, low) => scalar.max(x, low), {
  grad: (g, [x, low]) => [choose(x.ge(low), g, 0), choose(x.lt(low), g, 0)],
});
export const clampMaxOp = pointwise("clampMax", (x, high) => scalar.min(x, high), {
  grad: (g, [x, high]) => [choose(x.le(high), g, 0), choose(x.gt(high), g, 0)],
});
type Bound = Operand | null | undefined;
/** A bound of integers that is beyond what they can be, as the end of their range: it must not wrap to another. */
function inRange(x: Tensor, bound: Operand, other: Bound = null): Operand {
  checkTensor("clamp", "x", x);
  if (typeof bound === "object" || isFloat(x.dtype)) return bound;
  const numbers = [bound, other].filter((b) => typeof b === "number");
  const dtype = resultType(typeof other === "object" && other !== null ? [x, other] : [x], numbers);
  if (isFloat(dtype)) return bound;
  if (dtype === "bool") return bound;
  const [low, high] = rangeOf(dtype);
  return bound < low ? low : bound > high ? high : bound;
}
function clampOf(x: Tensor, min: Bound, max: Bound): [Pointwise, ...Operand[]] {
  const low = min ?? null;
  const high = max ?? null;
  if (low !== null && high !== null) return [clampOp, inRange(x, low, high), inRange(x, high, low)];
  if (low !== null) return [clampMinOp, inRange(x, low)];
  if (high !== null) return [clampMaxOp, inRange(x, high)];
  throw new ArgumentError("clamp", "at least one of min and max must be given");
}
/**
 * `min(max(x, min), max)`, either bound a number, a tensor or null. NaN stays; where min is above max the result is max.
 *
 * Shapes: `x` and bounds that are tensors broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ArgumentError when neither bound is given.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
 * @example
 * const x = tensor([-3, 0.5, 4]);
 * x.clamp(-1, 1).tolist(); // [-1, 0.5, 1]
 * x.clamp(null, 1).tolist(); // [-3, 0.5, 1]
 * x.clamp(tensor([0, 1, 2])).tolist(); // [0, 1, 4]
 */
export function clamp(x: Tensor, min: Operand | null = null, max: Operand | null = null): Tensor {
  const [op, ...bounds] = clampOf(x, min, max);
  return pointwiseCall(op, [x, ...bounds]);
}
/** {@link clamp} under NumPy's name. */
export const clip: typeof clamp = clamp;
/**
 * Elements raised to a least value, `max(x, min)`; NaN stays.
 *
 * Shapes: `x` and `min` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
 * @example
 * tensor([-3, 0.5, 4]).clampMin(0).tolist(); // [0, 0.5, 4]
 */
export const clampMin = (x: Tensor, min: Operand): Tensor => binary(clampMinOp, x, inRange(x, min));
/**
 * Elements lowered to a greatest value, `min(x, max)`; NaN stays.
 *
 * Shapes: `x` and `max` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
 * @example
 * tensor([-3, 0.5, 4]).clampMax(1).tolist(); // [-3, 0.5, 1]
 */
export const clampMax = (x: Tensor, max: Operand): Tensor => binary(clampMaxOp, x, inRange(x, max));
/** In place {@link clamp}: `x = min(max(x, min), max)`. */
export function clamp_(x: Tensor, min: Operand | null = null, max: Operand | null = null): Tensor {
  const [op, ...bounds] = clampOf(x, min, max);
  return inPlace(op, x, ...bounds);
}
/** {@link clamp_} under NumPy's name. */
export const clip_: typeof clamp_ = clamp_;
/** In place {@link clampMin}: `x = max(x, min)`. */
export const clampMin_ = (x: Tensor, min: Operand): Tensor => inPlace(clampMinOp, x, inRange(x, min));
/** In place {@link clampMax}: `x = min(x, max)`. */
export const clampMax_ = (x: Tensor, max: Operand): Tensor => inPlace(clampMaxOp, x, inRange(x, max));

const numbersFirst = (name: string, pick: (x: Expr, y: Expr) => Expr, wins: (x: Expr, y: Expr) => Expr): Pointwise =>
  pointwise(name, (x, y) => choose(scalar.isnan(x), y, choose(scalar.isnan(y), x, pick(x, y))), {
    grad: (g, [x, y]) => {
      const first = wins(x, y).or(scalar.isnan(y));
      return [choose(first, g, 0), choose(first, 0, g)];
    },
  });
export const fmaxOp = numbersFirst(
  "fmax",
  (x, y) => scalar.max(x, y),
  (x, y) => x.ge(y),
);
export const fminOp = numbersFirst(
  "fmin",
  (x, y) => scalar.min(x, y),
  (x, y) => x.le(y),
);
/**
 * The larger of two elements, `max(x, y)`; a number wins over NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.fmax.html
 * @example
 * const [x, y] = [tensor([1, NaN, NaN]), tensor([3, 2, NaN])];
 * x.fmax(y).tolist(); // [3, 2, NaN]
 * x.maximum(y).tolist(); // [3, NaN, NaN]
 */
export const fmax = (x: Tensor, y: Operand): Tensor => binary(fmaxOp, x, y);
/**
 * The smaller of two elements, `min(x, y)`; a number wins over NaN.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.fmin.html
 * @example
 * tensor([1, NaN, NaN]).fmin(tensor([3, 2, NaN])).tolist(); // [1, 2, NaN]
 */
export const fmin = (x: Tensor, y: Operand): Tensor => binary(fminOp, x, y);

export const nanToNumOp = pointwise(
  "nanToNum",
  (x, nan, posinf, neginf) =>
    choose(scalar.isnan(x), nan, choose(x.eq(Infinity), posinf, choose(x.eq(-Infinity), neginf, x))),
  { grad: (g, [x]) => [choose(scalar.abs(x).lt(Infinity), g, 0)] },
);
export const keepOp = pointwise("nanToNumInt", (x) => x, { title: "nanToNum" });
export interface NanToNumOptions {
  /** In place of NaN (default 0). */
  readonly nan?: number | null | undefined;
  /** In place of infinity; default: the largest number of the dtype. */
  readonly posinf?: number | null | undefined;
  /** In place of -infinity; default: the least number of the dtype. */
  readonly neginf?: number | null | undefined;
}
const nanToNumKinds: Kinds<NanToNumOptions> = { nan: orNull(number), posinf: orNull(number), neginf: orNull(number) };
function nanToNumOf(op: string, x: Tensor, options: NanToNumOptions): [Pointwise, ...number[]] {
  checkOptions(op, nanToNumKinds, options);
  checkTensor(op, "x", x);
  const { nan, posinf, neginf } = options;
  if (!isFloat(x.dtype)) return [keepOp];
  const top = largestOf(x.dtype);
  return [nanToNumOp, nan ?? 0, posinf ?? top, neginf ?? -top];
}
/**
 * NaN and infinities replaced by numbers, `y = isnan(x) ? nan : x == Infinity ? posinf : x == -Infinity ? neginf : x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools are copied.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nan_to_num.html
 * @example
 * tensor([NaN, Infinity, 1]).nanToNum({ posinf: 9 }).tolist(); // [0, 9, 1]
 * tensor([-Infinity]).nanToNum().tolist(); // [-3.4028e38]
 */
export function nanToNum(x: Tensor, options: NanToNumOptions = none): Tensor {
  const [op, ...numbers] = nanToNumOf("nanToNum", x, options);
  return pointwiseCall(op, [x, ...numbers]);
}
/** In place {@link nanToNum}: `x = nanToNum(x, options)`. */
export function nanToNum_(x: Tensor, options: NanToNumOptions = none): Tensor {
  const [op, ...numbers] = nanToNumOf("nanToNum_", x, options);
  return inPlace(op, x, ...numbers);
}
