import {
  add,
  indexSelect,
  isTensor,
  mul,
  mul_,
  noGrad,
  reshape,
  ShapeError,
  select,
  squeeze,
  stack,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, showShape, toDType } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import type { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { boundOf, type MadeOptions, madeKinds, uniformParameter } from "./making.ts";
import { checkTensorList, whole } from "./table.ts";

/**
 * A linear layer of sparse vectors, each given as pairs of an index and the value there: `y = sum_k weight[:, i_k] * v_k + bias`. Indices
 * count from 0; gradients come to the values, too.
 *
 * Shape: [pairs, 2] -> [outputSize]; [N, pairs, 2], or a list of N such tensors -> [N, outputSize]. Parameters: `weight` [outputSize,
 * inputSize], drawn uniformly from `-1 / sqrt(inputSize) .. 1 / sqrt(inputSize)`, and `bias` [outputSize], the same by 1e-6. Dtype: that of the
 * parameters.
 *
 * @throws ShapeError when `x` holds no pairs; IndexError for an index that is not in `0 .. inputSize - 1`.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.SparseLinear
 * @example
 * const layer = new SparseLinear(10000, 2);
 * layer.forward(tensor([[0, 0.1], [1, 0.3], [9, 0.3], [30, 0.2]])).shape; // [2]
 * layer.forward([tensor([[0, 0.1]]), tensor([[1, 0.3], [9, 0.3]])]).shape; // [2, 2]
 */
export class SparseLinear extends Module {
  weight: Parameter;
  bias: Parameter;
  readonly inputSize: number;
  readonly outputSize: number;
  constructor(inputSize: number, outputSize: number, options: MadeOptions = {}) {
    super();
    checkOptions("SparseLinear", madeKinds, options);
    checkInteger("SparseLinear", "inputSize", inputSize, 1);
    checkInteger("SparseLinear", "outputSize", outputSize, 1);
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    const bound = boundOf(inputSize);
    this.weight = uniformParameter([outputSize, inputSize], bound, options);
    this.bias = uniformParameter([outputSize], bound, options);
    noGrad(() => mul_(this.bias, 1e-6));
  }
  forward(x: Tensor | readonly Tensor[]): Tensor {
    if (isTensor(x)) {
      checkTensor("SparseLinear", "x", x);
      checkPairs(x, 2, 3);
      return whole(() => (x.ndim === 3 ? this.rows(x) : squeeze(this.rows(unsqueeze(x, 0)), 0)));
    }
    checkTensorList("SparseLinear", x);
    for (const each of x) checkPairs(each, 2, 2);
    return whole(() => stack(x.map((each) => squeeze(this.rows(unsqueeze(each, 0)), 0))));
  }
  /** [N, pairs, 2] -> [N, outputSize]. */
  private rows(x: Tensor): Tensor {
    const [n, pairs] = x.shape;
    const index = reshape(toDType(select(x, -1, 0), "int32"), [n * pairs]);
    const columns = reshape(indexSelect(this.weight, 1, index), [this.outputSize, n, pairs]);
    return add(transpose(sum(mul(columns, select(x, -1, 1)), -1), 0, 1), this.bias);
  }
  override extraRepr(): string {
    return shown(this.inputSize, this.outputSize);
  }
}
function checkPairs(x: Tensor, least: number, most: number): void {
  if (x.ndim < least || x.ndim > most || x.shape[x.ndim - 1] !== 2)
    throw new ShapeError(
      "SparseLinear",
      `x is [pairs, 2]${most === 3 ? " or [N, pairs, 2]" : ""}, pairs of an index and a value, got ${showShape(x.shape)}`,
      [x.shape],
    );
}
