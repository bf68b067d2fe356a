/**
 * Dawn, the implementation of WebGPU that Node gets from the npm package `webgpu`, has no thread that settles promises: calls
 * that give one ask setImmediate to run its events, again and again while something is pending. That keeps a core busy, and the
 * process alive. A pump takes the request instead: it runs events often only while something is awaited, lets the process end,
 * and can run them at once, so that a program may wait for the device without giving up the thread.
 */
export class Pump {
  /** Dawn's requests. Each is met once, as by setImmediate; while something is pending, that brings another. */
  #requests: (() => void)[] = [];
  #works = false;
  #awaited = 0;
  #busyUntil = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Whether Dawn has asked for its events as expected; else they run without the pump. */
  get works(): boolean {
    return this.#works;
  }

  /** Calls what asks for events, and keeps the request. */
  call<T>(fn: () => T): T {
    const real = globalThis.setImmediate;
    const keep = (request: () => void, ...rest: []) => {
      // requests of others may come from inside: their functions are not native
      if (!Function.prototype.toString.call(request).includes("[native code]")) return real(request, ...rest);
      this.#requests.push(request);
      this.#works = true;
      if (this.#timer === null && this.#awaited === 0) this.#rest();
      return undefined;
    };
    globalThis.setImmediate = Object.assign(keep, real) as typeof setImmediate; // Dawn does not look at what it gets
    try {
      return fn();
    } finally {
      globalThis.setImmediate = real;
    }
  }

  /** Runs what is pending; false when nothing was. */
  run(): boolean {
    const requests = this.#requests;
    if (requests.length === 0) return false;
    this.#requests = [];
    for (const request of requests) this.call(request);
    return true;
  }

  /**
   * Waits until a mapping is there or has failed. Gives up when Dawn has asked elsewhere: a program that uses the device on its
   * own, beside the backend, has it run its events through Node's own setImmediate, which cannot happen while we wait.
   */
  wait(buffer: GPUBuffer): void {
    let since = performance.now();
    while (buffer.mapState === "pending") {
      if (this.run()) since = performance.now();
      else if (performance.now() - since > patience) return;
    }
  }

  /** Calls what gives a promise, and sees to it that it settles; the process lives until then. */
  async settle<T>(fn: () => Promise<T>): Promise<T> {
    const promise = this.call(fn);
    this.#busyUntil = performance.now() + busyTime;
    if (this.#awaited++ === 0) {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
      setImmediate(this.#work);
    }
    try {
      return await promise;
    } finally {
      this.#awaited--;
    }
  }

  readonly #work = (): void => {
    this.#timer = null;
    this.run();
    if (this.#awaited === 0) this.#rest();
    else if (performance.now() < this.#busyUntil) setImmediate(this.#work);
    else this.#timer = setTimeout(this.#work, 1);
  };
  /** While nobody waits: now and then, for promises that nobody awaits, as that of a lost device. */
  #rest(): void {
    this.#timer ??= setTimeout(this.#work, restTime);
    this.#timer.unref();
  }
}

/** Milliseconds for which a pump goes on without a pause, since what is awaited is often done at once. */
const busyTime = 0.3;
const restTime = 20;
const patience = 1000;

/** One for all devices of an entry point. */
const pumps = new WeakMap<GPU, Pump>();
export function pumpOf(gpu: GPU): Pump {
  let pump = pumps.get(gpu);
  if (!pump) pumps.set(gpu, (pump = new Pump()));
  return pump;
}

const open = new Map<GPUDevice, Pump>();
/** Milliseconds that the process may take to end for the sake of its devices. */
const exitTime = 1000;

/** Dawn aborts a process that ends while promises are pending: its devices end first, which settles them. */
export function endAtExit(device: GPUDevice, pump: Pump): void {
  if (open.size === 0) process.once("exit", endAll);
  open.set(device, pump);
  device.lost.then(() => {
    open.delete(device);
    if (open.size === 0) process.off("exit", endAll);
  });
}
function endAll(): void {
  const until = performance.now() + exitTime;
  for (const device of open.keys()) device.destroy();
  for (const pump of new Set(open.values())) while (pump.run() && performance.now() < until);
}
