import { linearCrossEntropy, type Reduction } from "@flambeau/losses";
import { ArgumentError, type DType, reshape, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, scoped, showShape, unscoped } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer } from "../parameter.ts";
import { real, shown } from "../repr.ts";
import { Linear } from "./linear.ts";

export interface LinearCrossEntropyLossOptions {
  /** Further dimensions of the targets, [N, ...outFeatures]: each has logits of its own (default []). */
  readonly outFeatures?: readonly number[] | undefined;
  /** Whether the logits have a learned shift (default false). */
  readonly bias?: boolean | undefined;
  /** What becomes of the losses of the targets (default "mean"). */
  readonly reduction?: Reduction | undefined;
  /** Factor of each class, [C]. Default null: 1 each. */
  readonly weight?: Tensor | null | undefined;
  /** Targets with this value count for nothing (default -100). */
  readonly ignoreIndex?: number | null | undefined;
  /** Share of the target that is spread evenly over all classes, 0 to 1 (default 0). */
  readonly labelSmoothing?: number | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const kinds: Kinds<LinearCrossEntropyLossOptions> = {
  outFeatures: option.listOf(option.number),
  bias: option.boolean,
  reduction: option.oneOf("mean", "sum", "none"),
  weight: option.orNull(option.tensor),
  ignoreIndex: option.orNull(option.number),
  labelSmoothing: option.number,
  dtype: option.dtype,
  device: option.string,
};

/**
 * A linear layer and the cross entropy of its logits: `crossEntropy(linear(input), target)`. The module of `losses.linearCrossEntropy`.
 *
 * Shapes: input [N, inFeatures] (or [inFeatures]) and targets [N, ...outFeatures], classes below `numClasses`, or probabilities [N,
 * numClasses, ...outFeatures]; a scalar, or [N, ...outFeatures] with `reduction: "none"`. Parameters: those of `linear` ({@link Linear}),
 * [numClasses * outFeatures, inFeatures]; buffer: `weight`. Dtype: that of the parameters, which the input has, too.
 *
 * @throws ShapeError when input, targets or `weight` do not fit; IndexError for a class out of range; ArgumentError when
 * `labelSmoothing` is outside 0..1.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LinearCrossEntropyLoss.html
 * @example
 * const loss = new nn.LinearCrossEntropyLoss(5, 10);
 * loss.forward(randn([4, 5]), tensor([1, 0, 9, 3], { dtype: "int32" })).shape; // []
 * loss.linear.weight.shape; // [10, 5]
 */
export class LinearCrossEntropyLoss extends Module {
  readonly weight: Buffer | null;
  linear: Linear;
  readonly numClasses: number;
  readonly outFeatures: readonly number[];
  readonly reduction: Reduction;
  readonly ignoreIndex: number | null;
  readonly labelSmoothing: number;
  constructor(inFeatures: number, numClasses: number, options: LinearCrossEntropyLossOptions = {}) {
    super();
    checkOptions("LinearCrossEntropyLoss", kinds, options);
    const { outFeatures = [], bias = false, reduction = "mean", weight, ignoreIndex, dtype, device } = options;
    const { labelSmoothing = 0 } = options;
    checkInteger("LinearCrossEntropyLoss", "numClasses", numClasses, 1);
    for (const size of outFeatures) checkInteger("LinearCrossEntropyLoss", "outFeatures", size, 1);
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
      throw new ArgumentError(
        "LinearCrossEntropyLoss",
        `labelSmoothing must be between 0 and 1, got ${labelSmoothing}`,
      );
    if (weight && (weight.ndim !== 1 || weight.shape[0] !== numClasses))
      throw new ShapeError(
        "LinearCrossEntropyLoss",
        `weight must be ${showShape([numClasses])}, got ${showShape(weight.shape)}`,
        [weight.shape],
      );
    this.weight = weight ? new Buffer(weight) : null;
    const logits = outFeatures.reduce((n, size) => n * size, numClasses);
    this.linear = new Linear(inFeatures, logits, { bias, dtype, device });
    this.numClasses = numClasses;
    this.outFeatures = [...outFeatures];
    this.reduction = reduction;
    this.ignoreIndex = ignoreIndex ?? null;
    this.labelSmoothing = labelSmoothing;
  }
  forward(input: Tensor, target: Tensor): Tensor {
    const run = () => this.loss(input, target);
    return unscoped() ? scoped(run) : run();
  }
  private loss(input: Tensor, target: Tensor): Tensor {
    const { linear, weight, reduction, labelSmoothing } = this;
    const rows = [this.numClasses, ...this.outFeatures];
    return linearCrossEntropy(input, reshape(linear.weight, [...rows, linear.inFeatures]), target, {
      linearBias: linear.bias && reshape(linear.bias, rows),
      weight,
      reduction,
      labelSmoothing,
      ignoreIndex: this.ignoreIndex ?? undefined,
    });
  }
  override extraRepr(): string {
    const { linear, numClasses, outFeatures, reduction, ignoreIndex, labelSmoothing } = this;
    return shown({
      inFeatures: linear.inFeatures,
      numClasses,
      outFeatures,
      bias: linear.bias !== null,
      reduction,
      ignoreIndex,
      labelSmoothing: real(labelSmoothing),
      options: null,
    });
  }
}
