// Torch7's optim, for what PyTorch has no class for: algorithms that minimize a function of one tensor, and its helpers in training.

export { type CgOptions, cg } from "./cg.ts";
export { checkgrad } from "./checkgrad.ts";
export { type CmaesOptions, cmaes } from "./cmaes.ts";
export { ConfusionMatrix } from "./confusion-matrix.ts";
export { type DeOptions, de } from "./de.ts";
export { type FistaOptions, type FistaStep, fistaLs } from "./fista.ts";
export { Logger } from "./logger.ts";
export { lswolfe, type WolfeOptions } from "./lswolfe.ts";
export { type NagOptions, type NagState, nag } from "./nag.ts";
export type { LossFunc, OpFunc } from "./opfunc.ts";
export { type PolyPoint, polyinterp } from "./polyinterp.ts";
