import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
  adaptiveMaxPool3dWithIndices,
  type OutputSize,
  type Tensor,
} from "@flambeau/tensor/functional";
import { elsewhere } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";

abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize;
  constructor(outputSize: OutputSize) {
    super();
    this.outputSize = outputSize;
  }
  override extraRepr(): string {
    return shown({ outputSize: this.outputSize });
  }
}
abstract class AdaptiveMaxPool extends AdaptivePool {
  constructor(outputSize: OutputSize);
  constructor(outputSize: OutputSize, returnIndices?: unknown) {
    super(outputSize);
    if (returnIndices === true) throw elsewhere(this.constructor.name, "returnIndices", "forwardWithIndices(x)");
  }
}
/**
 * Mean over windows that share one dimension as evenly as they can:
 * `y[n, c, i] = mean(x[n, c, floor(i * L / o) .. ceil((i + 1) * L / o) - 1])` for a size of o. For `outputSize` give one size; null keeps
 * the input's. The module of {@link adaptiveAvgPool1d}.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, o] or [C, o]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError from `forward` when `outputSize` has another length or holds anything but non-negative integers and null.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 * @example
 * new nn.AdaptiveAvgPool1d(2).forward(tensor([[[1, 2, 3, 4, 5]]])).tolist(); // [[[2, 4]]]
 */
export class AdaptiveAvgPool1d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize);
  }
}
/**
 * Mean over windows that share two dimensions as evenly as they can:
 * `y[n, c, i, j] = mean(x[n, c, floor(i * H / o) .. ceil((i + 1) * H / o) - 1, ...])` for a size of o, and likewise along W. For
 * `outputSize` give one size for both or two; null keeps the input's. The module of {@link adaptiveAvgPool2d}.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, oh, ow] or [C, oh, ow]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError from `forward` when `outputSize` has another length or holds anything but non-negative integers and null.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 * @example
 * new nn.AdaptiveAvgPool2d([1, 2]).forward(tensor([[[1, 2, 3]]])).tolist(); // [[[1.5, 2.5]]]
 * new nn.AdaptiveAvgPool2d(1).forward(randn([8, 64, 7, 9])).shape; // [8, 64, 1, 1]
 */
export class AdaptiveAvgPool2d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }
}
/**
 * Mean over windows that share three dimensions as evenly as they can:
 * `y[n, c, i, j, k] = mean(x[n, c, floor(i * D / o) .. ceil((i + 1) * D / o) - 1, ...])` for a size of o, and likewise along H and W. For
 * `outputSize` give one size for all or three; null keeps the input's. The module of {@link adaptiveAvgPool3d}.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, od, oh, ow] or [C, od, oh, ow]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError from `forward` when `outputSize` has another length or holds anything but non-negative integers and null.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
 * @example
 * new nn.AdaptiveAvgPool3d([null, 2, 1]).forward(randn([1, 4, 5, 6, 7])).shape; // [1, 4, 5, 2, 1]
 */
export class AdaptiveAvgPool3d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool3d(x, this.outputSize);
  }
}
/**
 * Maximum over windows that share one dimension as evenly as they can:
 * `y[n, c, i] = max(x[n, c, floor(i * L / o) .. ceil((i + 1) * L / o) - 1])` for a size of o. For `outputSize` give one size; null keeps
 * the input's. The module of {@link adaptiveMaxPool1d}; `forwardWithIndices` also gives the positions.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, o] or [C, o]. Dtype: that of `x`; positions are int32.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError from `forward` when `outputSize` has another length or holds anything but non-negative integers and null.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 * @example
 * new nn.AdaptiveMaxPool1d(2).forward(tensor([[[5, 1, 2, 4, 3]]])).tolist(); // [[[5, 4]]]
 */
export class AdaptiveMaxPool1d extends AdaptiveMaxPool {
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return adaptiveMaxPool1dWithIndices(x, this.outputSize);
  }
}
/**
 * Maximum over windows that share two dimensions as evenly as they can:
 * `y[n, c, i, j] = max(x[n, c, floor(i * H / o) .. ceil((i + 1) * H / o) - 1, ...])` for a size of o, and likewise along W. For
 * `outputSize` give one size for both or two; null keeps the input's. The module of {@link adaptiveMaxPool2d}; `forwardWithIndices` also
 * gives the positions.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, oh, ow] or [C, oh, ow]. Dtype: that of `x`; positions are int32.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError from `forward` when `outputSize` has another length or holds anything but non-negative integers and null.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 * @example
 * new nn.AdaptiveMaxPool2d([1, 2]).forward(tensor([[[1, 7, 3], [4, 5, 6]]])).tolist(); // [[[7, 7]]]
 */
export class AdaptiveMaxPool2d extends AdaptiveMaxPool {
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return adaptiveMaxPool2dWithIndices(x, this.outputSize);
  }
}
/**
 * Maximum over windows that share three dimensions as evenly as they can:
 * `y[n, c, i, j, k] = max(x[n, c, floor(i * D / o) .. ceil((i + 1) * D / o) - 1, ...])` for a size of o, and likewise along H and W. For
 * `outputSize` give one size for all or three; null keeps the input's. The module of {@link adaptiveMaxPool3d}; `forwardWithIndices` also
 * gives the positions.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, od, oh, ow] or [C, od, oh, ow]. Dtype: that of `x`; positions are int32.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError from `forward` when `outputSize` has another length or holds anything but non-negative integers and null.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
 * @example
 * new nn.AdaptiveMaxPool3d(1).forward(tensor([[[[0, 1], [2, 3]], [[4, 9], [6, 7]]]])).tolist(); // [[[[9]]]]
 */
export class AdaptiveMaxPool3d extends AdaptiveMaxPool {
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool3d(x, this.outputSize);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return adaptiveMaxPool3dWithIndices(x, this.outputSize);
  }
}
