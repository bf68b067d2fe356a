import {
  type DType,
  instanceNorm,
  type LocalResponseNormOptions,
  localResponseNorm,
  ones,
  ShapeError,
  squeeze,
  type Tensor,
  unsqueeze,
  zeros,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, localResponseKinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer, Parameter } from "../parameter.ts";
import { real, shown, shownStatistics } from "../repr.ts";

export interface InstanceNormLayerOptions {
  /** Added to the variance (default 1e-5). */
  readonly eps?: number | undefined;
  /** Weight of an input in the running statistics (default 0.1). */
  readonly momentum?: number | undefined;
  /** Whether there are a weight and a bias for each channel (default false). */
  readonly affine?: boolean | undefined;
  /** Keep running statistics, which evaluation then uses (default false). */
  readonly trackRunningStats?: boolean | undefined;
  /** With `affine`: false leaves the bias out (default true). */
  readonly bias?: boolean | undefined;
  /** What parameters and buffers are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const instanceNormKinds: Kinds<InstanceNormLayerOptions> = {
  eps: option.number,
  momentum: option.number,
  affine: option.boolean,
  trackRunningStats: option.boolean,
  dtype: option.dtype,
  device: option.string,
  bias: option.boolean,
};

abstract class InstanceNorm extends Module {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly runningMean: Buffer | null;
  readonly runningVar: Buffer | null;
  readonly numBatchesTracked: Buffer | null;
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number;
  protected abstract readonly rank: number;

  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    super();
    checkOptions(this.constructor.name, instanceNormKinds, options);
    const { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false, bias = true, ...made } = options;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Parameter(ones([numFeatures], made)) : null;
    this.bias = affine && bias ? new Parameter(zeros([numFeatures], made)) : null;
    this.runningMean = trackRunningStats ? new Buffer(zeros([numFeatures], made)) : null;
    this.runningVar = trackRunningStats ? new Buffer(ones([numFeatures], made)) : null;
    this.numBatchesTracked = trackRunningStats ? new Buffer(zeros([], { ...made, dtype: "int32" })) : null;
  }
  protected override stateKeys(): Readonly<Record<string, string>> {
    return { runningMean: "running_mean", runningVar: "running_var", numBatchesTracked: "num_batches_tracked" };
  }
  forward(x: Tensor): Tensor {
    const batched = x.ndim === this.rank + 2;
    if ((!batched && x.ndim !== this.rank + 1) || x.shape[x.ndim - this.rank - 1] !== this.numFeatures)
      throw new ShapeError(
        this.constructor.name,
        `expected input [N, ${this.numFeatures}, ...] or [${this.numFeatures}, ...] with ${this.rank} more dimensions, got ${showShape(x.shape)}`,
        [x.shape],
      );
    const y = instanceNorm(batched ? x : unsqueeze(x, 0), {
      runningMean: this.runningMean,
      runningVar: this.runningVar,
      weight: this.weight,
      bias: this.bias,
      useInputStats: this.training || !this.runningMean,
      momentum: this.momentum,
      eps: this.eps,
    });
    return batched ? y : squeeze(y, 0);
  }
  override extraRepr(): string {
    return shownStatistics(this);
  }
}
/**
 * Normalizes each channel of each example over its positions: `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`, with
 * the biased variance. The module of {@link instanceNorm}.
 *
 * Shape: that of `x`, [N, C, L] or [C, L] with C = `numFeatures` and more than one position. With `affine` the parameters `weight` [C],
 * ones, and `bias` [C], zeros; with `trackRunningStats` the buffers `runningMean` [C], zeros, `runningVar` [C], ones, and
 * `numBatchesTracked` [], int32. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or other channels.
 * @throws ArgumentError when an example's channel has one position only.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 * @see Ulyanov et al., "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016, https://arxiv.org/abs/1607.08022
 * @example
 * new nn.InstanceNorm1d(2).forward(tensor([[[1, 3], [10, 30]]])).tolist(); // [[[-1.0000, 1.0000], [-1.0000, 1.0000]]]
 */
export class InstanceNorm1d extends InstanceNorm {
  protected readonly rank = 1;
}
/**
 * Normalizes each channel of each example over its positions: `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`, with
 * the biased variance. The module of {@link instanceNorm}.
 *
 * Shape: that of `x`, [N, C, H, W] or [C, H, W] with C = `numFeatures` and more than one position. With `affine` the parameters `weight`
 * [C], ones, and `bias` [C], zeros; with `trackRunningStats` the buffers `runningMean` [C], zeros, `runningVar` [C], ones, and
 * `numBatchesTracked` [], int32. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or other channels.
 * @throws ArgumentError when an example's channel has one position only.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 * @see Ulyanov et al., "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016, https://arxiv.org/abs/1607.08022
 * @example
 * new nn.InstanceNorm2d(1).forward(tensor([[[[1, 3], [3, 1]]]])).tolist(); // [[[[-1.0000, 1.0000], [1.0000, -1.0000]]]]
 */
export class InstanceNorm2d extends InstanceNorm {
  protected readonly rank = 2;
}
/**
 * Normalizes each channel of each example over its positions: `y[n, c] = (x[n, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`, with
 * the biased variance. The module of {@link instanceNorm}.
 *
 * Shape: that of `x`, [N, C, D, H, W] or [C, D, H, W] with C = `numFeatures` and more than one position. With `affine` the parameters
 * `weight` [C], ones, and `bias` [C], zeros; with `trackRunningStats` the buffers `runningMean` [C], zeros, `runningVar` [C], ones, and
 * `numBatchesTracked` [], int32. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or other channels.
 * @throws ArgumentError when an example's channel has one position only.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
 * @see Ulyanov et al., "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016, https://arxiv.org/abs/1607.08022
 * @example
 * new nn.InstanceNorm3d(4, { affine: true }).forward(randn([2, 4, 3, 3, 3])).shape; // [2, 4, 3, 3, 3]
 */
export class InstanceNorm3d extends InstanceNorm {
  protected readonly rank = 3;
}

/**
 * Divides each element by the squares around it in `size` neighbouring channels: `y[n, c] = x[n, c] / (k + alpha * m)^beta`, where m is
 * their mean of `x^2`. The module of {@link localResponseNorm}.
 *
 * Shape: that of `x`, [N, C, ...] with at least three dimensions. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has fewer than three dimensions.
 * @throws ArgumentError from `forward` when `size` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 * @see Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012
 * @example
 * const layer = new nn.LocalResponseNorm(3, { alpha: 3, beta: 1 });
 * layer.forward(tensor([[[1], [2], [3]]])).tolist(); // [[[0.1667], [0.1333], [0.2143]]]
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly options: LocalResponseNormOptions;
  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    checkOptions("LocalResponseNorm", localResponseKinds, options);
    this.size = size;
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options);
  }
  override extraRepr(): string {
    const { alpha = 1e-4, beta = 0.75, k = 1 } = this.options;
    return shown(this.size, { alpha: real(alpha), beta: real(beta), k: real(k) });
  }
}
