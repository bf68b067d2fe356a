import {
  ArgumentError,
  type ConvOptions,
  type ConvTransposeOptions,
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
import { checkOptions, convKinds, convTransposeKinds, type Kinds, option, spatial } from "@flambeau/tensor/plugin";
import { fans, kaimingUniform_, uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { type LayerOptions, layerKinds } from "./linear.ts";
import { perDim } from "./per-dim.ts";

export interface ConvLayerOptions extends LayerOptions {
  /** Steps between windows (default 1). */
  readonly stride?: Spatial | undefined;
  /** Elements added to each side (default 0); "same" keeps the size (stride 1), "valid" is 0. */
  readonly padding?: Spatial | "same" | "valid" | undefined;
  /** Distance between a kernel's elements (default 1). */
  readonly dilation?: Spatial | undefined;
  /** Into how many groups the channels fall; each output sees those of its own group only (default 1). */
  readonly groups?: number | undefined;
  /** What the padding is made of: zeros (the default), or `x` mirrored, its edges, or `x` from the other side. */
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular" | undefined;
}
const convLayerKinds: Kinds<ConvLayerOptions> = {
  ...convKinds,
  paddingMode: option.oneOf("zeros", "reflect", "replicate", "circular"),
  ...layerKinds,
};
export interface ConvTransposeLayerOptions extends LayerOptions {
  /** Steps between the places of neighbouring elements (default 1). */
  readonly stride?: Spatial | undefined;
  /** Elements taken from each side of the result (default 0). */
  readonly padding?: Spatial | undefined;
  /** Rows added to one side of the result, to choose among the sizes that a strided convolution maps to one (default 0). */
  readonly outputPadding?: Spatial | undefined;
  /** Distance between a kernel's elements (default 1). */
  readonly dilation?: Spatial | undefined;
  /** Into how many groups the channels fall; each output sees those of its own group only (default 1). */
  readonly groups?: number | undefined;
}
const convTransposeLayerKinds: Kinds<ConvTransposeLayerOptions> = { ...convTransposeKinds, ...layerKinds };

/** PyTorch's initial values: weight and bias uniform in +-1/sqrt(fanIn). */
function initialize(weight: Parameter, bias: Parameter | null): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (!bias) return;
  const { fanIn } = fans(weight);
  if (fanIn > 0) uniform_(bias, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn));
}

abstract class Conv extends Module {
  weight: Parameter;
  bias: Parameter | null;
  protected readonly options: ConvOptions;
  private readonly rank: number;
  private readonly paddingMode: NonNullable<ConvLayerOptions["paddingMode"]>;

  constructor(rank: number, inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions) {
    super();
    checkOptions(this.constructor.name, convLayerKinds, options);
    const { bias = true, dtype, device, paddingMode = "zeros", ...rest } = options;
    const { groups = 1 } = rest;
    if (groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new ArgumentError(
        "Conv",
        `groups (${groups}) must divide inChannels (${inChannels}) and outChannels (${outChannels})`,
      );
    this.rank = rank;
    this.options = rest;
    this.paddingMode = paddingMode;
    const made = { dtype, device };
    this.weight = new Parameter(
      empty([outChannels, inChannels / groups, ...spatial("Conv", "kernelSize", kernelSize, rank, 0)], made),
    );
    this.bias = bias ? new Parameter(empty([outChannels], made)) : null;
    initialize(this.weight, this.bias);
  }

  protected abstract conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions): Tensor;

  forward(x: Tensor): Tensor {
    const { paddingMode: mode, weight } = this;
    if (mode === "zeros") return this.conv(x, weight, this.bias, this.options);
    const { padding = 0, dilation = 1 } = this.options;
    const sides: number[] = [];
    for (let i = this.rank - 1; i >= 0; i--) {
      const total = perDim(dilation, this.rank)[i] * (weight.shape[i + 2] - 1);
      if (padding === "same") sides.push(Math.floor(total / 2), total - Math.floor(total / 2));
      else if (padding === "valid") sides.push(0, 0);
      else sides.push(perDim(padding, this.rank)[i], perDim(padding, this.rank)[i]);
    }
    return this.conv(pad(x, sides, { mode }), weight, this.bias, { ...this.options, padding: 0 });
  }
  override extraRepr(): string {
    const [out, per, ...kernelSize] = this.weight.shape;
    const { groups = 1, stride = 1, padding = 0, dilation = 1 } = this.options;
    const each = (value: Spatial) => perDim(value, this.rank);
    return shown(per * groups, out, {
      kernelSize,
      stride: each(stride),
      padding: padding === 0 ? undefined : typeof padding === "string" ? padding : each(padding),
      dilation: dilation === 1 ? undefined : each(dilation),
      groups: groups === 1 ? undefined : groups,
      bias: this.bias ? undefined : false,
      paddingMode: this.paddingMode === "zeros" ? undefined : this.paddingMode,
    });
  }
}

/**
 * Convolution layer over one dimension:
 * `y[n, o, l] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, l * stride + k * dilation - padding]`. The module of {@link conv1d}.
 *
 * Shape: [N, inChannels, L] or [inChannels, L] -> [N, outChannels, L'] or [outChannels, L'] with
 * `L' = floor((L + 2 * padding - dilation * (K - 1) - 1) / stride) + 1`. Parameters: `weight` [outChannels, inChannels / groups, K] and
 * `bias` [outChannels], drawn uniformly from `-1 / sqrt(fan) .. 1 / sqrt(fan)` with `fan = inChannels / groups * K`. Dtype: that of the
 * parameters, which `x` has, too.
 *
 * @throws ArgumentError when `groups` does not divide both numbers of channels; from `forward` when `stride`, `padding` or `dilation` is
 * out of range.
 * @throws ShapeError when `x` has another rank or other channels, or the kernel is larger than the padded input.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 * @example
 * new nn.Conv1d(3, 8, 5, { stride: 2, padding: 2 }).forward(randn([4, 3, 20])).shape; // [4, 8, 10]
 */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
  protected conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions): Tensor {
    return conv1d(x, weight, bias, options);
  }
}
/**
 * Convolution layer over two dimensions:
 * `y[n, o, h, w] = bias[o] + sum over c, i, j of weight[o, c, i, j] * x[n, c, h * s + i * d - p, w * s + j * d - p]` with s the stride, d
 * the dilation and p the padding. The module of {@link conv2d}.
 *
 * Shape: [N, inChannels, H, W] or [inChannels, H, W] -> [N, outChannels, H', W'] or [outChannels, H', W'] with
 * `H' = floor((H + 2 * padding - dilation * (KH - 1) - 1) / stride) + 1`, W' likewise. Parameters: `weight` [outChannels, inChannels /
 * groups, KH, KW] and `bias` [outChannels], drawn uniformly from `-1 / sqrt(fan) .. 1 / sqrt(fan)` with
 * `fan = inChannels / groups * KH * KW`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError when `groups` does not divide both numbers of channels; from `forward` when `stride`, `padding` or `dilation` is
 * out of range.
 * @throws ShapeError when `x` has another rank or other channels, or the kernel is larger than the padded input.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 * @example
 * import { nn, randn } from "flambeau";
 * const layer = new nn.Conv2d(3, 16, 3, { padding: "same" });
 * layer.forward(randn([4, 3, 32, 32])).shape; // [4, 16, 32, 32]
 * layer.weight.shape; // [16, 3, 3, 3]
 * new nn.Conv2d(8, 8, [1, 3], { groups: 8 }).weight.shape; // [8, 1, 1, 3]
 */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
  protected conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions): Tensor {
    return conv2d(x, weight, bias, options);
  }
}
/**
 * Convolution layer over three dimensions:
 * `y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation - padding]`, where p and k are positions of
 * three coordinates. The module of {@link conv3d}.
 *
 * Shape: [N, inChannels, D, H, W] or [inChannels, D, H, W] -> [N, outChannels, D', H', W'] or [outChannels, D', H', W'] with
 * `D' = floor((D + 2 * padding - dilation * (KD - 1) - 1) / stride) + 1`, H' and W' likewise. Parameters: `weight` [outChannels, inChannels
 * / groups, KD, KH, KW] and `bias` [outChannels], drawn uniformly from `-1 / sqrt(fan) .. 1 / sqrt(fan)` with
 * `fan = inChannels / groups * KD * KH * KW`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError when `groups` does not divide both numbers of channels; from `forward` when `stride`, `padding` or `dilation` is
 * out of range.
 * @throws ShapeError when `x` has another rank or other channels, or the kernel is larger than the padded input.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 * @example
 * new nn.Conv3d(2, 4, 3, { stride: [1, 2, 2] }).forward(randn([1, 2, 8, 9, 9])).shape; // [1, 4, 6, 4, 4]
 */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
  protected conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions): Tensor {
    return conv3d(x, weight, bias, options);
  }
}

abstract class ConvTranspose extends Module {
  weight: Parameter;
  bias: Parameter | null;
  /** The weight's outputs stand in its second dimension. */
  readonly transposed = true;
  protected readonly options: ConvTransposeOptions;
  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Spatial,
    options: ConvTransposeLayerOptions,
  ) {
    super();
    checkOptions(this.constructor.name, convTransposeLayerKinds, options);
    const { bias = true, dtype, device, ...rest } = options;
    const { groups = 1 } = rest;
    if (groups < 1 || inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new ArgumentError(
        "ConvTranspose",
        `groups (${groups}) must divide inChannels (${inChannels}) and outChannels (${outChannels})`,
      );
    this.options = rest;
    const made = { dtype, device };
    this.weight = new Parameter(
      empty([inChannels, outChannels / groups, ...spatial("Conv", "kernelSize", kernelSize, rank, 0)], made),
    );
    this.bias = bias ? new Parameter(empty([outChannels], made)) : null;
    initialize(this.weight, this.bias);
  }
  override extraRepr(): string {
    const [inChannels, per, ...kernelSize] = this.weight.shape;
    const { groups = 1, stride = 1, padding = 0, dilation = 1, outputPadding = 0 } = this.options;
    const each = (value: Spatial) => perDim(value, kernelSize.length);
    return shown(inChannels, per * groups, {
      kernelSize,
      stride: each(stride),
      padding: padding === 0 ? undefined : each(padding),
      dilation: dilation === 1 ? undefined : each(dilation),
      outputPadding: outputPadding === 0 ? undefined : each(outputPadding),
      groups: groups === 1 ? undefined : groups,
      bias: this.bias ? undefined : false,
    });
  }
}
/**
 * Transposed convolution layer over one dimension: `y[n, o, l * stride + k * dilation - padding] += x[n, c, l] * weight[c, o, k]`, plus
 * `bias[o]`. The module of {@link convTranspose1d}.
 *
 * Shape: [N, inChannels, L] or [inChannels, L] -> [N, outChannels, L'] or [outChannels, L'] with
 * `L' = (L - 1) * stride - 2 * padding + dilation * (K - 1) + outputPadding + 1`. Parameters: `weight` [inChannels, outChannels / groups,
 * K] and `bias` [outChannels], drawn uniformly from `-1 / sqrt(fan) .. 1 / sqrt(fan)` with `fan = outChannels / groups * K`. Dtype: that of
 * the parameters, which `x` has, too.
 *
 * @throws ArgumentError when `groups` does not divide both numbers of channels; from `forward` when `stride`, `padding`, `outputPadding` or
 * `dilation` is out of range.
 * @throws ShapeError when `x` has another rank or other channels, or the result would have no elements.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 * @example
 * new nn.ConvTranspose1d(3, 8, 4, { stride: 2, padding: 1 }).forward(randn([4, 3, 10])).shape; // [4, 8, 20]
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
  forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options);
  }
}
/**
 * Transposed convolution layer over two dimensions: `y[n, o, h * s + i * d - p, w * s + j * d - p] += x[n, c, h, w] * weight[c, o, i, j]`
 * with s the stride, d the dilation and p the padding, plus `bias[o]`. The module of {@link convTranspose2d}.
 *
 * Shape: [N, inChannels, H, W] or [inChannels, H, W] -> [N, outChannels, H', W'] or [outChannels, H', W'] with
 * `H' = (H - 1) * stride - 2 * padding + dilation * (KH - 1) + outputPadding + 1`, W' likewise. Parameters: `weight` [inChannels,
 * outChannels / groups, KH, KW] and `bias` [outChannels], drawn uniformly from `-1 / sqrt(fan) .. 1 / sqrt(fan)` with
 * `fan = outChannels / groups * KH * KW`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError when `groups` does not divide both numbers of channels; from `forward` when `stride`, `padding`, `outputPadding` or
 * `dilation` is out of range.
 * @throws ShapeError when `x` has another rank or other channels, or the result would have no elements.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 * @example
 * new nn.ConvTranspose2d(16, 8, 2, { stride: 2 }).forward(randn([4, 16, 8, 8])).shape; // [4, 8, 16, 16]
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options);
  }
}
/**
 * Transposed convolution layer over three dimensions: `y[n, o, p * stride + k * dilation - padding] += x[n, c, p] * weight[c, o, k]`, where
 * p and k are positions of three coordinates, plus `bias[o]`. The module of {@link convTranspose3d}.
 *
 * Shape: [N, inChannels, D, H, W] or [inChannels, D, H, W] -> [N, outChannels, D', H', W'] or [outChannels, D', H', W'] with
 * `D' = (D - 1) * stride - 2 * padding + dilation * (KD - 1) + outputPadding + 1`, H' and W' likewise. Parameters: `weight` [inChannels,
 * outChannels / groups, KD, KH, KW] and `bias` [outChannels], drawn uniformly from `-1 / sqrt(fan) .. 1 / sqrt(fan)` with
 * `fan = outChannels / groups * KD * KH * KW`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError when `groups` does not divide both numbers of channels; from `forward` when `stride`, `padding`, `outputPadding` or
 * `dilation` is out of range.
 * @throws ShapeError when `x` has another rank or other channels, or the result would have no elements.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
 * @example
 * new nn.ConvTranspose3d(4, 2, 2, { stride: 2 }).forward(randn([1, 4, 4, 4, 4])).shape; // [1, 2, 8, 8, 8]
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Spatial, options: ConvTransposeLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
  forward(x: Tensor): Tensor {
    return convTranspose3d(x, this.weight, this.bias, this.options);
  }
}
