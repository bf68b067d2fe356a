import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { tensor as aTensor, boolean, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkInteger } from "../../layout/integers.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { copy_ } from "../create/copy.ts";
import { add, div, mul, pow } from "../pointwise/arithmetic.ts";
import { mean } from "../reduce/reduction.ts";
import { constantPadNd } from "../shape/padding.ts";
import { repeat } from "../shape/repeating.ts";
import { reshape } from "../shape/view.ts";
import { batchNorm } from "./normalization.ts";
import { avgPool2d } from "./pooling.ts";

export interface InstanceNormOptions {
  /** Updated in place, or with `useInputStats: false` taken for the mean, [C]. Default: none. */
  readonly runningMean?: Tensor | null | undefined;
  /** Updated in place, or with `useInputStats: false` taken for the variance, [C]. Default: none. */
  readonly runningVar?: Tensor | null | undefined;
  /** Factor of each channel, [C]. Default: none. */
  readonly weight?: Tensor | null | undefined;
  /** Shift of each channel, [C]. Default: none. */
  readonly bias?: Tensor | null | undefined;
  /** Normalize with the input's own statistics; else with the running ones (default true). */
  readonly useInputStats?: boolean | undefined;
  /** Weight of this input in the running statistics (default 0.1). */
  readonly momentum?: number | undefined;
  /** Added to the variance (default 1e-5). */
  readonly eps?: number | undefined;
}
const instanceNormKinds: Kinds<InstanceNormOptions> = {
  runningMean: orNull(aTensor),
  runningVar: orNull(aTensor),
  weight: orNull(aTensor),
  bias: orNull(aTensor),
  useInputStats: boolean,
  momentum: number,
  eps: number,
};
/**
 * Instance normalization: each channel of each example of [N, C, ...] by its own mean and biased variance,
 * `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`.
 *
 * Shapes: `x` [N, C, ...] with more than one position, all others [C]; result that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has fewer than two dimensions, or a parameter or statistic is not [C].
 * @throws ArgumentError when running statistics are to be used and missing, or an example's channel has one position only.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
 * @see Ulyanov et al., "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016, https://arxiv.org/abs/1607.08022
 * @example
 * instanceNorm(tensor([[[1, 3], [10, 30]]])).tolist(); // [[[-1.0000, 1.0000], [-1.0000, 1.0000]]]
 */
export function instanceNorm(x: Tensor, options: InstanceNormOptions = none): Tensor {
  const whole = wholeBy("instanceNorm", x);
  if (whole !== null) return whole(instanceNorm, [x, options]);
  if (unscoped()) return scoped(instanceNorm, x, options);
  checkOptions("instanceNorm", instanceNormKinds, options);
  checkTensor("instanceNorm", "x", x);
  const { runningMean = null, runningVar = null, weight = null, bias = null } = options;
  const { useInputStats = true, momentum = 0.1, eps = 1e-5 } = options;
  if (x.ndim < 2)
    throw new ShapeError("instanceNorm", `expected input [N, C, ...], got ${showShape(x.shape)}`, [x.shape]);
  const [n, c] = x.shape;
  if (!useInputStats && (!runningMean || !runningVar))
    throw new ArgumentError("instanceNorm", "useInputStats: false needs runningMean and runningVar");
  if (useInputStats && sizeOf(x.shape.slice(2)) === 1)
    throw new ArgumentError(
      "instanceNorm",
      `needs more than one position per channel, got input ${showShape(x.shape)}`,
    );
  const wide = inFloat32(x, weight, bias);
  if (wide) return toDType(instanceNorm(wide[0], { ...options, weight: wide[1], bias: wide[2] }), x.dtype);
  if (!useInputStats) return batchNorm(x, runningMean, runningVar, { weight, bias, training: false, eps });
  const each = (t: Tensor | null) => t && repeat(t, [n]);
  const [means, vars] = noGrad(() => [each(runningMean), each(runningVar)]);
  const channels = reshape(x, [1, n * c, ...x.shape.slice(2)]);
  const y = batchNorm(channels, means, vars, { weight: each(weight), bias: each(bias), training: true, momentum, eps });
  noGrad(() => {
    for (const [running, found] of [
      [runningMean, means],
      [runningVar, vars],
    ])
      if (running && found) copy_(running, mean(reshape(found, [n, c]), 0));
  });
  return reshape(y, x.shape);
}

export interface LocalResponseNormOptions {
  /** Factor of the mean of squares (default 1e-4). */
  readonly alpha?: number | undefined;
  /** The exponent (default 0.75). */
  readonly beta?: number | undefined;
  /** Added to the mean of squares (default 1). */
  readonly k?: number | undefined;
}
export const localResponseKinds: Kinds<LocalResponseNormOptions> = { alpha: number, beta: number, k: number };
/**
 * Divides each element of [N, C, ...] by the squares around it in `size` neighbouring channels: `y[n, c] = x[n, c] / (k + alpha * m)^beta`,
 * where m is the mean of `x^2` over channels `c - floor(size / 2)` to `c + floor((size - 1) / 2)`; channels that do not exist count as
 * zeros.
 *
 * Shape: that of `x`, which has at least three dimensions. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has fewer than three dimensions.
 * @throws ArgumentError when `size` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
 * @see Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012
 * @example
 * localResponseNorm(tensor([[[1], [2], [3]]]), 3, { alpha: 3, beta: 1 }).tolist(); // [[[0.1667], [0.1333], [0.2143]]]
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = none): Tensor {
  const whole = wholeBy("localResponseNorm", x);
  if (whole !== null) return whole(localResponseNorm, [x, size, options]);
  if (unscoped()) return scoped(localResponseNorm, x, size, options);
  checkOptions("localResponseNorm", localResponseKinds, options);
  checkTensor("localResponseNorm", "x", x);
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (x.ndim < 3)
    throw new ShapeError("localResponseNorm", `expected input [N, C, ...], got ${showShape(x.shape)}`, [x.shape]);
  checkInteger("localResponseNorm", "size", size, 1);
  if (x.size === 0) return mul(x, 1);
  const wide = inFloat32(x);
  if (wide) return toDType(localResponseNorm(...wide, size, options), x.dtype);
  const [n, c] = x.shape;
  const squares = reshape(mul(x, x), [n, 1, c, sizeOf(x.shape.slice(2))]);
  const framed = constantPadNd(squares, [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
  const means = reshape(avgPool2d(framed, [size, 1], { stride: 1 }), x.shape);
  return div(x, pow(add(mul(means, alpha), k), beta));
}
