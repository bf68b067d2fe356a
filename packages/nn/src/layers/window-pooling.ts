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
import { Module } from "../module.ts";
import { Buffer } from "../parameter.ts";

abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Spatial;
  readonly options: LpPoolOptions;
  constructor(normType: number, kernelSize: Spatial, options: LpPoolOptions = {}) {
    super();
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.options = options;
  }
  override extraRepr(): string {
    const { stride, ceilMode = false } = this.options;
    return `normType=${this.normType}, kernelSize=${JSON.stringify(this.kernelSize)}, stride=${JSON.stringify(stride ?? this.kernelSize)}, ceilMode=${ceilMode}`;
  }
}
/** (sum of x^normType)^(1 / normType) over windows of [N, C, L]; see {@link lpPool1d}. */
export class LPPool1d extends LPPool {
  forward(x: Tensor): Tensor {
    return lpPool1d(x, this.normType, this.kernelSize, this.options);
  }
}
/** (sum of x^normType)^(1 / normType) over windows of [N, C, H, W]; see {@link lpPool2d}. */
export class LPPool2d extends LPPool {
  forward(x: Tensor): Tensor {
    return lpPool2d(x, this.normType, this.kernelSize, this.options);
  }
}
/** (sum of x^normType)^(1 / normType) over windows of [N, C, D, H, W]; see {@link lpPool3d}. */
export class LPPool3d extends LPPool {
  forward(x: Tensor): Tensor {
    return lpPool3d(x, this.normType, this.kernelSize, this.options);
  }
}

export interface MaxUnpoolLayerOptions {
  readonly stride?: Spatial | null;
  readonly padding?: Spatial;
}
abstract class MaxUnpool extends Module {
  readonly kernelSize: Spatial;
  readonly options: MaxUnpoolLayerOptions;
  constructor(kernelSize: Spatial, options: MaxUnpoolLayerOptions = {}) {
    super();
    this.kernelSize = kernelSize;
    this.options = options;
  }
  override extraRepr(): string {
    const { stride, padding = 0 } = this.options;
    return `kernelSize=${JSON.stringify(this.kernelSize)}, stride=${JSON.stringify(stride ?? this.kernelSize)}, padding=${JSON.stringify(padding)}`;
  }
}
/** Puts maxima back to their positions in zeros; see {@link maxUnpool1d}. */
export class MaxUnpool1d extends MaxUnpool {
  forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return maxUnpool1d(x, indices, this.kernelSize, { ...this.options, outputSize });
  }
}
/** Puts maxima back to their positions in zeros; see {@link maxUnpool2d}. */
export class MaxUnpool2d extends MaxUnpool {
  forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return maxUnpool2d(x, indices, this.kernelSize, { ...this.options, outputSize });
  }
}
/** Puts maxima back to their positions in zeros; see {@link maxUnpool3d}. */
export class MaxUnpool3d extends MaxUnpool {
  forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return maxUnpool3d(x, indices, this.kernelSize, { ...this.options, outputSize });
  }
}

abstract class FractionalMaxPool extends Module {
  readonly kernelSize: Spatial;
  readonly randomSamples: Buffer | null;
  protected readonly sizes: Pick<FractionalMaxPoolOptions, "outputSize" | "outputRatio">;
  constructor(kernelSize: Spatial, options: Omit<FractionalMaxPoolOptions, "generator"> = {}) {
    super();
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
  override extraRepr(): string {
    const { outputSize, outputRatio } = this.sizes;
    const size =
      outputSize === null ? `outputRatio=${JSON.stringify(outputRatio)}` : `outputSize=${JSON.stringify(outputSize)}`;
    return `kernelSize=${JSON.stringify(this.kernelSize)}, ${size}`;
  }
}
/** Maximum over windows of [N, C, H, W] whose places are drawn; see {@link fractionalMaxPool2d}. */
export class FractionalMaxPool2d extends FractionalMaxPool {
  forward(x: Tensor): Tensor {
    return fractionalMaxPool2d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return fractionalMaxPool2dWithIndices(x, this.kernelSize, this.options);
  }
}
/** Maximum over windows of [N, C, D, H, W] whose places are drawn; see {@link fractionalMaxPool3d}. */
export class FractionalMaxPool3d extends FractionalMaxPool {
  forward(x: Tensor): Tensor {
    return fractionalMaxPool3d(x, this.kernelSize, this.options);
  }
  /** The maxima and their positions in each plane. */
  forwardWithIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return fractionalMaxPool3dWithIndices(x, this.kernelSize, this.options);
  }
}
