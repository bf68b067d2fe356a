import {
  ArgumentError,
  type FractionalMaxPoolOptions,
  fractionalMaxPool2d,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3d,
  fractionalMaxPool3dWithIndices,
  type LpPoolOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type Spatial,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkOptions, fractionalKinds, type Kinds, lpPoolKinds, option } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer } from "../parameter.ts";
import { shown } from "../repr.ts";
import { perDim } from "./per-dim.ts";

abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Spatial;
  readonly options: LpPoolOptions;
  constructor(normType: number, kernelSize: Spatial, options: LpPoolOptions = {}) {
    super();
    checkOptions(this.constructor.name, lpPoolKinds, options);
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.options = options;
  }
  override extraRepr(): string {
    const { stride = null, ceilMode = false } = this.options;
    return shown({ normType: this.normType, kernelSize: this.kernelSize, stride, ceilMode });
  }
}
/**
 * Root of the sum of powers over sliding windows in one dimension: `y = sum(x^p)^(1 / p)` with p = `normType`. `stride` is the kernel size
 * unless it is given. The module of {@link lpPool1d}.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L - kernelSize) / stride) + 1`; `ceilMode` rounds up instead.
 * Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit it.
 * @throws ArgumentError from `forward` when `kernelSize` or `stride` is not positive.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
 * @example
 * new nn.LPPool1d(2, 2).forward(tensor([[[3, 4, 6, 8]]])).tolist(); // [[[5, 10]]]
 */
export class LPPool1d extends LPPool {
  forward(x: Tensor): Tensor {
    return lpPool1d(x, this.normType, this.kernelSize, this.options);
  }
}
/**
 * Root of the sum of powers over sliding windows in two dimensions: `y = sum(x^p)^(1 / p)` with p = `normType`. `stride` is the kernel size
 * unless it is given. The module of {@link lpPool2d}.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with `H' = floor((H - kernelSize) / stride) + 1`, W' likewise;
 * `ceilMode` rounds up instead. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit it.
 * @throws ArgumentError from `forward` when `kernelSize` or `stride` is not positive.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
 * @example
 * new nn.LPPool2d(2, 2).forward(tensor([[[1, 1, 3, 0], [1, 1, 0, 4]]])).tolist(); // [[[2, 5]]]
 */
export class LPPool2d extends LPPool {
  forward(x: Tensor): Tensor {
    return lpPool2d(x, this.normType, this.kernelSize, this.options);
  }
}
/**
 * Root of the sum of powers over sliding windows in three dimensions: `y = sum(x^p)^(1 / p)` with p = `normType`. `stride` is the kernel
 * size unless it is given. The module of {@link lpPool3d}.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with `D' = floor((D - kernelSize) / stride) + 1`, H' and
 * W' likewise; `ceilMode` rounds up instead. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit it.
 * @throws ArgumentError from `forward` when `kernelSize` or `stride` is not positive.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
 * @example
 * new nn.LPPool3d(2, [2, 2, 1]).forward(ones([1, 2, 2, 1])).tolist(); // [[[[2]]]]
 */
export class LPPool3d extends LPPool {
  forward(x: Tensor): Tensor {
    return lpPool3d(x, this.normType, this.kernelSize, this.options);
  }
}

export interface MaxUnpoolLayerOptions {
  /** Steps between the windows that were pooled (default: the kernel size). */
  readonly stride?: Spatial | null | undefined;
  /** The padding with which they were pooled (default 0). */
  readonly padding?: Spatial | undefined;
}
const maxUnpoolKinds: Kinds<MaxUnpoolLayerOptions> = { stride: option.orNull(option.numbers), padding: option.numbers };
abstract class MaxUnpool extends Module {
  protected abstract readonly rank: number;
  readonly kernelSize: Spatial;
  readonly options: MaxUnpoolLayerOptions;
  constructor(kernelSize: Spatial, options: MaxUnpoolLayerOptions = {}) {
    super();
    checkOptions(this.constructor.name, maxUnpoolKinds, options);
    this.kernelSize = kernelSize;
    this.options = options;
  }
  override extraRepr(): string {
    const { stride, padding = 0 } = this.options;
    const each = (value: Spatial) => perDim(value, this.rank);
    return shown({
      kernelSize: each(this.kernelSize),
      stride: each(stride ?? this.kernelSize),
      padding: each(padding),
    });
  }
}
/**
 * Puts the maxima that `MaxPool1d` found back to their positions in zeros: `y.flatten(-1)[n, c, indices[n, c, i]] = x[n, c, i]`. The module
 * of {@link maxUnpool1d}.
 *
 * Shapes: `x` and `indices` [N, C, l] or [C, l]; result [N, C, L] or [C, L] with `L = (l - 1) * stride - 2 * padding + kernelSize`, or of
 * `outputSize`, which may differ by less than a stride. Dtype: that of `x`; `indices` is int32 or int64.
 *
 * @throws ShapeError when `x` has another rank or `indices` another shape than it.
 * @throws ArgumentError from `forward` when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not
 * positive.
 * @throws IndexError when a position lies outside the result.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
 * @example
 * const { values, indices } = new nn.MaxPool1d(2).forwardWithIndices(tensor([[[1, 4, 3, 2]]]));
 * new nn.MaxUnpool1d(2).forward(values, indices).tolist(); // [[[0, 4, 3, 0]]]
 */
export class MaxUnpool1d extends MaxUnpool {
  protected readonly rank = 1;
  forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return maxUnpool1d(x, indices, this.kernelSize, { ...this.options, outputSize });
  }
}
/**
 * Puts the maxima that `MaxPool2d` found back to their positions in zeros: `y.flatten(-2)[n, c, indices[n, c, i]] = x[n, c, i]`. The module
 * of {@link maxUnpool2d}.
 *
 * Shapes: `x` and `indices` [N, C, h, w] or [C, h, w]; result [N, C, H, W] or [C, H, W] with
 * `H = (h - 1) * stride - 2 * padding + kernelSize`, W likewise, or of `outputSize`, which may differ by less than a stride. Dtype: that of
 * `x`; `indices` is int32 or int64.
 *
 * @throws ShapeError when `x` has another rank or `indices` another shape than it.
 * @throws ArgumentError from `forward` when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not
 * positive.
 * @throws IndexError when a position lies outside the result.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 * @example
 * const { values, indices } = new nn.MaxPool2d(2).forwardWithIndices(tensor([[[1, 4], [3, 2]]]));
 * new nn.MaxUnpool2d(2).forward(values, indices).tolist(); // [[[0, 4], [0, 0]]]
 */
export class MaxUnpool2d extends MaxUnpool {
  protected readonly rank = 2;
  forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return maxUnpool2d(x, indices, this.kernelSize, { ...this.options, outputSize });
  }
}
/**
 * Puts the maxima that `MaxPool3d` found back to their positions in zeros: `y.flatten(-3)[n, c, indices[n, c, i]] = x[n, c, i]`. The module
 * of {@link maxUnpool3d}.
 *
 * Shapes: `x` and `indices` [N, C, d, h, w] or [C, d, h, w]; result [N, C, D, H, W] or [C, D, H, W] with
 * `D = (d - 1) * stride - 2 * padding + kernelSize`, H and W likewise, or of `outputSize`, which may differ by less than a stride. Dtype:
 * that of `x`; `indices` is int32 or int64.
 *
 * @throws ShapeError when `x` has another rank or `indices` another shape than it.
 * @throws ArgumentError from `forward` when `outputSize` has another length or is not within a stride, or `kernelSize` or `stride` is not
 * positive.
 * @throws IndexError when a position lies outside the result.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
 * @example
 * const { values, indices } = new nn.MaxPool3d([1, 2, 2]).forwardWithIndices(tensor([[[[1, 4], [3, 2]]]]));
 * new nn.MaxUnpool3d([1, 2, 2]).forward(values, indices).tolist(); // [[[[0, 4], [0, 0]]]]
 */
export class MaxUnpool3d extends MaxUnpool {
  protected readonly rank = 3;
  forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return maxUnpool3d(x, indices, this.kernelSize, { ...this.options, outputSize });
  }
}

const fractionalLayerKinds = option.without(fractionalKinds, "generator");

abstract class FractionalMaxPool extends Module {
  readonly kernelSize: Spatial;
  readonly randomSamples: Buffer | null;
  protected readonly sizes: Pick<FractionalMaxPoolOptions, "outputSize" | "outputRatio">;
  constructor(kernelSize: Spatial, options: Omit<FractionalMaxPoolOptions, "generator"> = {}) {
    super();
    checkOptions(this.constructor.name, fractionalLayerKinds, options);
    const { outputSize = null, outputRatio = null, randomSamples = null } = options;
    if ((outputSize === null) === (outputRatio === null))
      throw new ArgumentError(this.constructor.name, "give either outputSize or outputRatio");
    this.kernelSize = kernelSize;
    this.sizes = { outputSize, outputRatio };
    this.randomSamples = randomSamples && new Buffer(randomSamples);
  }
  protected override stateKeys(): Readonly<Record<string, string>> {
    return { randomSamples: "_random_samples" };
  }
  protected get options(): FractionalMaxPoolOptions {
    return { ...this.sizes, randomSamples: this.randomSamples };
  }
}
/**
 * Maximum over windows whose places are drawn anew in each call, so that sizes need not divide:
 * `y[n, c, i, j] = max(x[n, c, s(i) .. s(i) + kh - 1, t(j) .. t(j) + kw - 1])`. The module of {@link fractionalMaxPool2d};
 * `forwardWithIndices` also gives the positions.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'], sizes as `outputSize` says or `outputRatio` times those of `x`,
 * rounded down. Buffer: `randomSamples` [N, C, 2], where they are given: numbers in [0, 1) that place the windows. Dtype: that of `x`;
 * positions are int32.
 *
 * @throws ArgumentError from the constructor when not exactly one of `outputSize` and `outputRatio` is given; from `forward` when one holds
 * what is no size or ratio.
 * @throws ShapeError when `x` has another rank, the windows do not fit it, or `randomSamples` has another shape.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 * @see Graham, "Fractional Max-Pooling", 2014, https://arxiv.org/abs/1412.6071
 * @example
 * new nn.FractionalMaxPool2d(2, { outputRatio: 0.7 }).forward(randn([1, 3, 10, 10])).shape; // [1, 3, 7, 7]
 * const randomSamples = tensor([[[0.5, 0]]]); // windows start at 0, 2 and 3
 * const layer = new nn.FractionalMaxPool2d([1, 2], { outputSize: [1, 3], randomSamples });
 * layer.forward(tensor([[[1, 5, 2, 4, 3]]])).tolist(); // [[[5, 4, 4]]]
 */
export class FractionalMaxPool2d extends FractionalMaxPool {
  forward(x: Tensor): Tensor {
    return fractionalMaxPool2d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return fractionalMaxPool2dWithIndices(x, this.kernelSize, this.options);
  }
}
/**
 * Maximum over windows whose places are drawn anew in each call, so that sizes need not divide:
 * `y[n, c, i, j, k] = max(x[n, c, r(i) .. r(i) + kd - 1, s(j) .. s(j) + kh - 1, t(k) .. t(k) + kw - 1])`. The module of
 * {@link fractionalMaxPool3d}; `forwardWithIndices` also gives the positions.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'], sizes as `outputSize` says or `outputRatio` times those
 * of `x`, rounded down. Buffer: `randomSamples` [N, C, 3], where they are given: numbers in [0, 1) that place the windows. Dtype: that of
 * `x`; positions are int32.
 *
 * @throws ArgumentError from the constructor when not exactly one of `outputSize` and `outputRatio` is given; from `forward` when one holds
 * what is no size or ratio.
 * @throws ShapeError when `x` has another rank, the windows do not fit it, or `randomSamples` has another shape.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 * @see Graham, "Fractional Max-Pooling", 2014, https://arxiv.org/abs/1412.6071
 * @example
 * new nn.FractionalMaxPool3d(2, { outputSize: [5, 6, 7] }).forward(randn([1, 3, 9, 9, 9])).shape; // [1, 3, 5, 6, 7]
 */
export class FractionalMaxPool3d extends FractionalMaxPool {
  forward(x: Tensor): Tensor {
    return fractionalMaxPool3d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return fractionalMaxPool3dWithIndices(x, this.kernelSize, this.options);
  }
}
