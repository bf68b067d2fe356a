import { context } from "../core/context.ts";
import { type DType, dtypeCode, isFloat, kindRank, promoteTypes } from "../core/dtype.ts";
import type { Tensor } from "../core/tensor.ts";

/**
 * The dtype in which PyTorch computes an operation of these tensors and plain numbers: tensors with dimensions decide; 0-d
 * tensors, then numbers, raise the result only when theirs is a higher kind (bool < integer < floating point).
 */
export function resultType(tensors: readonly Tensor[], numbers: readonly number[] = []): DType {
  let withDims: DType | null = null;
  let without: DType | null = null;
  for (let i = 0; i < tensors.length; i++) {
    const t = tensors[i];
    if (t.shape.length > 0) withDims = withDims === null ? t.dtype : promoteTypes(withDims, t.dtype);
    else without = without === null ? t.dtype : promoteTypes(without, t.dtype);
  }
  let result: DType | null = withDims;
  if (without !== null && (result === null || kindRank(without) > kindRank(result)))
    result = result === null ? without : promoteTypes(result, without);
  for (let i = 0; i < numbers.length; i++) {
    const float = !Number.isInteger(numbers[i]);
    if (result === null) result = float ? context.defaultDType : "int32";
    else if (float && !isFloat(result)) result = context.defaultDType;
    else if (!float && result === "bool") result = "int32";
  }
  return result ?? context.defaultDType;
}

/** Whether a result of dtype `from` may be written into a tensor of dtype `to` in place: never to a lower kind. */
export const canCast = (from: DType, to: DType): boolean => kindRank(from) <= kindRank(to);

/** The floating dtype for an op that needs one: itself for floats, the default for integers and bools. */
export const floatType = (dtype: DType): DType => (isFloat(dtype) ? dtype : context.defaultDType);

/** The dtype in which sums of `dtype` are kept: int32 for bools and narrow integers (PyTorch: int64), else itself. */
export const sumType = (dtype: DType): DType => (dtypeCode(dtype) < dtypeCode("int32") ? "int32" : dtype);
