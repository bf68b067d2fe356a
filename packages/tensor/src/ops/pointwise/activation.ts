import { type DType, isFloat } from "../../core/dtype.ts";
import { ArgumentError, elsewhere, ShapeError, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, oneOf } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../expr/expr.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { narrow, reshape } from "../shape/view.ts";
import { mul } from "./arithmetic.ts";
import { sigmoid } from "./exponential.ts";

/** @throws ArgumentError for PyTorch's `inplace`, which comes behind the others there: the result would be where nobody looks for it. */
function outOfPlace(op: string, inplace: unknown): void {
  if (inplace === true) throw elsewhere(op, "inplace", `${op}_(x)`);
}
const notFloat = (dtype: DType): boolean => !isFloat(dtype);
const one = constant(1);
const sigmoidOf = (x: Expr): Expr => scalar.sigmoid(x);

// gradients that look at the result instead of the input let the in-place form keep nothing
export const reluOp = pointwise("relu", (x) => scalar.max(x, 0), {
  refuses: (dtype) => dtype === "bool",
  grad: (g, _, out) => [choose(out.le(0), 0, g)],
});
/**
 * Rectified linear unit, `y = max(x, 0)`. Its gradient at 0 is 0; NaN stays.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 * @example
 * tensor([-2, 0, 3]).relu().tolist(); // [0, 0, 3]
 */
export const relu: (x: Tensor) => Tensor = (x: Tensor, inplace?: unknown) => {
  outOfPlace("relu", inplace);
  return unary(reluOp, x);
};
/** In place {@link relu}: `x = max(x, 0)`. */
export const relu_ = (x: Tensor): Tensor => inPlace(reluOp, x);

export const hardtanhOp = pointwise("hardtanh", (x, low, high) => scalar.min(scalar.max(x, low), high), {
  refuses: (dtype) => dtype === "bool",
  // at NaN the slope of PyTorch's vectors; what one leaves over has that of the inside
  grad: (g, [x, low, high]) => [choose(x.gt(low).and(x.lt(high)), g, 0)],
});
/** A number in the tensor's own dtype: it takes no part in promotion. */
const inDType = (x: Tensor, value: number): number => (isFloat(x.dtype) ? value : Math.trunc(value));
const hardtanhBounds = (x: Tensor, low: number, high: number): [number, number] => {
  if (low > high) throw new ArgumentError("hardtanh", `minVal ${low} is above maxVal ${high}`);
  return [inDType(x, low), inDType(x, high)];
};
/**
 * A tanh of straight lines, `y = min(max(x, minVal), maxVal)`; by default into [-1, 1].
 *
 * Shape: that of `x`. Dtype: that of `x`; for integers the bounds are rounded towards 0.
 *
 * @throws ArgumentError when `minVal` is above `maxVal`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
 * @example
 * const x = tensor([-2, 0.5, 3]);
 * x.hardtanh().tolist(); // [-1, 0.5, 1]
 * x.hardtanh(0, 2).tolist(); // [0, 0.5, 2]
 */
export const hardtanh: (x: Tensor, minVal?: number, maxVal?: number) => Tensor = (
  x: Tensor,
  minVal = -1,
  maxVal = 1,
  inplace?: unknown,
) => {
  outOfPlace("hardtanh", inplace);
  checkTensor("hardtanh", "x", x);
  return pointwiseCall(hardtanhOp, [x, ...hardtanhBounds(x, minVal, maxVal)]);
};
/** In place {@link hardtanh}: `x = min(max(x, minVal), maxVal)`. */
export const hardtanh_ = (x: Tensor, minVal = -1, maxVal = 1): Tensor => {
  checkTensor("hardtanh_", "x", x);
  return inPlace(hardtanhOp, x, ...hardtanhBounds(x, minVal, maxVal));
};
/**
 * A {@link relu} that ends at 6, `y = min(max(x, 0), 6)`.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
 * @example
 * tensor([-2, 3, 8]).relu6().tolist(); // [0, 3, 6]
 */
export const relu6: (x: Tensor) => Tensor = (x: Tensor, inplace?: unknown) => {
  outOfPlace("relu6", inplace);
  checkTensor("relu6", "x", x);
  return hardtanh(x, 0, 6);
};
/** In place {@link relu6}: `x = min(max(x, 0), 6)`. */
export const relu6_ = (x: Tensor): Tensor => {
  checkTensor("relu6_", "x", x);
  return hardtanh_(x, 0, 6);
};

export const leakyReluOp = pointwise("leakyRelu", (x, slope) => choose(x.gt(0), x, x.mul(slope)), {
  refuses: notFloat,
});
/**
 * A {@link relu} with a slope below 0, `y = x > 0 ? x : negativeSlope * x`.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
 * @example
 * const x = tensor([-2, 0, 3]);
 * x.leakyRelu().tolist(); // [-0.02, 0, 3]
 * x.leakyRelu(0.5).tolist(); // [-1, 0, 3]
 */
export const leakyRelu: (x: Tensor, negativeSlope?: number) => Tensor = (
  x: Tensor,
  negativeSlope = 0.01,
  inplace?: unknown,
) => {
  outOfPlace("leakyRelu", inplace);
  return pointwiseCall(leakyReluOp, [x, negativeSlope]);
};
/** In place {@link leakyRelu}: `x = x > 0 ? x : negativeSlope * x`. */
export const leakyRelu_ = (x: Tensor, negativeSlope = 0.01): Tensor => inPlace(leakyReluOp, x, negativeSlope);

export const eluOp = pointwise(
  "elu",
  (x, alpha, scale, inputScale) => choose(x.gt(0), x.mul(scale), scalar.expm1(x.mul(inputScale)).mul(alpha).mul(scale)),
  {
    refuses: notFloat,
    // a corner at 0, with the slope of the left side, and with 0 times what comes back as its own; NaN has that of the right one
    grad: (g, [x, alpha, scale, inputScale]) => {
      const corner = alpha.mul(scale).mul(inputScale);
      return [
        choose(
          x.lt(0),
          g.mul(scalar.exp(x.mul(inputScale)).mul(corner)),
          choose(x.eq(0), g.mul(corner.add(x.mul(0))), g.mul(scale)),
        ),
      ];
    },
  },
);
/**
 * Exponential linear unit, `y = x > 0 ? x : alpha * (exp(x) - 1)` (Clevert et al. 2015). It tends to -alpha for x towards -Infinity.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
 * @example
 * const x = tensor([-1, 0, 2]);
 * x.elu().tolist(); // [-0.6321, 0, 2]
 * x.elu(2).tolist(); // [-1.2642, 0, 2]
 */
export const elu: (x: Tensor, alpha?: number) => Tensor = (x: Tensor, alpha = 1, inplace?: unknown) => {
  outOfPlace("elu", inplace);
  return pointwiseCall(eluOp, [x, alpha, 1, 1]);
};
/** In place {@link elu}: `x = x > 0 ? x : alpha * (exp(x) - 1)`. */
export const elu_ = (x: Tensor, alpha = 1): Tensor => inPlace(eluOp, x, alpha, 1, 1);
const checkAlpha = (alpha: number): number => {
  if (alpha === 0) throw new ArgumentError("celu", "alpha must not be 0");
  return alpha;
};
/**
 * An {@link elu} whose slope has no jump at 0 for any alpha, `y = max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))` (Barron 2017).
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws ArgumentError when `alpha` is 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.celu.html
 * @example
 * const x = tensor([-1, 0, 2]);
 * x.celu(2).tolist(); // [-0.7869, 0, 2]
 * x.celu(1).tolist(); // [-0.6321, 0, 2]
 */
export const celu: (x: Tensor, alpha?: number) => Tensor = (x: Tensor, alpha = 1, inplace?: unknown) => {
  outOfPlace("celu", inplace);
  return pointwiseCall(eluOp, [x, checkAlpha(alpha), 1, 1 / alpha]);
};
/** In place {@link celu}: `x = max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`. */
export const celu_ = (x: Tensor, alpha = 1): Tensor => inPlace(eluOp, x, checkAlpha(alpha), 1, 1 / alpha);
// the fixed point of mean 0 and variance 1 (Klambauer et al. 2017)
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;
/**
 * An {@link elu} that keeps mean 0 and variance 1, `y = 1.0507 * (x > 0 ? x : 1.6733 * (exp(x) - 1))` (Klambauer et al. 2017).
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
 * @example
 * tensor([-1, 0, 1]).selu().tolist(); // [-1.1113, 0, 1.0507]
 */
export const selu: (x: Tensor) => Tensor = (x: Tensor, inplace?: unknown) => {
  outOfPlace("selu", inplace);
  return pointwiseCall(eluOp, [x, seluAlpha, seluScale, 1]);
};
/** In place {@link selu}: `x = 1.0507 * (x > 0 ? x : 1.6733 * (exp(x) - 1))`. */
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
  /** "none" (default): by erf; "tanh": the approximation by tanh, off by less than 5e-4. */
  readonly approximate?: "none" | "tanh" | undefined;
}
export const geluKinds: Kinds<GeluOptions> = { approximate: oneOf("none", "tanh") };
function geluOf(op: string, options: GeluOptions | undefined) {
  if (options !== undefined) checkOptions(op, geluKinds, options);
  return options?.approximate === "tanh" ? geluTanhOp : geluOp;
}
/**
 * Gaussian error linear unit, `y = x * (1 + erf(x / sqrt(2))) / 2` (Hendrycks & Gimpel 2016). With `approximate: "tanh"` it is `y = x / 2 *
 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @throws ArgumentError when `approximate` is neither "none" nor "tanh".
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 * @example
 * const x = tensor([-1, 0, 1]);
 * x.gelu().tolist(); // [-0.15866, 0, 0.84134]
 * x.gelu({ approximate: "tanh" }).tolist(); // [-0.15881, 0, 0.84119]
 */
export const gelu = (x: Tensor, options?: GeluOptions): Tensor => unary(geluOf("gelu", options), x);
/** In place {@link gelu}: `x = x * (1 + erf(x / sqrt(2))) / 2`. */
export const gelu_ = (x: Tensor, options?: GeluOptions): Tensor => inPlace(geluOf("gelu_", options), x);

export const siluOp = pointwise("silu", (x) => x.mul(sigmoidOf(x)), {
  refuses: notFloat,
  // one factor of the gradient, which may be infinite at 0
  grad: (g, [x]) => {
    const s = sigmoidOf(x);
    return [g.mul(s.mul(x.mul(one.sub(s)).add(1)))];
  },
});
/**
 * Sigmoid linear unit, also called swish, `y = x * sigmoid(x) = x / (1 + exp(-x))`.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
 * @example
 * tensor([-1, 0, 1, 10]).silu().tolist(); // [-0.2689, 0, 0.7311, 9.9995]
 */
export const silu: (x: Tensor) => Tensor = (x: Tensor, inplace?: unknown) => {
  outOfPlace("silu", inplace);
  return unary(siluOp, x);
};
/** In place {@link silu}: `x = x * sigmoid(x)`. */
export const silu_ = (x: Tensor): Tensor => inPlace(siluOp, x);

const mishGate = (x: Expr): Expr => scalar.tanh(scalar.log1p(scalar.exp(x)));
export const mishOp = pointwise("mish", (x) => x.mul(mishGate(x)), {
  refuses: notFloat,
  grad: (g, [x]) => {
    const t = mishGate(x);
    return [g.mul(t.add(x.mul(sigmoidOf(x)).mul(one.sub(t.square()))))];
  },
});
/**
 * Self-regularized unit, `y = x * tanh(log(1 + exp(x)))` (Misra 2019).
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mish.html
 * @example
 * tensor([-1, 0, 1]).mish().tolist(); // [-0.3034, 0, 0.8651]
 */
export const mish: (x: Tensor) => Tensor = (x: Tensor, inplace?: unknown) => {
  outOfPlace("mish", inplace);
  return unary(mishOp, x);
};
/** In place {@link mish}: `x = x * tanh(log(1 + exp(x)))`. */
export const mish_ = (x: Tensor): Tensor => inPlace(mishOp, x);

export const softplusOp = pointwise(
  "softplus",
  (x, beta, threshold) => choose(x.mul(beta).gt(threshold), x, scalar.log1p(scalar.exp(x.mul(beta))).div(beta)),
  {
    refuses: notFloat,
    // at the threshold itself the slope has none of its own
    grad: (g, [x, beta, threshold]) => {
      const z = x.mul(beta);
      const curve = choose(z.eq(threshold), g.mul(sigmoidOf(threshold)), g.mul(sigmoidOf(z)));
      return [choose(z.gt(threshold), g, curve)];
    },
  },
);
/**
 * A smooth {@link relu}, `y = log(1 + exp(beta * x)) / beta`; where `beta * x > threshold` it is `y = x`, so that nothing overflows.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html
 * @example
 * const x = tensor([-1, 0, 1, 1000]);
 * x.softplus().tolist(); // [0.3133, 0.6931, 1.3133, 1000]
 * x.softplus(10).tolist(); // [4.54e-6, 0.0693, 1.0000, 1000]
 */
export const softplus = (x: Tensor, beta = 1, threshold = 20): Tensor =>
  pointwiseCall(softplusOp, [x, beta, threshold]);

const hardGate = (x: Expr): Expr => scalar.min(scalar.max(x.add(3), 0), 6);
export const hardswishOp = pointwise("hardswish", (x) => x.mul(hardGate(x)).mul(1 / 6), {
  refuses: notFloat,
  grad: (g, [x]) => [choose(x.le(-3), 0, choose(x.lt(3), g.mul(x.mul(1 / 3).add(0.5)), g))],
});
export const hardsigmoidOp = pointwise("hardsigmoid", (x) => hardGate(x).mul(1 / 6), {
  refuses: notFloat,
  grad: (g, [x]) => [choose(x.gt(-3).and(x.lt(3)), g.mul(1 / 6), 0)],
});
/**
 * A {@link silu} of straight lines and a parabola, `y = x * min(max(x + 3, 0), 6) / 6` (Howard et al. 2019).
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
 * @example
 * tensor([-4, -1, 1, 4]).hardswish().tolist(); // [0, -0.3333, 0.6667, 4]
 */
export const hardswish: (x: Tensor) => Tensor = (x: Tensor, inplace?: unknown) => {
  outOfPlace("hardswish", inplace);
  return unary(hardswishOp, x);
};
/** In place {@link hardswish}: `x = x * min(max(x + 3, 0), 6) / 6`. */
export const hardswish_ = (x: Tensor): Tensor => inPlace(hardswishOp, x);
/**
 * A sigmoid of straight lines, `y = min(max(x + 3, 0), 6) / 6`.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
 * @example
 * tensor([-4, -1.5, 0, 4]).hardsigmoid().tolist(); // [0, 0.25, 0.5, 1]
 */
export const hardsigmoid: (x: Tensor) => Tensor = (x: Tensor, inplace?: unknown) => {
  outOfPlace("hardsigmoid", inplace);
  return unary(hardsigmoidOp, x);
};
/** In place {@link hardsigmoid}: `x = min(max(x + 3, 0), 6) / 6`. */
export const hardsigmoid_ = (x: Tensor): Tensor => inPlace(hardsigmoidOp, x);

const within = (x: Expr, bound: Expr): Expr => x.ge(bound.neg()).and(x.le(bound));
export const hardshrinkOp = pointwise("hardshrink", (x, lambd) => choose(within(x, lambd), 0, x), {
  refuses: notFloat,
  grad: (g, [x, lambd]) => [choose(within(x, lambd), 0, g)],
});
export const softshrinkOp = pointwise(
  "softshrink",
  (x, lambd) => choose(within(x, lambd), scalar.copysign(0, x), choose(x.gt(0), x.sub(lambd), x.add(lambd))),
  { refuses: notFloat, grad: (g, [x, lambd]) => [choose(within(x, lambd), 0, g)] },
);
/**
 * Small elements made 0, `y = -lambd <= x <= lambd ? 0 : x`.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
 * @example
 * tensor([-0.6, -0.5, 0.2, 2]).hardshrink().tolist(); // [-0.6, 0, 0, 2]
 */
export const hardshrink = (x: Tensor, lambd = 0.5): Tensor => pointwiseCall(hardshrinkOp, [x, lambd]);
/**
 * Elements moved towards 0, `y = sign(x) * max(|x| - lambd, 0)`.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws ArgumentError when `lambd` is negative or NaN.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
 * @example
 * tensor([-2, 0.4, 2]).softshrink().tolist(); // [-1.5, 0, 1.5]
 * tensor([-2, 0.4, 2]).softshrink(1).tolist(); // [-1, 0, 1]
 */
export function softshrink(x: Tensor, lambd = 0.5): Tensor {
  if (!(lambd >= 0)) throw new ArgumentError("softshrink", `lambd must not be negative, got ${lambd}`);
  return pointwiseCall(softshrinkOp, [x, lambd]);
}

export const tanhshrinkOp = pointwise("tanhshrink", (x) => x.sub(scalar.tanh(x)), { category: "float" });
export const softsignOp = pointwise("softsign", (x) => x.div(scalar.abs(x).add(1)), { category: "float" });
/**
 * What tanh takes away, `y = x - tanh(x)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
 * @example
 * tensor([-1, 0, 2]).tanhshrink().tolist(); // [-0.2384, 0, 1.0360]
 */
export const tanhshrink = (x: Tensor): Tensor => unary(tanhshrinkOp, x);
/**
 * A sigmoid through 0 with slow tails, `y = x / (1 + |x|)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
 * @example
 * tensor([-1, 0, 3]).softsign().tolist(); // [-0.5, 0, 0.75]
 */
export const softsign = (x: Tensor): Tensor => unary(softsignOp, x);

export const thresholdOp = pointwise("threshold", (x, threshold, value) => choose(x.le(threshold), value, x), {
  refuses: (dtype) => dtype === "bool",
});
/**
 * Elements up to a threshold replaced, `y = x <= threshold ? value : x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; for integers the two numbers are rounded towards 0.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
 * @example
 * tensor([-1, 0.5, 2]).threshold(0.5, 9).tolist(); // [9, 9, 2]
 */
export const threshold: (x: Tensor, threshold: number, value: number) => Tensor = (
  x: Tensor,
  threshold: number,
  value: number,
  inplace?: unknown,
) => {
  outOfPlace("threshold", inplace);
  checkTensor("threshold", "x", x);
  return pointwiseCall(thresholdOp, [x, inDType(x, threshold), inDType(x, value)]);
};
/** In place {@link threshold}: `x = x <= threshold ? value : x`. */
export const threshold_ = (x: Tensor, threshold: number, value: number): Tensor => {
  checkTensor("threshold_", "x", x);
  return inPlace(thresholdOp, x, inDType(x, threshold), inDType(x, value));
};

export const logsigmoidOp = pointwise(
  "logsigmoid",
  (x) => scalar.min(x, 0).sub(scalar.log1p(scalar.exp(scalar.abs(x).neg()))),
  {
    refuses: notFloat,
    grad: (g, [x]) => [g.mul(sigmoidOf(x.neg()))],
  },
);
/**
 * Logarithm of the sigmoid, `y = log(1 / (1 + exp(-x)))`, without underflow.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
 * @example
 * tensor([-200, 0, 2]).logsigmoid().tolist(); // [-200, -0.6931, -0.1269]
 */
export const logsigmoid = (x: Tensor): Tensor => unary(logsigmoidOp, x);

export const preluOp = pointwise("prelu", (x, weight) => choose(x.gt(0), x, x.mul(weight)), { refuses: notFloat });
/**
 * A {@link leakyRelu} whose slopes are learnt, `y[n, c, ...] = x[n, c, ...] > 0 ? x[n, c, ...] : weight[c] * x[n, c, ...]` (He et al.
 * 2015).
 *
 * Shapes: `x` [N, C, ...], `weight` [C], or one element for all channels; an `x` of less than two dimensions has one channel; the result
 * has the shape of `x`. Dtype: the promoted one.
 *
 * @throws ShapeError when `weight` has more than one dimension, or neither 1 nor C elements.
 * @throws DTypeError when both hold integers or bools.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html
 * @example
 * tensor([[-1, -1], [2, -2]]).prelu(tensor([0.1, 0.5])).tolist(); // [[-0.1, -0.5], [2, -1]]
 * tensor([-4, 4]).prelu(tensor(0.25)).tolist(); // [-1, 4]
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  checkTensor("prelu", "weight", weight);
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

/**
 * Gated linear unit, `y = a * sigmoid(b)`, where a and b are the first and the second half of `x` along `dim` (Dauphin et al. 2016).
 *
 * Shapes: `x` [..., 2n, ...] with 2n at `dim`, the result [..., n, ...]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when the size is odd, or `x` is 0-d.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.glu.html
 * @example
 * tensor([1, 2, 0, 100]).glu().tolist(); // [0.5, 2]
 * tensor([[4], [0]]).glu(0).tolist(); // [[2]]
 */
export function glu(x: Tensor, dim = -1): Tensor {
  if (unscoped()) return scoped(glu, x, dim);
  checkTensor("glu", "x", x);
  if (x.ndim === 0) throw new ShapeError("glu", "a 0-d tensor cannot be split into halves", [x.shape]);
  const d = normalizeDim("glu", dim, x.ndim);
  const n = x.shape[d];
  if (n % 2 !== 0)
    throw new ShapeError("glu", `dimension ${d} must have an even size, got ${n} in ${showShape(x.shape)}`, [x.shape]);
  return mul(narrow(x, d, 0, n / 2), sigmoid(narrow(x, d, n / 2, n / 2)));
}
