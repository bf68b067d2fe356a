// The names of authors: what a backend, an op, a fused kernel, an interpreter or a package beside this one is written with
// (docs/extending.md). Users' names (the ops, `Tensor`, the errors) are functional.ts's.

// the contract of a backend
export type { Kernels, Primitive, ReduceKind, ScanKind, ScatterMode } from "./contract/backend.ts";
export * from "./contract/epilogue.ts";
export * from "./contract/fused-kernel.ts";
export * from "./contract/fused-ops.ts";
export * from "./contract/linear-algebra.ts";
export {
  type CastNode,
  type ConstantNode,
  compileProgram,
  constantValue,
  type LeafNode,
  type OperationNode,
  type Program,
  ProgramBuilder,
  type ProgramNode,
} from "./contract/program.ts";
export { parseProgram, showProgram } from "./contract/program-text.ts";
export * from "./contract/view.ts";
export {
  announceRead,
  type Context,
  context,
  devicesWith,
  type Frame,
  hasDevice,
  type Owned,
  type Owner,
  type Recorder,
  type Renewal,
  type Tape,
  type TapeStorage,
} from "./core/context.ts";
export {
  accumulationType,
  bytesOf,
  dtypeCode,
  dtypeKey,
  epsilonOf,
  halfCodec,
  isHalf,
  isInt,
  type Kind,
  kindOf,
  largestOf,
  scalarType,
  typedArray,
} from "./core/dtype.ts";
export { checkFunction, elsewhere, show, showShape } from "./core/errors.ts";
export { emptyOn, tensorOn, viewOf } from "./core/handles.ts";
export { bottomOf, type Level, LiftedStorage, liftedHandle, liftedOf } from "./core/lifted.ts";
export { requireGrad, type Synchronous, synchronous, withModes } from "./core/modes.ts";
export { named } from "./core/named.ts";
export * as option from "./core/options.ts";
export { checkOptions, type Given, type Kinds, withDefaults } from "./core/options.ts";
export type { Platform } from "./core/platform.ts";
export { allocate } from "./core/storage.ts";
export { checkTensor, checkTensors, hasStorage } from "./core/tensor.ts";
export { warnOnce } from "./core/warn.ts";
// the door: op records, calls of them, what watches or replaces them
export { type Attr, decodeAttrs, encodeAttrs } from "./door/attrs.ts";
export { binary, inPlace, pointwiseCall, unary } from "./door/calls.ts";
// parts of ops
export { inFloat32, toDevice, toDType, widened } from "./door/convert.ts";
export { customNamed } from "./door/custom.ts";
export { dispatch } from "./door/dispatch.ts";
export { backwardKinds, records, type Tracer, tracer } from "./door/interpreter.ts";
export * from "./door/op.ts";
export { type Category, Pointwise, type PointwiseRule, pointwise } from "./door/pointwise.ts";
export { apartFrom, apply, applyMany, applyOne } from "./door/run.ts";
export {
  Call,
  forWalk,
  type Interpreter,
  type RunWhole,
  wholeBy,
  withInterpreter,
  without as withoutSome,
  withoutInterpreters,
  withRange,
} from "./door/stack.ts";
export { type Layout, linkBase, type Strided, ViewOp, type ViewRule, view as applyView } from "./door/view.ts";
export { applyInPlace, applyWrites } from "./door/write.ts";
// the language of scalar kernels
export { derive } from "./expr/derive.ts";
export {
  arity,
  cast,
  constant,
  Expr,
  type ExprOp,
  index,
  input,
  isConst,
  param,
  type ScalarOp,
  type ScalarType,
  scalar,
  weighed,
  where as choose,
} from "./expr/expr.ts";
export { checkInteger, checkIntegers, checkNumber, integersOf } from "./layout/integers.ts";
// layouts and checks
export { sharesMemory } from "./layout/overlap.ts";
export {
  broadcastStrides,
  checkShape,
  collapse,
  contiguousStrides,
  isContiguous,
  type Loops,
  normalizeDim,
  normalizeDims,
  sameShape,
  sizeOf,
} from "./layout/shapes.ts";
export { checkSameDevice } from "./layout/windows.ts";
// kernels and values on the host
export { canFuse, runFused, runFusedInto, withoutFused } from "./lower/fused.ts";
export { decode, encode, numbersFor, readable, unreadable, valuesFor } from "./lower/host.ts";
export { type MachineObserver, observeMachine } from "./lower/observe.ts";
export { registerKernel } from "./lower/register-kernel.ts";
// memory
export { callSite } from "./memory/report.ts";
export { promote, release } from "./memory/scope.ts";
export { scoped, unscoped } from "./memory/scoped.ts";
export { eachTensor, local } from "./memory/tidy.ts";
export { filledLike } from "./ops/create/allocation.ts";
export { checkIndex } from "./ops/index/index-values.ts";
// the kinds of options that layers hand on to ops
export { cosineKinds, pairwiseKinds } from "./ops/linalg/distances.ts";
export { convKinds, convTransposeKinds, spatial } from "./ops/nn/conv.ts";
export { checkEmbedding, embeddingKinds } from "./ops/nn/embedding.ts";
export { embeddingBagKinds } from "./ops/nn/embedding-bag.ts";
export { fractionalKinds } from "./ops/nn/fractional-pooling.ts";
export { localResponseKinds } from "./ops/nn/instance-norm.ts";
export { interpolateKinds } from "./ops/nn/interpolation.ts";
export { lpPoolKinds } from "./ops/nn/lp-pooling.ts";
export { patchKinds } from "./ops/nn/patches.ts";
export { avgPoolKinds, maxPoolKinds } from "./ops/nn/pooling.ts";
export { geluKinds } from "./ops/pointwise/activation.ts";
export { unbroadcast } from "./ops/reduce/unbroadcast.ts";
export { asStridedOp, type Ground, groundOf, memoryOp } from "./ops/shape/as-strided.ts";
// random streams
export { fillRandint, fillRandperm } from "./random/integers.ts";
export { multinomial as drawCategories } from "./random/multinomial.ts";
