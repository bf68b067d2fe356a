import { cellOp, gateOp } from "./layers/recurrent-cell.ts";

/** The op records of this package, by name: what `ops` of @flambeau/tensor/ops lacks. */
export const nnOps = { lstmCell: cellOp, lstmOutput: gateOp } as const;
