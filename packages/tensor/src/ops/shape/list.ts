import { asStridedOp, memoryOp } from "./as-strided.ts";
import { flipOp, rollOp } from "./flipping.ts";
import { catOp } from "./joining.ts";
import { padOp } from "./padding.ts";
import { splitOp, unbindOp } from "./splitting.ts";
import { trilOp, triuOp } from "./triangular.ts";
import { diagonalOp, expandOp, permuteOp, selectOp, sliceOp, unfoldOp, viewOpOf } from "./view.ts";
import { asStridedScatterOp, diagonalScatterOp, selectScatterOp, sliceScatterOp } from "./window-scatter.ts";

/** The op records of this folder (views, joining, padding), by name. */
export const shapeOps = {
  asStrided: asStridedOp,
  asStridedScatter: asStridedScatterOp,
  cat: catOp,
  constantPadNd: padOp,
  diagonal: diagonalOp,
  diagonalScatter: diagonalScatterOp,
  expand: expandOp,
  flip: flipOp,
  memory: memoryOp,
  permute: permuteOp,
  roll: rollOp,
  select: selectOp,
  selectScatter: selectScatterOp,
  slice: sliceOp,
  sliceScatter: sliceScatterOp,
  split: splitOp,
  tril: trilOp,
  triu: triuOp,
  unbind: unbindOp,
  unfold: unfoldOp,
  view: viewOpOf,
} as const;
