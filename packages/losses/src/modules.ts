import type { Tensor } from "@flambeau/tensor/functional";
import { checkTensor } from "@flambeau/tensor/plugin";
import { type BceWithLogitsOptions, bce, bceWithLogits, bceWithLogitsKinds } from "./binary.ts";
import {
  type MultiMarginOptions,
  multilabelMargin,
  multilabelSoftMargin,
  multiMargin,
  multiMarginKinds,
} from "./class-margin.ts";
import {
  type ClassOptions,
  type CrossEntropyOptions,
  classKinds,
  crossEntropy,
  crossEntropyKinds,
  nll,
} from "./cross-entropy.ts";
import { type CtcOptions, ctc, ctcKinds } from "./ctc.ts";
import {
  type GaussianNllOptions,
  gaussianNll,
  gaussianNllKinds,
  type KlDivOptions,
  klDiv,
  klDivKinds,
  type PoissonNllOptions,
  poissonNll,
  poissonNllKinds,
} from "./likelihood.ts";
import {
  cosineEmbedding,
  hingeEmbedding,
  type MarginOptions,
  marginKinds,
  marginRanking,
  softMargin,
} from "./margin.ts";
import { Loss } from "./module.ts";
import { type ReductionOptions, reductionKinds } from "./reduce.ts";
import {
  type HuberOptions,
  huber,
  huberKinds,
  l1,
  mse,
  type SmoothL1Options,
  smoothL1,
  smoothL1Kinds,
  type WeightedOptions,
  weightedKinds,
} from "./regression.ts";
import {
  type TripletOptions,
  type TripletWithDistanceOptions,
  tripletKinds,
  tripletMargin,
  tripletMarginWithDistance,
  tripletWithDistanceKinds,
} from "./triplet.ts";

/**
 * {@link l1} as a module: the mean absolute error, `|input - target|`, with `weight` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export class L1Loss extends Loss<WeightedOptions> {
  constructor(options: WeightedOptions = {}) {
    super(weightedKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return l1(input, target, this.options);
  }
}
/**
 * {@link mse} as a module: the mean squared error, `(input - target)^2`, with `weight` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 * @example
 * const loss = new losses.MSELoss({ reduction: "sum" });
 * loss.forward(tensor([1, 2]), tensor([1, 4])).item(); // 4
 */
export class MSELoss extends Loss<WeightedOptions> {
  constructor(options: WeightedOptions = {}) {
    super(weightedKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    checkTensor("MSELoss", "input", input);
    checkTensor("MSELoss", "target", target);
    return mse(input, target, this.options);
  }
}
/**
 * {@link smoothL1} as a module: quadratic below `beta`, linear above, with `beta` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  constructor(options: SmoothL1Options = {}) {
    super(smoothL1Kinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1(input, target, this.options);
  }
}
/**
 * {@link huber} as a module: quadratic below `delta`, linear above, with `delta`, `weight` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export class HuberLoss extends Loss<HuberOptions> {
  constructor(options: HuberOptions = {}) {
    super(huberKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    checkTensor("HuberLoss", "input", input);
    checkTensor("HuberLoss", "target", target);
    return huber(input, target, this.options);
  }
}
/**
 * {@link bce} as a module: binary cross entropy of probabilities, with `weight` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 */
export class BCELoss extends Loss<WeightedOptions> {
  constructor(options: WeightedOptions = {}) {
    super(weightedKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return bce(input, target, this.options);
  }
}
/**
 * {@link bceWithLogits} as a module: binary cross entropy of logits, with `weight`, `posWeight` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends Loss<BceWithLogitsOptions> {
  constructor(options: BceWithLogitsOptions = {}) {
    super(bceWithLogitsKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return bceWithLogits(input, target, this.options);
  }
}
/**
 * {@link crossEntropy} as a module: cross entropy of logits and classes or probabilities, with `weight`, `ignoreIndex`, `labelSmoothing`
 * and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 * @example
 * import { losses, tensor } from "flambeau";
 * const loss = new losses.CrossEntropyLoss({ labelSmoothing: 0.2 });
 * console.log(loss.forward(tensor([[2, 0]]), tensor([0], { dtype: "int32" })).item().toFixed(4)); // 0.3269
 */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  constructor(options: CrossEntropyOptions = {}) {
    super(crossEntropyKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    checkTensor("CrossEntropyLoss", "input", input);
    checkTensor("CrossEntropyLoss", "target", target);
    return crossEntropy(input, target, this.options);
  }
}
/**
 * {@link nll} as a module: negative log likelihood of log-probabilities and classes, with `weight`, `ignoreIndex` and `reduction` given
 * once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export class NLLLoss extends Loss<ClassOptions> {
  constructor(options: ClassOptions = {}) {
    super(classKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return nll(input, target, this.options);
  }
}
/**
 * {@link klDiv} as a module: the Kullback-Leibler divergence, with `logTarget` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export class KLDivLoss extends Loss<KlDivOptions> {
  constructor(options: KlDivOptions = {}) {
    super(klDivKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options);
  }
}
/**
 * {@link poissonNll} as a module: negative log likelihood of counts, with `logInput`, `full`, `eps` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 */
export class PoissonNLLLoss extends Loss<PoissonNllOptions> {
  constructor(options: PoissonNllOptions = {}) {
    super(poissonNllKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return poissonNll(input, target, this.options);
  }
}
/**
 * {@link hingeEmbedding} as a module: the hinge loss of distances and targets 1 or -1, with `margin` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  constructor(options: MarginOptions = {}) {
    super(marginKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbedding(input, target, this.options);
  }
}
/**
 * {@link softMargin} as a module: the two-class logistic loss of targets 1 or -1, with `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
 */
export class SoftMarginLoss extends Loss<ReductionOptions> {
  constructor(options: ReductionOptions = {}) {
    super(reductionKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return softMargin(input, target, this.options);
  }
}
/**
 * {@link multiMargin} as a module: the hinge loss over classes, with `p`, `margin`, `weight` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export class MultiMarginLoss extends Loss<MultiMarginOptions> {
  constructor(options: MultiMarginOptions = {}) {
    super(multiMarginKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return multiMargin(input, target, this.options);
  }
}
/**
 * {@link multilabelMargin} as a module: the hinge loss over classes of which several are right, with `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export class MultiLabelMarginLoss extends Loss<ReductionOptions> {
  constructor(options: ReductionOptions = {}) {
    super(reductionKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMargin(input, target, this.options);
  }
}
/**
 * {@link multilabelSoftMargin} as a module: mean binary cross entropy over classes, with `weight` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export class MultiLabelSoftMarginLoss extends Loss<WeightedOptions> {
  constructor(options: WeightedOptions = {}) {
    super(weightedKinds, options);
  }
  forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMargin(input, target, this.options);
  }
}
/**
 * {@link gaussianNll} as a module: negative log likelihood under normal distributions, with `full`, `eps` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 */
export class GaussianNLLLoss extends Loss<GaussianNllOptions> {
  constructor(options: GaussianNllOptions = {}) {
    super(gaussianNllKinds, options);
  }
  forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNll(input, target, variance, this.options);
  }
}
/**
 * {@link marginRanking} as a module: the hinge loss of the difference of two scores, with `margin` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 */
export class MarginRankingLoss extends Loss<MarginOptions> {
  constructor(options: MarginOptions = {}) {
    super(marginKinds, options);
  }
  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRanking(input1, input2, target, this.options);
  }
}
/**
 * {@link cosineEmbedding} as a module: the loss of the cosine of two vectors, with `margin` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export class CosineEmbeddingLoss extends Loss<MarginOptions> {
  constructor(options: MarginOptions = {}) {
    super(marginKinds, options);
  }
  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbedding(input1, input2, target, this.options);
  }
}
/**
 * {@link tripletMargin} as a module: the positive closer than the negative by a margin, with `margin`, `p`, `eps`, `swap` and `reduction`
 * given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export class TripletMarginLoss extends Loss<TripletOptions> {
  constructor(options: TripletOptions = {}) {
    super(tripletKinds, options);
  }
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMargin(anchor, positive, negative, this.options);
  }
}
/**
 * {@link tripletMarginWithDistance} as a module: {@link TripletMarginLoss} with a `distanceFunction` of one's own, given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
 */
export class TripletMarginWithDistanceLoss extends Loss<TripletWithDistanceOptions> {
  constructor(options: TripletWithDistanceOptions = {}) {
    super(tripletWithDistanceKinds, options);
  }
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistance(anchor, positive, negative, this.options);
  }
}
/**
 * {@link ctc} as a module: connectionist temporal classification, with `blank`, `zeroInfinity` and `reduction` given once.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
 */
export class CTCLoss extends Loss<CtcOptions> {
  constructor(options: CtcOptions = {}) {
    super(ctcKinds, options);
  }
  forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    return ctc(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}
