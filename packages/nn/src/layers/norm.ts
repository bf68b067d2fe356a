import {
  add_,
  batchNorm,
  type DType,
  div,
  emptyLike,
  groupNorm,
  layerNorm,
  noGrad,
  ones,
  rmsNorm,
  ShapeError,
  showShape,
  sub,
  type Tensor,
  tidy,
  zero_,
  zeros,
} from "@flambeau/tensor/functional";
import { Module } from "../module.ts";
import { Buffer, Parameter } from "../parameter.ts";

interface Made {
  readonly dtype?: DType;
  readonly device?: string;
}
export interface BatchNormLayerOptions extends Made {
  readonly eps?: number;
  /** Weight of a batch in the running statistics; null: their plain average over all batches. */
  readonly momentum?: number | null;
  readonly affine?: boolean;
  readonly trackRunningStats?: boolean;
  /** With `affine`: false leaves the bias out. */
  readonly bias?: boolean;
}

abstract class BatchNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Buffer | null;
  readonly runningVar: Buffer | null;
  readonly numBatchesTracked: Buffer | null;
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(
    numFeatures: number,
    {
      eps = 1e-5,
      momentum = 0.1,
      affine = true,
      trackRunningStats = true,
      bias = true,
      ...made
    }: BatchNormLayerOptions = {},
  ) {
    super();
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
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}, affine=${this.weight !== null}, trackRunningStats=${this.runningMean !== null}`;
  }
}
/** Batch normalization of [N, C] or [N, C, L] per channel; see {@link batchNorm}. */
export class BatchNorm1d extends BatchNorm {
  protected check(x: Tensor): boolean {
    return x.ndim === 2 || x.ndim === 3;
  }
}
/** Batch normalization of [N, C, H, W] per channel; see {@link batchNorm}. */
export class BatchNorm2d extends BatchNorm {
  protected check(x: Tensor): boolean {
    return x.ndim === 4;
  }
}
/** Batch normalization of [N, C, D, H, W] per channel; see {@link batchNorm}. */
export class BatchNorm3d extends BatchNorm {
  protected check(x: Tensor): boolean {
    return x.ndim === 5;
  }
}

export interface LayerNormOptions extends Made {
  readonly eps?: number;
  readonly elementwiseAffine?: boolean;
  readonly bias?: boolean;
}
/** Layer normalization over the trailing `normalizedShape`; see {@link layerNorm}. */
export class LayerNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  constructor(
    normalizedShape: number | readonly number[],
    { eps = 1e-5, elementwiseAffine = true, bias = true, ...made }: LayerNormOptions = {},
  ) {
    super();
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, made)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(this.normalizedShape, made)) : null;
  }
  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
  override extraRepr(): string {
    return `${showShape(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }
}
/** Root-mean-square normalization; see {@link rmsNorm}. */
export class RMSNorm extends Module {
  readonly weight: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  constructor(
    normalizedShape: number | readonly number[],
    {
      eps = null,
      elementwiseAffine = true,
      ...made
    }: Made & { readonly eps?: number | null; readonly elementwiseAffine?: boolean } = {},
  ) {
    super();
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, made)) : null;
  }
  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, eps: this.eps });
  }
  override extraRepr(): string {
    return `${showShape(this.normalizedShape)}, eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }
}
export interface GroupNormOptions extends Made {
  readonly eps?: number;
  readonly affine?: boolean;
  /** With affine: shift, too. */
  readonly bias?: boolean;
}
/** Group normalization; see {@link groupNorm}. */
export class GroupNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  constructor(
    numGroups: number,
    numChannels: number,
    { eps = 1e-5, affine = true, bias = true, ...made }: GroupNormOptions = {},
  ) {
    super();
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
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${this.weight !== null}`;
  }
}
