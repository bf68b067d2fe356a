import { bytesOf, dtypeCode, type View } from "@flambeau/tensor/plugin";
import type { DeviceBuffer } from "./allocator.ts";
import type { Words } from "./words.ts";

/** The address of a view's first element. */
export const addressOf = ({ buffer, dtype, offset }: View): number =>
  (buffer as DeviceBuffer).pointer + offset * bytesOf(dtype); // alloc made it

/** Writes what kernels read as a View: address, dtype, steps. */
export const writeView = (words: Words, view: View, steps: readonly number[]): Words =>
  words.int(addressOf(view)).int(dtypeCode(view.dtype)).ints(steps);

/** A view's memory from its first element on, in another layout. */
export const laidOut = (
  { buffer, dtype, offset }: View,
  shape: readonly number[],
  strides: readonly number[],
): View => ({
  buffer,
  dtype,
  offset,
  shape,
  strides,
});
