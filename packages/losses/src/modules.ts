import type { Tensor } from "@flambeau/tensor/functional";
import { type BceWithLogitsOptions, bce, bceWithLogits } from "./binary.ts";
import { type MultiMarginOptions, multilabelMargin, multilabelSoftMargin, multiMargin } from "./class-margin.ts";
import { type ClassOptions, type CrossEntropyOptions, crossEntropy, nll } from "./cross-entropy.ts";
import { type CtcOptions, ctc } from "./ctc.ts";
import {
  type GaussianNllOptions,
  gaussianNll,
  type KlDivOptions,
  klDiv,
  type PoissonNllOptions,
  poissonNll,
} from "./likelihood.ts";
import { cosineEmbedding, hingeEmbedding, type MarginOptions, marginRanking, softMargin } from "./margin.ts";
import { Loss } from "./module.ts";
import type { ReductionOptions } from "./reduce.ts";
import {
  type HuberOptions,
  huber,
  l1,
  mse,
  type SmoothL1Options,
  smoothL1,
  type WeightedOptions,
} from "./regression.ts";
import {
  type TripletOptions,
  type TripletWithDistanceOptions,
  tripletMargin,
  tripletMarginWithDistance,
} from "./triplet.ts";

/** |input - target|, reduced; see {@link l1}. */
export class L1Loss extends Loss<WeightedOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return l1(input, target, this.options);
  }
}
/** (input - target)^2, reduced; see {@link mse}. */
export class MSELoss extends Loss<WeightedOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return mse(input, target, this.options);
  }
}
/** Quadratic below `beta`, linear above, reduced; see {@link smoothL1}. */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1(input, target, this.options);
  }
}
/** Quadratic below `delta`, linear above, reduced; see {@link huber}. */
export class HuberLoss extends Loss<HuberOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return huber(input, target, this.options);
  }
}
/** Binary cross entropy of probabilities; see {@link bce}. */
export class BCELoss extends Loss<WeightedOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return bce(input, target, this.options);
  }
}
/** Binary cross entropy of logits; see {@link bceWithLogits}. */
export class BCEWithLogitsLoss extends Loss<BceWithLogitsOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return bceWithLogits(input, target, this.options);
  }
}
/**
 * Cross entropy of logits and classes or probabilities; see {@link crossEntropy}.
 *
 * @example
 * import { losses, tensor } from "flambeau";
 * const loss = new losses.CrossEntropyLoss({ labelSmoothing: 0.1 });
 * console.log(loss.forward(tensor([[0, 0]]), tensor([1], { dtype: "int32" })).item().toFixed(4)); // 0.6931
 */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this.options);
  }
}
/** Negative log likelihood of log-probabilities and classes; see {@link nll}. */
export class NLLLoss extends Loss<ClassOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return nll(input, target, this.options);
  }
}
/** Kullback-Leibler divergence; see {@link klDiv}. */
export class KLDivLoss extends Loss<KlDivOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options);
  }
}
/** Negative log likelihood of counts; see {@link poissonNll}. */
export class PoissonNLLLoss extends Loss<PoissonNllOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return poissonNll(input, target, this.options);
  }
}
/** Hinge loss of distances and targets 1 or -1; see {@link hingeEmbedding}. */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbedding(input, target, this.options);
  }
}
/** Two-class logistic loss of targets 1 or -1; see {@link softMargin}. */
export class SoftMarginLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return softMargin(input, target, this.options);
  }
}
/** Hinge loss over classes; see {@link multiMargin}. */
export class MultiMarginLoss extends Loss<MultiMarginOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return multiMargin(input, target, this.options);
  }
}
/** Hinge loss over classes of which several are right; see {@link multilabelMargin}. */
export class MultiLabelMarginLoss extends Loss<ReductionOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMargin(input, target, this.options);
  }
}
/** Mean binary cross entropy over classes; see {@link multilabelSoftMargin}. */
export class MultiLabelSoftMarginLoss extends Loss<WeightedOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMargin(input, target, this.options);
  }
}
/** Negative log likelihood under normal distributions; see {@link gaussianNll}. */
export class GaussianNLLLoss extends Loss<GaussianNllOptions> {
  forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNll(input, target, variance, this.options);
  }
}
/** Hinge loss of the difference of two scores; see {@link marginRanking}. */
export class MarginRankingLoss extends Loss<MarginOptions> {
  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRanking(input1, input2, target, this.options);
  }
}
/** Hinge loss of the cosine of two vectors; see {@link cosineEmbedding}. */
export class CosineEmbeddingLoss extends Loss<MarginOptions> {
  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbedding(input1, input2, target, this.options);
  }
}
/** The positive closer than the negative by a margin; see {@link tripletMargin}. */
export class TripletMarginLoss extends Loss<TripletOptions> {
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMargin(anchor, positive, negative, this.options);
  }
}
/** {@link TripletMarginLoss} with a distance of one's own; see {@link tripletMarginWithDistance}. */
export class TripletMarginWithDistanceLoss extends Loss<TripletWithDistanceOptions> {
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistance(anchor, positive, negative, this.options);
  }
}
/** Connectionist temporal classification; see {@link ctc}. */
export class CTCLoss extends Loss<CtcOptions> {
  forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    return ctc(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}
