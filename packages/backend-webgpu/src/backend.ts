import type { Backend, DType, MemoryStats } from "@flambeau/tensor";
import { ArgumentError, defaultGenerator, UnavailableError } from "@flambeau/tensor/functional";
import {
  type Buffer,
  checkOptions,
  compileProgram,
  type Epilogues,
  type FusedKernels,
  input,
  type Kernels,
  type Kinds,
  option,
  type View,
} from "@flambeau/tensor/plugin";
import { type AdapterOptions, findAdapter, inNode, openDevice } from "./adapter.ts";
import type { Pump } from "./dawn.ts";
import { Engine } from "./engine/engine.ts";
import { blockOf, type DeviceBuffer, renew, usage } from "./engine/memory.ts";
import type { EngineCounters } from "./engine/options.ts";
import { isSoftware } from "./engine/software.ts";
import { fusedKernels } from "./fused/index.ts";
import { ArgReduceKernel } from "./kernels/arg-reduce.ts";
import { CheckKernel } from "./kernels/check.ts";
import { GatherKernel } from "./kernels/gather.ts";
import { Gemm } from "./kernels/gemm/gemm.ts";
import { MapKernel } from "./kernels/map.ts";
import { MatmulKernel } from "./kernels/matmul.ts";
import { RandomKernel } from "./kernels/random.ts";
import { ReduceKernel } from "./kernels/reduce.ts";
import { ScanKernel } from "./kernels/scan.ts";
import { ScatterKernel } from "./kernels/scatter.ts";
import { SortKernel } from "./kernels/sort.ts";
import type { PlatformBuffer, PlatformDevice } from "./platform.ts";
import { gpuDTypes } from "./wgsl/types.ts";

export interface WebGpuOptions extends AdapterOptions {
  /** Bytes that the backend may hold; a request beyond gives a MemoryError at once. Default: as much as the device gives. */
  readonly memoryLimit?: number | undefined;
  /**
   * Lets `item()`, `tolist()` and the ops that need values on the host wait for the device. Only in Node, where it is possible;
   * programs that shall run in a browser use `await x.itemAsync()`. Default false.
   */
  readonly syncReads?: boolean | undefined;
}
const webGpuKinds: Kinds<WebGpuOptions> = {
  gpu: option.object,
  powerPreference: option.oneOf("low-power", "high-performance"),
  device: option.object,
  memoryLimit: option.number,
  syncReads: option.boolean,
};

/** WebGPU as a Flambeau backend: kernels in WGSL, commands sent in batches, memory from a pool. Made by {@link webgpu}. */
export class WebGpuBackend implements Backend {
  readonly name = "webgpu";
  readonly contract = 2;
  readonly dtypes: ReadonlySet<DType> = new Set(gpuDTypes);
  readonly info: string;
  readonly device: PlatformDevice;
  readonly kernels: Kernels;
  readonly fused: FusedKernels;
  readonly epilogues: Epilogues;
  /** Only with `syncReads`. */
  readonly readSync?: (buffer: Buffer, offset: number, byteLength: number) => Uint8Array;
  readonly #engine: Engine;
  readonly #check: CheckKernel;
  readonly #copyBytes = compileProgram(input(0), ["uint8"], 0, "int32", "uint8");

  /** @internal */
  constructor(device: GPUDevice, info: string, options: WebGpuOptions, pump: Pump | null) {
    this.device = device;
    this.info = info;
    const engine = new Engine(device, {
      memoryLimit: options.memoryLimit ?? Number.POSITIVE_INFINITY,
      pump,
      foreignDevice: options.device !== undefined,
    });
    this.#engine = engine;
    this.#check = new CheckKernel(engine);
    const map = new MapKernel(engine);
    const gemm = new Gemm(engine, isSoftware(device));
    const matmul = new MatmulKernel(engine, gemm);
    const gather = new GatherKernel(engine);
    const scatter = new ScatterKernel(engine);
    const reduce = new ReduceKernel(engine);
    const random = new RandomKernel(engine);
    const argReduce = new ArgReduceKernel(engine);
    const scan = new ScanKernel(engine);
    const sort = new SortKernel(engine);
    this.kernels = {
      map: (program, inputs, params, output, flat) => map.run(program, inputs, params, output, flat),
      reduce: (kind, program, inputs, params, output, dims) => reduce.run(kind, program, inputs, params, output, dims),
      random: (output, seed, offset) => random.run(output, seed, offset),
      argReduce: (kind, input, output, dim) => argReduce.run(kind, input, output, dim),
      scan: (kind, input, output, dim, indices) => scan.run(kind, input, output, dim, indices),
      sort: (input, values, indices, descending) => sort.run(input, values, indices, descending),
      matmul: (a, b, output) => matmul.run(a, b, output),
      gather: (input, index, output, dim) => gather.run(input, index, output, dim),
      scatter: (mode, target, index, source, dim) => scatter.run(mode, target, index, source, dim),
    };
    const { fused, epilogues } = fusedKernels(engine, gemm);
    this.fused = fused;
    this.epilogues = { matmul: matmul.epilogue, ...epilogues };
    if (pump && options.syncReads)
      this.readSync = (buffer, offset, byteLength) =>
        byteLength === 0 ? new Uint8Array(0) : engine.readSync(blockOf(buffer), offset, byteLength, pump);
  }

  /** What was asked of WebGPU so far: dispatches, submits, buffers, pipelines. */
  get counters(): EngineCounters {
    return this.#engine.counters;
  }

  alloc(byteLength: number): Buffer {
    return this.#engine.alloc(byteLength);
  }
  free(buffer: Buffer): void {
    this.#engine.free(buffer as DeviceBuffer); // made by alloc
  }

  write(buffer: Buffer, bytes: Uint8Array, offset = 0): void {
    if (bytes.byteLength === 0) return;
    const block = blockOf(buffer);
    if (block.care !== null && bytes.byteLength === (buffer as DeviceBuffer).byteLength) renew(block);
    if (offset % 4 === 0 && bytes.byteLength % 4 === 0) this.#engine.write(block, offset, bytes);
    else this.#writeUnaligned(buffer, bytes, offset);
  }
  /** WebGPU writes whole words: bytes that share one with what is there already go through a kernel that keeps the others. */
  #writeUnaligned(buffer: Buffer, bytes: Uint8Array, offset: number): void {
    const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
    padded.set(bytes);
    if (offset === 0 && bytes.byteLength === (buffer as DeviceBuffer).byteLength) {
      this.#engine.write(blockOf(buffer), 0, padded);
      return;
    }
    const source = this.alloc(padded.byteLength);
    this.#engine.write(blockOf(source), 0, padded);
    const shape = [bytes.byteLength];
    const from: View = { buffer: source, dtype: "uint8", offset: 0, shape, strides: [1] };
    this.kernels.map(this.#copyBytes, [from], [], { ...from, buffer, offset }, false);
    this.free(source);
  }

  async read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    return byteLength === 0 ? new Uint8Array(0) : this.#engine.read(blockOf(buffer), offset, byteLength);
  }

  /** Memory of the cpu goes to the device from where it lies. */
  copyFrom(
    source: Backend,
    from: Buffer,
    fromOffset: number,
    to: Buffer,
    toOffset: number,
    byteLength: number,
  ): boolean {
    if (source.name !== "cpu" || !source.native) return false;
    const bytes = source.native(from);
    if (!(bytes instanceof Uint8Array)) return false;
    this.write(to, bytes.subarray(fromOffset, fromOffset + byteLength), toOffset);
    return true;
  }
  /** The GPUBuffer in which a buffer lies, from its start on; it may be longer. What was asked for before has been submitted. */
  native(buffer: Buffer): PlatformBuffer {
    this.#engine.submit();
    return blockOf(buffer).gpu;
  }
  /** A GPUBuffer of this device, made with STORAGE, COPY_SRC and COPY_DST, as memory for tensors. Freeing does not destroy it. */
  adopt(native: unknown, byteLength: number): Buffer {
    const gpu = native as Partial<GPUBuffer> | null; // looked at below
    const wanted = usage.storage | usage.copySource | usage.copyTarget;
    if (typeof gpu !== "object" || gpu === null || typeof gpu.size !== "number" || typeof gpu.usage !== "number")
      throw new ArgumentError("webgpu", "adopt needs a GPUBuffer");
    if ((gpu.usage & wanted) !== wanted)
      throw new ArgumentError("webgpu", "a GPUBuffer for tensors needs the usages STORAGE, COPY_SRC and COPY_DST");
    if (gpu.size < Math.ceil(byteLength / 4) * 4)
      throw new ArgumentError(
        "webgpu",
        `the GPUBuffer has ${gpu.size} bytes, the tensor needs ${byteLength} (in whole words)`,
      );
    return this.#engine.adopt(gpu as GPUBuffer, byteLength);
  }

  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    this.#check.run(index, size, fail);
  }

  /** Sends what was asked so far to the device; reads do it by themselves. */
  flush(): void {
    this.#engine.submit();
  }
  pace(): Promise<void> {
    return this.#engine.pace();
  }
  /**
   * Compiles, without blocking, what `fn` needs: runs it without computing anything and waits for its pipelines. Parameters, the
   * state of optimizers and the generator stay as they are; tensors that `fn` makes, gradients too, hold no values.
   *
   * @throws FlambeauError when `fn` is asynchronous.
   */
  async warmUp(fn: () => unknown): Promise<void> {
    const before = defaultGenerator.getState();
    const compiled = this.#engine.warmUp(fn);
    defaultGenerator.setState(before);
    await compiled;
  }
  get warming(): boolean {
    return this.#engine.warming;
  }

  memory(): MemoryStats {
    return this.#engine.memory();
  }
  dispose(): void {
    this.#engine.dispose();
  }
}

async function make(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  checkOptions("webgpu", webGpuKinds, options);
  const { memoryLimit = Number.POSITIVE_INFINITY } = options;
  if (!(memoryLimit > 0))
    throw new ArgumentError("webgpu", `memoryLimit must be a positive number of bytes, got ${memoryLimit}`);
  if (options.syncReads && !inNode()) throw noSyncReads();
  const { device, pump, name } = await openDevice(options);
  if (options.syncReads && pump === null) {
    if (!options.device) device.destroy();
    throw noSyncReads();
  }
  const largest = Math.round(device.limits.maxBufferSize / 2 ** 20);
  const info = `${name}, buffers up to ${largest} MiB${options.syncReads ? ", synchronous reads" : ""}`;
  return new WebGpuBackend(device, info, options, pump);
}

const noSyncReads = (): UnavailableError =>
  new UnavailableError(
    "webgpu: this platform cannot wait for the device, so there are no synchronous reads",
    "leave syncReads out, and write: await x.data(), await x.itemAsync()",
  );

/** Why WebGPU cannot be used here, or null when it can. */
async function unavailableReason(options: WebGpuOptions = {}): Promise<string | null> {
  checkOptions("webgpu", webGpuKinds, options); // those that the backend will be made with
  try {
    await findAdapter(options);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Makes the WebGPU backend: in a browser on `navigator.gpu`, in Node on the npm package `webgpu`.
 * `webgpu.isAvailable()` tells beforehand whether it can, `webgpu.unavailableReason()` why not.
 *
 * @throws UnavailableError when there is no WebGPU or no adapter; the message says why and what to do.
 * @example
 * // doctest: skip, it needs a GPU
 * import { registerBackend, tensor } from "flambeau";
 * import { webgpu } from "@flambeau/backend-webgpu";
 * registerBackend(await webgpu());
 * const x = tensor([1, 2, 3], { device: "webgpu" });
 * console.log(await x.mul(2).data()); // Float32Array [2, 4, 6]
 */
export const webgpu: {
  (options?: WebGpuOptions): Promise<WebGpuBackend>;
  isAvailable(options?: AdapterOptions): Promise<boolean>;
  unavailableReason(options?: AdapterOptions): Promise<string | null>;
} = Object.assign(make, {
  isAvailable: async (options?: AdapterOptions) => (await unavailableReason(options)) === null,
  unavailableReason,
});
