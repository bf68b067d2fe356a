import type { Tensor } from "../../core/tensor.ts";
import { binary, inPlace, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, scalar } from "../../expr/expr.ts";

const float = { category: "float" } as const;

export const sinOp = pointwise("sin", (x) => scalar.sin(x), float);
export const cosOp = pointwise("cos", (x) => scalar.cos(x), float);
export const tanOp = pointwise("tan", (x) => scalar.tan(x), float);
export const asinOp = pointwise("asin", (x) => scalar.asin(x), float);
export const acosOp = pointwise("acos", (x) => scalar.acos(x), float);
export const atanOp = pointwise("atan", (x) => scalar.atan(x), float);
export const sinhOp = pointwise("sinh", (x) => scalar.sinh(x), float);
export const coshOp = pointwise("cosh", (x) => scalar.cosh(x), float);
export const tanhOp = pointwise("tanh", (x) => scalar.tanh(x), float);
export const asinhOp = pointwise("asinh", (x) => scalar.asinh(x), float);
export const acoshOp = pointwise("acosh", (x) => scalar.acosh(x), float);
export const atanhOp = pointwise("atanh", (x) => scalar.atanh(x), float);
export const atan2Op = pointwise("atan2", (y, x) => scalar.atan2(y, x), {
  category: "float",
  // PyTorch counts the slope at the origin as 0
  grad: (g, [y, x]) => {
    const r2 = x.square().add(y.square());
    return [choose(r2.eq(0), 0, g.mul(x.div(r2))), choose(r2.eq(0), 0, g.mul(y.neg().div(r2)))];
  },
});
export const hypotOp = pointwise(
  "hypot",
  (x, y) => {
    // the larger leg is taken out, so that its square does not overflow
    const [a, b] = [scalar.abs(x), scalar.abs(y)];
    const high = scalar.max(a, b);
    const ratio = scalar.min(a, b).div(high);
    const finite = choose(high.eq(0), 0, high.mul(scalar.sqrt(ratio.square().add(1))));
    return choose(a.eq(Infinity).or(b.eq(Infinity)), Infinity, finite);
  },
  { grad: (g, [x, y], out) => [g.mul(x.div(out)), g.mul(y.div(out))] },
);
const pi = constant(Math.PI);
export const sincOp = pointwise("sinc", (x) => choose(x.eq(0), 1, scalar.sin(x.mul(pi)).div(x.mul(pi))), {
  category: "float",
  grad: (g, [x]) => {
    const a = x.mul(pi);
    const square = a.mul(x); // it underflows before x is 0
    return [choose(square.eq(0), 0, g.mul(a.mul(scalar.cos(a)).sub(scalar.sin(a)).div(square)))];
  },
});
export const deg2radOp = pointwise("deg2rad", (x) => x.mul(Math.PI / 180), float);
export const rad2degOp = pointwise("rad2deg", (x) => x.mul(180 / Math.PI), float);

/** Sine of radians. */
export const sin = (x: Tensor): Tensor => unary(sinOp, x);
/** Cosine of radians. */
export const cos = (x: Tensor): Tensor => unary(cosOp, x);
/** Tangent of radians. */
export const tan = (x: Tensor): Tensor => unary(tanOp, x);
/** Inverse sine, in [-π/2, π/2]; NaN outside [-1, 1]. */
export const asin = (x: Tensor): Tensor => unary(asinOp, x);
/** Inverse cosine, in [0, π]; NaN outside [-1, 1]. */
export const acos = (x: Tensor): Tensor => unary(acosOp, x);
/** Inverse tangent, in (-π/2, π/2). */
export const atan = (x: Tensor): Tensor => unary(atanOp, x);
/** Hyperbolic sine. */
export const sinh = (x: Tensor): Tensor => unary(sinhOp, x);
/** Hyperbolic cosine. */
export const cosh = (x: Tensor): Tensor => unary(coshOp, x);
/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => unary(tanhOp, x);
/** Inverse hyperbolic sine. */
export const asinh = (x: Tensor): Tensor => unary(asinhOp, x);
/** Inverse hyperbolic cosine; NaN below 1. */
export const acosh = (x: Tensor): Tensor => unary(acoshOp, x);
/** Inverse hyperbolic tangent; NaN outside [-1, 1]. */
export const atanh = (x: Tensor): Tensor => unary(atanhOp, x);
/** Angle of the point (x, y) from the positive x axis, in [-π, π]. */
export const atan2 = (y: Tensor, x: Operand): Tensor => binary(atan2Op, y, x);
/** sqrt(x² + y²) without overflow. */
export const hypot = (x: Tensor, y: Operand): Tensor => binary(hypotOp, x, y);
/** sin(πx) / (πx), and 1 at 0. */
export const sinc = (x: Tensor): Tensor => unary(sincOp, x);
/** Degrees to radians. */
export const deg2rad = (x: Tensor): Tensor => unary(deg2radOp, x);
/** Radians to degrees. */
export const rad2deg = (x: Tensor): Tensor => unary(rad2degOp, x);

/** x = sin(x). */
export const sin_ = (x: Tensor): Tensor => inPlace(sinOp, x);
/** x = cos(x). */
export const cos_ = (x: Tensor): Tensor => inPlace(cosOp, x);
/** x = tan(x). */
export const tan_ = (x: Tensor): Tensor => inPlace(tanOp, x);
/** x = asin(x). */
export const asin_ = (x: Tensor): Tensor => inPlace(asinOp, x);
/** x = acos(x). */
export const acos_ = (x: Tensor): Tensor => inPlace(acosOp, x);
/** x = atan(x). */
export const atan_ = (x: Tensor): Tensor => inPlace(atanOp, x);
/** x = sinh(x). */
export const sinh_ = (x: Tensor): Tensor => inPlace(sinhOp, x);
/** x = cosh(x). */
export const cosh_ = (x: Tensor): Tensor => inPlace(coshOp, x);
/** x = tanh(x). */
export const tanh_ = (x: Tensor): Tensor => inPlace(tanhOp, x);
/** x = asinh(x). */
export const asinh_ = (x: Tensor): Tensor => inPlace(asinhOp, x);
/** x = acosh(x). */
export const acosh_ = (x: Tensor): Tensor => inPlace(acoshOp, x);
/** x = atanh(x). */
export const atanh_ = (x: Tensor): Tensor => inPlace(atanhOp, x);
/** y = atan2(y, x). */
export const atan2_ = (y: Tensor, x: Operand): Tensor => inPlace(atan2Op, y, x);
/** x = hypot(x, y). */
export const hypot_ = (x: Tensor, y: Operand): Tensor => inPlace(hypotOp, x, y);
/** x = sinc(x). */
export const sinc_ = (x: Tensor): Tensor => inPlace(sincOp, x);
/** x = x * π / 180. */
export const deg2rad_ = (x: Tensor): Tensor => inPlace(deg2radOp, x);
/** x = x * 180 / π. */
export const rad2deg_ = (x: Tensor): Tensor => inPlace(rad2degOp, x);
