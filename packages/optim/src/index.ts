export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adafactor, type AdafactorOptions } from "./adafactor.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { Adamax, type AdamaxOptions } from "./adamax.ts";
export { ASGD, type ASGDOptions } from "./asgd.ts";
export { AveragedModel, type AveragedOptions, type HasTensors } from "./averaged-model.ts";
export {
  type AvgFn,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAvgFn,
} from "./averaging.ts";
export { type ClipOptions, clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } from "./clip.ts";
export { FirstOrderOptimizer } from "./first-order.ts";
export {
  type HookOptions,
  registerOptimizerStepPostHook,
  registerOptimizerStepPreHook,
  type StateDictHook,
  type StepArguments,
  type StepPostHook,
  type StepPreHook,
} from "./hooks.ts";
export { LBFGS, type LBFGSOptions } from "./lbfgs.ts";
export { Muon, type MuonOptions } from "./muon.ts";
export { NAdam, type NAdamOptions } from "./nadam.ts";
export {
  type NamedParam,
  Optimizer,
  type OptimizerState,
  type ParamGroup,
  type ParamGroupInit,
  type ParamState,
  type Params,
  type StateValue,
} from "./optimizer.ts";
export { RAdam, type RAdamOptions } from "./radam.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { Rprop, type RpropOptions } from "./rprop.ts";
export * as lrScheduler from "./scheduler/index.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export { swapInOptimizerParamsAndState } from "./swap-in.ts";
export {
  fromTorchStateDict,
  type TorchOptimizerState,
  type TorchValue,
  toTorchStateDict,
} from "./torch-state.ts";
export { flattenTorchState, unflattenTorchState } from "./torch-tensors.ts";
export { updateBn } from "./update-bn.ts";
