export * from "./contract/backend.ts";
export * from "./contract/fused-kernel.ts";
export * from "./contract/fused-ops.ts";
export {
  type CastNode,
  type ConstantNode,
  compileProgram,
  constantValue,
  type LeafNode,
  type OperationNode,
  type Program,
  type ProgramNode,
} from "./contract/program.ts";
export { parseProgram, showProgram } from "./contract/program-text.ts";
export * from "./contract/view.ts";
export * from "./core/context.ts";
export {
  accumulationType,
  bytesOf,
  type DType,
  dtypeCode,
  dtypeKey,
  dtypes,
  epsilonOf,
  type FloatDType,
  halfCodec,
  isFloat,
  isHalf,
  isInt,
  type Kind,
  kindOf,
  largestOf,
  promoteTypes,
  scalarType,
  type TypedArray,
  typedArray,
} from "./core/dtype.ts";
export * from "./core/errors.ts";
export { emptyOn, viewOf } from "./core/handles.ts";
export * from "./core/modes.ts";
export { Tensor } from "./core/tensor.ts";
export { type Attr, decodeAttrs, encodeAttrs } from "./door/attrs.ts";
export { binary, inPlace, pointwiseCall, unary } from "./door/calls.ts";
export { dispatch } from "./door/dispatch.ts";
export * from "./door/interpreter.ts";
export * from "./door/op.ts";
export { type Category, type Operand, Pointwise, type PointwiseRule, pointwise } from "./door/pointwise.ts";
export { apartFrom, apply, applyMany, applyOne } from "./door/run.ts";
export { Call, type Interpreter, withInterpreter, withoutInterpreters } from "./door/stack.ts";
export { type Layout, type Strided, ViewOp, type ViewRule, view as applyView } from "./door/view.ts";
export { applyInPlace, applyWrites } from "./door/write.ts";
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
  where as choose,
} from "./expr/expr.ts";
export { checkInteger, checkIntegers, integersOf } from "./layout/integers.ts";
export { resultType } from "./layout/promotion.ts";
export {
  broadcastShapes,
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
export { canFuse, runFused, runFusedInto, withoutFused } from "./lower/fused.ts";
export { data, dataSync, decode, encode, numbersFor, unreadable, valuesFor } from "./lower/host.ts";
export { registerKernel } from "./lower/register-kernel.ts";
export { nextStep } from "./memory/next-step.ts";
export { reclaim } from "./memory/reclaim.ts";
export * from "./memory/report.ts";
export { keep, memoryScope, release, Scope } from "./memory/scope.ts";
export { local, tidy } from "./memory/tidy.ts";
export { inFloat32 } from "./ops/create/copy.ts";
export { checkIndex } from "./ops/index/index-values.ts";
export * from "./ops/index.ts";
export { type PrintOptions, print, printAsync, setPrintOptions } from "./ops/read/print.ts";
export { item, itemAsync, tolist, tolistAsync } from "./ops/read/values.ts";
export { unbroadcast } from "./ops/reduce/unbroadcast.ts";
export { asStridedOp, memoryOp } from "./ops/shape/as-strided.ts";
export { Generator } from "./random/generator.ts";
export { fillRandint, fillRandperm } from "./random/integers.ts";
export { multinomial as drawCategories } from "./random/multinomial.ts";
