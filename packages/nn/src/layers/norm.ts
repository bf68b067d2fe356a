import {
  ArgumentError,
  add_,
  batchNorm,
  type DType,
  div,
  emptyLike,
  fill_,
  groupNorm,
  layerNorm,
  noGrad,
  ones,
  rmsNorm,
  ShapeError,
  sub,
  type Tensor,
  tidy,
  zero_,
  zeros,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer, Parameter } from "../parameter.ts";
import { real, shown, shownStatistics } from "../repr.ts";

interface Made {
  /** What parameters and buffers are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const madeKinds: Kinds<Made> = { dtype: option.dtype, device: option.string };

export interface BatchNormLayerOptions extends Made {
  /** Added to the variance (default 1e-5). */
  readonly eps?: number | undefined;
  /** Weight of a batch in the running statistics (default 0.1); null: their plain average over all batches. */
  readonly momentum?: number | null | undefined;
  /** Whether there are a weight and a bias for each channel (default true). */
  readonly affine?: boolean | undefined;
  /** Keep running statistics, which evaluation uses; else it uses the batch's own (default true). */
  readonly trackRunningStats?: boolean | undefined;
  /** With `affine`: false leaves the bias out (default true). */
  readonly bias?: boolean | undefined;
}
const batchNormKinds: Kinds<BatchNormLayerOptions> = {
  eps: option.number,
  momentum: option.orNull(option.number),
  affine: option.boolean,
  trackRunningStats: option.boolean,
  ...madeKinds,
  bias: option.boolean,
};

/** What the layers by rank have in common; a layer says which ranks it takes. */
export abstract class BatchNorm extends Module {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly runningMean: Buffer | null;
  readonly runningVar: Buffer | null;
  readonly numBatchesTracked: Buffer | null;
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super();
    checkOptions(this.constructor.name, batchNormKinds, options);
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, bias = true, ...made } = options;
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
  /** Told from other layers with running statistics by it. */
  get isBatchNorm(): true {
    return true;
  }
  /** Starts the running statistics over: mean 0, variance 1, no batches. */
  resetRunningStats(): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    noGrad(() => {
      if (runningMean) zero_(runningMean);
      if (runningVar) fill_(runningVar, 1);
      if (numBatchesTracked) zero_(numBatchesTracked);
    });
  }
  protected abstract check(x: Tensor): boolean;
  forward(x: Tensor): Tensor {
    if (!this.check(x))
      throw new ShapeError(
        this.constructor.name,
        `input ${showShape(x.shape)} has a rank that this layer does not take`,
        [x.shape],
      );
    const tracked = this.numBatchesTracked;
    if (this.training && tracked) noGrad(() => add_(tracked, 1));
    const { weight, bias, eps, runningMean, runningVar } = this;
    const options = { weight, bias, eps, training: this.training || !runningMean };
    if (this.momentum !== null || !this.training || !tracked || !runningMean || !runningVar || x.size === 0)
      return batchNorm(x, runningMean, runningVar, { ...options, momentum: this.momentum ?? 0 });
    // the average of all batches so far: r += (batch - r) / count, on the device, where the count is
    const batch = noGrad(() => [emptyLike(runningMean), emptyLike(runningVar)].map((t) => zero_(t)));
    const y = batchNorm(x, batch[0], batch[1], { ...options, momentum: 1 });
    const average = (running: Tensor, now: Tensor) => void add_(running, div(sub(now, running), tracked));
    noGrad(() => tidy(() => [average(runningMean, batch[0]), average(runningVar, batch[1])]));
    for (const t of batch) t.dispose();
    return y;
  }
  override extraRepr(): string {
    return shownStatistics(this);
  }
}
/**
 * Batch normalization of [N, C] or [N, C, L] per channel: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. In training
 * with the batch's mean and biased variance, while the running statistics move, `r = (1 - momentum) * r + momentum * batch`; in evaluation
 * with those. The module of {@link batchNorm}.
 *
 * Shape: that of `x`, [N, C] or [N, C, L] with C = `numFeatures`. Parameters: `weight` [C], ones, and `bias` [C], zeros; buffers:
 * `runningMean` [C], zeros, `runningVar` [C], ones, and `numBatchesTracked` [], int32. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has neither two nor three dimensions or other channels.
 * @throws ArgumentError in training with one value per channel.
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 * @see Ioffe and Szegedy, "Batch Normalization", 2015, https://arxiv.org/abs/1502.03167
 * @example
 * const layer = new nn.BatchNorm1d(2);
 * layer.forward(tensor([[1, 10], [3, 30]])).tolist(); // [[-1.0000, -1.0000], [1.0000, 1.0000]]
 * layer.runningMean?.tolist(); // [0.2, 2]
 * layer.eval().forward(tensor([[0.2, 2]])).tolist(); // [[0, 0]]
 */
export class BatchNorm1d extends BatchNorm {
  protected check(x: Tensor): boolean {
    checkTensor("BatchNorm1d", "x", x);
    return x.ndim === 2 || x.ndim === 3;
  }
}
/**
 * Batch normalization of [N, C, H, W] per channel: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. In training with
 * the batch's mean and biased variance, while the running statistics move, `r = (1 - momentum) * r + momentum * batch`; in evaluation with
 * those. The module of {@link batchNorm}.
 *
 * Shape: that of `x`, [N, C, H, W] with C = `numFeatures`. Parameters: `weight` [C], ones, and `bias` [C], zeros; buffers: `runningMean`
 * [C], zeros, `runningVar` [C], ones, and `numBatchesTracked` [], int32. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has not four dimensions or other channels.
 * @throws ArgumentError in training with one value per channel.
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 * @see Ioffe and Szegedy, "Batch Normalization", 2015, https://arxiv.org/abs/1502.03167
 * @example
 * const layer = new nn.BatchNorm2d(8);
 * layer.forward(randn([4, 8, 5, 5])).shape; // [4, 8, 5, 5]
 * [...layer.stateDict().keys()]; // ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
 */
export class BatchNorm2d extends BatchNorm {
  protected check(x: Tensor): boolean {
    checkTensor("BatchNorm2d", "x", x);
    return x.ndim === 4;
  }
}
/**
 * Batch normalization of [N, C, D, H, W] per channel: `y[:, c] = (x[:, c] - mean) / sqrt(var + eps) * weight[c] + bias[c]`. In training
 * with the batch's mean and biased variance, while the running statistics move, `r = (1 - momentum) * r + momentum * batch`; in evaluation
 * with those. The module of {@link batchNorm}.
 *
 * Shape: that of `x`, [N, C, D, H, W] with C = `numFeatures`. Parameters: `weight` [C], ones, and `bias` [C], zeros; buffers: `runningMean`
 * [C], zeros, `runningVar` [C], ones, and `numBatchesTracked` [], int32. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has not five dimensions or other channels.
 * @throws ArgumentError in training with one value per channel.
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
 * @see Ioffe and Szegedy, "Batch Normalization", 2015, https://arxiv.org/abs/1502.03167
 * @example
 * new nn.BatchNorm3d(2, { affine: false }).forward(randn([4, 2, 3, 3, 3])).shape; // [4, 2, 3, 3, 3]
 */
export class BatchNorm3d extends BatchNorm {
  protected check(x: Tensor): boolean {
    checkTensor("BatchNorm3d", "x", x);
    return x.ndim === 5;
  }
}

export interface LayerNormOptions extends Made {
  /** Added to the variance (default 1e-5). */
  readonly eps?: number | undefined;
  /** Whether there are a weight and a bias for each element (default true). */
  readonly elementwiseAffine?: boolean | undefined;
  /** With `elementwiseAffine`: false leaves the bias out (default true). */
  readonly bias?: boolean | undefined;
}
const layerNormKinds: Kinds<LayerNormOptions> = {
  eps: option.number,
  elementwiseAffine: option.boolean,
  bias: option.boolean,
  ...madeKinds,
};
/**
 * Layer normalization over the trailing dimensions `normalizedShape`: `y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias`, with the
 * biased variance. The module of {@link layerNorm}.
 *
 * Shape: that of `x`, [..., ...normalizedShape]. Parameters: `weight`, ones, and `bias`, zeros, of `normalizedShape`. Dtype: that of `x`, a
 * floating-point one.
 *
 * @throws ShapeError when `x` does not end in `normalizedShape`.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 * @see Ba et al., "Layer Normalization", 2016, https://arxiv.org/abs/1607.06450
 * @example
 * new nn.LayerNorm(3).forward(tensor([[1, 2, 3], [4, 4, 10]])).tolist(); // [[-1.2247, 0, 1.2247], [-0.7071, -0.7071, 1.4142]]
 * new nn.LayerNorm([2, 3]).weight?.shape; // [2, 3]
 */
export class LayerNorm extends Module {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions("LayerNorm", layerNormKinds, options);
    const { eps = 1e-5, elementwiseAffine = true, bias = true, ...made } = options;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, made)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(this.normalizedShape, made)) : null;
  }
  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
  override extraRepr(): string {
    return shown(this.normalizedShape, {
      eps: real(this.eps),
      elementwiseAffine: this.weight !== null,
      bias: this.bias !== null,
    });
  }
}
export interface RMSNormOptions extends Made {
  /** Added to the mean square; null (the default): the dtype's epsilon. */
  readonly eps?: number | null | undefined;
  /** Whether there is a weight for each element (default true). */
  readonly elementwiseAffine?: boolean | undefined;
}
const rmsNormKinds: Kinds<RMSNormOptions> = {
  eps: option.orNull(option.number),
  elementwiseAffine: option.boolean,
  ...madeKinds,
};
/**
 * Root-mean-square normalization over the trailing dimensions `normalizedShape`: `y = x / sqrt(mean(x^2) + eps) * weight`. `eps` is 2^-23
 * (for float64 2^-52) unless it is given; `elementwiseAffine: false` leaves the weight out. The module of {@link rmsNorm}.
 *
 * Shape: that of `x`, [..., ...normalizedShape]. Parameter: `weight` of `normalizedShape`, ones. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` does not end in `normalizedShape`.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 * @see Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, https://arxiv.org/abs/1910.07467
 * @example
 * new nn.RMSNorm(2).forward(tensor([[3, 4], [6, 8]])).tolist(); // [[0.8485, 1.1314], [0.8485, 1.1314]]
 */
export class RMSNorm extends Module {
  weight: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  constructor(normalizedShape: number | readonly number[], options: RMSNormOptions = {}) {
    super();
    checkOptions("RMSNorm", rmsNormKinds, options);
    const { eps = null, elementwiseAffine = true, ...made } = options;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, made)) : null;
  }
  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, eps: this.eps });
  }
  override extraRepr(): string {
    return shown(this.normalizedShape, { eps: real(this.eps), elementwiseAffine: this.weight !== null });
  }
}
export interface GroupNormOptions extends Made {
  /** Added to the variance (default 1e-5). */
  readonly eps?: number | undefined;
  /** Whether there are a weight and a bias for each channel (default true). */
  readonly affine?: boolean | undefined;
  /** With `affine`: false leaves the bias out (default true). */
  readonly bias?: boolean | undefined;
}
const groupNormKinds: Kinds<GroupNormOptions> = {
  eps: option.number,
  affine: option.boolean,
  ...madeKinds,
  bias: option.boolean,
};
/**
 * Normalizes each example's groups of channels over the channels and positions of the group:
 * `y = (x - mean) / sqrt(var + eps) * weight[c] + bias[c]`, with the biased variance. The module of {@link groupNorm}.
 *
 * Shape: that of `x`, [N, C, ...] with C = `numChannels`. Parameters: `weight` [C], ones, and `bias` [C], zeros. Dtype: that of `x`, a
 * floating-point one.
 *
 * @throws ArgumentError from the constructor when `numGroups` does not divide `numChannels`.
 * @throws ShapeError when `x` has fewer than two dimensions or other channels than the parameters.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws DeviceError when `x` lives on another device than the layer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 * @see Wu and He, "Group Normalization", 2018, https://arxiv.org/abs/1803.08494
 * @example
 * new nn.GroupNorm(2, 4).forward(tensor([[1, 3, 10, 30]])).tolist(); // [[-1.0000, 1.0000, -1.0000, 1.0000]]
 */
export class GroupNorm extends Module {
  weight: Parameter | null;
  bias: Parameter | null;
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  constructor(numGroups: number, numChannels: number, options: GroupNormOptions = {}) {
    super();
    checkOptions("GroupNorm", groupNormKinds, options);
    const { eps = 1e-5, affine = true, bias = true, ...made } = options;
    checkInteger("GroupNorm", "numGroups", numGroups, 1);
    checkInteger("GroupNorm", "numChannels", numChannels, 0);
    if (numChannels % numGroups !== 0)
      throw new ArgumentError("GroupNorm", `${numChannels} channels do not make ${numGroups} groups of one size`);
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.weight = affine ? new Parameter(ones([numChannels], made)) : null;
    this.bias = affine && bias ? new Parameter(zeros([numChannels], made)) : null;
  }
  forward(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
  override extraRepr(): string {
    return shown(this.numGroups, this.numChannels, {
      eps: real(this.eps),
      affine: this.weight !== null,
      bias: this.bias !== null,
    });
  }
}
