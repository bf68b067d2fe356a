import { accumulating, pickOp, replacing } from "./advanced-index.ts";
import { checkIndexOp, wrapIndexOp } from "./index-values.ts";
import { countPlacesOp } from "./indexed.ts";
import { maskedFillOp } from "./masked.ts";
import { sameOp, shareOp } from "./picking.ts";
import { flatNonzeroOp, nonzeroOp, nonzeroPlacesOp } from "./positions.ts";
import { scatterReduceInPlaceOp, scatterReduceOp } from "./scatter-reduce.ts";
import { adding, gatherOp, lowering, multiplying, raising, setting } from "./scattering.ts";

/** The op records of this folder (gathering and scattering), by name. */
export const indexOps = {
  checkIndex: checkIndexOp,
  countPlaces: countPlacesOp,
  flatNonzero: flatNonzeroOp,
  gather: gatherOp,
  index: pickOp,
  indexPut: replacing.copied,
  indexPut_: replacing.inPlace,
  indexPutAdd: accumulating.copied,
  indexPutAdd_: accumulating.inPlace,
  maskedFill: maskedFillOp,
  nonzero: nonzeroOp,
  nonzeroPlaces: nonzeroPlacesOp,
  same: sameOp,
  scatter: setting.copied,
  scatter_: setting.inPlace,
  scatterAdd: adding.copied,
  scatterAdd_: adding.inPlace,
  scatterMax: raising.copied,
  scatterMax_: raising.inPlace,
  scatterMin: lowering.copied,
  scatterMin_: lowering.inPlace,
  scatterMul: multiplying.copied,
  scatterMul_: multiplying.inPlace,
  scatterReduce: scatterReduceOp,
  scatterReduce_: scatterReduceInPlaceOp,
  share: shareOp,
  wrapIndex: wrapIndexOp,
} as const;
