import {
  ArgumentError,
  clamp,
  copy_,
  div,
  empty,
  IndexError,
  indexSelect,
  isTensor,
  linear,
  mul,
  noGrad,
  reshape,
  type Tensor,
  tensor,
  tolist,
  vectorNorm,
  zeros,
} from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkIntegers,
  checkNumber,
  checkOptions,
  checkTensor,
  option,
  show,
} from "@flambeau/tensor/plugin";
import { normal_ } from "../init.ts";
import { type LayerOptions, Linear, layerKinds } from "../layers/linear.ts";
import { Module } from "../module.ts";
import { Buffer, Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { boundOf, uniformParameter } from "./making.ts";
import { checkModule, whole } from "./table.ts";

/**
 * A linear layer of which some outputs can be asked for: `y = x @ weight[partition]^T + bias[0, partition]`. `setPartition` chooses them,
 * `resetPartition` goes back to all; the parameters stay whole.
 *
 * Shape: [..., inputSize] -> [..., partition's length]. Parameters: `weight` [outputSize, inputSize], drawn from N(0, 1), and `bias`
 * [1, outputSize], zeros. Dtype: that of the parameters.
 *
 * @throws IndexError from `setPartition` for an index that is not in `0 .. outputSize - 1`.
 * @throws ShapeError when the last size of `x` is not `inputSize`.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.PartialLinear
 * @example
 * const layer = new PartialLinear(5, 3);
 * layer.forward(randn([8, 5])).shape; // [8, 3]
 * layer.setPartition([0, 2]).forward(randn([8, 5])).shape; // [8, 2]
 * layer.resetPartition().forward(randn([8, 5])).shape; // [8, 3]
 */
export class PartialLinear extends Module {
  weight: Parameter;
  bias: Parameter | null;
  /** The outputs that are computed; null for all. */
  partition: Buffer | null = null;
  readonly inputSize: number;
  readonly outputSize: number;
  constructor(inputSize: number, outputSize: number, options: LayerOptions = {}) {
    super();
    checkOptions("PartialLinear", layerKinds, options);
    checkInteger("PartialLinear", "inputSize", inputSize, 1);
    checkInteger("PartialLinear", "outputSize", outputSize, 1);
    const { bias = true, ...made } = options;
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.weight = new Parameter(empty([outputSize, inputSize], made));
    normal_(this.weight);
    this.bias = bias ? new Parameter(zeros([1, outputSize], made)) : null;
  }
  /** Chooses the outputs, in this order: a list of indices, or a tensor of them that can be read at once. */
  setPartition(indices: readonly number[] | Tensor): this {
    const list: unknown = isTensor(indices) ? tolist(indices) : indices;
    checkIntegers("PartialLinear.setPartition", "indices", list as readonly number[]);
    if (!Array.isArray(list)) throw new ArgumentError("PartialLinear.setPartition", `takes a list, got ${show(list)}`);
    for (const i of list as readonly number[])
      if (i < 0 || i >= this.outputSize)
        throw new IndexError("PartialLinear.setPartition", `index ${i} is out of range for ${this.outputSize} outputs`);
    this.partition = new Buffer(tensor(list, { dtype: "int32", device: this.weight.device }), false);
    return this;
  }
  /** Goes back to all outputs. */
  resetPartition(): this {
    this.partition = null;
    return this;
  }
  forward(x: Tensor): Tensor {
    checkTensor("PartialLinear", "x", x);
    return whole(() => {
      const { weight, bias, partition } = this;
      const row = bias && reshape(partition ? indexSelect(bias, 1, partition) : bias, [-1]);
      return linear(x, partition ? indexSelect(weight, 0, partition) : weight, row);
    });
  }
  override extraRepr(): string {
    return shown(this.inputSize, this.outputSize, { bias: this.bias !== null });
  }
}

export interface LinearWeightNormOptions extends LayerOptions {
  /** The least length by which a weight is divided. Default 1e-16. */
  readonly eps?: number | undefined;
}

/**
 * A linear layer whose weights' lengths and directions are learned apart: `y = x @ w^T + bias` with `w[i] = g[i] * v[i] / |v[i]|`.
 * `fromLinear` makes one of an `nn.Linear`, `toLinear` the other way.
 *
 * Shape: [..., inputSize] -> [..., outputSize]. Parameters: `v` [outputSize, inputSize] and `bias` [outputSize], drawn uniformly from
 * `-1 / sqrt(inputSize) .. 1 / sqrt(inputSize)`, and `g` [outputSize, 1], the lengths of the rows of `v`. Dtype: that of the parameters.
 *
 * @throws ShapeError when the last size of `x` is not `inputSize`.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.LinearWeightNorm
 * @see Salimans and Kingma, "Weight Normalization", 2016, https://arxiv.org/abs/1602.07868
 * @example
 * const layer = LinearWeightNorm.fromLinear(new nn.Linear(4, 2));
 * layer.forward(randn([3, 4])).shape; // [3, 2]
 * [...layer.stateDict().keys()]; // ["v", "g", "bias"]
 */
export class LinearWeightNorm extends Module {
  v: Parameter;
  g: Parameter;
  bias: Parameter | null;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly eps: number;
  constructor(inputSize: number, outputSize: number, options: LinearWeightNormOptions = {}) {
    super();
    checkOptions("LinearWeightNorm", { ...layerKinds, eps: option.number }, options);
    checkInteger("LinearWeightNorm", "inputSize", inputSize, 1);
    checkInteger("LinearWeightNorm", "outputSize", outputSize, 1);
    const { bias = true, eps = 1e-16, ...made } = options;
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.eps = checkNumber("LinearWeightNorm", "eps", eps);
    const bound = boundOf(inputSize);
    this.v = uniformParameter([outputSize, inputSize], bound, made);
    this.g = new Parameter(empty([outputSize, 1], made));
    this.initFromWeight(this.v);
    this.bias = bias ? uniformParameter([outputSize], bound, made) : null;
  }
  /** Takes over a weight [outputSize, inputSize]: its directions and its lengths. */
  initFromWeight(weight: Tensor): this {
    checkTensor("LinearWeightNorm.initFromWeight", "weight", weight);
    noGrad(() =>
      whole(() => {
        if (weight !== this.v) copy_(this.v, weight);
        copy_(this.g, this.lengths());
      }),
    );
    return this;
  }
  /** One that computes what a linear layer computes, with parameters of its own. */
  static fromLinear(layer: Linear): LinearWeightNorm {
    checkModule("LinearWeightNorm.fromLinear", "layer", layer);
    if (!("weight" in layer && isTensor(layer.weight) && layer.weight.ndim === 2))
      throw new ArgumentError("LinearWeightNorm.fromLinear", `takes a Linear, got a ${show(layer)}`);
    const { weight, bias } = layer;
    const [outputSize, inputSize] = weight.shape;
    const { dtype, device } = weight;
    const made = new LinearWeightNorm(inputSize, outputSize, { bias: bias !== null, dtype, device });
    made.initFromWeight(weight);
    if (bias && made.bias) {
      const own = made.bias;
      noGrad(() => copy_(own, bias));
    }
    return made;
  }
  /** An `nn.Linear` that computes what this computes, with parameters of its own. */
  toLinear(): Linear {
    const { dtype, device } = this.v;
    const made = new Linear(this.inputSize, this.outputSize, { bias: this.bias !== null, dtype, device });
    noGrad(() =>
      whole(() => {
        copy_(made.weight, this.weight());
        if (made.bias && this.bias) copy_(made.bias, this.bias);
      }),
    );
    return made;
  }
  private lengths(): Tensor {
    return clamp(vectorNorm(this.v, 2, 1, { keepdim: true }), this.eps);
  }
  private weight(): Tensor {
    return mul(this.v, div(this.g, this.lengths()));
  }
  forward(x: Tensor): Tensor {
    checkTensor("LinearWeightNorm", "x", x);
    return whole(() => linear(x, this.weight(), this.bias));
  }
  override extraRepr(): string {
    return shown(this.inputSize, this.outputSize, { bias: this.bias !== null });
  }
}
