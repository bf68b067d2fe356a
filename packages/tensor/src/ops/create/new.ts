import type { TypedArray } from "../../core/dtype.ts";
import { checkOptions, none } from "../../core/options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { like, type TensorOptions, tensorKinds } from "./allocation.ts";
import {
  empty,
  type FromDataOptions,
  fromDataKinds,
  full,
  type HalfArray,
  type Nested,
  ones,
  tensor,
  zeros,
} from "./creation.ts";

// PyTorch's `new_...`: new tensors with the dtype and on the device of `x`, unless the options say others.

/**
 * A tensor of zeros with the dtype and on the device of `x`: `zeros(shape, { dtype: x.dtype, device: x.device })`.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_zeros.html
 * @example
 * tensor([1], { dtype: "int32" }).newZeros([2]).dtype; // "int32"
 */
export function newZeros(x: Tensor, shape: readonly number[], options: TensorOptions = none): Tensor {
  checkOptions("newZeros", tensorKinds, options);
  return zeros(shape, like(x, options));
}
/**
 * A tensor of ones with the dtype and on the device of `x`: `ones(shape, { dtype: x.dtype, device: x.device })`.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_ones.html
 * @example
 * tensor([2.5]).newOnes([2]).tolist(); // [1, 1]
 */
export function newOnes(x: Tensor, shape: readonly number[], options: TensorOptions = none): Tensor {
  checkOptions("newOnes", tensorKinds, options);
  return ones(shape, like(x, options));
}
/**
 * A tensor of one value with the dtype and on the device of `x`: `full(shape, value, { dtype: x.dtype, device: x.device })`.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_full.html
 * @example
 * tensor([1], { dtype: "int32" }).newFull([2], 7).tolist(); // [7, 7]
 */
export function newFull(
  x: Tensor,
  shape: readonly number[],
  value: number | boolean,
  options: TensorOptions = none,
): Tensor {
  checkOptions("newFull", tensorKinds, options);
  return full(shape, value, like(x, options));
}
/**
 * A tensor whose elements are not set, with the dtype and on the device of `x`: `empty(shape, { dtype: x.dtype, device: x.device })`.
 *
 * @throws ShapeError when a size is no non-negative integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_empty.html
 * @example
 * tensor([1]).newEmpty([2, 3]).shape; // [2, 3]
 */
export function newEmpty(x: Tensor, shape: readonly number[], options: TensorOptions = none): Tensor {
  checkOptions("newEmpty", tensorKinds, options);
  return empty(shape, like(x, options));
}
/**
 * A tensor from data, with the dtype and on the device of `x`: `tensor(data, { dtype: x.dtype, device: x.device })`.
 *
 * @throws ShapeError for ragged arrays, and when `shape` does not hold the elements.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.new_tensor.html
 * @example
 * tensor([1], { dtype: "int32" }).newTensor([2.7, 3]).tolist(); // [2, 3]
 */
export function newTensor(
  x: Tensor,
  data: Nested | TypedArray | Uint8ClampedArray | HalfArray | readonly (TypedArray | HalfArray)[] | Tensor,
  options: FromDataOptions = none,
): Tensor {
  checkOptions("newTensor", fromDataKinds, options);
  return tensor(data, like(x, options));
}
