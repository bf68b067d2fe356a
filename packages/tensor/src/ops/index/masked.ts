import { isFloat } from "../../core/dtype.ts";
import { element } from "../../core/element.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { inPlace, pointwiseCall } from "../../door/calls.ts";
import { alikeInWidth, toDType } from "../../door/convert.ts";
import { type Operand, pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose } from "../../expr/expr.ts";
import { broadcastShapes, sameShape, sizeOf } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { scalarLike } from "../create/allocation.ts";
import { copy_ } from "../create/copy.ts";
import { broadcastTo, narrow, reshape } from "../shape/view.ts";
import { checkFilling, inDTypeOf } from "./along.ts";
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
  if (!(value instanceof Tensor))
    return isFloat(x.dtype) ? Number(element(op, value, x.dtype)) : scalarLike(op, x, value);
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
 * `value` where the mask is true, else `x`: `y[i] = mask[i] ? value : x[i]`.
 * Shapes: `x` and `mask` broadcast, `value` is a number or 0-d. Dtype: that of `x`, to which `value` is converted.
 *
 * @throws DTypeError when `mask` is not bool.
 * @throws ArgumentError when a number does not fit the dtype of `x`.
 * @throws ShapeError when the shapes do not broadcast, or `value` has dimensions.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
 * @example
 * const x = tensor([[1, -2], [-3, 4]]);
 * x.maskedFill(x.lt(0), 0).tolist(); // [[1, 0], [0, 4]]
 * x.maskedFill(tensor([true, false]), -Infinity).tolist(); // [[-Infinity, -2], [-Infinity, 4]]
 */
export const maskedFill = (x: Tensor, mask: Tensor, value: Operand): Tensor => {
  checkFilling("maskedFill", value);
  checkTensor("maskedFill", "x", x);
  return !isFloat(x.dtype) && unscoped()
    ? scoped(maskedFill, x, mask, value)
    : pointwiseCall(maskedFillOp, [x, mask, filling("maskedFill", x, mask, value)]);
};
/** In place {@link maskedFill}: `x = maskedFill(x, mask, value)`. */
export const maskedFill_ = (x: Tensor, mask: Tensor, value: Operand): Tensor => {
  checkFilling("maskedFill_", value);
  return inPlace(maskedFillOp, x, mask, filling("maskedFill_", x, mask, value));
};

/**
 * The elements of `x` where the mask is true, in row-major order: `x[mask]`, a copy.
 * Shapes: `x` and `mask` broadcast; the result [K] has one element for each true one. Dtype: that of `x`.
 *
 * @throws DTypeError when `mask` is not bool.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU): the size of the result depends on the values.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.masked_select.html
 * @example
 * const x = tensor([[1, -2], [-3, 4]]);
 * x.maskedSelect(x.gt(0)).tolist(); // [1, 4]
 * x.maskedSelect(tensor([false, true])).tolist(); // [-2, 4]
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  if (unscoped()) return scoped(maskedSelect, x, mask);
  checkMask("maskedSelect", x, mask);
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  const index = truePositions("maskedSelect", broadcastTo(mask, shape));
  const out = takeAt(reshape(broadcastTo(x, shape), [sizeOf(shape)]), 0, index);
  index.dispose();
  return out;
}

/**
 * `x` with the elements where the mask is true replaced by the first elements of `source`, in row-major order: the i-th true one becomes
 * `flatten(source)[i]`.
 * Shapes: `x` and `mask` broadcast to the result's shape; `source` has at least as many elements as the mask true ones. Dtype: that of `x`.
 *
 * @throws DTypeError when `mask` is not bool, or `source` has another dtype than `x`.
 * @throws ShapeError when the shapes do not broadcast, or `source` is too small.
 * @throws DeviceError when the tensors live on different devices.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_scatter_.html
 * @example
 * const mask = tensor([[false, true], [true, true]]);
 * tensor([[1, 2], [3, 4]]).maskedScatter(mask, tensor([7, 8, 9])).tolist(); // [[1, 7], [8, 9]]
 */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  if (unscoped()) return scoped(maskedScatter, x, mask, source);
  checkTensor("maskedScatter", "source", source);
  x = alikeInWidth(x, source)[0];
  const { shape, index, from } = scattered("maskedScatter", x, mask, source);
  const out = reshape(writeAt(setting, reshape(broadcastTo(x, shape), [sizeOf(shape)]), 0, index, from), shape);
  index.dispose();
  return out;
}
/** In place {@link maskedScatter}, with a mask that broadcasts to `x`: `x = maskedScatter(x, mask, source)`. */
export function maskedScatter_(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  if (unscoped()) return scoped(maskedScatter_, x, mask, source);
  checkTensor("maskedScatter_", "x", x);
  checkTensor("maskedScatter_", "mask", mask);
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
  source = inDTypeOf(op, x, source);
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
  /** One index tensor per dimension instead of one matrix (default false). */
  readonly asTuple?: boolean | undefined;
}
const nonzeroKinds: Kinds<NonzeroOptions> = { asTuple: boolean };
/**
 * Positions of the elements that are not 0, in row-major order: the rows `[i, j]` with `x[i, j] != 0`; or with `asTuple` one tensor per
 * dimension, which index the tensor itself: `x.at(...nonzero(x, { asTuple: true }))`.
 * Shapes: [K, D] for K such elements of a tensor of D dimensions, or D times [K]. Dtype: int32 (PyTorch: int64).
 *
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU): the size of the result depends on the values.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nonzero.html
 * @example
 * import { nonzero, tensor } from "flambeau";
 * const x = tensor([[0, 5], [6, 0]]);
 * nonzero(x).tolist(); // [[0, 1], [1, 0]]
 * x.at(...nonzero(x, { asTuple: true })).tolist(); // [5, 6]
 */
export function nonzero(x: Tensor, options: { readonly asTuple: true }): Tensor[];
export function nonzero(x: Tensor, options?: { readonly asTuple?: false | undefined }): Tensor;
export function nonzero(x: Tensor, options: NonzeroOptions = none): Tensor | Tensor[] {
  checkOptions("nonzero", nonzeroKinds, options);
  checkTensor("nonzero", "x", x);
  if (options.asTuple) return [...truePlaces("nonzero", x)];
  return applyOne(nonzeroOp, [x], { title: "nonzero", device: x.device });
}
/**
 * Positions of the elements that are not 0, as the rows of a matrix: `nonzero(x)`, of {@link nonzero}.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.argwhere.html
 * @example
 * argwhere(tensor([[0, 5], [6, 0]])).tolist(); // [[0, 1], [1, 0]]
 */
export const argwhere = (x: Tensor): Tensor => {
  checkTensor("argwhere", "x", x);
  return nonzero(x);
};
