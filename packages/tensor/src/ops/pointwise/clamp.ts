import { isFloat, largestOf } from "../../core/dtype.ts";
import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary, inPlace, pointwiseCall } from "../../door/calls.ts";
import { type Operand, type Pointwise, pointwise } from "../../door/pointwise.ts";
import { where as choose, type Expr, scalar } from "../../expr/expr.ts";

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
function clampOf(min: Bound, max: Bound): [Pointwise, ...Operand[]] {
  const low = min ?? null;
  const high = max ?? null;
  if (low !== null && high !== null) return [clampOp, low, high];
  if (low !== null) return [clampMinOp, low];
  if (high !== null) return [clampMaxOp, high];
  throw new ArgumentError("clamp", "at least one of min and max must be given");
}
/**
 * min(max(x, min), max), either bound a number, a tensor or null. NaN stays; where min is above max the result is max.
 *
 * @throws ArgumentError when neither bound is given.
 */
export function clamp(x: Tensor, min: Operand | null = null, max: Operand | null = null): Tensor {
  const [op, ...bounds] = clampOf(min, max);
  return pointwiseCall(op, [x, ...bounds]);
}
/** {@link clamp} under NumPy's name. */
export const clip: typeof clamp = clamp;
/** max(x, min). */
export const clampMin = (x: Tensor, min: Operand): Tensor => binary(clampMinOp, x, min);
/** min(x, max). */
export const clampMax = (x: Tensor, max: Operand): Tensor => binary(clampMaxOp, x, max);
/** x = clamp(x, min, max). */
export function clamp_(x: Tensor, min: Operand | null = null, max: Operand | null = null): Tensor {
  const [op, ...bounds] = clampOf(min, max);
  return inPlace(op, x, ...bounds);
}
/** x = clamp(x, min, max), under NumPy's name. */
export const clip_: typeof clamp_ = clamp_;
/** x = max(x, min). */
export const clampMin_ = (x: Tensor, min: Operand): Tensor => inPlace(clampMinOp, x, min);
/** x = min(x, max). */
export const clampMax_ = (x: Tensor, max: Operand): Tensor => inPlace(clampMaxOp, x, max);

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
/** The larger of two elements; a number wins over NaN. */
export const fmax = (x: Tensor, y: Operand): Tensor => binary(fmaxOp, x, y);
/** The smaller of two elements; a number wins over NaN. */
export const fmin = (x: Tensor, y: Operand): Tensor => binary(fminOp, x, y);

export const nanToNumOp = pointwise(
  "nanToNum",
  (x, nan, posinf, neginf) =>
    choose(scalar.isnan(x), nan, choose(x.eq(Infinity), posinf, choose(x.eq(-Infinity), neginf, x))),
  { grad: (g, [x]) => [choose(scalar.abs(x).lt(Infinity), g, 0)] },
);
export const keepOp = pointwise("nanToNumInt", (x) => x, { title: "nanToNum" });
export interface NanToNumOptions {
  /** In place of NaN. */
  readonly nan?: number | null;
  /** In place of infinity; default: the largest number of the dtype. */
  readonly posinf?: number | null;
  /** In place of -infinity; default: the least number of the dtype. */
  readonly neginf?: number | null;
}
function nanToNumOf(x: Tensor, { nan, posinf, neginf }: NanToNumOptions): [Pointwise, ...number[]] {
  if (!isFloat(x.dtype)) return [keepOp];
  const top = largestOf(x.dtype);
  return [nanToNumOp, nan ?? 0, posinf ?? top, neginf ?? -top];
}
/** x with NaN and infinities replaced by numbers. Integers are copied. */
export function nanToNum(x: Tensor, options: NanToNumOptions = {}): Tensor {
  const [op, ...numbers] = nanToNumOf(x, options);
  return pointwiseCall(op, [x, ...numbers]);
}
/** x = nanToNum(x, options). */
export function nanToNum_(x: Tensor, options: NanToNumOptions = {}): Tensor {
  const [op, ...numbers] = nanToNumOf(x, options);
  return inPlace(op, x, ...numbers);
}
