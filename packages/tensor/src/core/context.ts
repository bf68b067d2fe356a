import type { Backend, Kernels } from "../contract/backend.ts";
import { metaBackend } from "../contract/meta.ts";
import { heedLimit } from "../memory/reclaim.ts";
import { Generator } from "../random/generator.ts";
import { dtypes as allDTypes, type DType } from "./dtype.ts";
import { DeviceError, FlambeauError, show } from "./errors.ts";

/** What a scope owns: a tensor, as far as scopes look at it. */
export interface Owned {
  /** The scope that will free this handle; null for the garbage collector. */
  owner: Owner | null;
  readonly disposed: boolean;
  readonly storage: { watch(): void };
  endWithScope(): void;
}
/** An open scope (memory/scope.ts). */
export interface Owner {
  readonly parent: Owner | null;
  readonly owned: Owned[];
}

/** Of what records calls (door/interpreter.ts has the whole of it) that which a handle has to know. */
export interface Recorder {
  /** `base` was written in place since `view` was made: gives `view` its place in the graph anew. */
  refreshView(view: object, base: object): void;
}

/** An interpreter on the stack (door/stack.ts has the whole of it), and those below it. */
export interface Frame {
  readonly interpreter: { read?(op: string, x: object): void };
  readonly below: Frame | null;
}

/** What all copies of the package in one realm share: the backends, the defaults, the autograd tracer, the open memory scope. */
export interface Context {
  /** How many fields there are to know: a newer copy of the package adds what it knows beyond. */
  layout: number;
  readonly backends: Map<string, Backend>;
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
  readonly generator: Generator;
  /** Records where each tensor is made, for leakReport(). */
  captureSites: boolean;
}

const key = Symbol.for("flambeau/context@2");
const layout = 1;

function find(): Context {
  const realm = globalThis as { [key]?: Context }; // a symbol of ours on the global object
  const found = realm[key];
  if (found && found.layout >= layout) return found;
  const made: Context = {
    layout,
    backends: new Map([["meta", metaBackend]]),
    defaultDevice: "cpu",
    defaultDType: "float32",
    tracer: null,
    stack: null,
    gradEnabled: true,
    inference: false,
    fused: true,
    scope: null,
    generator: new Generator(),
    captureSites: false,
  };
  // what an older copy has put there stays; what it does not know comes beside it
  return (realm[key] = found ? Object.assign(found, { ...made, ...found, layout }) : made);
}

export const context: Context = find();

/** Tells the interpreters that the program reads the values of a tensor. */
export function announceRead(op: string, x: object): void {
  for (let frame = context.stack; frame !== null; frame = frame.below) frame.interpreter.read?.(op, x);
}

/** A device's name without a number that goes without saying: "cuda:0" is "cuda". */
const canonical = (device: string): string => device.replace(/:0$/, "");

/**
 * Makes a backend available under its name: `registerBackend(cpuWasm())`, then `{ device: "cpu" }`. A backend of the same name
 * takes the place of the earlier one for new tensors.
 *
 * @throws FlambeauError when the backend was written for another version of the contract, or does not keep to this one.
 */
export function registerBackend<B extends Backend>(backend: B): B {
  const problem = problemOf(backend);
  if (problem) throw new FlambeauError(...problem);
  context.backends.set(canonical(backend.name), backend);
  heedLimit(backend.memory());
  return backend;
}
/** Takes a backend out of the list; tensors on it go on. True when there was one of that name. */
export const unregisterBackend = (device: string): boolean => context.backends.delete(canonical(device));

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
/** What a backend lacks, and what to do about it. */
function problemOf(backend: Backend): readonly [message: string, hint: string] | null {
  const guide = "see the interface Backend of @flambeau/tensor, and run testBackend of @flambeau/testkit";
  if (typeof backend !== "object" || backend === null)
    return [
      `registerBackend needs a backend, got ${show(backend)}`,
      "a factory may be async: registerBackend(await webgpu())",
    ];
  const { name, contract, dtypes, kernels } = backend as { readonly [K in keyof Backend]?: unknown }; // nobody has looked yet
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]*(:\d+)?$/.test(name))
    return [`a backend's name is a kind like "cuda", or a kind and a number like "cuda:1", not ${show(name)}`, guide];
  if (contract !== 2)
    return [
      `backend "${name}" implements contract ${show(contract)}, this @flambeau/tensor speaks contract 2`,
      "install matching versions of the backend and of @flambeau/tensor",
    ];
  const unknown = dtypes instanceof Set ? [...dtypes].find((d) => !allDTypes.includes(d)) : null;
  if (!(dtypes instanceof Set) || unknown !== undefined || !dtypes.has("bool"))
    return [`backend "${name}": dtypes is a set of dtype names with "bool" among them`, guide];
  for (const method of methods)
    if (typeof backend[method] !== "function") return [`backend "${name}" has no method ${method}`, guide];
  for (const primitive of Object.keys(primitives) as (keyof Kernels)[])
    if (typeof (kernels as Partial<Kernels> | undefined)?.[primitive] !== "function")
      return [`backend "${name}" has no kernel ${primitive}`, guide];
  return null;
}

/** Names of the registered devices; "meta", which is always there, is not among them. */
export const devices = (): string[] => [...context.backends.keys()].filter((name) => name !== "meta");
/** Names of the registered devices that have a dtype, for messages. */
export const devicesWith = (dtype: DType): string =>
  devices()
    .filter((name) => context.backends.get(name)?.dtypes.has(dtype))
    .join(", ") || "none";
/** Runs the synchronous `fn` with `device` as the default device. @throws DeviceError when nothing is registered under that name. */
export function withDevice<T>(device: string, fn: () => T): T {
  const before = context.defaultDevice;
  setDefaultDevice(device);
  try {
    const result = fn();
    if (result instanceof Promise)
      throw new FlambeauError(
        "withDevice takes a synchronous function",
        "name the device where tensors are made: { device }",
      );
    return result;
  } finally {
    context.defaultDevice = before;
  }
}

export function backendOf(device: string = context.defaultDevice): Backend {
  const backend = context.backends.get(device) ?? context.backends.get(canonical(device));
  if (!backend) {
    const [kind, number] = device.split(":");
    throw new DeviceError(
      `no backend is registered for device "${device}" (registered: ${devices().join(", ") || "none"})`,
      number !== undefined && context.backends.has(kind)
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
  context.defaultDType = dtype;
}
export const getDefaultDType = (): DType => context.defaultDType;
