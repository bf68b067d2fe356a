export * from "./containers.ts";
export * from "./layers/activation.ts";
export * from "./layers/adaptive-pooling.ts";
export * from "./layers/adaptive-softmax.ts";
export { type AttendOptions, MultiheadAttention, type MultiheadAttentionOptions } from "./layers/attention.ts";
export * from "./layers/conv.ts";
export * from "./layers/cross-map-norm.ts";
export * from "./layers/distance.ts";
export * from "./layers/dropout.ts";
export * from "./layers/embedding.ts";
export * from "./layers/embedding-bag.ts";
export * from "./layers/instance-norm.ts";
export { Bilinear, Identity, type LayerOptions, Linear } from "./layers/linear.ts";
export * from "./layers/linear-cross-entropy.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormLayerOptions,
  GroupNorm,
  type GroupNormOptions,
  LayerNorm,
  type LayerNormOptions,
  RMSNorm,
  type RMSNormOptions,
} from "./layers/norm.ts";
export * from "./layers/padding.ts";
export * from "./layers/pooling.ts";
export { GRU, LSTM, type LSTMOptions, type RecurrentOptions, RNN, type RNNOptions } from "./layers/recurrent.ts";
export {
  type CellOptions,
  GRUCell,
  LSTMCell,
  RNNCell,
  type RNNCellOptions,
} from "./layers/recurrent-cell.ts";
export * from "./layers/resizing.ts";
export * from "./layers/shape.ts";
export * from "./layers/sync-batch-norm.ts";
export * from "./layers/transformer.ts";
export {
  type DecoderForwardOptions,
  type EncoderLayerForwardOptions,
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./layers/transformer-layers.ts";
export * from "./layers/window-pooling.ts";
export {
  type ForwardHookOptions,
  type HookOptions,
  isModule,
  type LoadStateDictOptions,
  Module,
  type NamedModulesOptions,
  type NamedTensorsOptions,
  type OwnOptions,
  type SetSubmoduleOptions,
  type StateDictOptions,
} from "./module.ts";
export * from "./module-hooks.ts";
export { Buffer, Parameter } from "./parameter.ts";
export { ParameterDict, ParameterList } from "./parameter-containers.ts";
export type { RnnNonlinearity } from "./recurrent/steps.ts";
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
