import { isFloat } from "../../core/dtype.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { inPlace, pointwiseCall } from "../../door/calls.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose } from "../../expr/expr.ts";
import { broadcastShapes, sameShape, sizeOf } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { copy_, toDType } from "../create/copy.ts";
import { full } from "../create/creation.ts";
import { broadcastTo, narrow, reshape } from "../shape/view.ts";
import { nonzeroOp, truePlaces, truePositions } from "./positions.ts";
import { setting, takeAt, writeAt } from "./scattering.ts";

export const maskedFillOp = pointwise("maskedFill", (x, mask, value) => choose(mask, value, x));

function checkMask(op: string, x: Tensor, mask: Tensor): void {
  checkSameDevice(op, x, mask);
  if (mask.dtype !== "bool")
    throw new DTypeError(op, `the mask must be bool, got ${mask.dtype}`, "compare: mask.ne(0)");
}
/** The value in `x`'s dtype, as a number only where numbers do not promote. */
function filling(op: string, x: Tensor, mask: Tensor, value: Operand): Operand {
  checkMask(op, x, mask);
  if (typeof value === "number")
    return isFloat(x.dtype) ? value : full([], value, { dtype: x.dtype, device: x.device });
  if (value.ndim > 0)
    throw new ShapeError(
      op,
      `the value must be a number or a 0-d tensor, got ${showShape(value.shape)}`,
      [value.shape],
      "where(mask, value, x) takes any shape",
    );
  return toDType(value, x.dtype);
}
/**
 * `value` where the mask is true, else `x`; mask and x broadcast together.
 *
 * @example
 * import { maskedFill, tensor } from "@flambeau/tensor";
 * console.log(maskedFill(tensor([1, 2]), tensor([true, false]), -1).tolist()); // [-1, 2]
 */
export const maskedFill = (x: Tensor, mask: Tensor, value: Operand): Tensor =>
  pointwiseCall(maskedFillOp, [x, mask, filling("maskedFill", x, mask, value)]);
/** {@link maskedFill} in place. */
export const maskedFill_ = (x: Tensor, mask: Tensor, value: Operand): Tensor =>
  inPlace(maskedFillOp, x, mask, filling("maskedFill_", x, mask, value));

/** The elements of `x` where the mask is true, in row-major order, as one dimension; mask and x broadcast together. */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  checkMask("maskedSelect", x, mask);
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  const index = truePositions("maskedSelect", broadcastTo(mask, shape));
  const out = takeAt(reshape(broadcastTo(x, shape), [sizeOf(shape)]), 0, index);
  index.dispose();
  return out;
}

/** `x` (broadcast to the mask) with the elements where the mask is true replaced by the first elements of `source`, in order. */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  const { shape, index, from } = scattered("maskedScatter", x, mask, source);
  const out = reshape(writeAt(setting, reshape(broadcastTo(x, shape), [sizeOf(shape)]), 0, index, from), shape);
  index.dispose();
  return out;
}
/** {@link maskedScatter} in place; the mask broadcasts to `x`. */
export function maskedScatter_(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  if (!sameShape(broadcastShapes("maskedScatter_", x.shape, mask.shape), x.shape))
    throw new ShapeError(
      "maskedScatter_",
      `mask ${showShape(mask.shape)} does not broadcast to ${showShape(x.shape)}`,
      [x.shape, mask.shape],
    );
  return copy_(x, maskedScatter(x, mask, source));
}
function scattered(
  op: string,
  x: Tensor,
  mask: Tensor,
  source: Tensor,
): { shape: readonly number[]; index: Tensor; from: Tensor } {
  checkMask(op, x, mask);
  if (source.dtype !== x.dtype)
    throw new DTypeError(op, `source and tensor have different dtypes: ${source.dtype} and ${x.dtype}`);
  const shape = broadcastShapes(op, x.shape, mask.shape);
  const positions = truePositions(op, broadcastTo(mask, shape));
  if (positions.size > source.size)
    throw new ShapeError(op, `the mask has ${positions.size} true elements, the source only ${source.size} elements`, [
      mask.shape,
      source.shape,
    ]);
  return { shape, index: positions, from: narrow(reshape(source, [source.size]), 0, 0, positions.size) };
}

export interface NonzeroOptions {
  /** One index tensor per dimension instead of one matrix. */
  readonly asTuple?: boolean;
}
/**
 * Positions of the elements that are not 0, in row-major order: int32 [n, ndim] (PyTorch: int64), or with `asTuple` one tensor per
 * dimension, which index the tensor itself: `x.at(...nonzero(x, { asTuple: true }))`.
 *
 * @example
 * import { nonzero, tensor } from "@flambeau/tensor";
 * console.log(nonzero(tensor([[0, 5], [6, 0]])).tolist()); // [[0, 1], [1, 0]]
 */
export function nonzero(x: Tensor, options: { readonly asTuple: true }): Tensor[];
export function nonzero(x: Tensor, options?: { readonly asTuple?: false }): Tensor;
export function nonzero(x: Tensor, options: NonzeroOptions = {}): Tensor | Tensor[] {
  if (options.asTuple) return [...truePlaces("nonzero", x)];
  return applyOne(nonzeroOp, [x], { title: "nonzero", device: x.device });
}
/** {@link nonzero} as one matrix [n, ndim]. */
export const argwhere = (x: Tensor): Tensor => nonzero(x);
