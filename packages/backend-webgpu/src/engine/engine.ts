import type { MemoryStats } from "@flambeau/tensor";
import { type DeviceLostError, FlambeauError } from "@flambeau/tensor/functional";
import type { Pump } from "../dawn.ts";
import { Allocator, large } from "./allocator.ts";
import { Bindings } from "./bindings.ts";
import { Care, causes, type Doubt, type Doubts, firstError, join } from "./doubts.ts";
import * as errors from "./errors.ts";
import { Findings, type FindingsHost, Found, type Notes, settle } from "./findings.ts";
import type { Kernel, KernelSource } from "./kernel.ts";
import { type Block, type DeviceBuffer, type Proof, usage, words } from "./memory.ts";
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
/** Parameters, uploads. */
const ownBuffers = 2;
/** Pipelines kept; the quarter of them that was not used for longest goes when there are more. */
const pipelineLimit = 512;
/** A dispatch's workgroups in one dimension. */
const groupLimit = 65535;

/** Bytes on their way to the host. */
interface Copy {
  readonly reader: GPUBuffer;
  readonly from: number;
  readonly notes: readonly Notes[];
  /** What the bytes depended on when they were asked for. */
  readonly doubts: ReadonlySet<Doubt>;
  /** What the device says of a copy that it may have no room for. */
  readonly said: Promise<GPUError | null> | null;
}

const isProof = (doubt: Doubt): doubt is Proof => "known" in doubt;
function proofsOf(blocks: readonly Block[]): Proof[] {
  const proofs: Proof[] = [];
  for (const { proof } of blocks) if (proof !== null) proofs.push(proof);
  return proofs;
}
/** From now on `doubts` hold for what is in a block, and what held already. */
export function doubtContents(block: Block, doubts: Doubts | null): void {
  if (doubts === null) {
    if (block.care?.empty) block.care = null;
    return;
  }
  // not the pages in which doubts are settled
  if (block.id < 0) return;
  block.care ??= new Care();
  block.care.doubts = join(block.care.doubts, doubts);
}

/**
 * Records dispatches into one command encoder and submits them in batches: on a read, on `flush`, and when a batch is full.
 * The queue keeps their order, so a block freed by one command may be the output of the next.
 */
export class Engine implements FindingsHost {
  readonly device: GPUDevice;
  /** Where the parameters of the dispatch at hand go, as u32 or f32, from the index that `begin` gave. */
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  /** The blocks of the dispatch at hand: those it writes, then those it reads. */
  readonly blocks: Block[] = [];
  /** What kernels find to be out of range. */
  readonly findings: Findings;
  /** While a kernel runs that uses an index: into how many elements. Else -1. */
  indexSize = -1;
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
  /** Kernels that have a pipeline. */
  #compiled: Kernel[] = [];
  /** What waits for the next submission, to be mapped then. */
  #collected: { reader: GPUBuffer; byteLength: number; then: (words: Int32Array) => void }[] = [];
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
    this.findings = new Findings(this);
    this.#allocator = new Allocator(this, options.memoryLimit);
    device.lost.then((info) => this.#loseDevice(info.reason, info.message));
    device.addEventListener("uncapturederror", (event) => this.#report((event as GPUUncapturedErrorEvent).error));
  }

  get counters(): EngineCounters {
    return {
      dispatches: this.#dispatches,
      submits: this.#submits,
      buffersCreated: ownBuffers + this.#allocator.created + this.#readers.created + this.findings.made,
      pipelinesCompiled: this.#pipelinesCompiled,
      pipelines: this.#compiled.length,
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
    if (block.proof !== null)
      this.#alone(() => this.#queue.writeBuffer(block.gpu, offset, bytes as Uint8Array<ArrayBuffer>), [block.proof]);
    else if (block.batch !== this.#batch) {
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
    this.commands().copyBufferToBuffer(this.#upload, this.#uploadUsed, block.gpu, offset, size);
    this.#uploadUsed += size;
    block.batch = this.#batch;
  }

  /** Copies bytes between blocks, or inside one where the ranges are apart. Offsets and the length are multiples of 4. */
  copy(from: Block, fromOffset: number, to: Block, toOffset: number, size: number): void {
    this.#check();
    if (this.#warming !== null) return;
    const record = (): void => {
      this.commands().copyBufferToBuffer(from.gpu, fromOffset, to.gpu, toOffset, size);
      from.batch = to.batch = this.#batch;
    };
    if (from.care !== null) doubtContents(to, from.care.passedOn(-1));
    const proofs = proofsOf([from, to]);
    if (proofs.length > 0) this.#alone(record, proofs);
    else record();
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
      used: 0,
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
    this.#keep(kernel);
    return (kernel.pipeline = this.device.createComputePipeline(this.#descriptor(kernel)));
  }
  /** Pipelines are large, and a program with ever new shapes of expressions makes ever more. */
  #keep(kernel: Kernel): void {
    kernel.used = this.#batch;
    if (this.#compiled.length >= pipelineLimit) {
      const oldest = this.#compiled.sort((a, b) => a.used - b.used).splice(0, pipelineLimit / 4);
      for (const old of oldest) old.pipeline = null;
    }
    this.#compiled.push(kernel);
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
    const { blocks } = this;
    for (let i = 0; i < kernel.blocks; i++)
      if (blocks[i].care !== null) {
        this.#dispatchInDoubt(kernel, words, x, y, z);
        return;
      }
    this.#record(kernel, words, x, y, z);
  }

  /** Some of the blocks are in doubt: so is what is written, then. */
  #dispatchInDoubt(kernel: Kernel, words: number, x: number, y: number, z: number): void {
    const { blocks } = this;
    let doubts: Doubts | null = null;
    for (let i = 0; i < kernel.blocks; i++) {
      const { care } = blocks[i];
      if (care !== null) doubts = join(doubts, care.passedOn(this.indexSize));
    }
    const writes = Bindings.writes(kernel.layout);
    for (let i = 0; i < writes; i++) doubtContents(blocks[i], doubts);
    for (let i = writes; i < kernel.blocks; i++) if (blocks[i].care?.empty) blocks[i].care = null;
    const proofs = proofsOf(blocks.slice(0, kernel.blocks));
    if (proofs.length === 0) {
      this.#record(kernel, words, x, y, z);
      return;
    }
    const from = this.#ringUsed >> 2;
    this.#alone(() => {
      this.u32.copyWithin(0, from, from + words);
      this.#record(kernel, words, x, y, z);
    }, proofs);
  }

  /**
   * Does what may fail for want of memory in a submission of its own, so that nothing else fails with it, and says nothing of
   * the failure where one of `proofs` tells. Gives what the device said.
   */
  async #alone(fn: () => void, proofs: readonly Proof[]): Promise<GPUError | null> {
    this.submit();
    this.device.pushErrorScope("validation");
    this.device.pushErrorScope("out-of-memory");
    let said: Promise<(GPUError | null)[]>;
    try {
      fn();
      this.submit();
    } finally {
      said = Promise.all([0, 1].map(() => this.later(() => this.device.popErrorScope())));
    }
    // when the device is lost, its own promise says so
    const error = await said.then(
      (errors) => errors.find((e) => e !== null) ?? null,
      () => null,
    );
    for (const proof of proofs) await proof.known;
    if (error !== null && proofs.length > 0 && firstError(proofs) === null) this.#report(error);
    return error;
  }

  #record(kernel: Kernel, words: number, x: number, y: number, z: number): void {
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
    kernel.used = batch;
    this.#dispatches++;
    if (++this.#dispatchesInBatch >= batchLimit) this.submit();
  }

  #openPass(): GPUComputePassEncoder {
    this.#encoder ??= this.device.createCommandEncoder();
    this.#pipeline = null;
    return (this.#pass = this.#encoder.beginComputePass());
  }

  /** The encoder, outside of a pass. */
  commands(): GPUCommandEncoder {
    if (this.#pass !== null) {
      this.#pass.end();
      this.#pass = null;
    }
    return (this.#encoder ??= this.device.createCommandEncoder());
  }

  readonly #workDone = () => this.#queue.onSubmittedWorkDone();

  /** Sends what was recorded to the device. */
  submit(): void {
    if (this.#encoder === null) return;
    this.findings.send();
    const encoder = this.#encoder;
    if (this.#pass !== null) this.#pass.end();
    const commands = encoder.finish();
    this.#pass = null;
    this.#encoder = null;
    if (this.#ringUsed > 0) this.#queue.writeBuffer(this.#ring, 0, this.#staging, 0, this.#ringUsed);
    if (this.#uploadUsed > 0)
      this.#queue.writeBuffer(this.#upload, 0, this.#uploads, 0, Math.ceil(this.#uploadUsed / 4) * 4);
    this.#queue.submit([commands]);
    if (this.#collected.length > 0) this.#mapCollected();
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

  collect(byteLength: number, fill: (reader: GPUBuffer) => void, then: (words: Int32Array) => void): void {
    const reader = this.#readers.take(byteLength);
    fill(reader);
    this.#collected.push({ reader, byteLength, then });
  }
  #mapCollected(): void {
    for (const { reader, byteLength, then } of this.#collected)
      this.later(() => reader.mapAsync(1)).then(
        () => {
          then(new Int32Array(reader.getMappedRange(0, byteLength)));
          this.#readers.give(reader);
        },
        () => {}, // the device is lost: its own promise says so
      );
    this.#collected = [];
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
    const copy = this.#copyOut(block, offset, byteLength);
    try {
      await this.#settle(() => copy.reader.mapAsync(1));
    } catch (error) {
      const said = await this.#settle(async () => copy.said);
      if (this.#lost === null && said !== null) throw errors.noRoom(byteLength, this.memory().bytes, said.message);
      throw await this.#reasonOf(error);
    }
    const bytes = this.#take(copy, byteLength);
    for (const doubt of copy.doubts) if (isProof(doubt)) await this.#settle(() => doubt.known);
    const error = firstError(copy.doubts);
    if (error !== null) throw error;
    this.#check();
    return bytes;
  }

  readSync(block: Block, offset: number, byteLength: number, pump: Pump): Uint8Array {
    this.#check();
    const copy = this.#copyOut(block, offset, byteLength);
    const { reader } = copy;
    pump.call(() => reader.mapAsync(1)).catch(() => {}); // its state says so
    pump.wait(reader);
    if (reader.mapState === "pending") throw errors.cannotWait();
    if (reader.mapState !== "mapped")
      // promises do not settle in here, so the loss may not be known yet; nothing else makes such a request fail
      throw this.#lost ?? errors.lost("it did not give the bytes of a tensor");
    const bytes = this.#take(copy, byteLength);
    const error = firstError(copy.doubts);
    if (error !== null) throw error;
    // nor is it known yet whether there was room: then the next call tells
    for (const doubt of copy.doubts)
      if (isProof(doubt) && !doubt.settled) doubt.known.then(() => doubt.error && this.fail(doubt.error));
    this.#check();
    return bytes;
  }

  /** The bytes asked for, in a buffer that can be mapped; before them what the device notes about their doubts. */
  #copyOut(block: Block, offset: number, byteLength: number): Copy {
    const doubts = causes(block.care === null ? null : block.care.doubts);
    const known = firstError(doubts);
    if (known !== null) throw known;
    const open: Found[] = [];
    for (const doubt of doubts) if (doubt instanceof Found) open.push(doubt);
    const start = offset - (offset % 4);
    const size = words(offset + byteLength - start);
    const before = Findings.bytes(open);
    let reader!: GPUBuffer; // `notes` takes it
    let found: Notes[] = [];
    let said: Copy["said"] = null;
    const notes = (): void => {
      reader = this.#readers.take(before + size);
      found = this.findings.copy(open, reader);
    };
    const content = (): void => {
      this.commands().copyBufferToBuffer(block.gpu, start, reader, before, size);
      block.batch = this.#batch;
      this.submit();
    };
    const proofs = proofsOf([block]);
    if (proofs.length > 0 || size >= large)
      said = this.#alone(() => {
        notes();
        this.submit(); // they are true, be there a content or not
        content();
      }, proofs);
    else {
      notes();
      content();
    }
    return { reader, from: before + offset - start, notes: found, doubts, said };
  }
  #take({ reader, from, notes }: Copy, byteLength: number): Uint8Array {
    const mapped = reader.getMappedRange(0, words(from + byteLength));
    const bytes = new Uint8Array(mapped).slice(from, from + byteLength);
    settle(notes, new Int32Array(mapped));
    this.#readers.give(reader);
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
      this.#keep(kernel);
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
