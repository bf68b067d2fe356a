import {
  ArgumentError,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  empty,
  pad,
  type Spatial,
  type Tensor,
} from "@flambeau/tensor/functional";
import { fans, kaimingUniform_, uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import type { LayerOptions } from "./linear.ts";

export interface ConvLayerOptions extends LayerOptions {
  readonly stride?: Spatial;
  readonly padding?: Spatial | "same" | "valid";
  readonly dilation?: Spatial;
  readonly groups?: number;
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}
export interface ConvTransposeLayerOptions extends LayerOptions {
  readonly stride?: Spatial;
  readonly padding?: Spatial;
  readonly outputPadding?: Spatial;
  readonly dilation?: Spatial;
  readonly groups?: number;
}

const perDim = (value: Spatial, n: number): readonly number[] =>
  typeof value === "number" ? new Array<number>(n).fill(value) : value;

/** PyTorch's initial values: weight and bias uniform in +-1/sqrt(fanIn). */
function initialize(weight: Parameter, bias: Parameter | null): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (!bias) return;
  const { fanIn } = fans(weight);
  if (fanIn > 0) uniform_(bias, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn));
}

abstract class Conv extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  protected readonly options: ConvLayerOptions;
  private readonly rank: number;

  constructor(rank: number, inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions) {
    super();
    const { bias = true, dtype, device, groups = 1 } = options;
    if (groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new ArgumentError(
        "Conv",
        `groups (${groups}) must divide inChannels (${inChannels}) and outChannels (${outChannels})`,
      );
    this.rank = rank;
    this.options = options;
    const made = { ...(dtype && { dtype }), ...(device && { device }) };
    this.weight = new Parameter(empty([outChannels, inChannels / groups, ...perDim(kernelSize, rank)], made));
    this.bias = bias ? new Parameter(empty([outChannels], made)) : null;
    initialize(this.weight, this.bias);
  }

  protected abstract conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvLayerOptions): Tensor;

  forward(x: Tensor): Tensor {
    const mode = this.options.paddingMode ?? "zeros";
    if (mode === "zeros") return this.conv(x, this.weight, this.bias, this.options);
    const { padding = 0, dilation = 1 } = this.options;
    const sides: number[] = [];
    for (let i = this.rank - 1; i >= 0; i--) {
      const total = perDim(dilation, this.rank)[i] * (this.weight.shape[i + 2] - 1);
      if (padding === "same") sides.push(Math.floor(total / 2), total - Math.floor(total / 2));
      else if (padding === "valid") sides.push(0, 0);
      else sides.push(perDim(padding, this.rank)[i], perDim(padding, this.rank)[i]);
    }
    return this.conv(pad(x, sides, { mode }), this.weight, this.bias, { ...this.options, padding: 0 });
  }
  override extraRepr(): string {
    const [out, per, ...kernel] = this.weight.shape;
    const { groups = 1, stride = 1, padding = 0, dilation = 1, paddingMode = "zeros" } = this.options;
    const rest = [
      padding !== 0 && `padding=${JSON.stringify(padding)}`,
      dilation !== 1 && `dilation=${JSON.stringify(dilation)}`,
      groups !== 1 && `groups=${groups}`,
      !this.bias && "bias=false",
      paddingMode !== "zeros" && `paddingMode=${paddingMode}`,
    ].filter(Boolean);
    return [
      per * groups,
      out,
      `kernelSize=${JSON.stringify(kernel)}`,
      `stride=${JSON.stringify(stride)}`,
      ...rest,
    ].join(", ");
  }
}

/** 1-d convolution layer: [N, inChannels, L] to [N, outChannels, L']; see {@link conv1d}. */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
  protected conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvLayerOptions): Tensor {
    return conv1d(x, weight, bias, options);
  }
}
/** 2-d convolution layer: [N, inChannels, H, W] to [N, outChannels, H', W']; see {@link conv2d}. */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
  protected conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvLayerOptions): Tensor {
    return conv2d(x, weight, bias, options);
  }
}
/** 3-d convolution layer: [N, inChannels, D, H, W] to [N, outChannels, D', H', W']. */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
  protected conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvLayerOptions): Tensor {
    return conv3d(x, weight, bias, options);
  }
}

abstract class ConvTranspose extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  protected readonly options: ConvTransposeLayerOptions;
  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Spatial,
    options: ConvTransposeLayerOptions,
  ) {
    super();
    const { bias = true, dtype, device, groups = 1 } = options;
    if (groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new ArgumentError(
        "ConvTranspose",
        `groups (${groups}) must divide inChannels (${inChannels}) and outChannels (${outChannels})`,
      );
    this.options = options;
    const made = { ...(dtype && { dtype }), ...(device && { device }) };
    this.weight = new Parameter(empty([inChannels, outChannels / groups, ...perDim(kernelSize, rank)], made));
    this.bias = bias ? new Parameter(empty([outChannels], made)) : null;
    initialize(this.weight, this.bias);
  }
  override extraRepr(): string {
    const { groups = 1, stride = 1 } = this.options;
    const [inChannels, per, ...kernel] = this.weight.shape;
    return `${inChannels}, ${per * groups}, kernelSize=${JSON.stringify(kernel)}, stride=${JSON.stringify(stride)}`;
  }
}
/** 1-d transposed convolution layer. */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
  forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options);
  }
}
/** 2-d transposed convolution layer. */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options);
  }
}
/** 3-d transposed convolution layer. */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
  forward(x: Tensor): Tensor {
    return convTranspose3d(x, this.weight, this.bias, this.options);
  }
}
