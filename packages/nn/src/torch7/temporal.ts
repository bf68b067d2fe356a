import {
  ArgumentError,
  add,
  conv1d,
  gather,
  mul,
  ShapeError,
  sort,
  sum,
  type Tensor,
  topk,
  transpose,
  unfold,
} from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  showShape,
} from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import type { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { boundOf, type MadeOptions, madeKinds, uniformParameter } from "./making.ts";
import { whole } from "./table.ts";

/** Holds a sequence to [T, size] or [N, T, size], with `size` at `dim` from the end, and at least `least` frames. */
function checkFrames(op: string, x: Tensor, size: number | null, dim: -1 | -2, least: number): void {
  checkTensor(op, "x", x);
  const frames = dim === -1 ? -2 : -1;
  if (x.ndim < 2 || x.ndim > 3 || (size !== null && x.shape.at(dim) !== size))
    throw new ShapeError(
      op,
      `x must be ${dim === -1 ? `[T, ${size ?? "D"}] or [N, T, ${size ?? "D"}]` : `[${size}, T] or [N, ${size}, T]`}, got ${showShape(x.shape)}`,
      [x.shape],
    );
  const length = x.shape.at(frames) ?? 0;
  if (length < least)
    throw new ShapeError(op, `needs ${least} frames, got ${length} in ${showShape(x.shape)}`, [x.shape]);
}

export interface TemporalRowConvolutionOptions extends MadeOptions {
  /** Whether features come before frames: [N, inputFrameSize, T]. Default false. */
  readonly featFirst?: boolean | undefined;
}
const rowKinds: Kinds<TemporalRowConvolutionOptions> = { featFirst: option.boolean, ...madeKinds };

/**
 * Convolves each feature of a sequence by itself: `y[t, i] = bias[i] + sum_k weight[i, 0, k] * x[dW * t + k, i]`. `noBias()` drops the
 * bias.
 *
 * Shape: [T, inputFrameSize] or [N, T, inputFrameSize] -> the same with `floor((T - kW) / dW) + 1` frames; with `featFirst` the last two
 * are exchanged. Parameters: `weight` [inputFrameSize, 1, kW] and `bias` [inputFrameSize], drawn uniformly from
 * `-1 / sqrt(kW * inputFrameSize) .. 1 / sqrt(kW * inputFrameSize)`. Dtype: that of the parameters.
 *
 * @throws ArgumentError when a size or `dW` is no positive integer; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.TemporalRowConvolution
 * @see Wang et al., "Lookahead Convolution Layer for Unidirectional Recurrent Neural Networks", 2016
 * @example
 * new TemporalRowConvolution(5, 3).forward(rand([8, 5])).shape; // [6, 5]
 */
export class TemporalRowConvolution extends Module {
  weight: Parameter;
  bias: Parameter | null;
  readonly inputFrameSize: number;
  readonly kW: number;
  readonly dW: number;
  readonly featFirst: boolean;
  constructor(inputFrameSize: number, kW: number, dW = 1, options: TemporalRowConvolutionOptions = {}) {
    super();
    checkOptions("TemporalRowConvolution", rowKinds, options);
    for (const [name, value] of Object.entries({ inputFrameSize, kW, dW }))
      checkInteger("TemporalRowConvolution", name, value, 1);
    const { featFirst = false, ...made } = options;
    this.inputFrameSize = inputFrameSize;
    this.kW = kW;
    this.dW = dW;
    this.featFirst = featFirst;
    const bound = boundOf(kW * inputFrameSize);
    this.weight = uniformParameter([inputFrameSize, 1, kW], bound, made);
    this.bias = uniformParameter([inputFrameSize], bound, made);
  }
  /** Drops the bias. */
  noBias(): this {
    this.bias = null;
    return this;
  }
  forward(x: Tensor): Tensor {
    checkFrames("TemporalRowConvolution", x, this.inputFrameSize, this.featFirst ? -2 : -1, this.kW);
    return whole(() => {
      const rows = this.featFirst ? x : transpose(x, -2, -1);
      const y = conv1d(rows, this.weight, this.bias, { stride: this.dW, groups: this.inputFrameSize });
      return this.featFirst ? y : transpose(y, -2, -1);
    });
  }
  override extraRepr(): string {
    return shown(this.inputFrameSize, this.kW, this.dW, { featFirst: this.featFirst || undefined });
  }
}

/**
 * Sums windows of a sequence, with a learned factor and shift of each feature:
 * `y[t, i] = bias[i] + weight[i] * sum_k x[dW * t + k, i]`, k below kW.
 *
 * Shape: [T, inputFrameSize] or [N, T, inputFrameSize] -> the same with `floor((T - kW) / dW) + 1` frames. Parameters: `weight` and `bias`
 * [inputFrameSize], drawn uniformly from `-1 / sqrt(kW) .. 1 / sqrt(kW)`. Dtype: that of the parameters.
 *
 * @throws ArgumentError when a size or `dW` is no positive integer; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.TemporalSubSampling
 * @example
 * new TemporalSubSampling(5, 3, 2).forward(rand([8, 5])).shape; // [3, 5]
 */
export class TemporalSubSampling extends Module {
  weight: Parameter;
  bias: Parameter;
  readonly inputFrameSize: number;
  readonly kW: number;
  readonly dW: number;
  constructor(inputFrameSize: number, kW: number, dW = 1, options: MadeOptions = {}) {
    super();
    checkOptions("TemporalSubSampling", madeKinds, options);
    for (const [name, value] of Object.entries({ inputFrameSize, kW, dW }))
      checkInteger("TemporalSubSampling", name, value, 1);
    this.inputFrameSize = inputFrameSize;
    this.kW = kW;
    this.dW = dW;
    this.weight = uniformParameter([inputFrameSize], boundOf(kW), options);
    this.bias = uniformParameter([inputFrameSize], boundOf(kW), options);
  }
  forward(x: Tensor): Tensor {
    checkFrames("TemporalSubSampling", x, this.inputFrameSize, -1, this.kW);
    return whole(() => add(mul(sum(unfold(x, -2, this.kW, this.dW), -1), this.weight), this.bias));
  }
  override extraRepr(): string {
    return shown(this.inputFrameSize, this.kW, this.dW);
  }
}

/**
 * The k largest values of each feature of a sequence, in the order in which they stand there: `y[:, i] = x[sort(topk(x[:, i], k)), i]`,
 * with `k = max(minK, ceil(factor * T))`. `factor` is 0 unless it is given.
 *
 * Shape: [T, D] or [N, T, D] -> [k, D] or [N, k, D]. Dtype: that of `x`.
 *
 * @throws ArgumentError when `minK` is no positive integer or `factor` no number from 0 to 1; ShapeError when there are fewer than `minK`
 * frames.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.TemporalDynamicKMaxPooling
 * @see Kalchbrenner et al., "A Convolutional Neural Network for Modelling Sentences", 2014, https://arxiv.org/abs/1404.2188
 * @example
 * new TemporalDynamicKMaxPooling(2).forward(tensor([[1], [4], [2], [3]])).tolist(); // [[4], [3]]
 * new TemporalDynamicKMaxPooling(1, 0.75).forward(tensor([[1], [4], [2], [3]])).tolist(); // [[4], [2], [3]]
 */
export class TemporalDynamicKMaxPooling extends Module {
  readonly minK: number;
  readonly factor: number;
  constructor(minK: number, factor = 0) {
    super();
    checkInteger("TemporalDynamicKMaxPooling", "minK", minK, 1);
    checkNumber("TemporalDynamicKMaxPooling", "factor", factor);
    if (factor < 0 || factor > 1)
      throw new ArgumentError("TemporalDynamicKMaxPooling", `factor must be from 0 to 1, got ${factor}`);
    this.minK = minK;
    this.factor = factor;
  }
  forward(x: Tensor): Tensor {
    checkFrames("TemporalDynamicKMaxPooling", x, null, -1, this.minK);
    const dim = x.ndim - 2;
    const k = Math.max(this.minK, Math.ceil(this.factor * x.shape[dim]));
    return whole(() => gather(x, dim, sort(topk(x, k, dim).indices, dim).values));
  }
  override extraRepr(): string {
    return shown(this.minK, { factor: this.factor });
  }
}
