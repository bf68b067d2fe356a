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
import { Module } from "../module.ts";

abstract class Pool<O extends { readonly stride?: Spatial | null; readonly padding?: Spatial }> extends Module {
  readonly kernelSize: Spatial;
  readonly options: O;
  constructor(kernelSize: Spatial, options: O) {
    super();
    this.kernelSize = kernelSize;
    this.options = options;
  }
  override extraRepr(): string {
    return `kernelSize=${JSON.stringify(this.kernelSize)}, stride=${JSON.stringify(this.options.stride ?? this.kernelSize)}, padding=${JSON.stringify(this.options.padding ?? 0)}`;
  }
}
abstract class MaxPool extends Pool<MaxPoolOptions> {
  constructor(kernelSize: Spatial, options: MaxPoolOptions = {}) {
    super(kernelSize, options);
  }
}
abstract class AvgPool extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Spatial, options: AvgPoolOptions = {}) {
    super(kernelSize, options);
  }
}
/** Maximum over windows of [N, C, L]; stride defaults to the kernel size. */
export class MaxPool1d extends MaxPool {
  forward(x: Tensor): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane, for {@link MaxUnpool1d}. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return maxPool1dWithIndices(x, this.kernelSize, this.options);
  }
}
/** Maximum over windows of [N, C, H, W]; stride defaults to the kernel size. */
export class MaxPool2d extends MaxPool {
  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane, for {@link MaxUnpool2d}. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return maxPool2dWithIndices(x, this.kernelSize, this.options);
  }
}
/** Maximum over windows of [N, C, D, H, W]; stride defaults to the kernel size. */
export class MaxPool3d extends MaxPool {
  forward(x: Tensor): Tensor {
    return maxPool3d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane, for {@link MaxUnpool3d}. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return maxPool3dWithIndices(x, this.kernelSize, this.options);
  }
}
/** Mean over windows of [N, C, L]. */
export class AvgPool1d extends AvgPool {
  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options);
  }
}
/** Mean over windows of [N, C, H, W]. */
export class AvgPool2d extends AvgPool {
  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }
}
/** Mean over windows of [N, C, D, H, W]. */
export class AvgPool3d extends AvgPool {
  forward(x: Tensor): Tensor {
    return avgPool3d(x, this.kernelSize, this.options);
  }
}
