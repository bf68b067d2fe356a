import {
  ArgumentError,
  abs,
  add,
  amax,
  div,
  expand,
  getDefaultDType,
  isTensor,
  normal_,
  oneHot,
  pow,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
  zerosLike,
} from "@flambeau/tensor/functional";
import { checkInteger, checkNumber, checkTensor, show, showShape, toDType } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer } from "../parameter.ts";
import { shown } from "../repr.ts";
import { checkPositive, whole } from "./table.ts";

/**
 * Adds normal noise while it trains: `y = x + noise`, `noise ~ N(mean, std^2)`, and `y = x + mean` in evaluation. `mean` is 0 and `std` 0.1
 * unless they are given.
 *
 * Shape: any, and the same. Dtype: that of `x`, a floating-point one.
 *
 * @throws ArgumentError when `mean` is no number or `std` negative.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.WhiteNoise
 * @example
 * new WhiteNoise(0.5, 0.1).eval().forward(tensor([1, 2])).tolist(); // [1.5, 2.5]
 */
export class WhiteNoise extends Module {
  readonly mean: number;
  readonly std: number;
  constructor(mean = 0, std = 0.1) {
    super();
    this.mean = checkNumber("WhiteNoise", "mean", mean);
    this.std = checkNumber("WhiteNoise", "std", std);
    if (std < 0) throw new ArgumentError("WhiteNoise", `std must not be negative, got ${std}`);
  }
  forward(x: Tensor): Tensor {
    checkTensor("WhiteNoise", "x", x);
    if (!this.training) return add(x, this.mean);
    return whole(() => add(x, normal_(zerosLike(x), this.mean, this.std)));
  }
  override extraRepr(): string {
    return shown({ mean: this.mean, std: this.std });
  }
}

/**
 * Scales vectors to p-norm 1: `y = x / (sum(|x|^p) + eps)^(1 / p)`, and `y = x / (max(|x|) + eps)` for p Infinity. `eps` is 1e-10 unless
 * it is given.
 *
 * Shape: [D] or [N, D], and the same. Dtype: that of `x`, a floating-point one.
 *
 * @throws ArgumentError when `p` is not positive; ShapeError when `x` has more than two dimensions.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Normalize
 * @example
 * new Normalize(2).forward(tensor([3, 4])).tolist(); // [0.6, 0.8]
 * new Normalize(Infinity).forward(tensor([[1, -4], [2, 1]])).tolist(); // [[0.25, -1], [1, 0.5]]
 */
export class Normalize extends Module {
  readonly p: number;
  readonly eps: number;
  constructor(p: number, eps = 1e-10) {
    super();
    checkPositive("Normalize", "p", p);
    this.p = p;
    this.eps = checkNumber("Normalize", "eps", eps);
  }
  forward(x: Tensor): Tensor {
    checkTensor("Normalize", "x", x);
    if (x.ndim < 1 || x.ndim > 2)
      throw new ShapeError("Normalize", `x must be [D] or [N, D], got ${showShape(x.shape)}`, [x.shape]);
    const { p, eps } = this;
    return whole(() => {
      const size = abs(x);
      if (p === Number.POSITIVE_INFINITY) return div(x, add(amax(size, -1, { keepdim: true }), eps));
      const total = add(sum(pow(p % 2 === 0 ? x : size, p), -1, { keepdim: true }), eps);
      return div(x, pow(total, 1 / p));
    });
  }
  override extraRepr(): string {
    return shown(this.p, { eps: this.eps });
  }
}

/**
 * Gives the same value whatever comes in: `y = value`. With `nInputDims`, the number of dimensions of one example, a batch (which has more)
 * gets the value once for each example.
 *
 * Shapes: any; that of `value`, or [N, ...that of value]. A number is a tensor of one element. Dtype: that of `value`.
 *
 * @throws ArgumentError when `value` is neither a number nor a tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Constant
 * @example
 * new Constant(5).forward(zeros([3])).tolist(); // [5]
 * new Constant(tensor([1, 2]), 1).forward(zeros([2, 3])).tolist(); // [[1, 2], [1, 2]]
 */
export class Constant extends Module {
  value: Buffer;
  readonly nInputDims: number | undefined;
  constructor(value: number | Tensor, nInputDims?: number) {
    super();
    if (!isTensor(value) && typeof value !== "number")
      throw new ArgumentError("Constant", `value must be a number or a tensor, got ${show(value)}`);
    if (nInputDims !== undefined) checkInteger("Constant", "nInputDims", nInputDims, 0);
    this.value = new Buffer(isTensor(value) ? value : tensor([value], { dtype: getDefaultDType() }));
    this.nInputDims = nInputDims;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Constant", "x", x);
    const { value, nInputDims } = this;
    if (nInputDims === undefined || x.ndim <= nInputDims) return value;
    return whole(() => expand(unsqueeze(value, 0), [x.shape[0], ...value.shape]));
  }
  override extraRepr(): string {
    return shown({ shape: this.value.shape, nInputDims: this.nInputDims });
  }
}

/**
 * Vectors with a 1 at an index and zeros elsewhere: `y[..., i] = (x[...] == i)`. Indices count from 0.
 *
 * Shape: [...] -> [..., outputSize]. Dtype: integers, or floats that are such; the default floating dtype.
 *
 * @throws IndexError for an index that is not in `0 .. outputSize - 1`.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.OneHot
 * @example
 * new OneHot(5).forward(tensor([2, 1, 0])).tolist(); // [[0, 0, 1, 0, 0], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0]]
 */
export class OneHot extends Module {
  readonly outputSize: number;
  constructor(outputSize: number) {
    super();
    checkInteger("OneHot", "outputSize", outputSize, 1);
    this.outputSize = outputSize;
  }
  forward(x: Tensor): Tensor {
    checkTensor("OneHot", "x", x);
    return whole(() => toDType(oneHot(toDType(x, "int32"), this.outputSize), getDefaultDType()));
  }
  override extraRepr(): string {
    return shown(this.outputSize);
  }
}
