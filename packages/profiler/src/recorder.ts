import type { Tensor } from "@flambeau/tensor/functional";
import {
  bytesOf,
  type Call,
  callSite,
  type Interpreter,
  type MachineObserver,
  type Program,
  type View,
} from "@flambeau/tensor/plugin";
import { type EventKind, type ProfilerEvent, Running } from "./event.ts";

/** An allocation, or the end of one. */
export interface MemoryEvent {
  /** Milliseconds since the profile began. */
  readonly time: number;
  readonly device: string;
  /** Bytes that came; negative ones went. */
  readonly bytes: number;
  /** The op that made the tensor; null for what was made before the profile. */
  readonly op: string | null;
  /** The path of the module that it was made for. */
  readonly module: string;
  /** The line of the program that made it, with the option `stacks`. */
  readonly site: string | null;
}

export interface What {
  readonly shapes: boolean;
  readonly stacks: boolean;
  readonly memory: boolean;
  readonly kernels: boolean;
}

/** Gathers events: of ops and parts of the program at the door, of kernels and memory at the devices, of modules from those who wrap them. */
export class Recorder implements Interpreter, MachineObserver {
  readonly roots: Running[] = [];
  readonly memory: MemoryEvent[] = [];
  readonly #what: What;
  readonly #begin = performance.now();
  #now: Running | null = null;
  /** The modules for which a node of the graph was recorded: its step backward is theirs, too. */
  readonly #modules = new WeakMap<object, readonly string[]>();
  /** What made the memory that lives. */
  readonly #made = new Map<object, MemoryEvent>();

  constructor(what: What) {
    this.#what = what;
  }

  get elapsed(): number {
    return performance.now() - this.#begin;
  }

  open(kind: EventKind, name: string): Running {
    const event = new Running(kind, name, this.elapsed, this.#now);
    if (this.#now === null) this.roots.push(event);
    this.#now = event;
    return event;
  }
  close(event: Running): void {
    event.duration = this.elapsed - event.start;
    this.#now = event.parent;
  }
  /** Runs `fn` as an event. */
  during<T>(kind: EventKind, name: string, fn: () => T): T {
    const event = this.open(kind, name);
    if (kind === "module") event.modules = [...event.modules, name];
    try {
      return fn();
    } finally {
      this.close(event);
    }
  }

  op(call: Call): readonly Tensor[] {
    const site = this.#what.stacks ? callSite() : null; // before the clock runs
    const event = this.open("op", call.op.name);
    event.site = site;
    if (this.#what.shapes) event.shapes = call.inputs.map((x) => x.shape);
    try {
      const outputs = call.next();
      if (event.modules.length > 0 && !event.backward)
        for (const { gradFn } of outputs) if (gradFn !== null) this.#modules.set(gradFn, event.modules);
      return outputs;
    } finally {
      this.close(event);
    }
  }
  read(op: string): void {
    // it is over when the program goes on: a mark
    this.close(this.open("read", op));
  }
  range(name: string, of?: object): () => void {
    const event = this.open("range", name);
    if (Array.isArray(of)) event.backward = true; // the roots of a walk
    event.modules = (of && this.#modules.get(of)) ?? event.modules;
    return () => this.close(event);
  }

  begin(device: string, name: string, args: readonly unknown[]): Running | null {
    if (!this.#what.kernels) return null;
    const event = this.open("kernel", kernelName(name, args));
    event.device = device;
    event.traffic = trafficOf(args);
    return event;
  }
  end(begun: unknown): void {
    if (begun !== null) this.close(begun as Running); // what begin gave
  }

  allocated(device: string, buffer: object, bytes: number): void {
    if (!this.#what.memory) return;
    for (let at = this.#now; at !== null; at = at.parent) at.allocated += bytes;
    const op = this.#opNow();
    const site = op?.site ?? (this.#what.stacks ? callSite() : null);
    const made = { time: this.elapsed, device, bytes, op: op?.name ?? null, module: this.#now?.module ?? "", site };
    this.memory.push(made);
    this.#made.set(buffer, made);
  }
  freed(_device: string, buffer: object): void {
    const made = this.#made.get(buffer);
    if (made === undefined) return; // it was there before
    this.#made.delete(buffer);
    this.memory.push({ ...made, time: this.elapsed, bytes: -made.bytes });
  }
  #opNow(): ProfilerEvent | null {
    let at = this.#now;
    while (at !== null && at.kind !== "op") at = at.parent;
    return at;
  }
}

const isView = (x: unknown): x is View => typeof x === "object" && x !== null && "strides" in x && "dtype" in x;
function trafficOf(args: readonly unknown[]): number {
  let bytes = 0;
  for (const arg of args)
    if (isView(arg)) bytes += arg.shape.reduce((n, s) => n * s, bytesOf(arg.dtype));
    else if (arg instanceof Uint8Array) bytes += arg.byteLength;
    else if (Array.isArray(arg)) bytes += trafficOf(arg);
  return bytes;
}

const names = new WeakMap<Program, string>();
/** "map: mul, add" tells one pointwise kernel from another. */
function kernelName(name: string, args: readonly unknown[]): string {
  if (name !== "map" && name !== "reduce") return name;
  const program = (name === "map" ? args[0] : args[1]) as Program; // as the contract says
  let computes = names.get(program);
  if (computes === undefined) {
    const ops = program.nodes.map(({ op }) => op).filter((op) => !leaves.has(op));
    computes = [...new Set(ops)].slice(0, 6).join(", ") || (program.inputs.length === 0 ? "fill" : "copy");
    names.set(program, computes);
  }
  return name === "map" ? `map: ${computes}` : `${String(args[0])}${computes === "copy" ? "" : `: ${computes}`}`;
}
const leaves: ReadonlySet<string> = new Set(["input", "param", "const", "index", "cast"]);
