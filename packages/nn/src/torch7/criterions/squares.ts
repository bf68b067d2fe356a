import {
  ArgumentError,
  argmax,
  indexSelect,
  isTensor,
  matmul,
  mul,
  narrow,
  reshape,
  ShapeError,
  select,
  square,
  sub,
  type Tensor,
  tensor,
  transpose,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, show, showShape, toDType } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { Buffer } from "../../parameter.ts";
import { shown } from "../../repr.ts";
import { whole } from "../table.ts";
import { averaged, type SizeAverageOptions, sizeAverageKinds } from "./criterion.ts";
import { checkAlike } from "./margins.ts";

/** A criterion of squares of differences. */
abstract class Squares extends Module {
  readonly sizeAverage: boolean;
  constructor(name: string, options: SizeAverageOptions) {
    super();
    checkOptions(name, sizeAverageKinds, options);
    this.sizeAverage = options.sizeAverage ?? true;
  }
  protected loss(input: Tensor, target: Tensor): Tensor {
    return averaged(square(sub(input, target)), this.sizeAverage);
  }
  override extraRepr(): string {
    return shown({ sizeAverage: this.sizeAverage });
  }
}

/** The n + 1 vertices of a regular simplex around the origin, at distance 1 from it, in n dimensions. */
function simplex(n: number): number[][] {
  const a = Array.from({ length: n + 1 }, () => new Array<number>(n).fill(0));
  for (let k = 0; k < n; k++) {
    // what is left of the length 1
    a[k][k] = Math.sqrt(1 - a[k].slice(0, k).reduce((total, x) => total + x * x, 0));
    for (let i = k + 1; i <= n; i++) a[i][k] = (a[k][k] ** 2 - 1 - 1 / n) / a[k][k];
  }
  return a;
}

/**
 * Squared distance to the vertex of a regular simplex that stands for the class: `loss = mean((input - simplex[target])^2)`. Its vertices lie
 * at distance 1 from the origin and from each other all alike. `getPredictions` gives the scores of all classes, `input @ simplex^T`,
 * `getTopPrediction` the class of the largest.
 *
 * Shapes: `input` [nClasses] with a number, or [N, nClasses] with N integers, which count from 0; a scalar. Dtype: that of `input`.
 *
 * @throws ArgumentError when `nClasses` is no integer above 1; ShapeError when shapes do not fit; IndexError when a class is none.
 * @see https://github.com/torch/nn/blob/master/doc/criterion.md#nn.ClassSimplexCriterion
 * @see Tygert et al., "Scale-invariant learning and convolutional networks", 2015, https://arxiv.org/abs/1506.08230
 * @example
 * const criterion = new ClassSimplexCriterion(3);
 * criterion.simplex.shape; // [3, 3]
 * criterion.forward(criterion.simplex, tensor([0, 1, 2])).item(); // 0
 * criterion.getTopPrediction(criterion.simplex).tolist(); // [0, 1, 2]
 */
export class ClassSimplexCriterion extends Squares {
  /** The vertices, one in each row, with a last column of zeros. */
  simplex: Buffer;
  readonly nClasses: number;
  constructor(nClasses: number, options: SizeAverageOptions = {}) {
    super("ClassSimplexCriterion", options);
    checkInteger("ClassSimplexCriterion", "nClasses", nClasses, 2);
    this.nClasses = nClasses;
    // a space of one dimension more than the simplex needs, without which training goes badly
    this.simplex = new Buffer(tensor(simplex(nClasses - 1).map((vertex) => [...vertex, 0])));
  }
  forward(input: Tensor, target: number | Tensor): Tensor {
    const op = "ClassSimplexCriterion";
    checkTensor(op, "input", input);
    if (isTensor(target) ? target.ndim !== 1 : typeof target !== "number")
      throw new ArgumentError(
        op,
        `the target is a class or a vector of them, got ${isTensor(target) ? `one of ${showShape(target.shape)}` : show(target)}`,
      );
    const shape = isTensor(target) ? [target.size, this.nClasses] : [this.nClasses];
    if (input.ndim !== shape.length || input.shape.some((size, d) => size !== shape[d]))
      throw new ShapeError(op, `input must be ${showShape(shape)}, got ${showShape(input.shape)}`, [input.shape]);
    if (!isTensor(target)) checkInteger(op, "target", target, 0, this.nClasses - 1);
    return whole(() => this.loss(input, this.vertices(target)));
  }
  private vertices(target: number | Tensor): Tensor {
    return isTensor(target) ? indexSelect(this.simplex, 0, toDType(target, "int32")) : select(this.simplex, 0, target);
  }
  /** The scores of the classes: [nClasses] or [N, nClasses] -> [N, nClasses], N 1 of a single one. */
  getPredictions(input: Tensor): Tensor {
    checkTensor("ClassSimplexCriterion.getPredictions", "input", input);
    return whole(() => matmul(reshape(input, [-1, this.nClasses]), transpose(this.simplex, 0, 1)));
  }
  /** The classes of the largest scores: [nClasses] or [N, nClasses] -> [N]. */
  getTopPrediction(input: Tensor): Tensor {
    checkTensor("ClassSimplexCriterion.getTopPrediction", "input", input);
    return whole(() => argmax(this.getPredictions(input), 1));
  }
  override extraRepr(): string {
    return shown(this.nClasses, { sizeAverage: this.sizeAverage });
  }
}

/**
 * Mean squared difference from a target whose images are larger, of which the middle counts: `loss = mean((input - middle(target))^2)`.
 *
 * Shapes: `input` [C, H, W] or [N, C, H, W], `target` likewise with a height and width that are no smaller; a scalar. Dtype: that of the two.
 *
 * @throws ShapeError when the numbers of dimensions differ, or the target is smaller.
 * @see https://github.com/torch/nn/blob/master/SpatialAutoCropMSECriterion.lua
 * @example
 * const target = tensor([[[9, 9, 9], [9, 2, 9], [9, 9, 9]]]);
 * new SpatialAutoCropMSECriterion().forward(tensor([[[5]]]), target).item(); // 9
 */
export class SpatialAutoCropMSECriterion extends Squares {
  constructor(options: SizeAverageOptions = {}) {
    super("SpatialAutoCropMSECriterion", options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    const op = "SpatialAutoCropMSECriterion";
    checkTensor(op, "input", input);
    checkTensor(op, "target", target);
    const images = [input.ndim - 2, input.ndim - 1];
    if (
      input.ndim !== target.ndim ||
      input.ndim < 3 ||
      input.ndim > 4 ||
      images.some((d) => input.shape[d] > target.shape[d])
    )
      throw new ShapeError(
        op,
        `takes images and a target with images that are no smaller, got ${showShape(input.shape)} and ${showShape(target.shape)}`,
        [input.shape, target.shape],
      );
    return whole(() => {
      const middle = images.reduce(
        (t, d) => narrow(t, d, Math.floor((t.shape[d] - input.shape[d]) / 2), input.shape[d]),
        target,
      );
      checkAlike(op, input, middle);
      return this.loss(input, middle);
    });
  }
}

/**
 * Mean squared difference from a target that is weighted: `loss = mean((input - weight * target)^2)`.
 *
 * Shapes: `input` and `target` of one shape, `weight` of that or of an example's; a scalar. Dtype: that of the two.
 *
 * @throws ArgumentError when the weight is no tensor; ShapeError when the shapes differ or the weight does not fit.
 * @see https://github.com/torch/nn/blob/master/WeightedMSECriterion.lua
 * @example
 * new WeightedMSECriterion(tensor([1, 0.5])).forward(tensor([1, 1]), tensor([2, 2])).item(); // 0.5
 */
export class WeightedMSECriterion extends Squares {
  weight: Buffer;
  constructor(weight: Tensor, options: SizeAverageOptions = {}) {
    super("WeightedMSECriterion", options);
    checkTensor("WeightedMSECriterion", "weight", weight);
    this.weight = new Buffer(weight);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    checkAlike("WeightedMSECriterion", input, target);
    const { weight } = this;
    const sizes = input.ndim - 1 === weight.ndim ? input.shape.slice(1) : input.shape;
    if (sizes.length !== weight.ndim || sizes.some((size, d) => size !== weight.shape[d]))
      throw new ShapeError(
        "WeightedMSECriterion",
        `a weight ${showShape(weight.shape)} fits neither ${showShape(input.shape)} nor an example of it`,
        [input.shape, weight.shape],
      );
    return whole(() => this.loss(input, mul(target, weight)));
  }
}
