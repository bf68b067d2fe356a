import {
  ArgumentError,
  add,
  argmax,
  cat,
  clamp,
  type DType,
  gather,
  ge,
  indexAdd,
  indexSelect,
  logicalAnd,
  logSoftmax,
  lt,
  mean,
  narrow,
  neg,
  nonzero,
  ShapeError,
  squeeze,
  sub,
  type Tensor,
  unsqueeze,
  where,
} from "@flambeau/tensor/functional";
import {
  checkIndex,
  checkInteger,
  checkOptions,
  checkTensor,
  context,
  type Kinds,
  option,
  show,
  showShape,
} from "@flambeau/tensor/plugin";
import { alone } from "../alone.ts";
import { ModuleList, Sequential } from "../containers.ts";
import { Module } from "../module.ts";
import { Linear } from "./linear.ts";

export interface AdaptiveLogSoftmaxOptions {
  /** Each cluster's features are those of the one before, divided by this (default 4). */
  readonly divValue?: number | undefined;
  /** Whether the head has a learned shift (default false). */
  readonly headBias?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const kinds: Kinds<AdaptiveLogSoftmaxOptions> = {
  divValue: option.number,
  headBias: option.boolean,
  dtype: option.dtype,
  device: option.string,
};
export interface AdaptiveLogSoftmaxResult {
  /** Each target's log-probability, [N]. */
  readonly output: Tensor;
  /** The mean of their negatives. */
  readonly loss: Tensor;
}

/**
 * An approximate softmax over many classes that are sorted by falling frequency. The head tells the `cutoffs[0]` most frequent ones and a
 * cluster for each range of the others apart, a cluster's tail those in it: `log p(c) = head(x)[c]` for a frequent class, and else
 * `log p(c) = head(x)[cluster of c] + tail(x)[c]`, each a log-softmax. Tails have fewer features the rarer their classes are.
 *
 * A tail works on the examples with a target in it, where the device can be asked at once which those are; else on all, with equal results.
 *
 * Shapes: `x` [N, inFeatures] and `target` [N] give `{ output: [N], loss: [] }`; or `x` [inFeatures] and `target` []. Parameters: those of
 * `head` and of the two linear layers of each of `tail`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError from the constructor when the cutoffs are no rising list of integers in 1..numClasses - 1.
 * @throws ShapeError when `x` and `target` do not fit; IndexError for a target that is no class.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
 * @see Grave et al., "Efficient softmax approximation for GPUs", 2016, https://arxiv.org/abs/1609.04309
 * @example
 * const softmax = new nn.AdaptiveLogSoftmaxWithLoss(8, 100, [10, 40]);
 * const { output, loss } = softmax.forward(randn([3, 8]), tensor([4, 20, 99], { dtype: "int32" }));
 * output.shape; // [3]
 * loss.shape; // []
 * softmax.logProb(randn([3, 8])).shape; // [3, 100]
 * softmax.predict(randn([3, 8])).shape; // [3]
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  head: Linear;
  tail: ModuleList<Sequential>;
  readonly inFeatures: number;
  readonly nClasses: number;
  /** Where the clusters begin, and the number of classes behind them. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    options: AdaptiveLogSoftmaxOptions = {},
  ) {
    super();
    checkOptions("AdaptiveLogSoftmaxWithLoss", kinds, options);
    const { divValue = 4, headBias = false, ...made } = options;
    checkInteger("AdaptiveLogSoftmaxWithLoss", "inFeatures", inFeatures, 1);
    checkInteger("AdaptiveLogSoftmaxWithLoss", "nClasses", nClasses, 1);
    const rising = (c: number, i: number) => Number.isInteger(c) && c > (i === 0 ? 0 : cutoffs[i - 1]) && c < nClasses;
    if (!Array.isArray(cutoffs) || cutoffs.length === 0 || !cutoffs.every(rising))
      throw new ArgumentError(
        "AdaptiveLogSoftmaxWithLoss",
        `cutoffs must be a rising list of integers from 1 to ${nClasses - 1}, got ${show(cutoffs)}`,
      );
    if (!(divValue > 0))
      throw new ArgumentError("AdaptiveLogSoftmaxWithLoss", `divValue must be positive, got ${divValue}`);
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, { bias: headBias, ...made });
    this.tail = new ModuleList(
      cutoffs.map((from, i) => {
        const inner = Math.floor(inFeatures / divValue ** (i + 1));
        const layer = (a: number, b: number) => new Linear(a, b, { bias: false, ...made });
        return new Sequential(layer(inFeatures, inner), layer(inner, this.cutoffs[i + 1] - from));
      }),
    );
  }

  forward(x: Tensor, target: Tensor): AdaptiveLogSoftmaxResult {
    checkTensor("AdaptiveLogSoftmaxWithLoss", "x", x);
    checkTensor("AdaptiveLogSoftmaxWithLoss", "target", target);
    if (target.ndim > 1 || x.ndim !== target.ndim + 1 || (target.ndim === 1 && x.shape[0] !== target.shape[0]))
      throw new ShapeError(
        "AdaptiveLogSoftmaxWithLoss",
        `expected x [N, features] and target [N], or [features] and [], got ${showShape(x.shape)} and ${showShape(target.shape)}`,
        [x.shape, target.shape],
      );
    checkIndex("AdaptiveLogSoftmaxWithLoss", target, this.nClasses);
    return alone(this, () => {
      if (target.ndim === 1) return this.score(x, target);
      const { output, loss } = this.score(unsqueeze(x, 0), unsqueeze(target, 0));
      return { output: squeeze(output, 0), loss };
    });
  }
  private score(x: Tensor, target: Tensor): AdaptiveLogSoftmaxResult {
    const [frequent] = this.cutoffs;
    const few = x.backend.readSync !== undefined && context.stack === null && context.tape === null;
    // the place in the head: the class, or that of its cluster
    let place = target;
    for (const [i, from] of this.cutoffs.slice(0, -1).entries()) place = where(ge(target, from), frequent + i, place);
    let output = pick(logSoftmax(this.head.forward(x), 1), place);
    for (const [i, tail] of [...this.tail].entries()) {
      const [from, to] = [this.cutoffs[i], this.cutoffs[i + 1]];
      const inside = logicalAnd(ge(target, from), lt(target, to));
      const own = clamp(sub(target, from), 0, to - from - 1);
      if (few) {
        const rows = squeeze(nonzero(inside), 1);
        if (rows.size === 0) continue;
        const logits = tail.forward(indexSelect(x, 0, rows));
        output = indexAdd(output, 0, rows, pick(logSoftmax(logits, 1), indexSelect(own, 0, rows)));
      } else output = add(output, where(inside, pick(logSoftmax(tail.forward(x), 1), own), 0));
    }
    return { output, loss: neg(mean(output)) };
  }

  /** The log-probability of every class: [N, inFeatures] -> [N, nClasses]. */
  logProb(x: Tensor): Tensor {
    checkTensor("AdaptiveLogSoftmaxWithLoss", "x", x);
    if (x.ndim !== 2)
      throw new ShapeError("AdaptiveLogSoftmaxWithLoss", `expected x [N, features], got ${showShape(x.shape)}`, [
        x.shape,
      ]);
    return alone(this, () => {
      const [frequent] = this.cutoffs;
      const head = logSoftmax(this.head.forward(x), 1);
      const clusters = [...this.tail].map((tail, i) =>
        add(logSoftmax(tail.forward(x), 1), narrow(head, 1, frequent + i, 1)),
      );
      return cat([narrow(head, 1, 0, frequent), ...clusters], 1);
    });
  }
  /** The most probable class of each example: [N, inFeatures] -> [N]. */
  predict(x: Tensor): Tensor {
    return alone(this, () => argmax(this.logProb(x), 1));
  }
}

/** Each row's element at its index. */
const pick = (x: Tensor, index: Tensor): Tensor => squeeze(gather(x, 1, unsqueeze(index, 1)), 1);
