import type { NativeChoice } from "./native.ts";
import { control, type KernelFunction, workerSource } from "./worker.ts";

/** A kernel that takes up what another leaves, part by part, while it is in the cache. */
export interface After {
  readonly id: number;
  readonly fn: KernelFunction;
  readonly desc: number;
  /** Its items for one of the first kernel's, and all of them. */
  readonly items: number;
  readonly total: number;
}

/** Two kernels over [start, end) of the first one, `block` items at a time. */
export function inTurns(
  fn: KernelFunction,
  desc: number,
  start: number,
  end: number,
  block: number,
  { fn: next, desc: nextDesc, items, total }: After,
): void {
  for (let at = start; at < end; at += block) {
    const to = Math.min(end, at + block);
    fn(desc, at, to);
    next(nextDesc, at * items, Math.min(total, to * items));
  }
}

interface Thread {
  terminate(): unknown;
}

interface WorkerData {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  address: number;
  scratch: number;
  index: number;
  native: NativeChoice | undefined;
}

/** The part of Node's `process` that is used; absent in browsers. */
interface NodeProcess {
  getBuiltinModule?(id: "node:worker_threads"): {
    Worker: new (
      source: string,
      options: object,
    ) => Thread & { unref(): void; on(event: "error", listener: () => void): void };
  };
}

const nodeProcess = (globalThis as { process?: NodeProcess }).process;

/** Starts one worker. Where the platform refuses, it gives undefined or calls `refused` later: the work goes on without it. */
function startThread(data: WorkerData, refused: () => void): Thread | undefined {
  try {
    const threads = nodeProcess?.getBuiltinModule?.("node:worker_threads");
    if (threads) {
      const worker = new threads.Worker(workerSource, { eval: true, workerData: data, execArgv: [], name: "flambeau" });
      worker.on("error", refused);
      worker.unref();
      return worker;
    }
    const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    const worker = new Worker(url, { name: "flambeau" });
    worker.onerror = (event) => {
      event.preventDefault();
      refused();
    };
    worker.postMessage(data);
    return worker;
  } catch {
    refused();
    return undefined;
  }
}

/** What must be allowed for workers to start. */
export const workersNeed = nodeProcess?.getBuiltinModule
  ? "Node's --permission needs --allow-worker beside it"
  : "a page's content security policy must allow worker-src blob:";
let warned = false;

/**
 * Fork and join over shared memory. A task is cut into chunks that this thread and the workers claim by
 * compare-and-swap on one word, which holds the task's number and the count of unclaimed chunks: a late worker can
 * neither take a chunk of a task that is over nor delay the next one.
 */
export class Pool {
  readonly #ctl: Int32Array;
  readonly #spawn: (index: number) => WorkerData | undefined;
  readonly #threads: Thread[] = [];
  #started = 0;
  #workers = 0;
  #task = 0;
  /** Whether a worker could not start; the first one in a program that cannot is told of on the console. */
  refused = false;

  constructor(ctl: Int32Array, spawn: (index: number) => WorkerData | undefined) {
    this.#ctl = ctl;
    this.#spawn = spawn;
  }

  readonly #refuse = (): void => {
    this.refused = true;
    if (warned) return;
    warned = true;
    console.warn(`Flambeau: the cpu computes on one thread, workers could not start (${workersNeed})`);
  };

  /** How many workers, besides this thread, may take part. */
  setWorkers(count: number): void {
    this.#workers = count;
    Atomics.store(this.#ctl, control.workers, count);
  }

  /** True when at least one worker is up; starts them at the first call. */
  ready(): boolean {
    while (this.#started < this.#workers) {
      const data = this.#spawn(this.#started++);
      const thread = data && startThread(data, this.#refuse);
      if (thread) this.#threads.push(thread);
    }
    return this.#workers > 0 && Atomics.load(this.#ctl, control.ready) > 0;
  }

  /**
   * Runs a task on all threads and returns when all of it is done. About three quarters go in a few large chunks, which
   * keep neighbouring indices on one thread, the rest in small ones, which let the threads end together.
   */
  run(kernel: number, fn: KernelFunction, desc: number, n: number, grain: number, after: After | null): void {
    const ctl = this.#ctl;
    const threads = this.#workers + 1;
    const grains = Math.ceil(n / grain);
    const largeChunks = 2 * threads;
    const largeSize = Math.floor((grains * 3) / (4 * largeChunks)) * grain;
    const rest = n - largeChunks * largeSize;
    const smallSize = Math.max(1, Math.ceil(rest / (4 * threads) / grain)) * grain;
    const large = largeSize === 0 ? 0 : largeChunks;
    const chunks = large + Math.ceil(rest / smallSize);
    Atomics.store(ctl, control.chunks, chunks);
    Atomics.store(ctl, control.kernel, kernel);
    Atomics.store(ctl, control.desc, desc | 0);
    Atomics.store(ctl, control.n, n);
    Atomics.store(ctl, control.largeChunks, large);
    Atomics.store(ctl, control.largeSize, largeSize);
    Atomics.store(ctl, control.smallSize, smallSize);
    Atomics.store(ctl, control.next, after === null ? -1 : after.id);
    if (after !== null) {
      Atomics.store(ctl, control.nextDesc, after.desc | 0);
      Atomics.store(ctl, control.nextItems, after.items);
      Atomics.store(ctl, control.nextTotal, after.total);
      Atomics.store(ctl, control.block, grain);
    }
    Atomics.store(ctl, control.done, 0);
    this.#task = (this.#task + 1) & 0xfffff;
    let claim = (this.#task << 12) | chunks;
    Atomics.store(ctl, control.claim, claim);
    if (Atomics.load(ctl, control.sleepers) > 0) Atomics.notify(ctl, control.claim);
    let mine = 0;
    let error: unknown;
    while ((claim & 4095) !== 0) {
      const seen = Atomics.compareExchange(ctl, control.claim, claim, claim - 1);
      if (seen !== claim) {
        claim = seen;
        continue;
      }
      const chunk = chunks - (claim & 4095);
      const start = chunk < large ? chunk * largeSize : large * largeSize + (chunk - large) * smallSize;
      mine++;
      try {
        const end = Math.min(n, start + (chunk < large ? largeSize : smallSize));
        if (after === null) fn(desc, start, end);
        else inTurns(fn, desc, start, end, grain, after);
      } catch (caught) {
        error ??= caught;
      }
      claim = Atomics.load(ctl, control.claim);
    }
    while (Atomics.load(ctl, control.done) + mine < chunks) Atomics.pause?.();
    if (error !== undefined) throw error;
    if (Atomics.load(ctl, control.failed) !== 0) this.#raise();
  }

  #raise(): never {
    const ctl = this.#ctl;
    const length = ctl[control.messageLength];
    const text = String.fromCharCode(...ctl.subarray(control.message, control.message + length));
    Atomics.store(ctl, control.failed, 0);
    throw new WebAssembly.RuntimeError(text);
  }

  dispose(): void {
    this.#workers = 0;
    Atomics.store(this.#ctl, control.stop, 1);
    Atomics.add(this.#ctl, control.claim, 4096);
    Atomics.notify(this.#ctl, control.claim);
    for (const thread of this.#threads) void thread.terminate();
    this.#threads.length = 0;
  }
}
