import {
  type Backend,
  type Buffer,
  type DType,
  dtypes,
  type FusedKernel,
  type Kernels,
  MemoryError,
  type MemoryStats,
} from "@flambeau/tensor/functional";
import type { CpuBuffer } from "./buffer.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import { fusedKernels } from "./fused/index.ts";
import { IndexedKernels } from "./kernels/indexed.ts";
import { LineKernels } from "./kernels/lines.ts";
import { MapKernels } from "./kernels/map.ts";
import { matmul } from "./kernels/matmul.ts";
import { RandomKernel } from "./kernels/random.ts";
import { ReduceKernels } from "./kernels/reduce.ts";
import { SortKernel } from "./kernels/sort.ts";

export interface CpuWasmOptions {
  /** Threads that kernels may use, the calling one included. Default: what the machine runs at once, at most 8. */
  readonly threads?: number;
}

const maxSpareBuffers = 4096;

/** The CPU as a Flambeau backend: WebAssembly SIMD kernels on one or more threads, ready at once. */
export class CpuWasmBackend implements Backend {
  readonly name = "cpu";
  readonly contract = 1;
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);
  readonly kernels: Kernels;
  readonly fused: Readonly<Record<string, FusedKernel>>;
  readonly #engine: Engine;
  readonly #spare: CpuBuffer[] = [];
  #buffers = 0;
  #bytes = 0;
  #peak = 0;

  constructor(options: CpuWasmOptions = {}) {
    const engine = createEngine(options);
    this.#engine = engine;
    this.fused = fusedKernels(engine);
    const map = new MapKernels(engine);
    const reduce = new ReduceKernels(engine);
    const sort = new SortKernel(engine, map);
    const random = new RandomKernel(engine);
    const lines = new LineKernels(engine);
    const indexed = new IndexedKernels(engine);
    this.kernels = {
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
  }

  get info(): string {
    return this.#engine.info;
  }

  /** Changes the number of threads that kernels use. Results do not depend on it. */
  setThreads(count: number): void {
    this.#engine.setThreads(count);
  }

  alloc(byteLength: number): Buffer {
    const address = this.#engine.alloc(byteLength);
    if (address === 0) throw this.#full(byteLength);
    this.#buffers++;
    this.#bytes += byteLength;
    if (this.#bytes > this.#peak) this.#peak = this.#bytes;
    const buffer = this.#spare.pop();
    if (buffer === undefined) return { address, byteLength };
    buffer.address = address;
    buffer.byteLength = byteLength;
    return buffer;
  }

  #full(byteLength: number): MemoryError {
    const limit = 65536 * 65536;
    return new MemoryError(
      `cpu: no room for ${byteLength} bytes: ${this.#bytes} bytes are in use, of ${limit} at most that WebAssembly can address`,
      "free tensors (tidy, memoryScope, dispose) or use smaller batches; leakReport() names what is alive",
    );
  }

  free(buffer: Buffer): void {
    const block = buffer as CpuBuffer; // made by alloc
    if (block.address === 0) return;
    this.#engine.free(block.address, block.byteLength);
    this.#buffers--;
    this.#bytes -= block.byteLength;
    block.address = 0;
    if (this.#spare.length < maxSpareBuffers) this.#spare.push(block);
  }

  write(buffer: Buffer, bytes: Uint8Array, offset = 0): void {
    this.#engine.u8.set(bytes, (buffer as CpuBuffer).address + offset);
  }

  readSync(buffer: Buffer, offset: number, byteLength: number): Uint8Array {
    const from = (buffer as CpuBuffer).address + offset;
    const copy = new Uint8Array(byteLength);
    copy.set(this.#engine.u8.subarray(from, from + byteLength));
    return copy;
  }

  async read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    return this.readSync(buffer, offset, byteLength);
  }

  memory(): MemoryStats {
    return {
      bytes: this.#bytes,
      peakBytes: this.#peak,
      reservedBytes: this.#engine.heldBytes(),
      buffers: this.#buffers,
    };
  }

  dispose(): void {
    this.#engine.dispose();
  }
}

/**
 * Makes the CPU backend.
 * @example
 * registerBackend(cpuWasm({ threads: 2 }));
 */
export function cpuWasm(options?: CpuWasmOptions): CpuWasmBackend {
  return new CpuWasmBackend(options);
}
