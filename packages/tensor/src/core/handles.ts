import type { Backend } from "../contract/backend.ts";
import type { Buffer, View } from "../contract/view.ts";
import { checkList, isContiguous, sizeOf } from "../layout/shapes.ts";
import type { DType } from "./dtype.ts";
import { Storage } from "./storage.ts";
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

/** Memory that is there, as its backend knows it. */
interface Memory {
  readonly backend: Backend;
  readonly byteLength: number;
  readonly buffer: Buffer;
}
/** A tensor with that layout on memory that is there, or on that of another tensor. The memory is the tensor's from now on. */
export function tensorOn(
  memory: Memory | tensors.Tensor,
  { dtype, shape, strides, offset }: Omit<View, "buffer">,
): tensors.Tensor {
  const storage = "storage" in memory ? memory.storage : new Storage(memory.backend, memory.byteLength, memory.buffer);
  return new tensors.Tensor(storage, dtype, shape, strides, offset, isContiguous(shape, strides), sizeOf(shape));
}
