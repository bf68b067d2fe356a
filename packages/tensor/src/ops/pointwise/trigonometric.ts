import type { Tensor } from "../../core/tensor.ts";
import { binary, inPlace, unary } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, masked, scalar } from "../../expr/expr.ts";

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
    return [g.mul(masked(r2.eq(0), x.div(r2))), g.mul(masked(r2.eq(0), y.neg().div(r2)))];
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
    return [masked(square.eq(0), g.mul(a.mul(scalar.cos(a)).sub(scalar.sin(a)).div(square)))];
  },
});
export const deg2radOp = pointwise("deg2rad", (x) => x.mul(Math.PI / 180), float);
export const rad2degOp = pointwise("rad2deg", (x) => x.mul(180 / Math.PI), float);

/**
 * Sine of radians, `y = sin(x)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sin.html
 * @example
 * tensor([0, Math.PI / 6, Math.PI / 2]).sin().tolist(); // [0, 0.5000, 1]
 */
export const sin = (x: Tensor): Tensor => unary(sinOp, x);
/**
 * Cosine of radians, `y = cos(x)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cos.html
 * @example
 * tensor([0, Math.PI / 3, Math.PI]).cos().tolist(); // [1, 0.5000, -1]
 */
export const cos = (x: Tensor): Tensor => unary(cosOp, x);
/**
 * Tangent of radians, `y = sin(x) / cos(x)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.tan.html
 * @example
 * tensor([0, Math.PI / 4, -1]).tan().tolist(); // [0, 1.0000, -1.5574]
 */
export const tan = (x: Tensor): Tensor => unary(tanOp, x);
/**
 * Inverse sine in radians, `sin(y) = x` with y in [-pi/2, pi/2]; NaN outside [-1, 1].
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.asin.html
 * @example
 * tensor([-1, 0, 0.5, 2]).asin().tolist(); // [-1.5708, 0, 0.5236, NaN]
 */
export const asin = (x: Tensor): Tensor => unary(asinOp, x);
/**
 * Inverse cosine in radians, `cos(y) = x` with y in [0, pi]; NaN outside [-1, 1].
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.acos.html
 * @example
 * tensor([-1, 0, 1, 2]).acos().tolist(); // [3.1416, 1.5708, 0, NaN]
 */
export const acos = (x: Tensor): Tensor => unary(acosOp, x);
/**
 * Inverse tangent in radians, `tan(y) = x` with y in [-pi/2, pi/2].
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.atan.html
 * @example
 * tensor([-1, 0, Infinity]).atan().tolist(); // [-0.7854, 0, 1.5708]
 */
export const atan = (x: Tensor): Tensor => unary(atanOp, x);
/**
 * Hyperbolic sine, `y = (exp(x) - exp(-x)) / 2`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sinh.html
 * @example
 * tensor([-1, 0, 2]).sinh().tolist(); // [-1.1752, 0, 3.6269]
 */
export const sinh = (x: Tensor): Tensor => unary(sinhOp, x);
/**
 * Hyperbolic cosine, `y = (exp(x) + exp(-x)) / 2`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cosh.html
 * @example
 * tensor([-1, 0, 2]).cosh().tolist(); // [1.5431, 1, 3.7622]
 */
export const cosh = (x: Tensor): Tensor => unary(coshOp, x);
/**
 * Hyperbolic tangent, `y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))`, between -1 and 1.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.tanh.html
 * @example
 * tensor([-1, 0, 20]).tanh().tolist(); // [-0.7616, 0, 1]
 */
export const tanh = (x: Tensor): Tensor => unary(tanhOp, x);
/**
 * Inverse hyperbolic sine, `y = log(x + sqrt(x^2 + 1))`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.asinh.html
 * @example
 * tensor([-1, 0, 2]).asinh().tolist(); // [-0.8814, 0, 1.4436]
 */
export const asinh = (x: Tensor): Tensor => unary(asinhOp, x);
/**
 * Inverse hyperbolic cosine, `y = log(x + sqrt(x^2 - 1))`; NaN below 1.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.acosh.html
 * @example
 * tensor([0, 1, 2]).acosh().tolist(); // [NaN, 0, 1.3170]
 */
export const acosh = (x: Tensor): Tensor => unary(acoshOp, x);
/**
 * Inverse hyperbolic tangent, `y = log((1 + x) / (1 - x)) / 2`; infinite at -1 and 1, NaN beyond.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.atanh.html
 * @example
 * tensor([0, 0.5, 1, 2]).atanh().tolist(); // [0, 0.5493, Infinity, NaN]
 */
export const atanh = (x: Tensor): Tensor => unary(atanhOp, x);
/**
 * Angle of the point (x, y) from the positive x axis in radians, `atan(y / x)` in the right quadrant, in [-pi, pi].
 *
 * Shapes: `y` and `x` broadcast to that of the result. Dtype: the promoted one; integers and bools give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.atan2.html
 * @example
 * tensor([1, 1, -1]).atan2(tensor([1, -1, -1])).tolist(); // [0.7854, 2.3562, -2.3562]
 * tensor([0, 1]).atan2(0).tolist(); // [0, 1.5708]
 */
export const atan2 = (y: Tensor, x: Operand): Tensor => binary(atan2Op, y, x);
/**
 * Hypotenuse of the legs x and y, `sqrt(x^2 + y^2)`, without overflow.
 *
 * Shapes: `x` and `y` broadcast to that of the result. Dtype: the promoted one, a floating-point one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.hypot.html
 * @example
 * tensor([3, 1e30]).hypot(tensor([4, 1e30])).tolist(); // [5, 1.4142e30]
 */
export const hypot = (x: Tensor, y: Operand): Tensor => binary(hypotOp, x, y);
/**
 * Normalized sinc, `y = sin(pi * x) / (pi * x)`, and 1 at 0.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sinc.html
 * @example
 * tensor([0, 0.5, 1.5]).sinc().tolist(); // [1, 0.6366, -0.2122]
 */
export const sinc = (x: Tensor): Tensor => unary(sincOp, x);
/**
 * Degrees to radians, `y = x * pi / 180`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.deg2rad.html
 * @example
 * tensor([180, -90]).deg2rad().tolist(); // [3.1416, -1.5708]
 */
export const deg2rad = (x: Tensor): Tensor => unary(deg2radOp, x);
/**
 * Radians to degrees, `y = x * 180 / pi`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.rad2deg.html
 * @example
 * tensor([Math.PI, 1]).rad2deg().tolist(); // [180, 57.2958]
 */
export const rad2deg = (x: Tensor): Tensor => unary(rad2degOp, x);

/** In place {@link sin}: `x = sin(x)`. */
export const sin_ = (x: Tensor): Tensor => inPlace(sinOp, x);
/** In place {@link cos}: `x = cos(x)`. */
export const cos_ = (x: Tensor): Tensor => inPlace(cosOp, x);
/** In place {@link tan}: `x = tan(x)`. */
export const tan_ = (x: Tensor): Tensor => inPlace(tanOp, x);
/** In place {@link asin}: `x = asin(x)`. */
export const asin_ = (x: Tensor): Tensor => inPlace(asinOp, x);
/** In place {@link acos}: `x = acos(x)`. */
export const acos_ = (x: Tensor): Tensor => inPlace(acosOp, x);
/** In place {@link atan}: `x = atan(x)`. */
export const atan_ = (x: Tensor): Tensor => inPlace(atanOp, x);
/** In place {@link sinh}: `x = sinh(x)`. */
export const sinh_ = (x: Tensor): Tensor => inPlace(sinhOp, x);
/** In place {@link cosh}: `x = cosh(x)`. */
export const cosh_ = (x: Tensor): Tensor => inPlace(coshOp, x);
/** In place {@link tanh}: `x = tanh(x)`. */
export const tanh_ = (x: Tensor): Tensor => inPlace(tanhOp, x);
/** In place {@link asinh}: `x = asinh(x)`. */
export const asinh_ = (x: Tensor): Tensor => inPlace(asinhOp, x);
/** In place {@link acosh}: `x = acosh(x)`. */
export const acosh_ = (x: Tensor): Tensor => inPlace(acoshOp, x);
/** In place {@link atanh}: `x = atanh(x)`. */
export const atanh_ = (x: Tensor): Tensor => inPlace(atanhOp, x);
/** In place {@link atan2}: `y = atan2(y, x)`. */
export const atan2_ = (y: Tensor, x: Operand): Tensor => inPlace(atan2Op, y, x);
/** In place {@link hypot}: `x = sqrt(x^2 + y^2)`. */
export const hypot_ = (x: Tensor, y: Operand): Tensor => inPlace(hypotOp, x, y);
/** In place {@link sinc}: `x = sinc(x)`. */
export const sinc_ = (x: Tensor): Tensor => inPlace(sincOp, x);
/** In place {@link deg2rad}: `x = x * pi / 180`. */
export const deg2rad_ = (x: Tensor): Tensor => inPlace(deg2radOp, x);
/** In place {@link rad2deg}: `x = x * 180 / pi`. */
export const rad2deg_ = (x: Tensor): Tensor => inPlace(rad2degOp, x);
