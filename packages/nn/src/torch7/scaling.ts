import { add, mul, reshape, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import type { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { boundOf, checkSizes, type MadeOptions, madeKinds, uniformParameter } from "./making.ts";
import { whole } from "./table.ts";

export interface AddOptions extends MadeOptions {
  /** Whether one number is learned for all elements. Default false. */
  readonly scalar?: boolean | undefined;
}
const addKinds: Kinds<AddOptions> = { scalar: option.boolean, ...madeKinds };

/**
 * Adds a learned shift to each element: `y = x + bias`; with `scalar` one number to all, `y = x + bias[0]`.
 *
 * Shape: [inputSize], or a batch of as many elements each; the same. Parameter: `bias` [inputSize], [1] with `scalar`, drawn uniformly from
 * `-1 / sqrt(size) .. 1 / sqrt(size)`. Dtype: that of the parameter.
 *
 * @throws ShapeError when an example has another number of elements.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Add
 * @example
 * const layer = new Add(2);
 * nn.init.constant_(layer.bias, 3);
 * layer.forward(tensor([[1, 2], [3, 4]])).tolist(); // [[4, 5], [6, 7]]
 */
export class Add extends Module {
  bias: Parameter;
  readonly scalar: boolean;
  constructor(inputSize: number, options: AddOptions = {}) {
    super();
    checkOptions("Add", addKinds, options);
    checkInteger("Add", "inputSize", inputSize, 1);
    const { scalar = false, ...made } = options;
    const size = scalar ? 1 : inputSize;
    this.scalar = scalar;
    this.bias = uniformParameter([size], boundOf(size), made);
  }
  forward(x: Tensor): Tensor {
    checkTensor("Add", "x", x);
    if (this.scalar) return add(x, this.bias);
    return whole(() => add(x, fitted("Add", this.bias, x)));
  }
  override extraRepr(): string {
    return shown(this.bias.size, { scalar: this.scalar || undefined });
  }
}

/**
 * Adds a learned tensor: `y = x + bias`. Where a size of it is 1, that goes for the whole dimension of `x`.
 *
 * Shape: `size`, one that broadcasts to it, or a batch of such examples; the same. Parameter: `bias` of `size`, drawn uniformly from
 * `-1 / sqrt(n) .. 1 / sqrt(n)` with n its number of elements. Dtype: that of the parameter.
 *
 * @throws ArgumentError when a size is no positive integer; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.CAdd
 * @example
 * const layer = new CAdd(2, 1);
 * nn.init.constant_(layer.bias, 3);
 * layer.forward(zeros([2, 3])).tolist(); // [[3, 3, 3], [3, 3, 3]]
 */
export class CAdd extends Module {
  bias: Parameter;
  constructor(...size: readonly number[]) {
    super();
    checkSizes("CAdd", size);
    this.bias = uniformParameter(size, boundOf(product(size)));
  }
  forward(x: Tensor): Tensor {
    checkTensor("CAdd", "x", x);
    return whole(() => add(x, fitted("CAdd", this.bias, x)));
  }
  override extraRepr(): string {
    return shown(...this.bias.shape);
  }
}

/**
 * Multiplies by one learned number: `y = x * weight[0]`.
 *
 * Shape: any, and the same. Parameter: `weight` [1], drawn uniformly from `-1 .. 1`. Dtype: that of the parameter.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Mul
 * @example
 * const layer = new Mul();
 * nn.init.constant_(layer.weight, 3);
 * layer.forward(tensor([1, 2])).tolist(); // [3, 6]
 */
export class Mul extends Module {
  weight: Parameter;
  constructor(options: MadeOptions = {}) {
    super();
    checkOptions("Mul", madeKinds, options);
    this.weight = uniformParameter([1], 1, options);
  }
  forward(x: Tensor): Tensor {
    return mul(x, this.weight);
  }
}

/**
 * Multiplies by a learned tensor: `y = x * weight`. Where a size of it is 1, that goes for the whole dimension of `x`.
 *
 * Shape: `size`, one that broadcasts to it, or a batch of such examples; the same. Parameter: `weight` of `size`, drawn uniformly from
 * `-1 / sqrt(n) .. 1 / sqrt(n)` with n its number of elements. Dtype: that of the parameter.
 *
 * @throws ArgumentError when a size is no positive integer; ShapeError when `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.CMul
 * @example
 * const layer = new CMul(5, 1);
 * nn.init.constant_(layer.weight, 3);
 * layer.forward(ones([5, 4])).sum().item(); // 60
 */
export class CMul extends Module {
  weight: Parameter;
  constructor(...size: readonly number[]) {
    super();
    checkSizes("CMul", size);
    this.weight = uniformParameter(size, boundOf(product(size)));
  }
  forward(x: Tensor): Tensor {
    checkTensor("CMul", "x", x);
    return whole(() => mul(x, fitted("CMul", this.weight, x)));
  }
  override extraRepr(): string {
    return shown(...this.weight.shape);
  }
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The parameter as it broadcasts to `x`: by its sizes, by its number of elements, or for each example of a batch. */
function fitted(op: string, p: Tensor, x: Tensor): Tensor {
  if (p.size === x.size) return reshape(p, x.shape);
  if (p.ndim === x.ndim && p.shape.every((size, d) => size === x.shape[d] || size === 1)) return p;
  const [batch, ...example] = x.shape;
  if (x.ndim > 1 && product(example) === p.size && batch > 0) return reshape(p, [1, ...example]);
  throw new ShapeError(
    op,
    `its parameter ${showShape(p.shape)} fits neither ${showShape(x.shape)} nor the examples of it as a batch`,
    [x.shape, p.shape],
  );
}
