import {
  ArgumentError,
  amin,
  argmin,
  clampMin,
  copy_,
  customOp,
  div,
  indexAdd,
  indexSelect,
  minimum,
  mul,
  narrow,
  noGrad,
  ones,
  randint,
  ShapeError,
  select,
  sort,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  zeros,
  zerosLike,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import type { Parameter } from "../parameter.ts";
import { shown } from "../repr.ts";
import { type MadeOptions, madeKinds, uniformParameter } from "./making.ts";
import { checkPositive, whole } from "./table.ts";

/** Squared distances of samples [N, D] to centers [k, D]: [N, k]. */
const distances = (x: Tensor, centers: Tensor): Tensor => sum(square(sub(unsqueeze(x, 1), centers)), 2);

/** The sum of the squared distances to the nearest centers, whose gradient moves each to the mean of its samples. */
const within = customOp("torch7::kmeansLoss", {
  forward: ([x, centers]: readonly [Tensor, Tensor], _: { readonly scale: number }) =>
    sum(amin(distances(x, centers), 1)),
  save: ([x, centers]) => [x, centers],
  vjp: ({ saved: [x, centers], attrs: { scale } }, [g]) => {
    const nearest = argmin(distances(x, centers), 1);
    const apart = indexAdd(zerosLike(centers), 0, nearest, sub(indexSelect(centers, 0, nearest), x));
    const { dtype, device } = x;
    const counts = indexAdd(
      zeros([centers.shape[0]], { dtype, device }),
      0,
      nearest,
      ones([x.shape[0]], { dtype, device }),
    );
    return [null, g && mul(mul(div(apart, unsqueeze(clampMin(counts, 1), 1)), scale), g)];
  },
});

export interface KmeansOptions extends MadeOptions {
  /** By how much a step of learning rate 1 moves centers towards the means of their samples. Default 1: all the way. */
  readonly scale?: number | undefined;
}
const kmeansKinds: Kinds<KmeansOptions> = { scale: option.number, ...madeKinds };

/**
 * Clusters of samples: the index of the nearest of k centers, `y[n] = argmin_j |x[n] - weight[j]|`. What is learned is `loss(x)`, the sum of
 * the squared distances to the nearest centers; a step of gradient descent moves each center by `learningRate * scale` of the way to the mean
 * of its samples, so that one of rate 1 is a step of Lloyd's algorithm. `initRandom` and `initKmeansPlus` take centers from samples.
 *
 * Shape: [N, dim] -> [N], int32. Parameter: `weight` [k, dim], drawn uniformly from `-1 .. 1`. Dtype: that of the parameter.
 *
 * @throws ArgumentError when a size is no positive integer; ShapeError when the samples are not [N, dim].
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Kmeans
 * @example
 * const samples = tensor([[0, 0], [0, 1], [9, 9]]);
 * const km = new Kmeans(2, 2);
 * noGrad(() => km.weight.copy_(tensor([[1, 1], [5, 5]])));
 * const optimizer = new optim.SGD(km.parameters(), { lr: 1 });
 * km.loss(samples).backward();
 * optimizer.step();
 * km.weight.tolist(); // [[0, 0.5], [9, 9]]
 * km.forward(samples).tolist(); // [0, 0, 1]
 */
export class Kmeans extends Module {
  weight: Parameter;
  readonly k: number;
  readonly dim: number;
  readonly scale: number;
  constructor(k: number, dim: number, options: KmeansOptions = {}) {
    super();
    checkOptions("Kmeans", kmeansKinds, options);
    checkInteger("Kmeans", "k", k, 1);
    checkInteger("Kmeans", "dim", dim, 1);
    const { scale = 1, ...made } = options;
    checkPositive("Kmeans", "scale", scale);
    this.k = k;
    this.dim = dim;
    this.scale = scale;
    this.weight = uniformParameter([k, dim], 1, made);
  }
  private check(op: string, x: Tensor, least = 0): void {
    checkTensor(op, "x", x);
    if (x.ndim !== 2 || x.shape[1] !== this.dim || x.shape[0] < least)
      throw new ShapeError(
        op,
        `samples must be [N, ${this.dim}]${least > 0 ? ` with N at least ${least}` : ""}, got ${showShape(x.shape)}`,
        [x.shape],
      );
  }
  forward(x: Tensor): Tensor {
    this.check("Kmeans", x);
    return whole(() => noGrad(() => argmin(distances(x, this.weight), 1)));
  }
  /** The sum of the squared distances to the nearest centers. No gradient comes to the samples. */
  loss(x: Tensor): Tensor {
    this.check("Kmeans.loss", x);
    return within(x, this.weight, { scale: this.scale });
  }
  /** Puts the centers at samples, drawn at random, perhaps one more than once. */
  initRandom(x: Tensor): this {
    this.check("Kmeans.initRandom", x, this.k);
    return this.put(() => indexSelect(x, 0, drawn(x, x.shape[0], this.k)));
  }
  /**
   * Puts the first center at a sample, and each further one at one of those that lie furthest from the centers before: of `(1 - p) * N`, one
   * at least. p is 0.95 unless it is given.
   */
  initKmeansPlus(x: Tensor, p = 0.95): this {
    this.check("Kmeans.initKmeansPlus", x, 1);
    if (!(p >= 0 && p <= 1)) throw new ArgumentError("Kmeans.initKmeansPlus", `p must be from 0 to 1, got ${p}`);
    const n = x.shape[0];
    const far = Math.min(n, Math.max(1, Math.ceil((1 - p) * n)));
    return this.put(() => {
      const centers = [select(indexSelect(x, 0, drawn(x, n, 1)), 0, 0)];
      let nearest: Tensor | null = null;
      while (centers.length < this.k) {
        const last = sum(square(sub(x, centers[centers.length - 1])), 1);
        nearest = nearest === null ? last : minimum(nearest, last);
        const furthest = narrow(sort(nearest, 0, { descending: true }).indices, 0, 0, far);
        centers.push(select(indexSelect(x, 0, indexSelect(furthest, 0, drawn(x, far, 1))), 0, 0));
      }
      return stack(centers);
    });
  }
  private put(centers: () => Tensor): this {
    noGrad(() => whole(() => void copy_(this.weight, centers())));
    return this;
  }
  override extraRepr(): string {
    return shown(this.k, this.dim, { scale: this.scale });
  }
}

const drawn = (like: Tensor, below: number, count: number): Tensor =>
  randint(0, below, [count], { dtype: "int32", device: like.device });
