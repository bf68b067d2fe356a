export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { clipGradNorm_, clipGradValue_, type ClipOptions } from "./clip.ts";
export { Optimizer, type OptimizerState, type ParamGroup, type ParamGroupInit, type Params, type ParamState, type StateValue } from "./optimizer.ts";
export * as lrScheduler from "./scheduler.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
