import { bytesOf, isFloat } from "../../core/dtype.ts";
import { IndexError } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { normalizeDim } from "../../layout/shapes.ts";

// What is asked of a tensor by PyTorch's names.

/**
 * The number of elements, `x.size`: `n = x.shape[0] * x.shape[1] * ...`.
 *
 * Shape: any. Dtype: any.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.numel.html
 * @example
 * zeros([2, 3]).numel(); // 6
 */
export const numel = (x: Tensor): number => {
  checkTensor("numel", "x", x);
  return x.size;
};
/** {@link numel} under another name. */
export const nelement = numel;
/**
 * The number of dimensions, `x.ndim`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.dim.html
 * @example
 * zeros([2, 3]).dim(); // 2
 */
export const dim = (x: Tensor): number => x.ndim;
/** {@link dim} under another name. */
export const ndimension = dim;
/**
 * The size along a dimension, `x.shape[d]` with -1 for the last one: PyTorch's `x.size(d)`, since `x.size` is the number of elements here. It
 * is a number to compilers that hold `x.shape[d]` for a possible `undefined`, too.
 *
 * @throws IndexError when there is no such dimension.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.size.html
 * @example
 * zeros([2, 3]).sizeAt(-1); // 3
 */
export const sizeAt = (x: Tensor, d: number): number => at("sizeAt", x.shape, d);
/**
 * Elements to step along dimension `d`, `x.strides[d]`; without `d` all strides.
 *
 * @throws IndexError when there is no such dimension.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.stride.html
 * @example
 * zeros([2, 3]).stride(0); // 3
 * zeros([2, 3]).stride(); // [3, 1]
 */
export function stride(x: Tensor): readonly number[];
/** Elements to step along one dimension. */
export function stride(x: Tensor, d: number): number;
export function stride(x: Tensor, d?: number): number | readonly number[] {
  return d === undefined ? x.strides : at("stride", x.strides, d);
}
function at(op: string, list: readonly number[], d: number): number {
  if (list.length === 0) throw new IndexError(op, "a 0-d tensor has no dimensions");
  return list[normalizeDim(op, d, list.length)];
}
/**
 * The first element's position in the storage, `x.offset`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.storage_offset.html
 * @example
 * tensor([1, 2, 3]).slice(0, 1).storageOffset(); // 1
 */
export const storageOffset = (x: Tensor): number => x.offset;
/**
 * Bytes of one element.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.element_size.html
 * @example
 * tensor([1]).elementSize(); // 4
 */
export const elementSize = (x: Tensor): number => bytesOf(x.dtype);
/**
 * Whether elements lie in row-major order without gaps, `x.rowMajor`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_contiguous.html
 * @example
 * zeros([2, 3]).t().isContiguous(); // false
 */
export const isContiguous = (x: Tensor): boolean => x.rowMajor;
/**
 * Whether the dtype is a floating-point one, `isFloat(x.dtype)`.
 *
 * Shape: any. Dtype: any.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.is_floating_point.html
 * @example
 * tensor([1]).isFloatingPoint(); // true
 */
export const isFloatingPoint = (x: Tensor): boolean => {
  checkTensor("isFloatingPoint", "x", x);
  return isFloat(x.dtype);
};
/**
 * Whether the dtype has negative numbers: all but uint8 and bool.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_signed.html
 * @example
 * tensor([1]).isSigned(); // true
 */
export const isSigned = (x: Tensor): boolean => x.dtype !== "uint8" && x.dtype !== "bool";
