import {
  type DType,
  instanceNorm,
  type LocalResponseNormOptions,
  localResponseNorm,
  ones,
  ShapeError,
  showShape,
  squeeze,
  type Tensor,
  unsqueeze,
  zeros,
} from "@flambeau/tensor/functional";
import { Module } from "../module.ts";
import { Buffer, Parameter } from "../parameter.ts";

export interface InstanceNormLayerOptions {
  readonly eps?: number;
  /** Weight of an input in the running statistics. */
  readonly momentum?: number;
  /** Whether there is a weight (and a bias) per channel. */
  readonly affine?: boolean;
  /** Keep running statistics, which evaluation then uses. */
  readonly trackRunningStats?: boolean;
  readonly bias?: boolean;
  readonly dtype?: DType;
  readonly device?: string;
}

abstract class InstanceNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Buffer | null;
  readonly runningVar: Buffer | null;
  readonly numBatchesTracked: Buffer | null;
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number;
  protected abstract readonly rank: number;

  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    super();
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
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}, affine=${this.weight !== null}, trackRunningStats=${this.runningMean !== null}`;
  }
}
/** Normalizes each channel of each example of [N, C, L]; see {@link instanceNorm}. */
export class InstanceNorm1d extends InstanceNorm {
  protected readonly rank = 1;
}
/** Normalizes each channel of each example of [N, C, H, W]; see {@link instanceNorm}. */
export class InstanceNorm2d extends InstanceNorm {
  protected readonly rank = 2;
}
/** Normalizes each channel of each example of [N, C, D, H, W]; see {@link instanceNorm}. */
export class InstanceNorm3d extends InstanceNorm {
  protected readonly rank = 3;
}

/** Divides by the squares of neighbouring channels; see {@link localResponseNorm}. */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly options: LocalResponseNormOptions;
  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    this.size = size;
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options);
  }
  override extraRepr(): string {
    const { alpha = 1e-4, beta = 0.75, k = 1 } = this.options;
    return `${this.size}, alpha=${alpha}, beta=${beta}, k=${k}`;
  }
}
