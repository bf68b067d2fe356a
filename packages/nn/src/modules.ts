export * from "./containers.ts";
export * from "./layers/activation.ts";
export * from "./layers/adaptive-pooling.ts";
export * from "./layers/conv.ts";
export * from "./layers/distance.ts";
export * from "./layers/dropout.ts";
export * from "./layers/embedding.ts";
export * from "./layers/embedding-bag.ts";
export * from "./layers/instance-norm.ts";
export { Bilinear, Identity, type LayerOptions, Linear } from "./layers/linear.ts";
export * from "./layers/norm.ts";
export * from "./layers/padding.ts";
export * from "./layers/pooling.ts";
export { GRU, LSTM, type LSTMOptions, type RecurrentOptions, RNN, type RNNOptions } from "./layers/recurrent.ts";
export {
  type CellOptions,
  GRUCell,
  LSTMCell,
  RNNCell,
  type RNNCellOptions,
  type RnnNonlinearity,
} from "./layers/recurrent-cell.ts";
export * from "./layers/resizing.ts";
export * from "./layers/shape.ts";
export * from "./layers/window-pooling.ts";
export { isModule, Module } from "./module.ts";
export * from "./module-hooks.ts";
export type {
  ForwardHookOptions,
  HookOptions,
  LoadStateDictOptions,
  NamedModulesOptions,
  NamedTensorsOptions,
  OwnOptions,
  SetSubmoduleOptions,
  StateDictOptions,
} from "./module-options.ts";
export { Buffer, Parameter } from "./parameter.ts";
export { ParameterDict, ParameterList } from "./parameter-containers.ts";
export type {
  LoadProgress,
  LoadResult,
  LoadStateDictPostHook,
  LoadStateDictPreHook,
  StateDict,
  StateDictLike,
  StateDictPostHook,
  StateDictPreHook,
} from "./state.ts";
