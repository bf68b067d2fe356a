import type { BatchRule } from "./call.ts";
import { aligned, batches, batchOf } from "./lanes.ts";

// Linear algebra, whose ops take batches of matrices as they are.

const matrices: BatchRule = (call) => call.next(batches(call));

/** Operands that broadcast against each other. */
const broadcast: BatchRule = ({ lanes, samples, next }) => {
  const ndim = Math.max(...samples.map((t) => t.ndim));
  return next(lanes.map((lane) => aligned(lane, ndim)));
};

/** Thresholds broadcast to the matrices, which are a batch in any case. */
const withThresholds: BatchRule = ({ lanes: [x, ...thresholds], samples, size, next }) =>
  next([batchOf(x, size), ...thresholds.map((lane) => aligned(lane, samples[0].ndim - 2))]);

export const matrixRules = {
  cholesky: matrices,
  choleskySolve: broadcast,
  det: matrices,
  detBackward: matrices,
  eigh: matrices,
  inv: matrices,
  luFactor: matrices,
  matrixExp: matrices,
  matrixRank: withThresholds,
  permutationMatrix: matrices,
  pinv: withThresholds,
  pivotInfo: matrices,
  qr: matrices,
  slogdet: matrices,
  solve: matrices,
  solveTriangular: matrices,
  svd: matrices,
} as const;
