import type { Backend } from "../contract/backend.ts";
import { checkList } from "../layout/shapes.ts";
import type { DType } from "./dtype.ts";
import * as tensors from "./tensor.ts";

// Making tensors, for those outside: what is no list is refused here, and not in the hot path.

/** A new contiguous tensor on a backend, whose elements are not set. @throws ShapeError, MemoryError when `shape` is no shape of a tensor. */
export function emptyOn(
  backend: Backend,
  dtype: DType,
  shape: readonly number[],
  strides?: readonly number[],
): tensors.Tensor {
  checkList("emptyOn", shape);
  return tensors.empty(backend, dtype, shape, strides);
}

/**
 * A handle on the memory of `t` with another layout, in elements; it knows nothing of graphs.
 *
 * @throws ShapeError, IndexError when the window is no part of that memory.
 */
export function viewOf(
  t: tensors.Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  op = "viewOf",
): tensors.Tensor {
  checkList(op, shape);
  checkList(op, strides);
  return tensors.viewOf(t, shape, strides, offset, op);
}
