import { div, mul, neg, reshape, ShapeError, softplus, sum, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { type SizeAverageOptions, sizeAverageKinds } from "../criterions/criterion.ts";
import { whole } from "../table.ts";

/** The sum of `ln(1 + exp(-target * input))`, divided. */
const logistic = (input: Tensor, target: Tensor, by: number): Tensor =>
  whole(() => div(sum(softplus(neg(mul(input, reshape(target, input.shape))))), by));

/**
 * Logistic loss of scores and targets 1 or -1: `loss = mean_n(ln(1 + exp(-target[n] * input[n])))`, or the sum with `sizeAverage: false`.
 *
 * Shapes: scores and targets [N], [N, 1] or [1, N]; a 0-d tensor.
 *
 * @throws ShapeError when scores and targets have other shapes, or not one number for each example.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.BLR
 * @see Pinheiro et al., "Learning to Segment Object Candidates", 2015, https://arxiv.org/abs/1506.06204
 * @example
 * new BinaryLogisticRegression().forward(tensor([0, 1]), tensor([1, -1])).item().toFixed(4); // "1.0032"
 */
export class BinaryLogisticRegression extends Module {
  readonly sizeAverage: boolean;
  constructor(options: SizeAverageOptions = {}) {
    super();
    checkOptions("BinaryLogisticRegression", sizeAverageKinds, options);
    this.sizeAverage = options.sizeAverage ?? true;
  }
  forward(input: Tensor, target: Tensor): Tensor {
    const op = "BinaryLogisticRegression";
    checkTensor(op, "input", input);
    checkTensor(op, "target", target);
    const fits = ({ ndim, shape }: Tensor): boolean => ndim === 1 || (ndim === 2 && shape.includes(1));
    if (!fits(input) || !fits(target) || input.size !== target.size)
      throw new ShapeError(
        op,
        `scores and targets are [N] or [N, 1], got ${showShape(input.shape)} and ${showShape(target.shape)}`,
        [input.shape, target.shape],
      );
    return logistic(input, target, this.sizeAverage ? input.size : 1);
  }
  override extraRepr(): string {
    return shown({ sizeAverage: this.sizeAverage });
  }
}

/**
 * Logistic loss of a mask's pixels, 1 or -1: `loss = sum(ln(1 + exp(-target * input))) / (2 * W * H)`, divided by the number of images, too, unless
 * `sizeAverage` is false.
 *
 * Shapes: scores and targets [N, 1, H, W] or [1, H, W]; a 0-d tensor.
 *
 * @throws ShapeError when scores and targets have other shapes, or more than one channel.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.SpatialBLR
 * @see Pinheiro et al., "Learning to Segment Object Candidates", 2015, https://arxiv.org/abs/1506.06204
 * @example
 * new SpatialBinaryLogisticRegression().forward(zeros([4, 1, 3, 3]), ones([4, 1, 3, 3])).item().toFixed(4); // "0.3466", ln 2 / 2
 */
export class SpatialBinaryLogisticRegression extends Module {
  readonly sizeAverage: boolean;
  constructor(options: SizeAverageOptions = {}) {
    super();
    checkOptions("SpatialBinaryLogisticRegression", sizeAverageKinds, options);
    this.sizeAverage = options.sizeAverage ?? true;
  }
  forward(input: Tensor, target: Tensor): Tensor {
    const op = "SpatialBinaryLogisticRegression";
    checkTensor(op, "input", input);
    checkTensor(op, "target", target);
    const { ndim, shape } = input;
    if ((ndim !== 3 && ndim !== 4) || shape[ndim - 3] !== 1 || showShape(shape) !== showShape(target.shape))
      throw new ShapeError(
        op,
        `scores and targets are [N, 1, H, W] or [1, H, W], got ${showShape(shape)} and ${showShape(target.shape)}`,
        [shape, target.shape],
      );
    const images = ndim === 4 && this.sizeAverage ? shape[0] : 1;
    return logistic(input, target, 2 * images * shape[ndim - 2] * shape[ndim - 1]);
  }
  override extraRepr(): string {
    return shown({ sizeAverage: this.sizeAverage });
  }
}
