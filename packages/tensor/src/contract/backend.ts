import type { DType } from "../core/dtype.ts";
import type { Epilogues } from "./epilogue.ts";
import type { FusedKernels } from "./fused-ops.ts";
import type { LinearAlgebra } from "./linear-algebra.ts";
import type { Program } from "./program.ts";
import type { Buffer, View } from "./view.ts";

export type ReduceKind = "sum" | "prod" | "max" | "min" | "any" | "all";
export type ScanKind = "sum" | "prod" | "max" | "min" | "logsumexp";
export type ScatterMode = "set" | "add" | "mul" | "max" | "min";

/**
 * Calls of one backend take effect in the order in which they were made. There are no streams.
 *
 * The primitives every backend implements. Core has checked shapes, dtypes and devices: views are valid, sizes agree, index
 * values are range-checked (negative ones made positive) and outputs are allocated, row-major and do not overlap inputs unless said.
 */
export interface Kernels {
  /**
   * output[i] = program(inputs[0][i], ..., params). All views have the output's shape (strides are 0 along broadcast
   * dimensions). The output may be any strided view, also the same window as an input (in place).
   * `flat` promises that every view is row-major contiguous.
   */
  map(program: Program, inputs: readonly View[], params: readonly number[], output: View, flat: boolean): void;
  /**
   * Reduces program(inputs...) over `dims`. Inputs share one shape (broadcast by strides); `output` has that shape with 1 in
   * the reduced dims, is contiguous, and its dtype is `program.output`. Nothing reduced gives the neutral element
   * (sum 0, prod 1, any false, all true; core refuses max and min of nothing). max and min propagate NaN.
   */
  reduce(
    kind: ReduceKind,
    program: Program,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
    dims: readonly number[],
  ): void;
  /** Position (int32) along `dim` of the first maximum or minimum; a NaN counts as the extreme. Output has 1 at `dim`. */
  argReduce(kind: "max" | "min", input: View, output: View, dim: number): void;
  /** Running sum, product, maximum, minimum or log-sum-exp along `dim`. For max and min `indices` (int32) gets the position of the last extreme so far. */
  scan(kind: ScanKind, input: View, output: View, dim: number, indices?: View): void;
  /** output[b] = a[b] @ b[b]: a [batch, M, K], b [batch, K, N], output [batch, M, N] contiguous; strides of a and b express transposes and broadcast batches. */
  matmul(a: View, b: View, output: View): void;
  /** output[i][j][k] = input[i][index[i][j][k]][k] for dim 1, and so on: output has index's shape, which in all dims but `dim` is at most input's. index is int32 or int64. */
  gather(input: View, index: View, output: View, dim: number): void;
  /** target[i][index[i][j][k]][k] (mode)= source[i][j][k] for dim 1, and so on, in index order. `target` may be strided; `source` covers index's shape. */
  scatter(mode: ScatterMode, target: View, index: View, source: View, dim: number): void;
  /** Stable sort along the last dim; NaN counts as largest. `values` and `indices` (int32) are contiguous. */
  sort(input: View, values: View, indices: View, descending: boolean): void;
  /** Philox4x32-10 bits into an int32 view: element i is word i % 4 of counter (offset + floor(i / 4)). */
  random(output: View, seed: bigint, offset: bigint): void;
}
export type Primitive = keyof Kernels;

export interface MemoryStats {
  /** Bytes in live buffers. */
  readonly bytes: number;
  readonly peakBytes: number;
  /** Bytes held from the system, live or pooled. */
  readonly reservedBytes: number;
  readonly buffers: number;
  /** Bytes beyond which `alloc` fails; absent where only the device knows. Core asks for collections in time. */
  readonly limitBytes?: number;
}

export interface Backend {
  /**
   * The device: its kind, and behind a colon which one of that kind ("cpu", "webgpu", "cuda:1"). A kind alone means number 0.
   * Lower-case letters, digits and hyphens.
   */
  readonly name: string;
  readonly contract: 2;
  /** `bool` is always among them. All primitives work on all of them. */
  readonly dtypes: ReadonlySet<DType>;
  /** One line about what runs: threads, SIMD, adapter. */
  readonly info: string;
  readonly limits?: {
    /** Elements of one tensor or view, where that is less than 2^31 - 1. */
    readonly maxElements: number;
  };
  /** Throws MemoryError when there is no room; state is then as before. The memory holds anything. */
  alloc(byteLength: number): Buffer;
  /** The memory may be reused by later calls only: those before see it as it was. */
  free(buffer: Buffer): void;
  /** `owned`: nobody else has the bytes or will change them, so that they need no copy until they are sent. */
  write(buffer: Buffer, bytes: Uint8Array, offset?: number, options?: { readonly owned?: boolean }): void;
  /** A copy of the bytes as they are at the time of the call, whatever is written or freed before the promise settles. */
  read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array>;
  /** Absent where the platform cannot block. The result is a copy. Core calls it for values that users ask for, and no others. */
  readSync?(buffer: Buffer, offset: number, byteLength: number): Uint8Array;
  /**
   * Copies bytes from another device's buffer to one of its own without a stay on the host, where it knows how (peers; memory that
   * `native` of the other gives). False: nothing was done, and core reads and writes.
   */
  copyFrom?(
    source: Backend,
    from: Buffer,
    fromOffset: number,
    to: Buffer,
    toOffset: number,
    byteLength: number,
  ): boolean;
  /**
   * What the platform knows the memory as: a live Uint8Array on the cpu, a GPUBuffer, a pointer. Commands asked for before have been
   * sent. For interoperation: who writes there answers for it.
   */
  native?(buffer: Buffer): unknown;
  /** The platform's memory as a buffer that `free` lets go of and does not destroy. @throws ArgumentError for what it cannot use. */
  adopt?(native: unknown, byteLength: number): Buffer;
  readonly kernels: Kernels;
  /**
   * Whether `kernels.matmul` of half floats sums in float32 and rounds once, and is worth asking for: the op then hands them over as they are
   * stored. Otherwise it sees float32 in their place, and its result is rounded.
   */
  readonly halfProducts?: boolean;
  /** Fast paths by the name of the op that asks. A table of this backend's own: `registerKernel` changes it. */
  readonly fused?: FusedKernels;
  /** Kernels that can map their result as they store it. Compiled functions ask for them. */
  readonly epilogues?: Epilogues;
  /** Dense linear algebra of larger matrices, faster than core's own, for a device that can be read synchronously. */
  readonly linearAlgebra?: LinearAlgebra;
  /**
   * Verifies that every element of `index` (int32 or int64, any strides, not empty) lies in 0..size-1. Core calls it once for each index
   * tensor of an op, after negative positions were counted from the end where the op allows them, and before the kernels that use
   * the index.
   *
   * A device that can be read synchronously throws `fail(value)` at once, `value` being any one of the elements that lie outside. On
   * others the caller is not made to wait, and reads tell: what kernels compute with `index` from now on depends on the check, and so
   * does what is computed from that or written by it, in any part. A `read` of such memory rejects with `fail(value)`, each time, of
   * several failed checks with that of the first one asked for; all other reads go on, those of `index` too. Memory that is freed, or
   * overwritten as a whole with what depends on nothing, is as good as new. The check takes its place in the order of commands: `index`
   * may be freed or overwritten as soon as the call returns. Kernels that follow run all the same: they must not touch memory outside
   * their buffers, what they compute is unspecified. (A fused `crossEntropy` sees targets that nobody checked, here as on other
   * devices, and reports bad ones itself: its results depend on them.)
   */
  checkIndices(index: View, size: number, fail: (value: number) => Error): void;
  memory(): MemoryStats;
  flush?(): void;
  /**
   * Resolves when the device has caught up enough with what was asked of it. Who drives a loop that never reads (the data loader,
   * between batches) awaits it, so that the loop cannot run ahead of the device without bound. Absent where calls wait for the work.
   */
  pace?(): Promise<void>;
  /** True while a warm-up runs: kernels are compiled, nothing is computed. State made then holds no values, and must not be kept. */
  readonly warming?: boolean;
  /** Gives everything back. From then on `alloc`, `write` and `readSync` throw DeviceError, `read` rejects with it, and the rest does nothing. */
  dispose(): void | Promise<void>;
}
