import type { Backend, DType, MemoryStats } from "@flambeau/tensor";
import { dtypes } from "@flambeau/tensor/functional";
import type { Buffer, Epilogues, FusedKernels, Kernels, View } from "@flambeau/tensor/plugin";
import type { DeviceBuffer } from "./engine/allocator.ts";
import { Engine, type EngineOptions } from "./engine/engine.ts";
import { epilogueKernels } from "./fused/epilogues.ts";
import { fusedKernels } from "./fused/index.ts";
import { Findings } from "./kernels/findings.ts";
import { checkIndices, gather } from "./kernels/indexed.ts";
import { argReduce } from "./kernels/lines.ts";
import { map } from "./kernels/map.ts";
import { matmul } from "./kernels/matmul.ts";
import { random } from "./kernels/random.ts";
import { reduce } from "./kernels/reduce.ts";
import { scan } from "./kernels/scan.ts";
import { scatter } from "./kernels/scatter.ts";
import { sort } from "./kernels/sort.ts";

const nothing = (): Uint8Array => new Uint8Array(0);

/** An NVIDIA card as a Flambeau backend: kernels compiled ahead of time, one stream, memory from a pool. Made by `cudaNative`. */
export class CudaBackend implements Backend {
  readonly name: string;
  readonly contract = 2;
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);
  readonly kernels: Kernels;
  readonly halfProducts = true;
  readonly fused: FusedKernels;
  readonly epilogues: Epilogues;
  readonly #info: () => string;
  readonly #engine: Engine;
  readonly #findings: Findings;

  /** @internal */
  constructor(options: EngineOptions, info: () => string) {
    this.name = options.device;
    this.#info = info;
    const engine = new Engine(options);
    this.#engine = engine;
    this.#findings = new Findings(engine);
    this.fused = fusedKernels(engine, this.#findings);
    this.epilogues = epilogueKernels(engine);
    this.kernels = {
      map: (program, inputs, params, output) => map(engine, program, inputs, params, output),
      reduce: (kind, program, inputs, params, output, dims) =>
        reduce(engine, kind, program, inputs, params, output, dims),
      argReduce: (kind, input, output, dim) => argReduce(engine, kind, input, output, dim),
      scan: (kind, input, output, dim, indices) => scan(engine, kind, input, output, dim, indices),
      matmul: (a, b, output) => matmul(engine, a, b, output),
      gather: (input, index, output, dim) => gather(engine, input, index, output, dim),
      scatter: (mode, target, index, source, dim) => scatter(engine, mode, target, index, source, dim),
      sort: (input, values, indices, descending) => sort(engine, input, values, indices, descending),
      random: (output, seed, offset) => random(engine, output, seed, offset),
    };
  }

  /** The card, the driver, and what the libraries that were found are used for. */
  get info(): string {
    return this.#info();
  }

  alloc(byteLength: number): Buffer {
    return this.#engine.alloc(byteLength);
  }
  free(buffer: Buffer): void {
    this.#engine.free(buffer as DeviceBuffer); // made by alloc
  }
  write(buffer: Buffer, bytes: Uint8Array, offset = 0): void {
    this.#engine.write((buffer as DeviceBuffer).pointer + offset, bytes);
  }
  /** Waits for the device without blocking the program. */
  async read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    const from = (buffer as DeviceBuffer).pointer + offset;
    return byteLength === 0 ? nothing() : this.#engine.read(from, byteLength);
  }
  readSync(buffer: Buffer, offset: number, byteLength: number): Uint8Array {
    const from = (buffer as DeviceBuffer).pointer + offset;
    return byteLength === 0 ? nothing() : this.#engine.readSync(from, byteLength);
  }
  /** The address of a buffer in the card's memory, as a number. */
  native(buffer: Buffer): number {
    return (buffer as DeviceBuffer).pointer;
  }

  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    const found = checkIndices(this.#engine, this.#findings, index, size);
    if (found !== null) throw fail(found);
  }
  memory(): MemoryStats {
    return this.#engine.allocator.memory();
  }
  dispose(): void {
    this.#engine.dispose();
  }
}
