import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkInteger } from "../../layout/integers.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { copy_ } from "../create/copy.ts";
import { add, div, mul, pow } from "../pointwise/arithmetic.ts";
import { mean } from "../reduce/reduction.ts";
import { constantPadNd } from "../shape/padding.ts";
import { repeat } from "../shape/repeating.ts";
import { reshape } from "../shape/view.ts";
import { batchNorm } from "./normalization.ts";
import { avgPool2d } from "./pooling.ts";

export interface InstanceNormOptions {
  /** Updated in place, or with `useInputStats: false` taken for the statistics. */
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  readonly useInputStats?: boolean;
  /** Weight of this input in the running statistics. */
  readonly momentum?: number;
  readonly eps?: number;
}
/**
 * Instance normalization (Ulyanov et al. 2016): each channel of each example of [N, C, ...] by its own mean and variance,
 * (x - mean) / sqrt(var + eps) * weight + bias.
 *
 * @throws ShapeError for inputs without positions, ArgumentError when statistics are missing or cannot be computed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 */
export function instanceNorm(x: Tensor, options: InstanceNormOptions = {}): Tensor {
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
  readonly alpha?: number;
  readonly beta?: number;
  readonly k?: number;
}
/**
 * Each element of [N, C, ...] by the squares of its neighbours in `size` channels: x / (k + alpha * mean(x^2))^beta.
 *
 * @see A. Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012
 */
export function localResponseNorm(
  x: Tensor,
  size: number,
  { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {},
): Tensor {
  if (x.ndim < 3)
    throw new ShapeError("localResponseNorm", `expected input [N, C, ...], got ${showShape(x.shape)}`, [x.shape]);
  checkInteger("localResponseNorm", "size", size, 1);
  if (x.size === 0) return mul(x, 1);
  const [n, c] = x.shape;
  const squares = reshape(mul(x, x), [n, 1, c, sizeOf(x.shape.slice(2))]);
  const framed = constantPadNd(squares, [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
  const means = reshape(avgPool2d(framed, [size, 1], { stride: 1 }), x.shape);
  return div(x, pow(add(mul(means, alpha), k), beta));
}
