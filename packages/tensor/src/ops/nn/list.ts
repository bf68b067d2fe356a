import { attentionBackwardOp, attentionOp, maskedAttentionBackwardOp, maskedAttentionOp } from "./attention.ts";
import { batchNormBackwardOp, batchNormOp, batchNormTrackingOp } from "./batch-norm-op.ts";
import { convOp, convTransposeOp, convWeightGradOp, padEndOp } from "./conv.ts";
import { dropoutNoiseOp } from "./dropout.ts";
import { embeddingBackwardOp, embeddingOp } from "./embedding.ts";
import { fractionalPositionsAtOp, fractionalPositionsOp } from "./fractional-pooling.ts";
import * as grid from "./grid-sampling.ts";
import { linearOp } from "./linear.ts";
import { layerNormBackwardOp, layerNormOp, rmsNormBackwardOp, rmsNormOp } from "./normalization.ts";
import { col2imOp, im2colOp } from "./patches.ts";
import { maxPoolBackwardOp, maxPoolOp, maxPoolPickOp, sumPoolBackwardOp, sumPoolOp } from "./pooling.ts";
import { addTapOp, addTapsOp, firstTapOp, firstTapsOp, resampleOp } from "./resampling.ts";
import { expOfDifferenceOp, logSoftmaxBackwardOp, logSoftmaxOp, softmaxBackwardOp, softmaxOp } from "./softmax.ts";
import { windowArgmaxOp } from "./window-maximum.ts";

/** The op records of this folder (what layers are made of), by name. */
export const nnOps = {
  addTap: addTapOp,
  addTaps: addTapsOp,
  attentionBackward: attentionBackwardOp,
  batchNorm: batchNormOp,
  batchNormBackward: batchNormBackwardOp,
  batchNormTracking: batchNormTrackingOp,
  col2im: col2imOp,
  conv: convOp,
  convTranspose: convTransposeOp,
  convWeightGrad: convWeightGradOp,
  dropoutNoise: dropoutNoiseOp,
  embedding: embeddingOp,
  embeddingBackward: embeddingBackwardOp,
  expOfDifference: expOfDifferenceOp,
  firstTap: firstTapOp,
  firstTaps: firstTapsOp,
  fractionalPositions: fractionalPositionsOp,
  fractionalPositionsAt: fractionalPositionsAtOp,
  gridBorder: grid.gridBorderOp,
  gridCubicFirst: grid.gridCubicFirstOp,
  gridCubicFourth: grid.gridCubicFourthOp,
  gridCubicSecond: grid.gridCubicSecondOp,
  gridCubicThird: grid.gridCubicThirdOp,
  gridInside: grid.gridInsideOp,
  gridLinearFirst: grid.gridLinearFirstOp,
  gridLinearSecond: grid.gridLinearSecondOp,
  gridMirror: grid.gridMirrorOp,
  gridPosition: grid.gridPositionOp,
  im2col: im2colOp,
  layerNorm: layerNormOp,
  layerNormBackward: layerNormBackwardOp,
  linear: linearOp,
  logSoftmax: logSoftmaxOp,
  logSoftmaxBackward: logSoftmaxBackwardOp,
  maskedAttention: maskedAttentionOp,
  maskedAttentionBackward: maskedAttentionBackwardOp,
  maxPool: maxPoolOp,
  maxPoolBackward: maxPoolBackwardOp,
  maxPoolPick: maxPoolPickOp,
  padEnd: padEndOp,
  resample: resampleOp,
  rmsNorm: rmsNormOp,
  rmsNormBackward: rmsNormBackwardOp,
  scaledDotProductAttention: attentionOp,
  softmax: softmaxOp,
  softmaxBackward: softmaxBackwardOp,
  sumPool: sumPoolOp,
  sumPoolBackward: sumPoolBackwardOp,
  windowArgmax: windowArgmaxOp,
} as const;
