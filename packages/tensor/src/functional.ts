// The names of users: every op as a function, and what a program says around them. Authors of backends and ops find theirs in plugin.ts.
export type { Backend, MemoryStats } from "./contract/backend.ts";
export {
  backendOf,
  devices,
  getDefaultDevice,
  getDefaultDType,
  registerBackend,
  setDefaultDevice,
  setDefaultDType,
  unregisterBackend,
} from "./core/context.ts";
export { type DType, dtypes, type FloatDType, isFloat, promoteTypes, type TypedArray } from "./core/dtype.ts";
export {
  ArgumentError,
  AutogradError,
  DataDependentError,
  DeviceError,
  DeviceLostError,
  DTypeError,
  FlambeauError,
  FormatError,
  IndexError,
  MemoryError,
  ShapeError,
  UnavailableError,
} from "./core/errors.ts";
export { type FloatLimits, finfo, type IntegerLimits, iinfo } from "./core/limits.ts";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled, withDevice } from "./core/modes.ts";
export type { Pair, Triple } from "./core/named.ts";
export { type GradientEdge, type GraphNode, isTensor, Tensor } from "./core/tensor.ts";
export {
  type CustomArguments,
  type CustomBatch,
  type CustomOp,
  type CustomOpRule,
  type CustomTangents,
  customOp,
} from "./door/custom.ts";
export type { BackwardOptions, GradHook } from "./door/interpreter.ts";
export type { Operand } from "./door/pointwise.ts";
export { resultType } from "./layout/promotion.ts";
export { broadcastShapes } from "./layout/shapes.ts";
export { data, dataSync } from "./lower/host.ts";
export { nextStep } from "./memory/next-step.ts";
export { reclaim } from "./memory/reclaim.ts";
export { captureCreationSites, type DeviceMemory, type LeakGroup, leakReport, memory } from "./memory/report.ts";
export { keep, memoryScope, type Scope } from "./memory/scope.ts";
export { tidy } from "./memory/tidy.ts";
export * from "./ops/index.ts";
export { type PrintOptions, print, printAsync, setPrintOptions } from "./ops/read/print.ts";
export { item, itemAsync, tolist, tolistAsync } from "./ops/read/values.ts";
export { Generator } from "./random/generator.ts";
