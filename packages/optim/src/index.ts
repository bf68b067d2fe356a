export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { type ClipOptions, clipGradNorm_, clipGradValue_ } from "./clip.ts";
export {
  Optimizer,
  type OptimizerState,
  type ParamGroup,
  type ParamGroupInit,
  type ParamState,
  type Params,
  type StateValue,
} from "./optimizer.ts";
export * as lrScheduler from "./scheduler.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
