import { bilinear, type DType, empty, linear, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { kaimingUniform_, uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";

export interface LayerOptions {
  /** Whether there is a learned shift of the outputs (default true). */
  readonly bias?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
export const layerKinds: Kinds<LayerOptions> = { bias: option.boolean, dtype: option.dtype, device: option.string };

/**
 * Passes its input through: `y = x`. It stands in where a layer is taken out.
 *
 * Shape: that of `x`. Dtype: that of `x`; the result is the same tensor.
 *
 * @throws nothing, whatever `x` is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
 * @example
 * const x = tensor([1, 2]);
 * new nn.Identity().forward(x) === x; // true
 */
export class Identity extends Module {
  /** Whatever it is given is passed over, so that it can stand in any layer's place. */
  constructor(..._: readonly unknown[]) {
    super();
  }
  forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * Affine layer over the last dimension: `y = x @ weight^T + bias`. The module of {@link linear}.
 *
 * Shape: [..., inFeatures] -> [..., outFeatures]. Parameters: `weight` [outFeatures, inFeatures] and `bias` [outFeatures], both drawn
 * uniformly from `-1 / sqrt(inFeatures) .. 1 / sqrt(inFeatures)`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ShapeError when the last size of `x` is not `inFeatures`; from the constructor when a size is no non-negative integer.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 * @example
 * import { nn, randn } from "flambeau";
 * const layer = new nn.Linear(4, 2);
 * layer.forward(randn([8, 4])).shape; // [8, 2]
 * layer.weight.shape; // [2, 4]
 * [...new nn.Linear(4, 2, { bias: false }).parameters()].length; // 1
 */
export class Linear extends Module {
  weight: Parameter;
  bias: Parameter | null;
  readonly inFeatures: number;
  readonly outFeatures: number;
  constructor(inFeatures: number, outFeatures: number, options: LayerOptions = {}) {
    super();
    checkOptions(this.constructor.name, layerKinds, options);
    const { bias = true, ...made } = options;
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, inFeatures], made));
    this.bias = bias ? new Parameter(empty([outFeatures], made)) : null;
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    if (this.bias) uniform_(this.bias, -bound, bound);
  }
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
  override extraRepr(): string {
    return shown({ inFeatures: this.inFeatures, outFeatures: this.outFeatures, bias: this.bias !== null });
  }
}

/**
 * A form that is linear in each of two inputs: `y[..., k] = x1 @ weight[k] @ x2 + bias[k]`. The module of {@link bilinear}.
 *
 * Shapes: `x1` [..., in1Features] and `x2` [..., in2Features] give [..., outFeatures]. Parameters: `weight` [outFeatures, in1Features,
 * in2Features] and `bias` [outFeatures], drawn uniformly from `-1 / sqrt(in1Features) .. 1 / sqrt(in1Features)`. Dtype: that of the
 * parameters, which the inputs have, too.
 *
 * @throws ShapeError when the inputs' last sizes or leading dimensions do not fit.
 * @throws DTypeError when an input has another dtype than the parameters.
 * @throws DeviceError when an input lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
 * @example
 * new nn.Bilinear(3, 4, 2).forward(ones([8, 3]), ones([8, 4])).shape; // [8, 2]
 */
export class Bilinear extends Module {
  weight: Parameter;
  bias: Parameter | null;
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  constructor(in1Features: number, in2Features: number, outFeatures: number, options: LayerOptions = {}) {
    super();
    checkOptions("Bilinear", layerKinds, options);
    const { bias = true, ...made } = options;
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], made));
    this.bias = bias ? new Parameter(empty([outFeatures], made)) : null;
    const bound = in1Features > 0 ? 1 / Math.sqrt(in1Features) : 0;
    uniform_(this.weight, -bound, bound);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }
  forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }
  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures } = this;
    return shown({ in1_features: in1Features, in2_features: in2Features, outFeatures, bias: this.bias !== null });
  }
}
