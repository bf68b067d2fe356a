import {
  add,
  div,
  matmul,
  mul,
  ones,
  ShapeError,
  sub,
  type Tensor,
  transpose,
  unsqueeze,
  vectorNorm,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { boundOf, type MadeOptions, madeKinds, uniformParameter } from "./making.ts";
import { whole } from "./table.ts";

/** What compares vectors with learned ones. */
abstract class Centers extends Module {
  weight: Parameter;
  readonly inputSize: number;
  readonly outputSize: number;
  constructor(name: string, inputSize: number, outputSize: number, shape: readonly number[], options: MadeOptions) {
    super();
    checkOptions(name, madeKinds, options);
    checkInteger(name, "inputSize", inputSize, 1);
    checkInteger(name, "outputSize", outputSize, 1);
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.weight = uniformParameter(shape, boundOf(shape[0]), options);
  }
  forward(x: Tensor): Tensor {
    const name = this.constructor.name;
    checkTensor(name, "x", x);
    if (x.ndim < 1 || x.ndim > 2 || x.shape[x.ndim - 1] !== this.inputSize)
      throw new ShapeError(name, `x must be [${this.inputSize}] or [N, ${this.inputSize}], got ${showShape(x.shape)}`, [
        x.shape,
      ]);
    return whole(() => this.compared(x));
  }
  protected abstract compared(x: Tensor): Tensor;
  override extraRepr(): string {
    return shown(this.inputSize, this.outputSize);
  }
}

/**
 * Distances to learned centers: `y[j] = |weight[:, j] - x|`.
 *
 * Shape: [inputSize] or [N, inputSize] -> [outputSize] or [N, outputSize]. Parameter: `weight` [inputSize, outputSize], drawn uniformly from
 * `-1 / sqrt(inputSize) .. 1 / sqrt(inputSize)`. Dtype: that of the parameter.
 *
 * @throws ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Euclidean
 * @example
 * const layer = new Euclidean(2, 3);
 * nn.init.zeros_(layer.weight);
 * layer.forward(tensor([3, 4])).tolist(); // [5, 5, 5]
 */
export class Euclidean extends Centers {
  constructor(inputSize: number, outputSize: number, options: MadeOptions = {}) {
    super("Euclidean", inputSize, outputSize, [inputSize, outputSize], options);
  }
  protected override compared(x: Tensor): Tensor {
    return vectorNorm(sub(unsqueeze(x, -1), this.weight), 2, -2);
  }
}

/**
 * Distances to learned centers, with a learned scale of each feature for each center: `y[j] = |diagCov[:, j] * (weight[:, j] - x)|`.
 *
 * Shape: [inputSize] or [N, inputSize] -> [outputSize] or [N, outputSize]. Parameters: `weight` [inputSize, outputSize], drawn uniformly from
 * `-1 / sqrt(inputSize) .. 1 / sqrt(inputSize)`, and `diagCov` of that shape, ones. Dtype: that of the parameters.
 *
 * @throws ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.WeightedEuclidean
 * @example
 * const layer = new WeightedEuclidean(2, 3);
 * nn.init.zeros_(layer.weight);
 * nn.init.constant_(layer.diagCov, 2);
 * layer.forward(tensor([3, 4])).tolist(); // [10, 10, 10]
 */
export class WeightedEuclidean extends Centers {
  diagCov: Parameter;
  constructor(inputSize: number, outputSize: number, options: MadeOptions = {}) {
    super("WeightedEuclidean", inputSize, outputSize, [inputSize, outputSize], options);
    this.diagCov = new Parameter(ones([inputSize, outputSize], options));
  }
  protected override compared(x: Tensor): Tensor {
    return vectorNorm(mul(sub(unsqueeze(x, -1), this.weight), this.diagCov), 2, -2);
  }
}

/**
 * Cosines of the angles to learned vectors: `y[j] = weight[j] . x / ((|weight[j]| + 1e-12) * (|x| + 1e-12))`.
 *
 * Shape: [inputSize] or [N, inputSize] -> [outputSize] or [N, outputSize]. Parameter: `weight` [outputSize, inputSize], drawn uniformly from
 * `-1 / sqrt(outputSize) .. 1 / sqrt(outputSize)`. Dtype: that of the parameter.
 *
 * @throws ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Cosine
 * @example
 * const layer = new Cosine(2, 2);
 * noGrad(() => layer.weight.copy_(tensor([[1, 0], [3, 3]])));
 * layer.forward(tensor([2, 0])).tolist(); // [1, 0.7071]
 */
export class Cosine extends Centers {
  constructor(inputSize: number, outputSize: number, options: MadeOptions = {}) {
    super("Cosine", inputSize, outputSize, [outputSize, inputSize], options);
  }
  protected override compared(x: Tensor): Tensor {
    const length = (v: Tensor, keepdim: boolean) => add(vectorNorm(v, 2, -1, { keepdim }), 1e-12);
    return div(div(matmul(x, transpose(this.weight, 0, 1)), length(this.weight, false)), length(x, true));
  }
}
