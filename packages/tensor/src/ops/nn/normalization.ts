import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { tensor as aTensor, boolean, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { applyMany } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkInteger, integersOf } from "../../layout/integers.ts";
import { sameShape, sizeOf } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { copy_ } from "../create/copy.ts";
import { zerosLike } from "../create/creation.ts";
import { add, mul, sub } from "../pointwise/arithmetic.ts";
import { rsqrt } from "../pointwise/exponential.ts";
import { unbroadcast } from "../reduce/unbroadcast.ts";
import { reshape } from "../shape/view.ts";
import { batchNormOp, batchNormTrackingOp, perChannel } from "./batch-norm-op.ts";
import { type Norm, normGradient, normOp } from "./norm-op.ts";

const rows: Omit<Norm<"layerNorm" | "rmsNorm">, "name" | "centered"> = {
  dims: (x, { count }) => Array.from({ length: count }, (_, i) => x.ndim - count + i),
  features: (x, { count }) => x.shape.slice(x.ndim - count),
  statistics: (x, { count }) => x.shape.map((s, i) => (i < x.ndim - count ? s : 1)),
  spread: (t) => t,
  gather: (g, x, { count }) => unbroadcast(g, x.shape.slice(x.ndim - count)),
};

/** What a normalized tensor goes through, and what keeps from dividing by 0. */
export interface NormalizationOptions {
  /** Factor of each feature or channel. Default: none. */
  readonly weight?: Tensor | null | undefined;
  /** Shift of each feature or channel. Default: none. */
  readonly bias?: Tensor | null | undefined;
  /** Added to the variance (default 1e-5). */
  readonly eps?: number | undefined;
}
const normKinds: Kinds<NormalizationOptions> = { weight: orNull(aTensor), bias: orNull(aTensor), eps: number };

const layer: Norm<"layerNorm"> = { ...rows, name: "layerNorm", centered: true };
export const layerNormBackwardOp = normGradient(layer);
export const layerNormOp = normOp(layer, layerNormBackwardOp);

/**
 * Layer normalization over the trailing dimensions `normalizedShape`: `y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias`, with the
 * biased variance. Options: `weight` and `bias` (default: none), `eps` (1e-5).
 *
 * Shapes: `x` [..., ...normalizedShape], `weight` and `bias` that of `normalizedShape`; result that of `x`. Dtype: that of `x`, a
 * floating-point one.
 *
 * @throws ShapeError when `x` does not end in `normalizedShape`, or `weight` or `bias` has another shape than that.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws ArgumentError when `normalizedShape` holds anything but integers.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
 * @see Ba et al., "Layer Normalization", 2016, https://arxiv.org/abs/1607.06450
 * @example
 * import { layerNorm, tensor } from "@flambeau/tensor";
 * layerNorm(tensor([[1, 2, 3], [4, 4, 10]]), 3).tolist(); // [[-1.2247, 0, 1.2247], [-0.7071, -0.7071, 1.4142]]
 * layerNorm(tensor([1, 3]), 2, { weight: tensor([10, 10]), bias: tensor([5, 0]) }).tolist(); // [-5.0000, 10.0000]
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  options: NormalizationOptions = none,
): Tensor {
  const whole = wholeBy("layerNorm", x);
  if (whole !== null) return whole(layerNorm, [x, normalizedShape, options]);
  checkOptions("layerNorm", normKinds, options);
  checkTensor("layerNorm", "x", x);
  const { weight = null, bias = null, eps = 1e-5 } = options;
  const shape = integersOf("layerNorm", "normalizedShape", normalizedShape);
  if (!sameShape(x.shape.slice(x.ndim - shape.length), shape) || shape.length === 0)
    throw new ShapeError(
      "layerNorm",
      `input ${showShape(x.shape)} does not end in the normalized shape ${showShape(shape)}`,
      [x.shape, shape],
    );
  for (const p of [weight, bias])
    if (p && !sameShape(p.shape, shape))
      throw new ShapeError(
        "layerNorm",
        `weight and bias must have shape ${showShape(shape)}, got ${showShape(p.shape)}`,
        [p.shape],
      );
  const inputs = [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  const [y, mu, rstd] = applyMany(layerNormOp, inputs, {
    count: shape.length,
    eps,
    weight: weight !== null,
    bias: bias !== null,
  });
  mu.dispose(); // the graph, if there is one, holds them
  rstd.dispose();
  return y;
}

export interface RmsNormOptions {
  /** Factor of each feature. Default: none. */
  readonly weight?: Tensor | null | undefined;
  /** Added to the mean square; null (the default) takes the distance from 1 to the next number of the dtype. */
  readonly eps?: number | null | undefined;
}
const rmsNormKinds: Kinds<RmsNormOptions> = { weight: orNull(aTensor), eps: orNull(number) };

const rms: Norm<"rmsNorm"> = { ...rows, name: "rmsNorm", centered: false };
export const rmsNormBackwardOp = normGradient(rms);
export const rmsNormOp = normOp(rms, rmsNormBackwardOp);

/**
 * Root-mean-square normalization over the trailing dimensions `normalizedShape`: `y = x / sqrt(mean(x^2) + eps) * weight`. Options:
 * `weight` (default: none), `eps` (2^-23, for float64 2^-52).
 *
 * Shapes: `x` [..., ...normalizedShape], `weight` that of `normalizedShape`; result that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` does not end in `normalizedShape`, or `weight` has another shape than that.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws ArgumentError when `normalizedShape` holds anything but integers.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
 * @see Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, https://arxiv.org/abs/1910.07467
 * @example
 * rmsNorm(tensor([[3, 4], [6, 8]]), 2).tolist(); // [[0.8485, 1.1314], [0.8485, 1.1314]]
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  options: RmsNormOptions = none,
): Tensor {
  checkOptions("rmsNorm", rmsNormKinds, options);
  checkTensor("rmsNorm", "x", x);
  const { weight = null, eps = null } = options;
  const shape = integersOf("rmsNorm", "normalizedShape", normalizedShape);
  if (!sameShape(x.shape.slice(x.ndim - shape.length), shape) || shape.length === 0)
    throw new ShapeError(
      "rmsNorm",
      `input ${showShape(x.shape)} does not end in the normalized shape ${showShape(shape)}`,
      [x.shape, shape],
    );
  if (weight && !sameShape(weight.shape, shape))
    throw new ShapeError("rmsNorm", `weight must have shape ${showShape(shape)}, got ${showShape(weight.shape)}`, [
      weight.shape,
    ]);
  const [y, rstd] = applyMany(rmsNormOp, weight ? [x, weight] : [x], {
    count: shape.length,
    eps: eps ?? (x.dtype === "float64" ? 2 ** -52 : 2 ** -23),
    weight: weight !== null,
    bias: false,
  });
  rstd.dispose(); // the graph, if there is one, holds it
  return y;
}

export interface BatchNormOptions extends NormalizationOptions {
  /** Normalize with the batch's own statistics and update the running ones; else with the running ones (default false). */
  readonly training?: boolean | undefined;
  /** Weight of the batch in the running statistics (default 0.1). */
  readonly momentum?: number | undefined;
}
const batchNormKinds: Kinds<BatchNormOptions> = {
  weight: normKinds.weight,
  bias: normKinds.bias,
  training: boolean,
  momentum: number,
  eps: normKinds.eps,
};
/**
 * Batch normalization of [N, C, ...] per channel: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. In training mean
 * and biased variance are those of the batch, and the running statistics are updated in place, `r = (1 - momentum) * r + momentum * batch`,
 * with the unbiased variance; otherwise the running statistics are used.
 *
 * Shapes: `x` [N, C, ...], all others [C]; result that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has fewer than two dimensions, or a parameter or statistic is not [C].
 * @throws ArgumentError in evaluation without running statistics, in training with one value per channel.
 * @throws DTypeError when `x` is no floating-point tensor, in training.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 * @see Ioffe and Szegedy, "Batch Normalization", 2015, https://arxiv.org/abs/1502.03167
 * @example
 * import { batchNorm, ones, tensor, zeros } from "@flambeau/tensor";
 * const [mean, variance] = [zeros([2]), ones([2])];
 * batchNorm(tensor([[1, 10], [3, 30]]), mean, variance, { training: true }).tolist(); // [[-1.0000, -1.0000], [1.0000, 1.0000]]
 * mean.tolist(); // [0.2, 2]
 * batchNorm(tensor([[1, 10]]), tensor([1, 4]), tensor([1, 9])).tolist(); // [[0, 2.0000]]
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = none,
): Tensor {
  const whole = wholeBy("batchNorm", x);
  if (whole !== null) return whole(batchNorm, [x, runningMean, runningVar, options]);
  if (unscoped()) return scoped(batchNorm, x, runningMean, runningVar, options);
  checkOptions("batchNorm", batchNormKinds, options);
  checkTensor("batchNorm", "x", x);
  if (runningMean !== null && runningMean !== undefined) checkTensor("batchNorm", "runningMean", runningMean);
  if (runningVar !== null && runningVar !== undefined) checkTensor("batchNorm", "runningVar", runningVar);
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = options;
  if (x.ndim < 2) {
    if (x.size === 0) return mul(x, 1); // PyTorch lets an empty vector through
    throw new ShapeError("batchNorm", `expected input with at least 2 dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  }
  for (const p of [weight, bias, runningMean, runningVar])
    if (p && !sameShape(p.shape, [x.shape[1]]))
      throw new ShapeError(
        "batchNorm",
        `parameters and statistics must have shape [${x.shape[1]}] for input ${showShape(x.shape)}, got ${showShape(p.shape)}`,
        [p.shape, x.shape],
      );
  const stand = inFloat32(x, weight, bias, runningMean, runningVar);
  if (stand) {
    const [wide, w, b, mean32, var32] = stand;
    const y = batchNorm(wide, mean32, var32, { ...options, weight: w, bias: b });
    for (const [t, kept] of [
      [runningMean, mean32],
      [runningVar, var32],
    ])
      if (training && t && kept) noGrad(() => copy_(t, kept));
    return toDType(y, x.dtype);
  }
  if (!training) {
    if (!runningMean || !runningVar)
      throw new ArgumentError(
        "batchNorm",
        "evaluation needs running statistics",
        "pass { training: true } to use the batch's",
      );
    let y = mul(sub(x, perChannel(runningMean, x.ndim)), rsqrt(add(perChannel(runningVar, x.ndim), eps)));
    if (weight) y = mul(y, perChannel(weight, x.ndim));
    return bias ? add(y, perChannel(bias, x.ndim)) : y;
  }
  const count = x.size / x.shape[1];
  if (count === 1)
    throw new ArgumentError(
      "batchNorm",
      `training needs more than one value per channel, got input ${showShape(x.shape)}`,
    );
  const features = [...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  const attrs = { eps, weight: weight !== null, bias: bias !== null };
  const running = runningMean ?? runningVar;
  let results: readonly Tensor[];
  if (running === null) results = applyMany(batchNormOp, [x, ...features], attrs);
  else {
    // the op keeps both statistics: one that nobody wants is lost
    const inputs = [x, runningMean ?? zerosLike(running), runningVar ?? zerosLike(running), ...features];
    for (const t of inputs) checkSameDevice("batchNorm", x, t);
    results = applyMany(batchNormTrackingOp, inputs, { ...attrs, momentum }).slice(2);
  }
  const [y, mu, rstd] = results;
  mu.dispose(); // the graph, if there is one, holds them
  rstd.dispose();
  return y;
}

/**
 * Normalizes each example's groups of channels over the channels and positions of the group:
 * `y = (x - mean) / sqrt(var + eps) * weight[c] + bias[c]`, with the biased variance. Options: `weight` and `bias` (default: none), `eps`
 * (1e-5).
 *
 * Shapes: `x` [N, C, ...], `weight` and `bias` [C]; result that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @throws ArgumentError when `numGroups` is no positive integer that divides the channels.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 * @see Wu and He, "Group Normalization", 2018, https://arxiv.org/abs/1803.08494
 * @example
 * groupNorm(tensor([[1, 3, 10, 30]]), 2).tolist(); // [[-1.0000, 1.0000, -1.0000, 1.0000]]
 * groupNorm(tensor([[1, 3, 5, 7]]), 1).tolist(); // [[-1.3416, -0.4472, 0.4472, 1.3416]]
 */
export function groupNorm(x: Tensor, numGroups: number, options: NormalizationOptions = none): Tensor {
  const whole = wholeBy("groupNorm", x);
  if (whole !== null) return whole(groupNorm, [x, numGroups, options]);
  if (unscoped()) return scoped(groupNorm, x, numGroups, options);
  checkOptions("groupNorm", normKinds, options);
  checkTensor("groupNorm", "x", x);
  const { weight = null, bias = null, eps = 1e-5 } = options;
  const [n, c] = x.shape;
  if (x.ndim < 2)
    throw new ShapeError("groupNorm", `expected input with at least 2 dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  checkInteger("groupNorm", "numGroups", numGroups);
  if (numGroups < 1 || c % numGroups !== 0)
    throw new ArgumentError("groupNorm", `numGroups (${numGroups}) must divide the ${c} channels`);
  const stand = inFloat32(x, weight, bias);
  if (stand) {
    const [wide, w, b] = stand;
    return toDType(groupNorm(wide, numGroups, { weight: w, bias: b, eps }), x.dtype);
  }
  const rows = reshape(x, [n, numGroups, (c / numGroups) * sizeOf(x.shape.slice(2))]);
  let y = reshape(layerNorm(rows, rows.shape[2], { eps }), x.shape);
  if (weight) y = mul(y, perChannel(weight, x.ndim));
  return bias ? add(y, perChannel(bias, x.ndim)) : y;
}
