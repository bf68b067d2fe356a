import {
  add,
  mul,
  rsqrt,
  ShapeError,
  square,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  vectorNorm,
} from "@flambeau/tensor/functional";
import { sameShape, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { checkPositive, checkTensorList, whole } from "./table.ts";

/** Two vectors, or two batches of them, as batches: a single pair is a batch of one. */
function pairOf(op: string, x: readonly Tensor[]): [Tensor, Tensor] {
  checkTensorList(op, x, 2);
  const [a, b] = x;
  if (a.ndim < 1 || a.ndim > 2 || !sameShape(a.shape, b.shape))
    throw new ShapeError(
      op,
      `takes two vectors or two matrices of one shape, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
      [a.shape, b.shape],
    );
  return a.ndim === 1 ? [unsqueeze(a, 0), unsqueeze(b, 0)] : [a, b];
}

/**
 * p-norm of the difference of two vectors: `y = sum(|x[0] - x[1]|^p)^(1 / p)`, with p 2 unless it is given. Unlike
 * `nn.PairwiseDistance` it takes a list and adds no epsilon.
 *
 * Shapes: two of [D] give [1], two of [N, D] give [N]. Dtype: that of the inputs, a floating-point one.
 *
 * @throws ShapeError when the two have different shapes, or more than two dimensions.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.PairwiseDistance
 * @example
 * const pair = [tensor([1, 2, 3]), tensor([4, 5, 6])];
 * new PairwiseDistance(1).forward(pair).tolist(); // [9]
 * new PairwiseDistance(2).forward(pair).tolist(); // [5.1962]
 */
export class PairwiseDistance extends Module {
  readonly p: number;
  constructor(p = 2) {
    super();
    checkPositive("PairwiseDistance", "p", p);
    this.p = p;
  }
  forward(x: readonly Tensor[]): Tensor {
    return whole(() => {
      const [a, b] = pairOf("PairwiseDistance", x);
      return vectorNorm(sub(a, b), this.p, 1);
    });
  }
  override extraRepr(): string {
    return shown({ p: this.p });
  }
}

/**
 * Inner product of two vectors: `y = sum(x[0] * x[1])`.
 *
 * Shapes: two of [D] give [1], two of [N, D] give [N]. Dtype: that of the inputs.
 *
 * @throws ShapeError when the two have different shapes, or more than two dimensions.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.DotProduct
 * @example
 * new DotProduct().forward([tensor([1, 2, 3]), tensor([4, 5, 6])]).tolist(); // [32]
 */
export class DotProduct extends Module {
  forward(x: readonly Tensor[]): Tensor {
    return whole(() => {
      const [a, b] = pairOf("DotProduct", x);
      return sum(mul(a, b), 1);
    });
  }
}

/**
 * Cosine of the angle between two vectors: `y = sum(x[0] * x[1]) / sqrt((|x[0]|^2 + 1e-12) * (|x[1]|^2 + 1e-12))`.
 *
 * Shapes: two of [D] give [1], two of [N, D] give [N]. Dtype: that of the inputs, a floating-point one.
 *
 * @throws ShapeError when the two have different shapes, or more than two dimensions.
 * @see https://github.com/torch/nn/blob/master/doc/table.md#nn.CosineDistance
 * @example
 * new CosineDistance().forward([tensor([1, 2, 3]), tensor([4, 5, 6])]).tolist(); // [0.9746]
 */
export class CosineDistance extends Module {
  forward(x: readonly Tensor[]): Tensor {
    return whole(() => {
      const [a, b] = pairOf("CosineDistance", x);
      const inverse = (v: Tensor) => rsqrt(add(sum(square(v), 1), 1e-12));
      return mul(mul(sum(mul(a, b), 1), inverse(a)), inverse(b));
    });
  }
}
