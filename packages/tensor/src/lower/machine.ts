import type { Backend, ScanKind, ScatterMode, View } from "../contract/backend.ts";
import { bytesOf } from "../core/dtype.ts";
import type { Tensor } from "../core/tensor.ts";

// The primitives of a backend, as ops call them: this folder alone speaks to a device. `on` is a tensor of that device; views are
// as the contract describes them (contract/backend.ts), and an output has elements.

/** What computes for the device of `on`. */
const machine = (on: Tensor): Backend => on.storage.backend;

/** Positions of the extremes along `dim`. */
export const runArgReduce = (on: Tensor, kind: "max" | "min", input: View, output: View, dim: number): void =>
  machine(on).kernels.argReduce(kind, input, output, dim);
/** Running sums, products, extremes along `dim`. */
export const runScan = (on: Tensor, kind: ScanKind, input: View, output: View, dim: number, indices?: View): void =>
  machine(on).kernels.scan(kind, input, output, dim, indices);
/** Products of batches of matrices. */
export const runMatmul = (on: Tensor, a: View, b: View, output: View): void => machine(on).kernels.matmul(a, b, output);
/** Elements of `input` picked along `dim`. */
export const runGather = (on: Tensor, input: View, index: View, output: View, dim: number): void =>
  machine(on).kernels.gather(input, index, output, dim);
/** Elements of `source` put into `target` along `dim`. */
export const runScatter = (on: Tensor, mode: ScatterMode, target: View, index: View, source: View, dim: number): void =>
  machine(on).kernels.scatter(mode, target, index, source, dim);
/** A stable sort along the last dimension. */
export const runSort = (on: Tensor, input: View, values: View, indices: View, descending: boolean): void =>
  machine(on).kernels.sort(input, values, indices, descending);
/** Bytes of elements, in row-major order, into a row-major tensor under construction. */
export function writeBytes(out: Tensor, bytes: Uint8Array): void {
  if (bytes.byteLength > 0) machine(out).write(out.buffer, bytes, out.offset * bytesOf(out.dtype));
}
