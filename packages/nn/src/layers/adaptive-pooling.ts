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
import { Module } from "../module.ts";

abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize;
  constructor(outputSize: OutputSize) {
    super();
    this.outputSize = outputSize;
  }
  override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}`;
  }
}
/** Mean over windows of [N, C, L] that give a result of `outputSize`; see {@link adaptiveAvgPool1d}. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize);
  }
}
/** Mean over windows of [N, C, H, W] that give a result of `outputSize`; see {@link adaptiveAvgPool2d}. */
export class AdaptiveAvgPool2d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }
}
/** Mean over windows of [N, C, D, H, W] that give a result of `outputSize`; see {@link adaptiveAvgPool3d}. */
export class AdaptiveAvgPool3d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool3d(x, this.outputSize);
  }
}
/** Maximum over windows of [N, C, L] that give a result of `outputSize`; see {@link adaptiveMaxPool1d}. */
export class AdaptiveMaxPool1d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return adaptiveMaxPool1dWithIndices(x, this.outputSize);
  }
}
/** Maximum over windows of [N, C, H, W] that give a result of `outputSize`; see {@link adaptiveMaxPool2d}. */
export class AdaptiveMaxPool2d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return adaptiveMaxPool2dWithIndices(x, this.outputSize);
  }
}
/** Maximum over windows of [N, C, D, H, W] that give a result of `outputSize`; see {@link adaptiveMaxPool3d}. */
export class AdaptiveMaxPool3d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool3d(x, this.outputSize);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return adaptiveMaxPool3dWithIndices(x, this.outputSize);
  }
}
