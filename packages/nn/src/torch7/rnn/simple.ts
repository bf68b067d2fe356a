import type { DType } from "@flambeau/tensor/functional";
import { ArgumentError, add, alias, expand, flip, neg, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  showShape,
} from "@flambeau/tensor/plugin";
import { Linear } from "../../layers/linear.ts";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { checkTensorList, whole } from "../table.ts";

/**
 * Adds a number to each element: `y = x + addend`, or `y = -(x + addend)` where `negate` is true. `new SAdd(-1, true)` makes `1 - z` of z.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `addend` is no number or `negate` no boolean.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#sadd
 * @example
 * new SAdd(-1, true).forward(tensor([0.25, 1])).tolist(); // [0.75, 0]
 */
export class SAdd extends Module {
  readonly addend: number;
  readonly negate: boolean;
  constructor(addend: number, negate = false) {
    super();
    this.addend = checkNumber("SAdd", "addend", addend);
    if (typeof negate !== "boolean") throw new ArgumentError("SAdd", `negate must be a boolean, got ${String(negate)}`);
    this.negate = negate;
  }
  forward(x: Tensor): Tensor {
    checkTensor("SAdd", "x", x);
    return whole(() => (this.negate ? neg(add(x, this.addend)) : add(x, this.addend)));
  }
  override extraRepr(): string {
    return shown({ addend: this.addend, negate: this.negate });
  }
}

/**
 * Passes a tensor through, and its gradient as a tensor of its own: `y = x`.
 *
 * Shape: that of `x`, whose memory the result shares. Dtype: that of `x`.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/Element-Research/rnn/blob/master/CopyGrad.lua
 * @example
 * new CopyGrad().forward(tensor([1, 2])).tolist(); // [1, 2]
 */
export class CopyGrad extends Module {
  forward(x: Tensor): Tensor {
    checkTensor("CopyGrad", "x", x);
    return alias(x);
  }
}

/**
 * Expands the second of two tensors to the shape of the first: `[a, b]` gives `[a, b.expand(a.shape)]`; the gradient of b is summed.
 *
 * Shapes: `a` any, `b` of sizes that are those of `a` or 1; two tensors of the shape of `a`.
 *
 * @throws ArgumentError for anything but a list of two tensors; ShapeError when b cannot be expanded.
 * @see https://github.com/Element-Research/rnn/blob/master/ExpandAs.lua
 * @example
 * new ExpandAs().forward([zeros([2, 3]), ones([2, 1])])[1].shape; // [2, 3]
 */
export class ExpandAs extends Module {
  forward(x: readonly Tensor[]): [Tensor, Tensor] {
    checkTensorList("ExpandAs", x, 2);
    const [a, b] = x;
    return [a, expand(b, a.shape)];
  }
}

export interface LinearNoBiasOptions {
  /** What the weight is made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where it lives (default: the default device). */
  readonly device?: string | undefined;
}
const linearKinds: Kinds<LinearNoBiasOptions> = { dtype: option.dtype, device: option.string };
/**
 * A linear layer without a shift: `y = x @ weight^T`. The same as `nn.Linear` with `bias: false`.
 *
 * Shape: [..., inputSize] -> [..., outputSize]. Parameter: `weight` [outputSize, inputSize], uniform in `+-1 / sqrt(inputSize)`.
 *
 * @throws ShapeError when the last size of `x` is not `inputSize`.
 * @see https://github.com/Element-Research/rnn/blob/master/LinearNoBias.lua
 * @example
 * [...new LinearNoBias(4, 2).stateDict().keys()]; // ["weight"]
 */
export class LinearNoBias extends Linear {
  constructor(inputSize: number, outputSize: number, options: LinearNoBiasOptions = {}) {
    checkOptions("LinearNoBias", linearKinds, options);
    super(inputSize, outputSize, { ...options, bias: false });
  }
}

/**
 * Reverses a tensor along a dimension: `y[t] = x[T - 1 - t]`.
 *
 * Shape: that of `x`, of at most three dimensions. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `dim` is not 0, 1 or 2; ShapeError when `x` has no such dimension.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.SeqReverseSequence
 * @example
 * const x = tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]);
 * new SeqReverseSequence(0).forward(x).tolist(); // [[6, 7, 8, 9, 10], [1, 2, 3, 4, 5]]
 */
export class SeqReverseSequence extends Module {
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = checkInteger("SeqReverseSequence", "dim", dim, 0, 2);
  }
  forward(x: Tensor): Tensor {
    checkTensor("SeqReverseSequence", "x", x);
    if (x.ndim <= this.dim || x.ndim > 3)
      throw new ShapeError("SeqReverseSequence", `takes ${this.dim + 1} to 3 dimensions, got ${showShape(x.shape)}`, [
        x.shape,
      ]);
    return flip(x, [this.dim]);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}
