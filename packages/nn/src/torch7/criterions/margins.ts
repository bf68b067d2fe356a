import {
  ArgumentError,
  abs,
  add,
  div,
  eq,
  isTensor,
  logaddexp,
  mul,
  neg,
  relu,
  reshape,
  rsub,
  ShapeError,
  sub,
  sum,
  type Tensor,
  where,
} from "@flambeau/tensor/functional";
import { checkNumber, checkOptions, checkTensor, sameShape, show, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { checkTensorList, whole } from "../table.ts";
import { averaged, type SizeAverageOptions, sizeAverageKinds } from "./criterion.ts";

/** Holds an input and a target to one shape. */
export function checkAlike(op: string, input: Tensor, target: Tensor): void {
  checkTensor(op, "input", input);
  checkTensor(op, "target", target);
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      op,
      `input and target need one shape, got ${showShape(input.shape)} and ${showShape(target.shape)}`,
      [input.shape, target.shape],
    );
}

/**
 * Hinge loss of two classes, 1 and -1: `loss = mean(max(0, margin - target * input))`, with `margin` 1 unless it is given.
 *
 * Shapes: two of one shape; a scalar. Dtype: that to which both are promoted.
 *
 * @throws ArgumentError when `margin` is no number; ShapeError when the shapes differ.
 * @see https://github.com/torch/nn/blob/master/doc/criterion.md#nn.MarginCriterion
 * @example
 * new MarginCriterion().forward(tensor([0.5, 2]), tensor([1, 1])).item(); // 0.25
 */
export class MarginCriterion extends Module {
  readonly margin: number;
  readonly sizeAverage: boolean;
  constructor(margin = 1, options: SizeAverageOptions = {}) {
    super();
    checkOptions("MarginCriterion", sizeAverageKinds, options);
    this.margin = checkNumber("MarginCriterion", "margin", margin);
    this.sizeAverage = options.sizeAverage ?? true;
  }
  forward(input: Tensor, target: Tensor): Tensor {
    checkAlike("MarginCriterion", input, target);
    return whole(() => averaged(relu(rsub(mul(input, target), this.margin)), this.sizeAverage));
  }
  override extraRepr(): string {
    return shown({ margin: this.margin, sizeAverage: this.sizeAverage });
  }
}

/**
 * Loss of the 1-norm between two tensors d: `loss = d` for a pair that is similar (target 1), `loss = max(0, margin - d)` for one that is not
 * (target -1), with `d = sum(|input[0] - input[1]|)` and `margin` 1 unless it is given.
 *
 * Shapes: a list of two tensors of one shape, and a number or a tensor of one element; a scalar. Dtype: that of the inputs.
 *
 * @throws ArgumentError when the input is no list of two tensors, or the target neither 1 nor -1; ShapeError when shapes do not fit.
 * @see https://github.com/torch/nn/blob/master/doc/criterion.md#nn.L1HingeEmbeddingCriterion
 * @example
 * const pair = [tensor([1, 2]), tensor([1.5, 2])];
 * new L1HingeEmbeddingCriterion().forward(pair, 1).item(); // 0.5
 * new L1HingeEmbeddingCriterion(2).forward(pair, -1).item(); // 1.5
 */
export class L1HingeEmbeddingCriterion extends Module {
  readonly margin: number;
  constructor(margin = 1) {
    super();
    this.margin = checkNumber("L1HingeEmbeddingCriterion", "margin", margin);
  }
  forward(input: readonly Tensor[], target: number | Tensor): Tensor {
    const op = "L1HingeEmbeddingCriterion";
    checkTensorList(op, input, 2);
    checkAlike(op, input[0], input[1]);
    if (isTensor(target) ? target.size !== 1 : target !== 1 && target !== -1)
      throw new ArgumentError(
        op,
        `the target is 1, -1 or a tensor of one such element, got ${isTensor(target) ? `one of ${showShape(target.shape)}` : show(target)}`,
      );
    return whole(() => {
      const d = sum(abs(sub(input[0], input[1])));
      if (target === 1) return d;
      const apart = relu(rsub(d, this.margin));
      return isTensor(target) ? where(eq(reshape(target, []), -1), apart, d) : apart;
    });
  }
  override extraRepr(): string {
    return shown({ margin: this.margin });
  }
}

/**
 * How much more likely than not the pair that is similar looks as far apart as it does:
 * `loss = -log(exp(-x) / (exp(-x) + exp(-y)))` for distances x of similar and y of different samples, averaged over the first dimension.
 *
 * Shapes: a list of two tensors [N, ...] of one shape; a scalar. Dtype: that of the inputs, a floating-point one.
 *
 * @throws ArgumentError when the input is no list of two tensors; ShapeError when the shapes differ.
 * @see https://github.com/torch/nn/blob/master/doc/criterion.md#nn.DistanceRatioCriterion
 * @see Hoffer et al., "Deep unsupervised learning through spatial contrasting", 2016, https://arxiv.org/abs/1610.00243
 * @example
 * new DistanceRatioCriterion().forward([tensor([1, 1]), tensor([1, 1])]).item(); // 0.6931
 */
export class DistanceRatioCriterion extends Module {
  readonly sizeAverage: boolean;
  constructor(options: SizeAverageOptions = {}) {
    super();
    checkOptions("DistanceRatioCriterion", sizeAverageKinds, options);
    this.sizeAverage = options.sizeAverage ?? true;
  }
  forward(input: readonly Tensor[]): Tensor {
    checkTensorList("DistanceRatioCriterion", input, 2);
    const [x, y] = input;
    checkAlike("DistanceRatioCriterion", x, y);
    return whole(() => {
      const total = sum(add(x, logaddexp(neg(x), neg(y))));
      return this.sizeAverage && x.ndim > 0 ? div(total, x.shape[0]) : total;
    });
  }
  override extraRepr(): string {
    return shown({ sizeAverage: this.sizeAverage });
  }
}

/**
 * Sum of absolute values: `loss = sum(|input|)`. There is no target.
 *
 * Shapes: any; a scalar. Dtype: that of the input.
 *
 * @throws ArgumentError when the input is no tensor.
 * @see https://github.com/torch/nn/blob/master/L1Cost.lua
 * @example
 * new L1Cost().forward(tensor([1, -2])).item(); // 3
 */
export class L1Cost extends Module {
  forward(input: Tensor): Tensor {
    checkTensor("L1Cost", "input", input);
    return whole(() => sum(abs(input)));
  }
}
