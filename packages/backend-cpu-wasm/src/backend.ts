import {
  ArgumentError,
  type Backend,
  DeviceError,
  type DType,
  dtypes,
  type MemoryStats,
} from "@flambeau/tensor/functional";
import {
  type Buffer,
  checkOptions,
  type Epilogues,
  type FusedKernels,
  type Kernels,
  type Kinds,
  type LinearAlgebra,
  option,
  type View,
} from "@flambeau/tensor/plugin";
import type { CpuBuffer } from "./buffer.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import { addressable, noRoom } from "./engine/errors.ts";
import { linearAlgebra } from "./engine/linear-algebra.ts";
import type { InstructionSet } from "./engine/native.ts";
import { epilogues } from "./fused/epilogues.ts";
import { fusedKernels } from "./fused/index.ts";
import { outOfRange } from "./kernels/check.ts";
import { IndexedKernels } from "./kernels/indexed.ts";
import { LineKernels } from "./kernels/lines.ts";
import { MapKernels } from "./kernels/map.ts";
import { matmul } from "./kernels/matmul.ts";
import { RandomKernel } from "./kernels/random.ts";
import { ReduceKernels } from "./kernels/reduce.ts";
import { SortKernel } from "./kernels/sort.ts";
import { watchCalls, watchedEpilogues, watchedFused, watchedKernels } from "./watch.ts";

export interface CpuWasmOptions {
  /** Threads that kernels may use, the calling one included. Default: what the machine runs at once, at most 8. */
  readonly threads?: number | undefined;
  /**
   * Bytes that tensors and the work space of kernels may take, counted in blocks of whole multiples of 64; a request beyond gives a
   * MemoryError at once. The engine's own memory (kernels, 4 MiB of work area for each thread) comes on top.
   * Default: as much as WebAssembly can address.
   */
  readonly memoryLimit?: number | undefined;
  /**
   * Native kernels, which `@flambeau/cpu-native` brings to Node: "auto" takes those of the best instruction set that the processor has,
   * or names one; false computes in WebAssembly alone. Where there are none, everything runs in WebAssembly; `info` says what runs. Default "auto".
   */
  readonly native?: "auto" | InstructionSet | false | undefined;
  /**
   * For authors of kernels and for tests: puts guards around each block and poison (NaN, as floats) into memory that nobody has
   * written, and looks after each call whether the guards are whole. A kernel that writes outside its blocks is an Error that
   * names it and the block; one that reads outside gives NaN. Slower; guards count towards `memoryLimit`.
   * Default false.
   */
  readonly debug?: boolean | undefined;
}
const cpuWasmKinds: Kinds<CpuWasmOptions> = {
  threads: option.number,
  memoryLimit: option.number,
  native: option.either(option.oneOf("auto", "avx512", "avx2", "neon"), option.off),
  debug: option.boolean,
};

const maxSpareBuffers = 4096;

/** The CPU as a Flambeau backend: WebAssembly SIMD kernels on one or more threads, ready at once. */
export class CpuWasmBackend implements Backend {
  readonly name = "cpu";
  readonly contract = 2;
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);
  readonly kernels: Kernels;
  readonly fused: FusedKernels;
  readonly epilogues: Epilogues;
  readonly linearAlgebra: LinearAlgebra;
  readonly #engine: Engine;
  readonly #spare: CpuBuffer[] = [];
  readonly #mostSpare: number;
  #buffers = 0;
  #bytes = 0;
  #peak = 0;
  #disposed = false;

  constructor(options: CpuWasmOptions = {}) {
    checkOptions("cpuWasm", cpuWasmKinds, options);
    checkLimit(options.memoryLimit);
    const engine = createEngine({ ...options, native: options.native ?? "auto" });
    this.#engine = engine;
    const map = new MapKernels(engine);
    const reduce = new ReduceKernels(engine);
    const sort = new SortKernel(engine, map);
    const random = new RandomKernel(engine);
    const lines = new LineKernels(engine);
    const indexed = new IndexedKernels(engine);
    const fused = fusedKernels(engine);
    const kernels: Kernels = {
      map: (program, inputs, params, output, flat) => map.run(program, inputs, params, output, flat),
      reduce: (kind, program, inputs, params, output, dims) => reduce.run(kind, program, inputs, params, output, dims),
      argReduce: (kind, input, output, dim) => lines.argReduce(kind, input, output, dim),
      scan: (kind, input, output, dim, indices) => lines.scan(kind, input, output, dim, indices),
      matmul: (a, b, output) => matmul(engine, a, b, output),
      gather: (input, index, output, dim) => indexed.gather(input, index, output, dim),
      scatter: (mode, target, index, source, dim) => indexed.scatter(mode, target, index, source, dim),
      sort: (input, values, indices, descending) => sort.run(input, values, indices, descending),
      random: (output, seed, offset) => random.run(output, seed, offset),
    };
    const { guards } = engine;
    this.kernels = guards ? watchedKernels(guards, kernels) : kernels;
    this.fused = guards ? watchedFused(guards, fused) : fused;
    const ended = epilogues(engine, map);
    this.epilogues = guards ? watchedEpilogues(guards, ended) : ended;
    this.linearAlgebra = linearAlgebra(engine);
    // a handle that is used again would hide that it was freed
    this.#mostSpare = guards ? 0 : maxSpareBuffers;
    if (guards) watchCalls(guards, this);
  }

  get info(): string {
    return this.#engine.info;
  }

  /** Changes the number of threads that kernels use. Results do not depend on it. */
  setThreads(count: number): void {
    this.#engine.setThreads(count);
  }

  alloc(byteLength: number): Buffer {
    if (this.#disposed) throw disposed();
    const address = this.#engine.alloc(byteLength);
    if (address === 0) throw noRoom(byteLength, this.#bytes, this.#engine.memoryLimit);
    this.#buffers++;
    this.#bytes += byteLength;
    if (this.#bytes > this.#peak) this.#peak = this.#bytes;
    const buffer = this.#spare.pop();
    if (buffer === undefined) return { address, byteLength };
    buffer.address = address;
    buffer.byteLength = byteLength;
    return buffer;
  }

  free(buffer: Buffer): void {
    const block = buffer as CpuBuffer; // made by alloc
    const { address, byteLength } = block;
    if (address === 0) return;
    this.#buffers--;
    this.#bytes -= byteLength;
    block.address = 0;
    if (this.#spare.length < this.#mostSpare) this.#spare.push(block);
    this.#engine.free(address, byteLength);
  }

  write(buffer: Buffer, bytes: Uint8Array, offset = 0): void {
    if (this.#disposed) throw disposed();
    this.#engine.u8.set(bytes, (buffer as CpuBuffer).address + offset);
  }

  readSync(buffer: Buffer, offset: number, byteLength: number): Uint8Array {
    if (this.#disposed) throw disposed();
    const from = (buffer as CpuBuffer).address + offset;
    const copy = new Uint8Array(byteLength);
    copy.set(this.#engine.u8.subarray(from, from + byteLength));
    return copy;
  }

  async read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    return this.readSync(buffer, offset, byteLength);
  }

  copyFrom(
    source: Backend,
    from: Buffer,
    fromOffset: number,
    to: Buffer,
    toOffset: number,
    byteLength: number,
  ): boolean {
    if (!(#engine in source)) return false;
    const at = (from as CpuBuffer).address + fromOffset;
    this.write(to, source.#engine.u8.subarray(at, at + byteLength), toOffset);
    return true;
  }
  /** The bytes of a buffer where they are, until the next `alloc`, which may move all memory. */
  native(buffer: Buffer): Uint8Array {
    const { address, byteLength } = buffer as CpuBuffer; // made by alloc
    return this.#engine.u8.subarray(address, address + byteLength);
  }

  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    const found = outOfRange(this.#engine, index, size);
    if (found !== null) throw fail(found);
  }

  memory(): MemoryStats {
    return {
      bytes: this.#bytes,
      peakBytes: this.#peak,
      reservedBytes: this.#engine.heldBytes(),
      buffers: this.#buffers,
      limitBytes: Math.min(this.#engine.memoryLimit, addressable),
    };
  }

  /**
   * Looks at the guards around all live blocks; without `debug` there are none.
   *
   * @throws Error when something wrote outside its block since they were looked at last.
   */
  checkGuards(): void {
    this.#engine.guards?.checkAll();
  }

  dispose(): void {
    this.#disposed = true;
    this.#engine.dispose();
  }
}

const disposed = (): DeviceError =>
  new DeviceError("cpu: this backend was disposed", "registerBackend(cpuWasm()) makes another one");

function checkLimit(memoryLimit = Number.POSITIVE_INFINITY): void {
  if (!(memoryLimit > 0))
    throw new ArgumentError("cpuWasm", `memoryLimit must be a positive number of bytes, got ${memoryLimit}`);
}

/**
 * Makes the CPU backend.
 * @example
 * registerBackend(cpuWasm({ threads: 2 }));
 */
export function cpuWasm(options?: CpuWasmOptions): CpuWasmBackend {
  return new CpuWasmBackend(options);
}
