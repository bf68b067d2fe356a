import * as cumulative from "./cumulative.ts";
import * as extreme from "./extreme.ts";
import * as histogram from "./histogram.ts";
import * as logsumexp from "./logsumexp.ts";
import * as mode from "./mode.ts";
import * as nanReduction from "./nan-reduction.ts";
import * as norm from "./norm.ts";
import * as orderStatistics from "./order-statistics.ts";
import * as product from "./product.ts";
import * as quantile from "./quantile.ts";
import * as reduction from "./reduction.ts";
import * as search from "./search.ts";
import * as sorting from "./sorting.ts";
import * as statistics from "./statistics.ts";
import * as unbroadcast from "./unbroadcast.ts";
import * as variance from "./variance.ts";

/** The op records of this folder (reductions, scans, sorting, searching), by name. */
export const reduceOps = {
  all: reduction.allOp,
  amax: reduction.amaxOp,
  amin: reduction.aminOp,
  any: reduction.anyOp,
  argmax: extreme.argmaxOp,
  argmin: extreme.argminOp,
  argsort: sorting.argsortOp,
  countNonzero: reduction.countNonzeroOp,
  cummax: cumulative.cummaxOp,
  cummin: cumulative.cumminOp,
  cumprod: cumulative.cumprodOp,
  cumprodSlope: cumulative.cumprodSlopeOp,
  cumsum: cumulative.cumsumOp,
  expRatio: cumulative.expRatioOp,
  expShare: cumulative.expShareOp,
  finite: logsumexp.finiteOp,
  histc: statistics.histcOp,
  histcBin: statistics.histcBinOp,
  histcInside: statistics.histcInsideOp,
  histcWider: statistics.histcWiderOp,
  histogramCell: histogram.cellOp,
  isin: search.isinOp,
  isinEqual: search.equalOp,
  isinSmaller: search.smallerOp,
  isNumber: nanReduction.isNumberOp,
  kthvalue: orderStatistics.kthvalueOp,
  logcumsumexp: cumulative.logcumsumexpOp,
  logsumexp: logsumexp.logsumexpOp,
  max: extreme.maxOp,
  maxOfAll: extreme.maxOfAllOp,
  median: orderStatistics.medianOp,
  medianOfAll: orderStatistics.medianOfAllOp,
  medianPlace: orderStatistics.medianPlaceOp,
  min: extreme.minOp,
  minOfAll: extreme.minOfAllOp,
  mode: mode.modeOp,
  modeLength: mode.modeLengthOp,
  modeStart: mode.modeStartOp,
  nanmedian: orderStatistics.nanmedianOp,
  nanmedianOfAll: orderStatistics.nanmedianOfAllOp,
  nanmedianPlace: orderStatistics.nanmedianPlaceOp,
  nanquantileRank: quantile.nanquantileRankOp,
  norm: norm.normOp,
  normEuclideanSlope: norm.euclideanSlopeOp,
  normHighSlope: norm.highSlopeOp,
  normIsExtreme: norm.isExtremeOp,
  normLowSlope: norm.lowSlopeOp,
  normMiddleSlope: norm.middleSlopeOp,
  normSignSlope: norm.signSlopeOp,
  prod: product.prodOp,
  prodSlope: cumulative.prodSlopeOp,
  quantileRank: quantile.quantileRankOp,
  rankAbove: quantile.rankAboveOp,
  rankBelow: quantile.rankBelowOp,
  rankFraction: quantile.rankFractionOp,
  rankNearest: quantile.rankNearestOp,
  recurrence: cumulative.recurrenceOp,
  recurrenceStep: cumulative.recurrenceStepOp,
  renormScale: norm.renormScaleOp,
  searchBelow: search.belowOp,
  searchClipped: search.clippedOp,
  searchLower: search.lowerOp,
  searchMiddle: search.middleOp,
  searchNotAbove: search.notAboveOp,
  searchRaise: search.raiseOp,
  searchsorted: search.searchsortedOp,
  sort: sorting.sortOp,
  meanBeside: variance.meanBesideOp,
  offMean: variance.offMeanOp,
  std: variance.stdOp,
  stdMean: variance.stdMeanOp,
  stdPart: variance.stdPartOp,
  stdRoot: variance.stdRootOp,
  stdSlope: variance.stdSlopeOp,
  sum: unbroadcast.sumOp,
  topk: sorting.topkOp,
  var: variance.varOp,
  varMean: variance.varMeanOp,
  withinEdges: histogram.withinEdgesOp,
  withoutNan: nanReduction.withoutNanOp,
} as const;
