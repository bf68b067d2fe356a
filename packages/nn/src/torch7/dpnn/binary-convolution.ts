import {
  abs,
  conv2d,
  type DType,
  detach,
  empty,
  ge,
  mean,
  mul,
  reshape,
  ShapeError,
  sub,
  type Tensor,
  to,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { kaimingUniform_ } from "../../init.ts";
import { Module } from "../../module.ts";
import { Parameter } from "../../parameter.ts";
import { shown } from "../../repr.ts";
import { withGradientOf } from "../surrogates.ts";
import { whole } from "../table.ts";

export interface SpatialBinaryConvolutionOptions {
  /** Steps between windows, across (default 1). */
  readonly dW?: number | undefined;
  /** Steps between windows, down (default 1). */
  readonly dH?: number | undefined;
  /** Columns of zeros at either side (default 0). */
  readonly padW?: number | undefined;
  /** Rows of zeros at either side (default 0). */
  readonly padH?: number | undefined;
  /** What the weight is made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where it lives (default: the default device). */
  readonly device?: string | undefined;
}
const kinds: Kinds<SpatialBinaryConvolutionOptions> = {
  dW: option.number,
  dH: option.number,
  padW: option.number,
  padH: option.number,
  dtype: option.dtype,
  device: option.string,
};

/**
 * A convolution by weights of -1 and 1, `y[o] = mean(|weight[o]|) * conv(x, sign(weight))[o]` with `sign(0) = 1`, and no shift. What is learned are the weights behind
 * the signs.
 *
 * As in Torch7 the gradient of the weights is that of a convolution by the signs without the factor, and that of `x` has the factor of each input channel,
 * `mean(|weight[:, c]|)`, in its place.
 *
 * Shape: [N, nInputPlane, H, W] or [nInputPlane, H, W] -> [N, nOutputPlane, H', W'] or without N, as for `nn.Conv2d`. Parameter: `weight` [nOutputPlane,
 * nInputPlane, kH, kW], uniform in `+-1 / sqrt(nInputPlane * kH * kW)`.
 *
 * @throws ArgumentError from the constructor when a size or a step is no positive integer; ShapeError when `x` has other channels or is smaller than the kernel.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.SpatialBinaryConvolution
 * @see Rastegari et al., "XNOR-Net", 2016, https://arxiv.org/abs/1603.05279
 * @example
 * const layer = new SpatialBinaryConvolution(1, 1, 2, 1);
 * nn.init.constant_(layer.weight, -0.5);
 * layer.forward(tensor([[[1, 2, 4]]])).tolist(); // [[[-1.5, -3]]]
 */
export class SpatialBinaryConvolution extends Module {
  weight: Parameter;
  private readonly stride: readonly [number, number];
  private readonly padding: readonly [number, number];
  constructor(
    nInputPlane: number,
    nOutputPlane: number,
    kW: number,
    kH: number,
    options: SpatialBinaryConvolutionOptions = {},
  ) {
    super();
    checkOptions("SpatialBinaryConvolution", kinds, options);
    const { dW = 1, dH = 1, padW = 0, padH = 0, dtype, device } = options;
    for (const [name, value] of Object.entries({ nInputPlane, nOutputPlane, kW, kH, dW, dH }))
      checkInteger("SpatialBinaryConvolution", name, value, 1);
    for (const [name, value] of Object.entries({ padW, padH }))
      checkInteger("SpatialBinaryConvolution", name, value, 0);
    this.weight = new Parameter(empty([nOutputPlane, nInputPlane, kH, kW], { dtype, device }));
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    this.stride = [dH, dW];
    this.padding = [padH, padW];
  }
  forward(x: Tensor): Tensor {
    checkTensor("SpatialBinaryConvolution", "x", x);
    const [, channels] = this.weight.shape;
    if ((x.ndim !== 3 && x.ndim !== 4) || x.shape[x.ndim - 3] !== channels)
      throw new ShapeError(
        "SpatialBinaryConvolution",
        `takes [N, ${channels}, H, W] or [${channels}, H, W], got ${showShape(x.shape)}`,
        [x.shape],
      );
    return whole(() => {
      const real = detach(this.weight);
      const sizes = abs(real);
      const binary = sub(mul(to(ge(real, 0), real.dtype), 2), 1);
      // its value is the signs', its gradient goes to the weights behind them
      const weight = withGradientOf(binary, this.weight);
      // its value is x, its gradient has the input channels' factors
      const factors = reshape(mean(sizes, [0, 2, 3]), [channels, 1, 1]);
      const input = withGradientOf(detach(x), mul(x, factors));
      const sums = conv2d(input, weight, null, { stride: this.stride, padding: this.padding });
      const alphas = reshape(mean(sizes, [1, 2, 3]), [-1, 1, 1]);
      return withGradientOf(mul(detach(sums), alphas), sums);
    });
  }
  override extraRepr(): string {
    const [out, channels, kH, kW] = this.weight.shape;
    return shown(channels, out, { kernelSize: [kH, kW], stride: [...this.stride], padding: [...this.padding] });
  }
}
