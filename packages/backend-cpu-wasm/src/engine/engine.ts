import { UnavailableError } from "@flambeau/tensor/functional";
import { noRoom } from "./errors.ts";
import { GuardedHeap } from "./guards.ts";
import { type Allocator, Heap } from "./heap.ts";
import { compileKernels, maximumPages } from "./module.ts";
import { chooseNative, type InstructionSet, type NativeHeap } from "./native.ts";
import { inTurns, Pool, workersNeed } from "./pool.ts";
import { control, type KernelFunction } from "./worker.ts";

/** A kernel's number: the same on every thread. */
export type KernelId = number;

/** Linear memory, its allocator, and the kernels that run on it, on one or more threads. */
export interface Engine {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly threads: number;
  readonly relaxed: boolean;
  /** Bytes of a row of a packed panel of a product's right operand: a vector or two. */
  readonly panelBytes: number;
  /** Whether there are native kernels, which want work cut otherwise here and there. */
  readonly native: boolean;
  /** What the native kernel "map_f32" computes, by number; nothing where there is none. */
  readonly operations: ReadonlyMap<string, number>;
  /** One line for people: threads, SIMD build, and why there is one thread only. */
  readonly info: string;
  /** Views of all of memory; new objects after memory has grown. */
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;
  /** Address of 4 KiB in which the caller writes a kernel's arguments: calls are synchronous, one area is enough. */
  readonly desc: number;
  /** A block's address: 64-byte aligned, at least 16 readable bytes past its end; 0 when memory is full. */
  alloc(byteLength: number): number;
  free(address: number, byteLength: number): void;
  /** Bytes in live blocks, apart from what the engine itself needs. */
  usedBytes(): number;
  /** What those and the memory between them may come to. */
  readonly memoryLimit: number;
  /** The guards around blocks, where the engine was made with `debug`. */
  readonly guards: GuardedHeap | undefined;
  /** Bytes that the memory holds. */
  heldBytes(): number;
  /** Lays words in memory for good: their address. */
  keep(words: Uint32Array): number;
  /** The number of a kernel of the static module, or of one that is native only. */
  staticKernel(name: string): KernelId;
  /** Adds a module made at run time: imports env.memory and, if it likes, "math"; exports k(desc, start, end). */
  addKernel(bytes: Uint8Array): KernelId;
  /** The kernel, to call on this thread. */
  fn(id: KernelId): KernelFunction;
  /** Runs [0, n) on all threads in chunks that are multiples of `grain`; on this thread alone when n <= grain. */
  run(id: KernelId, desc: number, n: number, grain: number): void;
  /**
   * {@link run}, and as soon as `grain` items are done, the kernel `next` does `items` of its own for each, `total` in all: what the first
   * one left is in the cache then.
   */
  runBoth(id: KernelId, desc: number, n: number, grain: number, next: Next): void;
  setThreads(count: number): void;
  dispose(): void;
}

/** A second kernel, its arguments, its items for one of the first kernel's, and all of them. */
export interface Next {
  readonly id: KernelId;
  readonly desc: number;
  readonly items: number;
  readonly total: number;
}

const mostThreads = 64;
const descBytes = 4096;
const startPages = 256;

/** How many threads this machine runs at once, as far as the platform tells. */
function parallelism(): number {
  const count = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency;
  return Math.max(1, Math.min(count ?? 1, 8));
}

/** What an engine is made with. */
export interface EngineOptions {
  /** Default: what the machine runs at once, at most 8. */
  threads?: number | undefined;
  /** False: no fused multiply-add, so that results are the same bits on every processor. Default: where there is one. */
  relaxed?: boolean | undefined;
  /** False: memory that no other thread can see, and one thread. Default: shared where the platform allows it. */
  shared?: boolean | undefined;
  /** Whose kernels run where there are any: of the best instruction set, of this one, or only WebAssembly's. Default: those. */
  native?: "auto" | InstructionSet | false | undefined;
  /** Bytes that blocks may take. Default: what can be addressed. */
  memoryLimit?: number | undefined;
  /** Puts guards around blocks. */
  debug?: boolean | undefined;
}

/** A memory as large as the platform lets one reserve: shared where that is allowed. */
function createMemory(wanted: boolean): { memory: WebAssembly.Memory; shared: boolean; reason: string } {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  let reason = wanted ? "" : "unshared memory was asked for";
  if (typeof SharedArrayBuffer === "undefined" || isolated === false) {
    reason = "the page is not cross-origin isolated, so memory cannot be shared";
  }
  for (const shared of reason === "" ? [true, false] : [false]) {
    for (let maximum = maximumPages; maximum >= 4096; maximum /= 2) {
      try {
        return { memory: new WebAssembly.Memory({ initial: startPages, maximum, shared }), shared, reason };
      } catch (error) {
        if (shared) reason = `shared memory was refused (${error instanceof Error ? error.message : error})`;
      }
    }
  }
  throw new UnavailableError("cpu: not even 256 MiB of address space could be reserved for WebAssembly's memory");
}

class WasmEngine implements Engine {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly relaxed: boolean;
  readonly panelBytes: number;
  readonly native: boolean;
  readonly operations: ReadonlyMap<string, number>;
  readonly #native: NativeHeap | undefined;
  readonly #kind: string;
  readonly desc: number;
  declare u8: Uint8Array;
  declare i8: Int8Array;
  declare u16: Uint16Array;
  declare i16: Int16Array;
  declare i32: Int32Array;
  declare u32: Uint32Array;
  declare f32: Float32Array;
  declare f64: Float64Array;
  declare i64: BigInt64Array;
  #threads = 1;
  #reason: string;
  readonly memoryLimit: number;
  readonly guards: GuardedHeap | undefined;
  readonly #heap: Allocator;
  readonly #pool: Pool | undefined;
  readonly #control: Int32Array;
  readonly #math: WebAssembly.Exports;
  readonly #names: ReadonlyMap<string, KernelId>;
  readonly #functions: KernelFunction[];
  readonly #staticCount: number;
  #table = 0;
  #tableLength = 0;

  constructor(options: EngineOptions) {
    const { memory, shared, reason } = createMemory(options.shared ?? true);
    const { module, relaxed } = compileKernels(shared, options.relaxed);
    this.memory = memory;
    this.shared = shared;
    this.relaxed = relaxed;
    this.#reason = reason;
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.#math = exports;
    const helpers = exports as unknown as { heapBase(): number; scratchBytes(): number; setScratch(at: number): void };
    const base = Math.ceil((helpers.heapBase() >>> 0) / 64) * 64;
    this.desc = base + control.length * 4;
    this.#control = new Int32Array(memory.buffer, base, control.length);
    this.#view();
    this.#control[control.pages] = memory.buffer.byteLength / 65536;
    const simd = relaxed ? "relaxed SIMD (FMA)" : "SIMD without FMA";
    const native = options.native && options.relaxed !== false ? chooseNative(options.native) : null;
    const loaded = typeof native === "string" ? null : native;
    if (loaded) this.#native = new loaded.addon.Heap(this.u8, loaded.choice.isa, base + 4 * control.pages);
    this.#kind = loaded
      ? `native kernels (${loaded.choice.isa}), ${simd}`
      : native === null
        ? simd
        : `${simd}, no native kernels (${native})`;
    this.panelBytes = this.#native?.panelBytes ?? 32;
    this.native = loaded !== null;
    const natively = this.#native?.kernels ?? {};
    this.operations = new Map(this.#native?.operations.map((name, number) => [name, number]));
    const names = [...new Set([...Object.keys(exports), ...Object.keys(natively)])];
    this.#names = new Map(names.map((name, id) => [name, id]));
    this.#staticCount = names.length;
    // every export of the static module is a function; those that are no kernels are never asked for by name
    this.#functions = names.map((name) => natively[name] ?? (exports[name] as KernelFunction));
    const heapStart = this.desc + descBytes;
    const grow = (bytes: number) => this.#grow(bytes);
    this.memoryLimit = options.memoryLimit ?? Number.POSITIVE_INFINITY;
    if (options.debug) this.guards = new GuardedHeap(memory, heapStart, grow, this.memoryLimit);
    this.#heap = this.guards ?? new Heap(heapStart, memory.buffer.byteLength, grow, this.memoryLimit);
    const workArea = (): number => {
      const address = this.#heap.reserve(helpers.scratchBytes());
      if (address !== 0) this.guards?.attend(address, "a thread's work area");
      return address;
    };
    helpers.setScratch(workArea());
    this.#control[control.staticKernels] = this.#staticCount;
    if (shared) {
      this.#pool = new Pool(this.#control, (index) => {
        const scratch = workArea();
        return scratch === 0 ? undefined : { memory, module, address: base, scratch, index, native: loaded?.choice };
      });
    }
    this.setThreads(options.threads ?? parallelism());
  }

  get threads(): number {
    return this.#threads;
  }

  get info(): string {
    const simd = this.#kind;
    if (this.#pool?.refused && Atomics.load(this.#control, control.ready) === 0) {
      return `1 thread, ${simd}: workers could not start (${workersNeed})`;
    }
    const why = this.#threads === 1 && this.#reason !== "" ? `: ${this.#reason}` : "";
    return `${this.#threads} ${this.#threads === 1 ? "thread" : "threads"}, ${simd}${why}`;
  }

  #view(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }

  #grow(bytes: number): boolean {
    try {
      this.memory.grow(bytes / 65536);
    } catch {
      return false;
    }
    this.#view();
    this.#native?.moved(this.u8);
    // through a new view: that of the control block is lost where memory is not shared
    Atomics.store(this.u32, this.desc / 4 - control.length + control.pages, this.memory.buffer.byteLength / 65536);
    return true;
  }

  alloc(byteLength: number): number {
    return this.#heap.alloc(byteLength);
  }

  free(address: number, byteLength: number): void {
    this.#heap.free(address, byteLength);
  }

  usedBytes(): number {
    return this.#heap.usedBytes;
  }

  heldBytes(): number {
    return this.memory.buffer.byteLength;
  }

  keep(words: Uint32Array): number {
    const address = this.#reserve(words.byteLength, " of a program");
    this.u32.set(words, address / 4);
    return address;
  }

  staticKernel(name: string): KernelId {
    const id = this.#names.get(name);
    if (id === undefined) throw new Error(`staticKernel: the kernel module has no "${name}"`);
    return id;
  }

  addKernel(bytes: Uint8Array): KernelId {
    // a copy: the caller's bytes may lie in shared memory, which cannot be compiled from
    const module = new WebAssembly.Module(new Uint8Array(bytes));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory }, math: this.#math });
    const { k } = exports;
    if (typeof k !== "function") throw new Error('addKernel: the module exports no function "k"');
    const id = this.#functions.length;
    if (this.#pool) this.#publish(id - this.#staticCount, bytes);
    this.#functions.push(k as KernelFunction);
    return id;
  }

  /** Lays an emitted kernel's bytes where workers find them. */
  #publish(index: number, bytes: Uint8Array): void {
    if (index >= this.#tableLength) {
      const length = Math.max(256, this.#tableLength * 2);
      const table = this.#reserve(length * 8, " of the table of kernels");
      // the shorter one stays where it is: all of them together take no more than the longest
      if (this.#table !== 0) this.u8.copyWithin(table, this.#table, this.#table + this.#tableLength * 8);
      this.#table = table;
      this.#tableLength = length;
      Atomics.store(this.#control, control.table, table | 0);
    }
    const copy = this.#reserve(bytes.length, " of a kernel's code");
    this.u8.set(bytes, copy);
    this.u32[this.#table / 4 + 2 * index] = copy;
    this.u32[this.#table / 4 + 2 * index + 1] = bytes.length;
  }

  #reserve(byteLength: number, purpose: string): number {
    const address = this.#heap.reserve(byteLength);
    if (address === 0) throw noRoom(byteLength, this.usedBytes(), Number.POSITIVE_INFINITY, purpose);
    return address;
  }

  fn(id: KernelId): KernelFunction {
    return this.#functions[id];
  }

  run(id: KernelId, desc: number, n: number, grain: number): void {
    if (n <= grain || this.#threads === 1 || !this.#pool?.ready()) {
      if (n > 0) this.#functions[id](desc, 0, n);
      return;
    }
    this.#pool.run(id, this.#functions[id], desc, n, grain, null);
  }

  runBoth(id: KernelId, desc: number, n: number, grain: number, next: Next): void {
    const fn = this.#functions[id];
    const after = { ...next, fn: this.#functions[next.id] };
    if (n <= grain || this.#threads === 1 || !this.#pool?.ready()) inTurns(fn, desc, 0, n, grain, after);
    else this.#pool.run(id, fn, desc, n, grain, after);
  }

  setThreads(count: number): void {
    const wanted = Math.max(1, Math.min(Math.floor(count), mostThreads));
    if (wanted === 1) this.#reason ||= "one was asked for";
    this.#threads = this.#pool ? wanted : 1;
    this.#pool?.setWorkers(this.#threads - 1);
  }

  dispose(): void {
    this.#threads = 1;
    this.#pool?.dispose();
  }
}

/** Makes an engine, ready at once: workers start at the first large task and take part when they are up. */
export function createEngine(options: EngineOptions = {}): Engine {
  return new WasmEngine(options);
}
