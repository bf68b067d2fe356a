import {
  ArgumentError,
  add,
  avgPool2d,
  im2col,
  matmul,
  mul,
  ne,
  permute,
  pow,
  reshape,
  ShapeError,
  squeeze,
  sum,
  type Tensor,
  unfold,
  where,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import type { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { boundOf, type MadeOptions, madeKinds, uniformParameter } from "./making.ts";
import { checkPositive, whole } from "./table.ts";

/** Holds an image to [planes, H, W] or [N, planes, H, W]. */
export function checkImage(op: string, x: Tensor, planes: number): void {
  checkTensor(op, "x", x);
  if (x.ndim < 3 || x.ndim > 4 || x.shape[x.ndim - 3] !== planes)
    throw new ShapeError(op, `x must be [${planes}, H, W] or [N, ${planes}, H, W], got ${showShape(x.shape)}`, [
      x.shape,
    ]);
}

export interface SpatialConvolutionLocalOptions extends MadeOptions {
  /** Zeros to the left and right. Default 0. */
  readonly padW?: number | undefined;
  /** Zeros above and below. Default `padW`. */
  readonly padH?: number | undefined;
}
const localKinds: Kinds<SpatialConvolutionLocalOptions> = { padW: option.number, padH: option.number, ...madeKinds };

/**
 * A convolution whose weights differ from place to place:
 * `y[o, i, j] = bias[o, i, j] + sum_{c, h, w} weight[i, j, o, c, h, w] * x[c, dH i + h - padH, dW j + w - padW]`. Images have one size, iW by iH.
 *
 * Shape: [nInputPlane, iH, iW] or [N, nInputPlane, iH, iW] -> [nOutputPlane, oH, oW], with N before, where
 * `oW = floor((iW + 2 padW - kW) / dW) + 1` and likewise oH. Parameters: `weight` [oH, oW, nOutputPlane, nInputPlane, kH, kW] and `bias`
 * [nOutputPlane, oH, oW], drawn uniformly from `-1 / sqrt(kW * kH * nInputPlane) .. 1 / sqrt(kW * kH * nInputPlane)`. Dtype: that of the
 * parameters.
 *
 * @throws ArgumentError when a size is no positive integer or the kernel does not fit; ShapeError when `x` has another size.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.SpatialConvolutionLocal
 * @example
 * new SpatialConvolutionLocal(2, 3, 7, 6, 3, 2).forward(randn([2, 6, 7])).shape; // [3, 5, 5]
 */
export class SpatialConvolutionLocal extends Module {
  weight: Parameter;
  bias: Parameter;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly size: readonly [planes: number, height: number, width: number];
  constructor(
    nInputPlane: number,
    nOutputPlane: number,
    iW: number,
    iH: number,
    kW: number,
    kH: number,
    dW = 1,
    dH = 1,
    options: SpatialConvolutionLocalOptions = {},
  ) {
    super();
    const op = "SpatialConvolutionLocal";
    checkOptions(op, localKinds, options);
    const { padW = 0, padH = padW, ...made } = options;
    for (const [name, value] of Object.entries({ nInputPlane, nOutputPlane, iW, iH, kW, kH, dW, dH }))
      checkInteger(op, name, value, 1);
    checkInteger(op, "padW", padW, 0);
    checkInteger(op, "padH", padH, 0);
    this.size = [nInputPlane, iH, iW];
    this.kernel = [kH, kW];
    this.stride = [dH, dW];
    this.padding = [padH, padW];
    const oW = Math.floor((iW + 2 * padW - kW) / dW) + 1;
    const oH = Math.floor((iH + 2 * padH - kH) / dH) + 1;
    if (oW < 1 || oH < 1)
      throw new ArgumentError(
        op,
        `a kernel of ${kW} x ${kH} does not fit ${iW} x ${iH} with padding ${padW} x ${padH}`,
      );
    const bound = boundOf(kW * kH * nInputPlane);
    this.weight = uniformParameter([oH, oW, nOutputPlane, nInputPlane, kH, kW], bound, made);
    this.bias = uniformParameter([nOutputPlane, oH, oW], bound, made);
  }
  forward(x: Tensor): Tensor {
    checkTensor("SpatialConvolutionLocal", "x", x);
    const [planes, height, width] = this.size;
    const image = x.shape.slice(-3);
    if (x.ndim < 3 || x.ndim > 4 || image.some((size, d) => size !== this.size[d]))
      throw new ShapeError(
        "SpatialConvolutionLocal",
        `x must be [${this.size}] or [N,${this.size}], got ${showShape(x.shape)}`,
        [x.shape],
      );
    const [oH, oW, out] = this.weight.shape;
    const [kH, kW] = this.kernel;
    const { stride, padding } = this;
    return whole(() => {
      const batch = reshape(x, [x.ndim === 4 ? x.shape[0] : 1, planes, height, width]);
      const patches = permute(im2col(batch, [kH, kW], { stride, padding }), [2, 1, 0]); // [places, planes kH kW, N]
      const weight = reshape(this.weight, [oH * oW, out, planes * kH * kW]);
      const y = reshape(permute(matmul(weight, patches), [2, 1, 0]), [batch.shape[0], out, oH, oW]);
      return add(x.ndim === 4 ? y : squeeze(y, 0), this.bias);
    });
  }
  override extraRepr(): string {
    const [nInputPlane, iH, iW] = this.size;
    const { kernel: kernelSize, stride, padding } = this;
    return shown(nInputPlane, this.bias.shape[0], iW, iH, { kernelSize, stride, padding });
  }
}

/**
 * Sums windows of images, with a learned factor and shift of each plane:
 * `y[c, i, j] = bias[c] + weight[c] * sum_{h, w} x[c, dH i + h, dW j + w]`.
 *
 * Shape: [nInputPlane, H, W] or [N, nInputPlane, H, W] -> [nInputPlane, floor((H - kH) / dH) + 1, floor((W - kW) / dW) + 1], with N before.
 * Parameters: `weight` and `bias` [nInputPlane], drawn uniformly from `-1 / sqrt(kW * kH) .. 1 / sqrt(kW * kH)`. Dtype: that of the parameters.
 *
 * @throws ArgumentError when a size or step is no positive integer; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.SpatialSubSampling
 * @example
 * new SpatialSubSampling(3, 2, 2, 2, 2).forward(randn([3, 8, 8])).shape; // [3, 4, 4]
 */
export class SpatialSubSampling extends Module {
  weight: Parameter;
  bias: Parameter;
  readonly nInputPlane: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  constructor(nInputPlane: number, kW: number, kH: number, dW = 1, dH = 1, options: MadeOptions = {}) {
    super();
    checkOptions("SpatialSubSampling", madeKinds, options);
    for (const [name, value] of Object.entries({ nInputPlane, kW, kH, dW, dH }))
      checkInteger("SpatialSubSampling", name, value, 1);
    this.nInputPlane = nInputPlane;
    this.kernel = [kH, kW];
    this.stride = [dH, dW];
    this.weight = uniformParameter([nInputPlane], boundOf(kW * kH), options);
    this.bias = uniformParameter([nInputPlane], boundOf(kW * kH), options);
  }
  forward(x: Tensor): Tensor {
    checkImage("SpatialSubSampling", x, this.nInputPlane);
    const ofPlane = (p: Tensor) => reshape(p, [-1, 1, 1]);
    return whole(() => {
      const sums = avgPool2d(x, this.kernel, { stride: this.stride, divisorOverride: 1 });
      return add(mul(sums, ofPlane(this.weight)), ofPlane(this.bias));
    });
  }
  override extraRepr(): string {
    return shown(this.nInputPlane, { kernelSize: this.kernel, stride: this.stride });
  }
}

export interface FeatureLPPoolingOptions {
  /** Whether the first dimension is a batch's, and features the second. Default false: features are the first. */
  readonly batchMode?: boolean | undefined;
}
const featureKinds: Kinds<FeatureLPPoolingOptions> = { batchMode: option.boolean };

/**
 * p-norms of windows over the features: `y[i] = (sum_k x[stride i + k]^power)^(1 / power)`, k below width; where that is 0, so is its
 * gradient.
 *
 * Shape: [F], [F, A] or [F, A, B], with `batchMode` N before -> `floor((F - width) / stride) + 1` features. Dtype: that of `x`.
 *
 * @throws ArgumentError when `width` is not from 2 to 16, `stride` not from 1 to 4 or `power` not positive; ShapeError when `x` has too few
 * dimensions, too many, or too few features.
 * @see https://github.com/torch/nn/blob/master/FeatureLPPooling.lua
 * @example
 * new FeatureLPPooling(2, 2, 2).forward(tensor([3, 4, 6, 8])).tolist(); // [5, 10]
 */
export class FeatureLPPooling extends Module {
  readonly width: number;
  readonly stride: number;
  readonly power: number;
  readonly batchMode: boolean;
  constructor(width: number, stride: number, power: number, options: FeatureLPPoolingOptions = {}) {
    super();
    checkOptions("FeatureLPPooling", featureKinds, options);
    checkInteger("FeatureLPPooling", "width", width, 2, 16);
    checkInteger("FeatureLPPooling", "stride", stride, 1, 4);
    checkPositive("FeatureLPPooling", "power", power);
    this.width = width;
    this.stride = stride;
    this.power = power;
    this.batchMode = options.batchMode ?? false;
  }
  forward(x: Tensor): Tensor {
    checkTensor("FeatureLPPooling", "x", x);
    const dim = this.batchMode ? 1 : 0;
    if (x.ndim <= dim || x.ndim > dim + 3 || x.shape[dim] < this.width)
      throw new ShapeError(
        "FeatureLPPooling",
        `x must have ${dim + 1} to ${dim + 3} dimensions and ${this.width} features, got ${showShape(x.shape)}`,
        [x.shape],
      );
    return whole(() => {
      const total = sum(pow(unfold(x, dim, this.width, this.stride), this.power), -1);
      const some = ne(total, 0);
      return mul(pow(where(some, total, 1), 1 / this.power), some);
    });
  }
  override extraRepr(): string {
    const { width, stride, power, batchMode } = this;
    return shown({ width, stride, power, batchMode });
  }
}
