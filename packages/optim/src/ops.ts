import { adamStepOp } from "./adam.ts";
import { sgdStepOp } from "./sgd.ts";

/** The op records of this package, by name: what `ops` of @flambeau/tensor/ops lacks. */
export const optimOps = { adamStep: adamStepOp, sgdStep: sgdStepOp } as const;
