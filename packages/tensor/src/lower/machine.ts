import type { Backend, ReduceKind, ScanKind, ScatterMode } from "../contract/backend.ts";
import type { FusedKernel } from "../contract/fused-kernel.ts";
import type { Program } from "../contract/program.ts";
import type { View } from "../contract/view.ts";
import { context } from "../core/context.ts";
import { bytesOf } from "../core/dtype.ts";
import type { Tensor } from "../core/tensor.ts";

// The primitives of a backend, as ops call them: this folder alone speaks to a device. `on` is a tensor of that device; views are
// as the contract describes them (contract/backend.ts), and an output has elements.

/** What computes for the device of `on`: its backend, or what takes down the calls that it will get. */
export function machine(on: Tensor): Backend {
  const { backend } = on.storage;
  return context.tape === null ? backend : context.tape.machine(backend);
}
/** Has all calls made that a tape took down: for what reads or hands out memory by another way. */
export const catchUp = (why: string): void => context.tape?.flush(why);

/** False on "meta": what the host would compute for it is for nothing. */
export const hasValues = (on: Tensor): boolean => on.storage.backend.name !== "meta";

/** A program over every element of `out`. */
export function runMap(
  program: Program,
  inputs: readonly View[],
  params: readonly number[],
  out: Tensor,
  flat: boolean,
): void {
  if (out.size === 0) return;
  // `machine`, spelled out: the hottest path has no room for more to inline
  const { backend } = out.storage;
  const on = context.tape === null ? backend : context.tape.machine(backend);
  on.kernels.map(program, inputs, params, out, flat);
}
/** A reduction of a program over `dims`. */
export const runReduce = (
  kind: ReduceKind,
  program: Program,
  inputs: readonly View[],
  params: readonly number[],
  out: Tensor,
  dims: readonly number[],
): void => machine(out).kernels.reduce(kind, program, inputs, params, out, dims);
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
/** Verifies that all elements of an index lie in 0..size-1: at once, or by reads of what depends on it. @throws what `fail` gives */
export function checkIndices(index: Tensor, size: number, fail: (value: number) => Error): void {
  if (index.size > 0) machine(index).checkIndices(index, size, fail);
}
/** Copies a row-major tensor to one on another device without a stay on the host; false where the devices do not know how. */
export function copyAcross(out: Tensor, x: Tensor): boolean {
  if (x.size === 0) return false;
  catchUp("a transfer");
  const width = bytesOf(x.dtype);
  const [to, from] = [out.storage.backend, x.storage.backend];
  return to.copyFrom?.(from, x.buffer, x.offset * width, out.buffer, out.offset * width, x.nbytes) === true;
}
const ours = { owned: true } as const;
/** Bytes of elements, in row-major order, into a row-major tensor under construction. `owned`: nobody else will change them. */
export function writeBytes(out: Tensor, bytes: Uint8Array, owned = false): void {
  if (bytes.byteLength > 0)
    machine(out).write(out.buffer, bytes, out.offset * bytesOf(out.dtype), owned ? ours : undefined);
}
/** The run of a fast path on views of the device of `on`; `writes` are those of its inputs that it writes, too. */
export function runKernel(
  on: Tensor,
  op: string,
  kernel: FusedKernel,
  inputs: readonly View[],
  outputs: readonly View[],
  attrs: object,
  writes: readonly number[],
): void {
  if (context.tape === null) kernel.run(inputs, outputs, attrs);
  else context.tape.fused(on.storage.backend, op, kernel, inputs, outputs, attrs, writes);
}
