export * from "./apply.ts";
export * from "./context.ts";
export * from "./contract.ts";
export {
  bytesOf,
  type DType,
  dtypeCode,
  dtypes,
  type FloatDType,
  isFloat,
  isInt,
  promoteTypes,
  type TypedArray,
  typedArray,
} from "./dtype.ts";
export * from "./errors.ts";
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
export { compileProgram, type Program, scalarType, type TypedExpr } from "./expr/program.ts";
export { runFused, withoutFused } from "./fused.ts";
export * from "./grad-mode.ts";
export { data, dataSync, decode, encode, unreadable, valuesFor } from "./host.ts";
export { checkInteger, checkIntegers, integersOf } from "./integers.ts";
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
} from "./layout.ts";
export { nextStep } from "./memory/next-step.ts";
export { reclaim } from "./memory/reclaim.ts";
export * from "./memory/report.ts";
export { keep, local, memoryScope, release, Scope, tidy } from "./memory/scope.ts";
export * from "./ops/index.ts";
export { checkIndex } from "./ops/index-values.ts";
export { unbroadcast } from "./ops/unbroadcast.ts";
export {
  binary,
  type Category,
  inPlace,
  type Operand,
  Pointwise,
  type PointwiseRule,
  pointwise,
  pointwiseCall,
  unary,
} from "./pointwise.ts";
export { type PrintOptions, print, printAsync, setPrintOptions } from "./print.ts";
export { resultType } from "./promote.ts";
export { Generator } from "./random/generator.ts";
export { fillRandint, fillRandperm } from "./random/integers.ts";
export { multinomial as drawCategories } from "./random/multinomial.ts";
export { empty as emptyOn, Tensor, viewOf } from "./tensor.ts";
export { item, itemAsync, tolist, tolistAsync } from "./values.ts";
export { type Layout, type Strided, ViewOp, type ViewRule, view as applyView } from "./view.ts";
export { checkSameDevice } from "./windows.ts";
