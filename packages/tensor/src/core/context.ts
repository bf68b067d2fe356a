import type { Backend, Kernels } from "../contract/backend.ts";
import type { FusedKernel } from "../contract/fused-kernel.ts";
import { metaBackend } from "../contract/meta.ts";
import type { Buffer, View } from "../contract/view.ts";
import { heedLimit } from "../memory/reclaim.ts";
import type { Generator } from "../random/generator.ts";
import { dtypes as allDTypes, type DType } from "./dtype.ts";
import { DeviceError, DTypeError, FlambeauError, show } from "./errors.ts";

/** What a scope owns: a tensor, as far as scopes look at it. */
export interface Owned {
  /** The scope that will free this handle; null for the garbage collector. @internal */
  owner: Owner | null;
  readonly disposed: boolean;
  /** @internal */
  readonly storage: { watch(): void };
  /** @internal */
  endWithScope(): void;
  /** The same, but the memory stays: a graph that outlives the scope needs it. @internal */
  endSparing(): void;
  dispose(): void;
}
/** An open scope (memory/scope.ts). */
export interface Owner {
  readonly parent: Owner | null;
  readonly owned: Owned[];
  /** False once it has ended; then its parent takes what would have been its own. */
  readonly open: boolean;
}

/** Of what records calls (door/interpreter.ts has the whole of it) that which a handle has to know. */
export interface Recorder {
  /** `base` was written in place since `view` was made: gives `view` its place in the graph anew. */
  refreshView(view: object, base: object): void;
}

/** An interpreter on the stack (door/stack.ts has the whole of it), and those below it. */
export interface Frame {
  readonly interpreter: { read?(op: string, x: object): object | void };
  readonly below: Frame | null;
}

/** A storage (core/storage.ts), as far as a tape looks at it. */
export interface TapeStorage {
  readonly backend: Backend;
  readonly byteLength: number;
  /** The memory that a tape promised is there now; null: it never will be. */
  fill(buffer: Buffer | null): void;
}
/** What a step that is taken again brings with it, and what counts it. */
export interface Renewal {
  readonly attrs: object;
  readonly count: () => void;
}
/**
 * What takes down the calls of backends instead of making them, until somebody wants to know (@flambeau/compile). Storages keep their
 * backend; what stands for memory that is not there yet is the tape's.
 */
export interface Tape {
  alloc(storage: TapeStorage): Buffer;
  free(storage: TapeStorage, buffer: Buffer): void;
  /** What stands in a backend's place: it takes down `kernels`, `write` and `checkIndices`, and catches up before it reads. */
  machine(backend: Backend): Backend;
  /** A fast path's run; `writes` are those of its inputs that it writes, too. */
  fused(
    backend: Backend,
    op: string,
    kernel: FusedKernel,
    inputs: readonly View[],
    outputs: readonly View[],
    attrs: object,
    writes: readonly number[],
  ): void;
  /** Makes all calls that were taken down. */
  flush(why: string): void;
  /** For tapes that are run again without the program: where `attrs` are a fast path's, `again` gives those of the step that follows, if there is one. */
  renew(attrs: object, again: () => Renewal | null): void;
  /**
   * The same, of what the program does in ops with numbers that change: runs `stretches`, which ask for the same kernels with the same
   * numbers. `rehearse` asks for them once more, as the step that follows will, on a tape that nobody runs; what it gives counts that step, null where it
   * is another step.
   * `what` says what it is, where that does not come to the same.
   */
  repeat(stretches: readonly (() => void)[], rehearse: () => (() => void) | null, what: string): void;
  /** The same: what the program does here cannot be left out. */
  refuse(why: string): void;
}

/** What all copies of the package in one realm share: the backends, the defaults, the autograd tracer, the open memory scope. */
export interface Context {
  /** How many fields there are to know: a newer copy of the package adds what it knows beyond. */
  layout: number;
  readonly backends: Map<string, Backend>;
  /** Backends that are made when their device is first asked for, by that device's name. */
  readonly makers: Map<string, () => Backend>;
  /** Where the copies of this package lie that share this object. */
  readonly homes: string[];
  defaultDevice: string;
  defaultDType: "float32" | "float64";
  /** Installed by @flambeau/autograd; null while nothing records. */
  tracer: Recorder | null;
  /** Who sees ops before they run, the last installed first; null, as nearly always, when nobody does. */
  stack: Frame | null;
  /** False inside noGrad. */
  gradEnabled: boolean;
  /** True inside inferenceMode: results can never enter a graph. */
  inference: boolean;
  /** False while a test compares fused kernels with their decomposition. */
  fused: boolean;
  scope: Owner | null;
  /** The default generator, made with the first op that draws. */
  generator: Generator | null;
  /** Notes where a storage is made, for leakReport(); null, as nearly always, when nobody asks. */
  noteSite: ((storage: never) => void) | null;
  /** Takes down calls of backends; null, as nearly always, when they are made at once. */
  tape: Tape | null;
}

const key = Symbol.for("flambeau/context@2");
const layout = 3;

function find(): Context {
  const realm = globalThis as { [key]?: Context }; // a symbol of ours on the global object
  const found = realm[key];
  const home = ownPlace();
  if (found && found.layout >= layout) return shared(found, home);
  const made: Context = {
    layout,
    backends: new Map([["meta", metaBackend]]),
    makers: new Map(),
    homes: [home],
    defaultDevice: "cpu",
    defaultDType: "float32",
    tracer: null,
    stack: null,
    gradEnabled: true,
    inference: false,
    fused: true,
    scope: null,
    generator: null,
    noteSite: null,
    tape: null,
  };
  // what an older copy has put there stays; what it does not know comes beside it
  return (realm[key] = found ? Object.assign(found, { ...made, ...found, layout }) : made);
}

/** The file that this code stands in, from where it is called. (`import.meta` would tie the package to one format of bundles.) */
const ownPlace = (): string =>
  /[a-z-]+:\/\/[^\s)?]+?(?=\?|:\d+:\d)|\/[^\s):]+/.exec(new Error().stack ?? "")?.[0] ?? "";

/** Takes the context of another copy of this package, and says so once: two copies work together, but weigh double. */
function shared(found: Context, home: string): Context {
  if (found.homes.includes(home)) return found;
  if (found.homes.push(home) === 2)
    console.warn(`Flambeau: two copies of @flambeau/tensor are loaded (npm dedupe):\n${found.homes.join("\n")}`);
  return found;
}

export const context: Context = find();

/** Tells the interpreters that the program reads the values of a tensor. Gives the one that is read, which may be another. */
export function announceRead<T extends object>(op: string, x: T): T {
  let read: object = x;
  for (let frame = context.stack; frame !== null; frame = frame.below)
    read = frame.interpreter.read?.(op, read) ?? read;
  return read as T; // interpreters are given tensors, and give tensors
}

/** A device's name without a number that goes without saying: "cuda:0" is "cuda". */
const canonical = (device: string): string => String(device).replace(/:0$/, "");

/**
 * Makes a backend available under its name: `registerBackend(cpuWasm())`, then `{ device: "cpu" }`. With a name and a function, the
 * backend is made when its device is first asked for: `registerBackend("cpu", () => cpuWasm())`. A backend of the same name takes the
 * place of the earlier one for new tensors.
 *
 * @throws FlambeauError when the backend was written for another version of the contract, or does not keep to this one; one that is
 * made later throws it, or what its function throws, at first use, and is tried again at the next.
 * @example
 * import { registerBackend } from "flambeau";
 * import { cpuWasm } from "@flambeau/backend-cpu-wasm";
 * registerBackend(cpuWasm({ threads: 2 })).name; // "cpu"
 */
export function registerBackend<B extends Backend>(backend: B): B;
export function registerBackend(name: string, make: () => Backend): void;
export function registerBackend(backend: Backend | string, make?: () => Backend): Backend | void {
  if (typeof backend === "string" && typeof make === "function") {
    const problem = nameProblem(backend);
    if (problem) throw new FlambeauError(...problem);
    const name = canonical(backend);
    context.backends.delete(name);
    context.makers.set(name, () => named(name, usable(make())));
    return;
  }
  const checked = usable(backend);
  context.makers.delete(canonical(checked.name));
  return taken(checked);
}
function usable(backend: unknown): Backend {
  const problem = problemOf(backend);
  if (problem) throw new FlambeauError(...problem);
  return backend as Backend; // problemOf has looked
}
function taken(backend: Backend): Backend {
  context.backends.set(canonical(backend.name), backend);
  heedLimit(backend.memory());
  return backend;
}
function named(name: string, backend: Backend): Backend {
  if (canonical(backend.name) === name) return backend;
  throw new FlambeauError(
    `the backend registered for "${name}" calls itself "${backend.name}"`,
    "a backend is registered under its own name",
  );
}
/** Makes the backend that waits to be made under a name. */
function made(name: string): Backend | undefined {
  const backend = context.makers.get(name)?.();
  if (backend === undefined) return undefined;
  context.makers.delete(name);
  return taken(backend);
}
/** Takes a backend out of the list; tensors on it go on. True when there was one of that name. */
export function unregisterBackend(device: string): boolean {
  const name = canonical(device);
  const waiting = context.makers.delete(name);
  return context.backends.delete(name) || waiting;
}

const methods = ["alloc", "free", "write", "read", "checkIndices", "memory", "dispose"] as const;
const primitives: { readonly [P in keyof Kernels]: true } = {
  map: true,
  reduce: true,
  argReduce: true,
  scan: true,
  matmul: true,
  gather: true,
  scatter: true,
  sort: true,
  random: true,
};
const guide = "see the interface Backend of @flambeau/tensor, and run testBackend of @flambeau/testkit";
type Problem = readonly [message: string, hint: string];
/** What is wrong with a name for a device. `to("float32")` must go on meaning the dtype, and "meta" the device without values. */
function nameProblem(name: unknown): Problem | null {
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]*(:\d+)?$/.test(name))
    return [`a backend's name is a kind like "cuda", or a kind and a number like "cuda:1", not ${show(name)}`, guide];
  if (name === "meta" || allDTypes.some((dtype) => dtype === name))
    return [`a backend cannot be called "${name}", which is ${name === "meta" ? "always there" : "a dtype"}`, guide];
  return null;
}
/** What a backend lacks, and what to do about it. */
function problemOf(backend: unknown): Problem | null {
  if (typeof backend !== "object" || backend === null)
    return [
      `registerBackend needs a backend, got ${show(backend)}`,
      "a factory may be async: registerBackend(await webgpu())",
    ];
  const given = backend as { readonly [K in keyof Backend]?: unknown }; // nobody has looked yet
  const { name, contract, dtypes, kernels } = given;
  const problem = nameProblem(name);
  if (problem) return problem;
  if (contract !== 2)
    return [
      `backend "${name}" implements contract ${show(contract)}, this @flambeau/tensor speaks contract 2`,
      "install matching versions of the backend and of @flambeau/tensor",
    ];
  const unknown = dtypes instanceof Set ? [...dtypes].find((d) => !allDTypes.includes(d)) : null;
  if (!(dtypes instanceof Set) || unknown !== undefined || !dtypes.has("bool"))
    return [`backend "${name}": dtypes is a set of dtype names with "bool" among them`, guide];
  for (const method of methods)
    if (typeof given[method] !== "function") return [`backend "${name}" has no method ${method}`, guide];
  for (const primitive of Object.keys(primitives) as (keyof Kernels)[])
    if (typeof (kernels as Partial<Kernels> | undefined)?.[primitive] !== "function")
      return [`backend "${name}" has no kernel ${primitive}`, guide];
  return null;
}

/** Names of the registered devices; "meta", which is always there, is not among them. */
export const devices = (): string[] =>
  [...context.backends.keys(), ...context.makers.keys()].filter((name) => name !== "meta");
/** Whether something is registered under a name, "meta" included. */
export const hasDevice = (device: string): boolean =>
  context.backends.has(canonical(device)) || context.makers.has(canonical(device));
/** Names of the registered devices that have a dtype, for messages. */
export const devicesWith = (dtype: DType): string =>
  devices()
    .filter((name) => context.backends.get(name)?.dtypes.has(dtype))
    .join(", ") || "none";
export function backendOf(device: string = context.defaultDevice): Backend {
  const backend = context.backends.get(device) ?? context.backends.get(canonical(device)) ?? made(canonical(device));
  if (!backend) {
    const [kind, number] = String(device).split(":");
    throw new DeviceError(
      `no backend is registered for device ${show(device)} (registered: ${devices().join(", ") || "none"})`,
      number !== undefined && hasDevice(kind)
        ? `write "${kind}": there is no other device of that kind`
        : device === "cpu"
          ? 'import "flambeau", or registerBackend(cpuWasm()) from @flambeau/backend-cpu-wasm'
          : `registerBackend(...) from @flambeau/backend-${kind}`,
    );
  }
  return backend;
}

/** Where tensors are made when no device is named. Throws DeviceError when nothing is registered under that name. */
export function setDefaultDevice(device: string): void {
  backendOf(device);
  context.defaultDevice = device;
}
export const getDefaultDevice = (): string => context.defaultDevice;

/** The floating dtype of `tensor([1.5])`, `zeros(2)` and of true division of integers: "float32" (default) or "float64". */
export function setDefaultDType(dtype: "float32" | "float64"): void {
  if (dtype !== "float32" && dtype !== "float64")
    throw new DTypeError("setDefaultDType", `must be "float32" or "float64", got ${show(dtype)}`);
  context.defaultDType = dtype;
}
export const getDefaultDType = (): DType => context.defaultDType;
