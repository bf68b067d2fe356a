import { max, mean, min, sum, type Tensor, unsqueeze } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option } from "@flambeau/tensor/plugin";
import { AlongDim } from "./along-dim.ts";
import { batchDim, whole } from "./table.ts";

/** What reduces along a dimension that lies one further in a batch. Of a vector a tensor of one element is left. */
abstract class Reduction extends AlongDim {
  forward(x: Tensor): Tensor {
    checkTensor(this.constructor.name, "x", x);
    return whole(() => {
      const y = this.reduced(x, batchDim(this.dim, this.nInputDims, x));
      return y.ndim === 0 ? unsqueeze(y, 0) : y;
    });
  }
  protected abstract reduced(x: Tensor, dim: number): Tensor;
}

/**
 * Largest value along `dim` (0 unless it is given): `y = max(x, dim)`. Where several are equal, the first gets the gradient. With
 * `nInputDims`, the number of dimensions of one example, a batch (which has one more) is reduced along `dim + 1`.
 *
 * Shape: [..., size, ...] -> [..., ...]; of a vector [1]. Dtype: that of `x`.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Max
 * @example
 * new Max(1).forward(tensor([[1, 3], [4, 2]])).tolist(); // [3, 4]
 * new Max(0, 1).forward(tensor([[1, 3], [4, 2]])).tolist(); // [3, 4]
 */
export class Max extends Reduction {
  constructor(dim = 0, nInputDims?: number) {
    super("Max", dim, nInputDims);
  }
  protected override reduced(x: Tensor, dim: number): Tensor {
    return max(x, dim)[0];
  }
}
/**
 * Smallest value along `dim` (0 unless it is given): `y = min(x, dim)`. Where several are equal, the first gets the gradient. With
 * `nInputDims`, the number of dimensions of one example, a batch (which has one more) is reduced along `dim + 1`.
 *
 * Shape: [..., size, ...] -> [..., ...]; of a vector [1]. Dtype: that of `x`.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Min
 * @example
 * new Min(1).forward(tensor([[1, 3], [4, 2]])).tolist(); // [1, 2]
 */
export class Min extends Reduction {
  constructor(dim = 0, nInputDims?: number) {
    super("Min", dim, nInputDims);
  }
  protected override reduced(x: Tensor, dim: number): Tensor {
    return min(x, dim)[0];
  }
}

export interface SumOptions {
  /** Whether the sum is divided by the number of its terms. Default false. */
  readonly sizeAverage?: boolean | undefined;
  /** Whether the dimension goes; otherwise it stays with size 1. Default true. */
  readonly squeeze?: boolean | undefined;
}
const sumKinds: Kinds<SumOptions> = { sizeAverage: option.boolean, squeeze: option.boolean };

/**
 * Sum along `dim` (0 unless it is given): `y = sum(x, dim)`. With `nInputDims`, the number of dimensions of one example, a batch (which
 * has one more) is reduced along `dim + 1`.
 *
 * Shape: [..., size, ...] -> [..., ...], with `squeeze: false` [..., 1, ...]; of a vector [1]. Dtype: that of `x`.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Sum
 * @example
 * new Sum(1).forward(tensor([[1, 3], [4, 2]])).tolist(); // [4, 6]
 * new Sum(1, undefined, { sizeAverage: true, squeeze: false }).forward(tensor([[1, 3], [4, 2]])).tolist(); // [[2], [3]]
 */
export class Sum extends Reduction {
  readonly sizeAverage: boolean;
  readonly squeeze: boolean;
  constructor(dim = 0, nInputDims?: number, options: SumOptions = {}) {
    super("Sum", dim, nInputDims);
    checkOptions("Sum", sumKinds, options);
    this.sizeAverage = options.sizeAverage ?? false;
    this.squeeze = options.squeeze ?? true;
  }
  protected override reduced(x: Tensor, dim: number): Tensor {
    return (this.sizeAverage ? mean : sum)(x, dim, { keepdim: !this.squeeze });
  }
}
/**
 * Mean along `dim` (0 unless it is given): `y = sum(x, dim) / x.shape[dim]`. With `nInputDims`, the number of dimensions of one example, a
 * batch (which has one more) is reduced along `dim + 1`.
 *
 * Shape: [..., size, ...] -> [..., ...]; of a vector [1]. Dtype: that of `x`, a floating-point one.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Mean
 * @example
 * new Mean(0).forward(tensor([[1, 3], [4, 2]])).tolist(); // [2.5, 2.5]
 */
export class Mean extends Reduction {
  constructor(dim = 0, nInputDims?: number) {
    super("Mean", dim, nInputDims);
  }
  protected override reduced(x: Tensor, dim: number): Tensor {
    return mean(x, dim);
  }
}
