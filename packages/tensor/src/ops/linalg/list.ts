import { choleskyOp, choleskySolveOp } from "./cholesky.ts";
import { detBackwardOp, detOp, slogdetOp } from "./determinants.ts";
import { distanceOp } from "./distances.ts";
import { eighOp } from "./eigen.ts";
import { luFactorOp, permutationMatrixOp } from "./lu.ts";
import { matmulOp } from "./matmul.ts";
import { matrixExpOp } from "./matrix-functions.ts";
import { qrOp } from "./qr.ts";
import { inverseOp, pivotInfoOp, solveOp, triangularOp } from "./solving.ts";
import { matrixRankOp, pinvOp, svdOp } from "./svd.ts";

/** The op records of this folder (matrix products and decompositions), by name. */
export const linalgOps = {
  cdist: distanceOp,
  cholesky: choleskyOp,
  choleskySolve: choleskySolveOp,
  det: detOp,
  detBackward: detBackwardOp,
  eigh: eighOp,
  inv: inverseOp,
  luFactor: luFactorOp,
  matmul: matmulOp,
  matrixExp: matrixExpOp,
  matrixRank: matrixRankOp,
  permutationMatrix: permutationMatrixOp,
  pinv: pinvOp,
  pivotInfo: pivotInfoOp,
  qr: qrOp,
  slogdet: slogdetOp,
  solve: solveOp,
  solveTriangular: triangularOp,
  svd: svdOp,
} as const;
