import {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  type Spatial,
  type Tensor,
} from "@flambeau/tensor/functional";
import { avgPoolKinds, checkOptions, type Kinds, maxPoolKinds } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { perDim } from "./per-dim.ts";

abstract class Pool<O extends Pick<MaxPoolOptions, "stride" | "padding">> extends Module {
  readonly kernelSize: Spatial;
  readonly options: O;
  constructor(kernelSize: Spatial, kinds: Kinds<O>, options: O) {
    super();
    checkOptions(this.constructor.name, kinds, options);
    this.kernelSize = kernelSize;
    this.options = options;
  }
}
abstract class MaxPool extends Pool<MaxPoolOptions> {
  constructor(kernelSize: Spatial, options: MaxPoolOptions = {}) {
    super(kernelSize, maxPoolKinds, options);
  }
  override extraRepr(): string {
    const { kernelSize } = this;
    const { stride, padding = 0, dilation = 1, ceilMode = false } = this.options;
    return shown({ kernelSize, stride: stride ?? kernelSize, padding, dilation, ceilMode });
  }
}
abstract class AvgPool extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Spatial, options: AvgPoolOptions = {}) {
    super(kernelSize, avgPoolKinds, options);
  }
  override extraRepr(): string {
    const { kernelSize } = this;
    const { stride, padding = 0 } = this.options;
    return shown({ kernelSize, stride: stride ?? kernelSize, padding });
  }
}
/**
 * Maximum over sliding windows in one dimension: `y[n, c, i] = max over k of x[n, c, i * stride + k * dilation - padding]`. `stride` is the
 * kernel size unless it is given. The module of {@link maxPool1d}; `forwardWithIndices` also gives the positions, for `MaxUnpool1d`.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`;
 * `ceilMode` rounds up instead. Dtype: that of `x`; positions are int32.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError from `forward` when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the
 * kernel.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 * @example
 * new nn.MaxPool1d(2).forward(tensor([[[1, 3, 2, 5, 4]]])).tolist(); // [[[3, 5]]]
 * new nn.MaxPool1d(2).forwardWithIndices(tensor([[[1, 3, 2, 5, 4]]])).indices.tolist(); // [[[1, 3]]]
 */
export class MaxPool1d extends MaxPool {
  forward(x: Tensor): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane, for `MaxUnpool1d`. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return maxPool1dWithIndices(x, this.kernelSize, this.options);
  }
}
/**
 * Maximum over sliding windows in two dimensions: `y[n, c, h, w] = max over i, j of x[n, c, h * s + i * d - p, w * s + j * d - p]` with s
 * the stride, d the dilation and p the padding. `stride` is the kernel size unless it is given. The module of {@link maxPool2d};
 * `forwardWithIndices` also gives the positions, for `MaxUnpool2d`.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with
 * `H' = floor((H + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`, W' likewise; `ceilMode` rounds up instead. Dtype: that of
 * `x`; positions are int32.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError from `forward` when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the
 * kernel.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 * @example
 * new nn.MaxPool2d(2).forward(tensor([[[1, 2, 5, 0], [4, 3, 1, 1]]])).tolist(); // [[[4, 5]]]
 * new nn.MaxPool2d(3, { stride: 2, padding: 1 }).forward(randn([4, 8, 32, 32])).shape; // [4, 8, 16, 16]
 */
export class MaxPool2d extends MaxPool {
  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane, for `MaxUnpool2d`. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return maxPool2dWithIndices(x, this.kernelSize, this.options);
  }
}
/**
 * Maximum over sliding windows in three dimensions: `y[n, c, p] = max over k of x[n, c, p * stride + k * dilation - padding]`, where p and
 * k are positions of three coordinates. `stride` is the kernel size unless it is given. The module of {@link maxPool3d};
 * `forwardWithIndices` also gives the positions, for `MaxUnpool3d`.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with
 * `D' = floor((D + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`, H' and W' likewise; `ceilMode` rounds up instead. Dtype:
 * that of `x`; positions are int32.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError from `forward` when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the
 * kernel.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
 * @example
 * new nn.MaxPool3d(2).forward(tensor([[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]])).tolist(); // [[[[7]]]]
 */
export class MaxPool3d extends MaxPool {
  forward(x: Tensor): Tensor {
    return maxPool3d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane, for `MaxUnpool3d`. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return maxPool3dWithIndices(x, this.kernelSize, this.options);
  }
}
/**
 * Mean over sliding windows in one dimension: `y[n, c, i] = sum over k of x[n, c, i * stride + k - padding] / kernelSize`. `stride` is the
 * kernel size unless it is given; padded zeros count unless `countIncludePad` is false. The module of {@link avgPool1d}.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L + 2 * padding - kernelSize) / stride) + 1`; `ceilMode` rounds up
 * instead. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError from `forward` when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or
 * `divisorOverride` 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 * @example
 * new nn.AvgPool1d(2).forward(tensor([[[1, 3, 2, 6]]])).tolist(); // [[[2, 4]]]
 */
export class AvgPool1d extends AvgPool {
  override extraRepr(): string {
    const { stride, padding = 0 } = this.options;
    const each = (value: Spatial) => perDim(value, 1);
    return shown({
      kernelSize: each(this.kernelSize),
      stride: each(stride ?? this.kernelSize),
      padding: each(padding),
    });
  }
  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options);
  }
}
/**
 * Mean over sliding windows in two dimensions: `y[n, c, h, w] = sum over i, j of x[n, c, h * s + i - p, w * s + j - p] / (kh * kw)` with s
 * the stride and p the padding. `stride` is the kernel size unless it is given; padded zeros count unless `countIncludePad` is false. The
 * module of {@link avgPool2d}.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with `H' = floor((H + 2 * padding - kernelSize) / stride) + 1`, W'
 * likewise; `ceilMode` rounds up instead. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError from `forward` when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or
 * `divisorOverride` 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 * @example
 * new nn.AvgPool2d(2).forward(tensor([[[1, 2, 5, 0], [4, 3, 1, 2]]])).tolist(); // [[[2.5, 2]]]
 */
export class AvgPool2d extends AvgPool {
  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }
}
/**
 * Mean over sliding windows in three dimensions: `y[n, c, p] = sum over k of x[n, c, p * stride + k - padding] / (kd * kh * kw)`, where p
 * and k are positions of three coordinates. `stride` is the kernel size unless it is given; padded zeros count unless `countIncludePad` is
 * false. The module of {@link avgPool3d}.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with
 * `D' = floor((D + 2 * padding - kernelSize) / stride) + 1`, H' and W' likewise; `ceilMode` rounds up instead. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError from `forward` when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or
 * `divisorOverride` 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
 * @example
 * new nn.AvgPool3d(2).forward(tensor([[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]])).tolist(); // [[[[3.5]]]]
 */
export class AvgPool3d extends AvgPool {
  forward(x: Tensor): Tensor {
    return avgPool3d(x, this.kernelSize, this.options);
  }
}
