import { type DType, isFloat } from "../../core/dtype.ts";
import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../expr/expr.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { narrow, reshape } from "../shape/view.ts";
import { mul } from "./arithmetic.ts";
import { sigmoid } from "./exponential.ts";

const notFloat = (dtype: DType): boolean => !isFloat(dtype);
const one = constant(1);
const sigmoidOf = (x: Expr): Expr => scalar.sigmoid(x);

// gradients that look at the result instead of the input let the in-place form keep nothing
export const reluOp = pointwise("relu", (x) => scalar.max(x, 0), {
  refuses: (dtype) => dtype === "bool",
  grad: (g, _, out) => [choose(out.le(0), 0, g)],
});
/** max(x, 0). */
export const relu = (x: Tensor): Tensor => unary(reluOp, x);
/** x = max(x, 0). */
export const relu_ = (x: Tensor): Tensor => inPlace(reluOp, x);

export const hardtanhOp = pointwise("hardtanh", (x, low, high) => scalar.min(scalar.max(x, low), high), {
  refuses: (dtype) => dtype === "bool",
  grad: (g, [, low, high], out) => [choose(out.gt(low).and(out.lt(high)), g, 0)],
});
/** A number in the tensor's own dtype: it takes no part in promotion. */
const inDType = (x: Tensor, value: number): number => (isFloat(x.dtype) ? value : Math.trunc(value));
const hardtanhBounds = (x: Tensor, low: number, high: number): [number, number] => {
  if (low > high) throw new ArgumentError("hardtanh", `minVal ${low} is above maxVal ${high}`);
  return [inDType(x, low), inDType(x, high)];
};
/** x moved into [minVal, maxVal]. */
export const hardtanh = (x: Tensor, minVal = -1, maxVal = 1): Tensor =>
  pointwiseCall(hardtanhOp, [x, ...hardtanhBounds(x, minVal, maxVal)]);
/** x = hardtanh(x). */
export const hardtanh_ = (x: Tensor, minVal = -1, maxVal = 1): Tensor =>
  inPlace(hardtanhOp, x, ...hardtanhBounds(x, minVal, maxVal));
/** min(max(x, 0), 6). */
export const relu6 = (x: Tensor): Tensor => hardtanh(x, 0, 6);
/** x = relu6(x). */
export const relu6_ = (x: Tensor): Tensor => hardtanh_(x, 0, 6);

export const leakyReluOp = pointwise("leakyRelu", (x, slope) => choose(x.gt(0), x, x.mul(slope)), {
  refuses: notFloat,
});
/** x above 0, negativeSlope * x below. */
export const leakyRelu = (x: Tensor, negativeSlope = 0.01): Tensor => pointwiseCall(leakyReluOp, [x, negativeSlope]);
/** x = leakyRelu(x, negativeSlope). */
export const leakyRelu_ = (x: Tensor, negativeSlope = 0.01): Tensor => inPlace(leakyReluOp, x, negativeSlope);

export const eluOp = pointwise(
  "elu",
  (x, alpha, scale, inputScale) => choose(x.gt(0), x.mul(scale), scalar.expm1(x.mul(inputScale)).mul(alpha).mul(scale)),
  {
    refuses: notFloat,
    grad: (g, [x, alpha, scale, inputScale]) => [
      choose(x.gt(0), g.mul(scale), g.mul(scalar.exp(x.mul(inputScale)).mul(alpha).mul(scale).mul(inputScale))),
    ],
  },
);
/** x above 0, alpha * (exp(x) - 1) below (Clevert et al. 2015). */
export const elu = (x: Tensor, alpha = 1): Tensor => pointwiseCall(eluOp, [x, alpha, 1, 1]);
/** x = elu(x, alpha). */
export const elu_ = (x: Tensor, alpha = 1): Tensor => inPlace(eluOp, x, alpha, 1, 1);
const checkAlpha = (alpha: number): number => {
  if (alpha === 0) throw new ArgumentError("celu", "alpha must not be 0");
  return alpha;
};
/** max(x, 0) + min(0, alpha * (exp(x / alpha) - 1)) (Barron 2017). */
export const celu = (x: Tensor, alpha = 1): Tensor => pointwiseCall(eluOp, [x, checkAlpha(alpha), 1, 1 / alpha]);
/** x = celu(x, alpha). */
export const celu_ = (x: Tensor, alpha = 1): Tensor => inPlace(eluOp, x, checkAlpha(alpha), 1, 1 / alpha);
// the fixed point of mean 0 and variance 1 (Klambauer et al. 2017)
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;
/** scale * elu(x, alpha) with the self-normalizing constants 1.0507 and 1.6733 (Klambauer et al. 2017). */
export const selu = (x: Tensor): Tensor => pointwiseCall(eluOp, [x, seluAlpha, seluScale, 1]);
/** x = selu(x). */
export const selu_ = (x: Tensor): Tensor => inPlace(eluOp, x, seluAlpha, seluScale, 1);

const normalCdf = (x: Expr): Expr => scalar.erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5);
const normalPdf = (x: Expr): Expr => scalar.exp(x.square().mul(-0.5)).mul(1 / Math.sqrt(2 * Math.PI));
export const geluOp = pointwise("gelu", (x) => x.mul(normalCdf(x)), {
  refuses: notFloat,
  grad: (g, [x]) => [g.mul(normalCdf(x).add(x.mul(normalPdf(x))))],
});
const kBeta = Math.sqrt(2 / Math.PI);
export const geluTanhOp = pointwise(
  "geluTanh",
  (x) => x.mul(0.5).mul(scalar.tanh(x.add(x.square().mul(x).mul(0.044715)).mul(kBeta)).add(1)),
  { title: "gelu", refuses: notFloat },
);
export interface GeluOptions {
  /** "none": by erf; "tanh": the approximation 0.5x(1 + tanh(sqrt(2/π)(x + 0.044715x³))). */
  readonly approximate?: "none" | "tanh";
}
function geluOf(options: GeluOptions | undefined) {
  const approximate = options?.approximate ?? "none";
  if (approximate === "none") return geluOp;
  if (approximate === "tanh") return geluTanhOp;
  throw new ArgumentError("gelu", `approximate must be "none" or "tanh", got ${JSON.stringify(approximate)}`);
}
/** x * Φ(x), Φ the normal distribution's cumulative function (Hendrycks & Gimpel 2016). */
export const gelu = (x: Tensor, options?: GeluOptions): Tensor => unary(geluOf(options), x);
/** x = gelu(x). */
export const gelu_ = (x: Tensor, options?: GeluOptions): Tensor => inPlace(geluOf(options), x);

export const siluOp = pointwise("silu", (x) => x.mul(sigmoidOf(x)), { refuses: notFloat });
/** x * sigmoid(x), also called swish. */
export const silu = (x: Tensor): Tensor => unary(siluOp, x);
/** x = silu(x). */
export const silu_ = (x: Tensor): Tensor => inPlace(siluOp, x);

const mishGate = (x: Expr): Expr => scalar.tanh(scalar.log1p(scalar.exp(x)));
export const mishOp = pointwise("mish", (x) => x.mul(mishGate(x)), {
  refuses: notFloat,
  grad: (g, [x]) => {
    const t = mishGate(x);
    return [g.mul(t.add(x.mul(sigmoidOf(x)).mul(one.sub(t.square()))))];
  },
});
/** x * tanh(log(1 + exp(x))) (Misra 2019). */
export const mish = (x: Tensor): Tensor => unary(mishOp, x);
/** x = mish(x). */
export const mish_ = (x: Tensor): Tensor => inPlace(mishOp, x);

export const softplusOp = pointwise(
  "softplus",
  (x, beta, threshold) => choose(x.mul(beta).gt(threshold), x, scalar.log1p(scalar.exp(x.mul(beta))).div(beta)),
  {
    refuses: notFloat,
    grad: (g, [x, beta, threshold]) => [choose(x.mul(beta).gt(threshold), g, g.mul(sigmoidOf(x.mul(beta))))],
  },
);
/** log(1 + exp(beta * x)) / beta, and x itself where beta * x is above `threshold`. */
export const softplus = (x: Tensor, beta = 1, threshold = 20): Tensor =>
  pointwiseCall(softplusOp, [x, beta, threshold]);

const hardGate = (x: Expr): Expr => scalar.min(scalar.max(x.add(3), 0), 6);
export const hardswishOp = pointwise("hardswish", (x) => x.mul(hardGate(x)).mul(1 / 6), {
  refuses: notFloat,
  grad: (g, [x]) => [choose(x.le(-3), 0, choose(x.lt(3), g.mul(x.mul(1 / 3).add(0.5)), g))],
});
export const hardsigmoidOp = pointwise("hardsigmoid", (x) => hardGate(x).mul(1 / 6), {
  refuses: notFloat,
  grad: (g, _, out) => [choose(out.gt(0).and(out.lt(1)), g.mul(1 / 6), 0)],
});
/** x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). */
export const hardswish = (x: Tensor): Tensor => unary(hardswishOp, x);
/** x = hardswish(x). */
export const hardswish_ = (x: Tensor): Tensor => inPlace(hardswishOp, x);
/** min(max(x + 3, 0), 6) / 6. */
export const hardsigmoid = (x: Tensor): Tensor => unary(hardsigmoidOp, x);
/** x = hardsigmoid(x). */
export const hardsigmoid_ = (x: Tensor): Tensor => inPlace(hardsigmoidOp, x);

const within = (x: Expr, bound: Expr): Expr => x.ge(bound.neg()).and(x.le(bound));
const beyond = (x: Expr, bound: Expr): Expr => x.gt(bound).or(x.lt(bound.neg()));
export const hardshrinkOp = pointwise("hardshrink", (x, lambd) => choose(within(x, lambd), 0, x), {
  refuses: notFloat,
  grad: (g, [x, lambd]) => [choose(beyond(x, lambd), g, 0)],
});
export const softshrinkOp = pointwise(
  "softshrink",
  // x * 0 keeps a NaN a NaN
  (x, lambd) => choose(x.gt(lambd), x.sub(lambd), choose(x.lt(lambd.neg()), x.add(lambd), x.mul(0))),
  { refuses: notFloat, grad: (g, [x, lambd]) => [choose(beyond(x, lambd), g, 0)] },
);
/** x, but 0 in [-lambd, lambd]. */
export const hardshrink = (x: Tensor, lambd = 0.5): Tensor => pointwiseCall(hardshrinkOp, [x, lambd]);
/** x moved towards 0 by `lambd`, 0 in [-lambd, lambd]. @throws ArgumentError when lambd is negative. */
export function softshrink(x: Tensor, lambd = 0.5): Tensor {
  if (!(lambd >= 0)) throw new ArgumentError("softshrink", `lambd must not be negative, got ${lambd}`);
  return pointwiseCall(softshrinkOp, [x, lambd]);
}

export const tanhshrinkOp = pointwise("tanhshrink", (x) => x.sub(scalar.tanh(x)), { category: "float" });
export const softsignOp = pointwise("softsign", (x) => x.div(scalar.abs(x).add(1)), { category: "float" });
/** x - tanh(x). */
export const tanhshrink = (x: Tensor): Tensor => unary(tanhshrinkOp, x);
/** x / (1 + |x|). */
export const softsign = (x: Tensor): Tensor => unary(softsignOp, x);

export const thresholdOp = pointwise("threshold", (x, threshold, value) => choose(x.le(threshold), value, x), {
  refuses: (dtype) => dtype === "bool",
});
/** x where it is above `threshold`, else `value`. */
export const threshold = (x: Tensor, threshold: number, value: number): Tensor =>
  pointwiseCall(thresholdOp, [x, inDType(x, threshold), inDType(x, value)]);
/** x = threshold(x, threshold, value). */
export const threshold_ = (x: Tensor, threshold: number, value: number): Tensor =>
  inPlace(thresholdOp, x, inDType(x, threshold), inDType(x, value));

export const logsigmoidOp = pointwise(
  "logsigmoid",
  (x) => scalar.min(x, 0).sub(scalar.log1p(scalar.exp(scalar.abs(x).neg()))),
  {
    refuses: notFloat,
    grad: (g, [x]) => [g.mul(sigmoidOf(x.neg()))],
  },
);
/** log(sigmoid(x)) without underflow. */
export const logsigmoid = (x: Tensor): Tensor => unary(logsigmoidOp, x);

export const preluOp = pointwise("prelu", (x, weight) => choose(x.gt(0), x, x.mul(weight)), { refuses: notFloat });
/** x above 0, weight * x below; `weight` holds one element, or one for each channel (dimension 1). */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  if (weight.ndim > 1)
    throw new ShapeError("prelu", `weight must have at most one dimension, got ${showShape(weight.shape)}`, [
      x.shape,
      weight.shape,
    ]);
  if (weight.size === 1) return pointwiseCall(preluOp, [x, reshape(weight, [])]);
  const channels = x.ndim > 1 ? x.shape[1] : 1;
  if (weight.size !== channels)
    throw new ShapeError(
      "prelu",
      `weight has ${weight.size} elements, the input ${showShape(x.shape)} has ${channels} channels`,
      [x.shape, weight.shape],
    );
  return pointwiseCall(preluOp, [x, reshape(weight, [channels, ...x.shape.slice(2).map(() => 1)])]);
}

/** a * sigmoid(b), where a and b are the halves of `x` along `dim` (Dauphin et al. 2016). @throws ShapeError when the size is odd. */
export function glu(x: Tensor, dim = -1): Tensor {
  if (x.ndim === 0) throw new ShapeError("glu", "a 0-d tensor cannot be split into halves", [x.shape]);
  const d = normalizeDim("glu", dim, x.ndim);
  const n = x.shape[d];
  if (n % 2 !== 0)
    throw new ShapeError("glu", `dimension ${d} must have an even size, got ${n} in ${showShape(x.shape)}`, [x.shape]);
  return mul(narrow(x, d, 0, n / 2), sigmoid(narrow(x, d, n / 2, n / 2)));
}
