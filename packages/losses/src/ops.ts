import { bceOp, improbableOp, logitsOp, weightedLogitsOp } from "./binary.ts";
import { gapOps } from "./class-margin.ts";
import { crossEntropyBackwardOp, crossEntropyOp } from "./cross-entropy.ts";
import { stepOp } from "./ctc.ts";
import { divergenceOp, gaussianOp, logDivergenceOp, poissonOps, varianceFloorOp } from "./likelihood.ts";
import { cosineOp, hingeOp, rankingOp, softMarginOp } from "./margin.ts";
import { absoluteOp, huberOp, smoothOp, squaredOp } from "./regression.ts";
import { tripletOp } from "./triplet.ts";

/** The op records of this package, by name: what `ops` of @flambeau/tensor/ops lacks. */
export const lossOps = {
  absoluteError: absoluteOp,
  bce: bceOp,
  bceWithLogits: logitsOp,
  bceWithWeightedLogits: weightedLogitsOp,
  cosineEmbedding: cosineOp,
  crossEntropy: crossEntropyOp,
  crossEntropyBackward: crossEntropyBackwardOp,
  ctcStep: stepOp,
  gaussianNll: gaussianOp,
  gaussianNllFloor: varianceFloorOp,
  hingeEmbedding: hingeOp,
  huber: huberOp,
  improbable: improbableOp,
  klDiv: divergenceOp,
  klDivLogTarget: logDivergenceOp,
  marginRanking: rankingOp,
  multiMargin: gapOps[1],
  multiMarginSquared: gapOps[2],
  poissonNll: poissonOps.plain,
  poissonNllFull: poissonOps.plainFull,
  poissonNllLog: poissonOps.log,
  poissonNllLogFull: poissonOps.logFull,
  smoothL1: smoothOp,
  softMargin: softMarginOp,
  squaredError: squaredOp,
  tripletMargin: tripletOp,
} as const;
