import type { MemoryStats } from "@flambeau/tensor";
import { type DeviceLostError, FlambeauError } from "@flambeau/tensor/functional";
import type { Pump } from "../dawn.ts";
import { Allocator } from "./allocator.ts";
import { Bindings } from "./bindings.ts";
import { Checks, type Fail } from "./checks.ts";
import * as errors from "./errors.ts";
import type { Kernel, KernelSource } from "./kernel.ts";
import { type Block, type DeviceBuffer, usage, words } from "./memory.ts";
import type { EngineCounters, EngineOptions } from "./options.ts";
import { Readers } from "./readers.ts";

/** Bytes of parameters a dispatch may have; WGSL's `p` in every kernel. */
export const paramBytes = 2048;
/** What adapters ask of a dynamic offset. */
const paramStep = 256;
/** Dispatches in a batch before it is submitted without being asked for. */
const batchLimit = 256;
const ringBytes = batchLimit * paramStep * 2;
const uploadBytes = 256 * 1024;
/** Batches on their way before `pace` waits, and before new work waits where the platform can block. */
const paceBatches = 4;
const blockBatches = 64;
/** Parameters, uploads, checks. */
const ownBuffers = 3;
/** A dispatch's workgroups in one dimension. */
const groupLimit = 65535;

/**
 * Records dispatches into one command encoder and submits them in batches: on a read, on `flush`, and when a batch is full.
 * The queue keeps their order, so a block freed by one command may be the output of the next.
 */
export class Engine {
  readonly device: GPUDevice;
  /** Where the parameters of the dispatch at hand go, as u32 or f32, from the index that `begin` gave. */
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  /** The blocks of the dispatch at hand: those it writes, then those it reads. */
  readonly blocks: Block[] = [];
  /** What kernels found to be out of range; the next read fails with it. */
  readonly checks: Checks;
  readonly #queue: GPUQueue;
  readonly #ring: GPUBuffer;
  readonly #staging: ArrayBuffer;
  #ringUsed = 0;
  readonly #offset = new Uint32Array(1);
  readonly #upload: GPUBuffer;
  readonly #uploads = new Uint8Array(uploadBytes);
  #uploadUsed = 0;
  readonly bindings: Bindings;
  readonly #readers: Readers;
  readonly #allocator: Allocator;
  readonly #options: EngineOptions;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #pipeline: GPUComputePipeline | null = null;
  #batch = 1;
  #dispatchesInBatch = 0;
  #dispatches = 0;
  #submits = 0;
  #pipelinesCompiled = 0;
  /** The last batch that the device is known to have finished. */
  #finished = 0;
  #lost: DeviceLostError | null = null;
  /** An error that the device reported after the fact; the next read rejects with it. */
  #failure: Error | null = null;
  /** While a warm-up runs: pipelines being compiled. Dispatches are dropped. */
  #warming: Map<Kernel, Promise<unknown>> | null = null;

  constructor(device: GPUDevice, options: EngineOptions) {
    this.device = device;
    this.#queue = device.queue;
    this.#options = options;
    this.#ring = device.createBuffer({
      label: "parameters",
      size: ringBytes + paramBytes,
      usage: usage.uniform | usage.copyTarget,
    });
    this.#staging = new ArrayBuffer(ringBytes + paramBytes);
    this.u32 = new Uint32Array(this.#staging);
    this.i32 = new Int32Array(this.#staging);
    this.f32 = new Float32Array(this.#staging);
    this.#upload = device.createBuffer({
      label: "uploads",
      size: uploadBytes,
      usage: usage.copySource | usage.copyTarget,
    });
    this.bindings = new Bindings(device, { buffer: this.#ring, size: paramBytes });
    this.#readers = new Readers(device);
    this.checks = new Checks(device);
    this.#allocator = new Allocator(this, options.memoryLimit);
    device.lost.then((info) => this.#loseDevice(info.reason, info.message));
    device.addEventListener("uncapturederror", (event) => this.#report((event as GPUUncapturedErrorEvent).error));
  }

  get counters(): EngineCounters {
    return {
      dispatches: this.#dispatches,
      submits: this.#submits,
      buffersCreated: ownBuffers + this.#allocator.created + this.#readers.created,
      pipelinesCompiled: this.#pipelinesCompiled,
    };
  }
  get batch(): number {
    return this.#batch;
  }
  get lost(): boolean {
    return this.#lost !== null;
  }

  // ---- memory

  alloc(byteLength: number): DeviceBuffer {
    this.#check();
    return this.#allocator.alloc(byteLength);
  }
  adopt(gpu: GPUBuffer, byteLength: number): DeviceBuffer {
    this.#check();
    return this.#allocator.adopt(gpu, byteLength);
  }
  free(buffer: DeviceBuffer): void {
    this.#allocator.free(buffer);
  }
  memory(): MemoryStats {
    return this.#allocator.memory();
  }

  /** Copies bytes to a block, in order with the commands around it. `offset` and the length are multiples of 4. */
  write(block: Block, offset: number, bytes: Uint8Array): void {
    this.#check();
    if (block.batch !== this.#batch) {
      // no command at hand refers to the block: the queue may write before them
      this.#queue.writeBuffer(block.gpu, offset, bytes as Uint8Array<ArrayBuffer>);
      return;
    }
    const size = bytes.byteLength;
    if (size > uploadBytes / 4) {
      this.submit();
      this.#queue.writeBuffer(block.gpu, offset, bytes as Uint8Array<ArrayBuffer>);
      return;
    }
    if (this.#uploadUsed + size > uploadBytes) this.submit();
    this.#uploads.set(bytes, this.#uploadUsed);
    this.#commands().copyBufferToBuffer(this.#upload, this.#uploadUsed, block.gpu, offset, size);
    this.#uploadUsed += size;
    block.batch = this.#batch;
  }

  /** Copies bytes between blocks, or inside one where the ranges are apart. Offsets and the length are multiples of 4. */
  copy(from: Block, fromOffset: number, to: Block, toOffset: number, size: number): void {
    this.#check();
    if (this.#warming !== null) return;
    this.#commands().copyBufferToBuffer(from.gpu, fromOffset, to.gpu, toOffset, size);
    from.batch = to.batch = this.#batch;
  }

  // ---- dispatches

  kernel(source: KernelSource): Kernel {
    const { label, code, reads, writes } = source;
    return {
      label,
      code,
      layout: Bindings.layout(writes.length, reads.length),
      blocks: writes.length + reads.length,
      pipeline: null,
    };
  }

  #descriptor(kernel: Kernel): GPUComputePipelineDescriptor {
    const { label, code, layout } = kernel;
    return {
      label,
      layout: this.bindings.pipelineLayout(layout),
      compute: { module: this.device.createShaderModule({ label, code }), entryPoint: "main" },
    };
  }

  #compile(kernel: Kernel): GPUComputePipeline {
    this.#pipelinesCompiled++;
    return (kernel.pipeline = this.device.createComputePipeline(this.#descriptor(kernel)));
  }

  /**
   * Room for the parameters of one dispatch of `words` words; gives the index of the first. The caller fills them, and `blocks`, and
   * dispatches before it does anything else with the engine: `alloc` may submit, which starts the room anew.
   */
  begin(words: number): number {
    if (this.#lost !== null || this.#failure !== null) this.#check();
    if (this.#ringUsed + words * 4 > ringBytes) this.submit();
    return this.#ringUsed >> 2;
  }

  /** Runs a kernel on a line of workgroups, folded where it is too long for one dimension: `p[0].x` is the fold's width. */
  dispatchLine(kernel: Kernel, at: number, words: number, groups: number): void {
    const rows = Math.ceil(groups / groupLimit);
    const width = Math.ceil(groups / rows);
    this.u32[at] = width;
    this.dispatch(kernel, words, width, rows, 1);
  }

  /** Runs a kernel on the parameters begun last and on `blocks`. */
  dispatch(kernel: Kernel, words: number, x: number, y: number, z: number): void {
    if (this.#warming !== null) {
      this.#warm(kernel, this.#warming);
      return;
    }
    if (y > groupLimit || z > groupLimit || x > groupLimit)
      throw new FlambeauError(`webgpu: ${kernel.label} needs more workgroups than a dispatch has: ${x}x${y}x${z}`);
    const pipeline = kernel.pipeline ?? this.#compile(kernel);
    const { blocks } = this;
    const group = this.bindings.group(kernel.layout, blocks, kernel.blocks);
    const pass = this.#pass ?? this.#openPass();
    if (pipeline !== this.#pipeline) pass.setPipeline((this.#pipeline = pipeline));
    this.#offset[0] = this.#ringUsed;
    pass.setBindGroup(0, group, this.#offset, 0, 1);
    pass.dispatchWorkgroups(x, y, z);
    this.#ringUsed += Math.ceil((words * 4) / paramStep) * paramStep;
    const batch = this.#batch;
    for (let i = 0; i < kernel.blocks; i++) blocks[i].batch = batch;
    this.#dispatches++;
    if (++this.#dispatchesInBatch >= batchLimit) this.submit();
  }

  #openPass(): GPUComputePassEncoder {
    this.#encoder ??= this.device.createCommandEncoder();
    this.#pipeline = null;
    return (this.#pass = this.#encoder.beginComputePass());
  }

  /** The encoder, outside of a pass. */
  #commands(): GPUCommandEncoder {
    if (this.#pass !== null) {
      this.#pass.end();
      this.#pass = null;
    }
    return (this.#encoder ??= this.device.createCommandEncoder());
  }

  readonly #workDone = () => this.#queue.onSubmittedWorkDone();

  /** Sends what was recorded to the device. */
  submit(): void {
    const encoder = this.#encoder;
    if (encoder === null) return;
    if (this.#pass !== null) this.#pass.end();
    const commands = encoder.finish();
    this.#pass = null;
    this.#encoder = null;
    if (this.#ringUsed > 0) this.#queue.writeBuffer(this.#ring, 0, this.#staging, 0, this.#ringUsed);
    if (this.#uploadUsed > 0)
      this.#queue.writeBuffer(this.#upload, 0, this.#uploads, 0, Math.ceil(this.#uploadUsed / 4) * 4);
    this.#queue.submit([commands]);
    this.#ringUsed = 0;
    this.#uploadUsed = 0;
    this.#dispatchesInBatch = 0;
    this.#submits++;
    const batch = this.#batch++;
    this.later(this.#workDone).then(
      () => {
        if (batch > this.#finished) this.#finished = batch;
      },
      () => {}, // the device is lost: its own promise says so
    );
    if (this.#batch % 16 === 0) this.#allocator.trim();
    const { pump } = this.#options;
    if (pump !== null && batch - this.#finished > blockBatches) this.#catchUp(pump);
  }

  /** Blocks until the device has finished what was submitted. Promises do not settle meanwhile: a fence buffer is mapped. */
  #catchUp(pump: Pump): void {
    const fence = this.#readers.take(4);
    pump.call(() => fence.mapAsync(1)).catch(() => {}); // its state says so
    pump.wait(fence);
    if (fence.mapState === "mapped") this.#readers.give(fence);
    this.#finished = this.#batch - 1;
  }

  /** Waits while the device is more than a few batches behind. */
  async pace(): Promise<void> {
    if (this.#batch - 1 - this.#finished > paceBatches && this.#lost === null)
      await this.#settle(() => this.#queue.onSubmittedWorkDone()).catch(() => {}); // the device is lost: the next call says so
  }

  // ---- reads

  async read(block: Block, offset: number, byteLength: number): Promise<Uint8Array> {
    this.#check();
    const { reader, from, fails } = this.#copyOut(block, offset, byteLength);
    try {
      await this.#settle(() => reader.mapAsync(1));
    } catch (error) {
      throw await this.#reasonOf(error);
    }
    const bytes = this.#take(reader, from, byteLength, fails);
    this.#check();
    return bytes;
  }

  readSync(block: Block, offset: number, byteLength: number, pump: Pump): Uint8Array {
    this.#check();
    const { reader, from, fails } = this.#copyOut(block, offset, byteLength);
    pump.call(() => reader.mapAsync(1)).catch(() => {}); // its state says so
    pump.wait(reader);
    if (reader.mapState === "pending") throw errors.cannotWait();
    if (reader.mapState !== "mapped")
      // promises do not settle in here, so the loss may not be known yet; nothing else makes such a request fail
      throw this.#lost ?? errors.lost("it did not give the bytes of a tensor");
    const bytes = this.#take(reader, from, byteLength, fails);
    this.#check();
    return bytes;
  }

  /** The bytes asked for, in a buffer that can be mapped; before them what checks have found, where there were some. */
  #copyOut(
    block: Block,
    offset: number,
    byteLength: number,
  ): { reader: GPUBuffer; from: number; fails: readonly Fail[] | null } {
    const start = offset - (offset % 4);
    const size = words(offset + byteLength - start);
    const fails = this.checks.take();
    const before = fails === null ? 0 : 8;
    const reader = this.#readers.take(before + size);
    const commands = this.#commands();
    if (fails !== null) {
      const found = this.checks.block;
      commands.copyBufferToBuffer(found.gpu, 0, reader, 0, before);
      commands.clearBuffer(found.gpu, 0, before);
      found.batch = this.#batch;
    }
    commands.copyBufferToBuffer(block.gpu, start, reader, before, size);
    block.batch = this.#batch;
    this.submit();
    return { reader, from: before + offset - start, fails };
  }
  #take(reader: GPUBuffer, from: number, byteLength: number, fails: readonly Fail[] | null): Uint8Array {
    const mapped = reader.getMappedRange(0, words(from + byteLength));
    const bytes = new Uint8Array(mapped).slice(from, from + byteLength);
    const [check, value] = fails === null ? [0, 0] : new Int32Array(mapped, 0, 2);
    this.#readers.give(reader);
    if (fails !== null && check > 0) throw fails[check - 1](value);
    return bytes;
  }

  /** What the platform promised; in Node somebody must see to it that it happens. */
  #settle<T>(fn: () => Promise<T>): Promise<T> {
    const { pump } = this.#options;
    return pump === null ? fn() : pump.settle(fn);
  }
  /** The same for a promise that nobody awaits. */
  later<T>(fn: () => Promise<T>): Promise<T> {
    const { pump } = this.#options;
    return pump === null ? fn() : pump.call(fn);
  }

  // ---- what can go wrong

  /** Throws what the device has reported since the last call. */
  #check(): void {
    if (this.#lost !== null) throw this.#lost;
    const failure = this.#failure;
    if (failure !== null) {
      this.#failure = null;
      throw failure;
    }
  }
  /** Makes the next read, or the next call, fail. */
  fail(error: Error): void {
    this.#failure ??= error;
  }
  #report(error: GPUError): void {
    if (this.#lost === null) this.fail(errors.refused(error));
  }
  #loseDevice(reason: string, message: string): void {
    this.#lost ??= errors.lost([reason, message].filter((s) => s && s !== "unknown").join(": ") || "no reason given");
  }
  /** Why a read failed: the loss of the device, once it is known, else what was thrown. */
  async #reasonOf(error: unknown): Promise<Error> {
    if (this.#lost === null) await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 200))]);
    if (this.#lost !== null) return this.#lost;
    return error instanceof Error ? error : new FlambeauError(`webgpu: a read failed (${String(error)})`);
  }

  // ---- warm-up

  #warm(kernel: Kernel, pending: Map<Kernel, Promise<unknown>>): void {
    if (kernel.pipeline !== null || pending.has(kernel)) return;
    this.#pipelinesCompiled++;
    const descriptor = this.#descriptor(kernel);
    const made = this.later(() => this.device.createComputePipelineAsync(descriptor)).then((pipeline) => {
      kernel.pipeline ??= pipeline;
    });
    made.catch(() => {}); // warmUp awaits it, unless the function throws before
    pending.set(kernel, made);
  }
  get warming(): boolean {
    return this.#warming !== null;
  }
  /** Runs `fn` without doing its dispatches and waits for the pipelines that they need, which compile at the same time. */
  async warmUp(fn: () => unknown): Promise<void> {
    this.#check();
    const pending = new Map<Kernel, Promise<unknown>>();
    this.#warming = pending;
    try {
      if (fn() instanceof Promise)
        throw new FlambeauError(
          "warmUp: the function returned a promise, and what follows an await would be computed",
          "pass the synchronous part: await gpu.warmUp(() => void step())",
        );
    } finally {
      this.#warming = null;
    }
    try {
      await this.#settle(() => Promise.all(pending.values()));
    } catch (error) {
      throw await this.#reasonOf(error);
    }
  }

  dispose(): void {
    this.#readers.clear();
    this.#lost ??= errors.disposed();
    if (!this.#options.foreignDevice) this.device.destroy();
  }
}
