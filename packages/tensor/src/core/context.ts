import type { Backend } from "../contract/backend.ts";
import { heedLimit } from "../memory/reclaim.ts";
import { Generator } from "../random/generator.ts";
import type { DType } from "./dtype.ts";
import { DeviceError, FlambeauError } from "./errors.ts";

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
  readonly contract: 1;
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

const key = Symbol.for("flambeau/context@1");

function find(): Context {
  const realm = globalThis as { [key]?: Context }; // a symbol of ours on the global object
  const found = realm[key];
  if (found) {
    if (found.contract !== 1)
      throw new FlambeauError(
        `two copies of @flambeau/tensor with different contracts are loaded: ${String(found.contract)} and 1`,
        "install one version of the flambeau packages (npm ls @flambeau/tensor)",
      );
    return found;
  }
  const made: Context = {
    contract: 1,
    backends: new Map(),
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
  realm[key] = made;
  return made;
}

export const context: Context = find();

/** Tells the interpreters that the program reads the values of a tensor. */
export function announceRead(op: string, x: object): void {
  for (let frame = context.stack; frame !== null; frame = frame.below) frame.interpreter.read?.(op, x);
}

/**
 * Makes a backend available under its name: `registerBackend(cpuWasm())`, then `{ device: "cpu" }`. A backend of the same name
 * takes the place of the earlier one for new tensors.
 *
 * @throws FlambeauError when the backend was written for another version of the contract.
 */
export function registerBackend<B extends Backend>(backend: B): B {
  if (backend.contract !== 1)
    throw new FlambeauError(
      `backend "${backend.name}" implements contract ${String(backend.contract)}, this @flambeau/tensor speaks contract 1`,
      "install matching versions of the backend and of @flambeau/tensor",
    );
  context.backends.set(backend.name, backend);
  heedLimit(backend.memory());
  return backend;
}

/** Names of the registered devices. */
export const devices = (): string[] => [...context.backends.keys()];

export function backendOf(device: string = context.defaultDevice): Backend {
  const backend = context.backends.get(device);
  if (!backend) {
    const [kind, number] = device.split(":");
    throw new DeviceError(
      `no backend is registered for device "${device}" (registered: ${devices().join(", ") || "none"})`,
      number !== undefined && context.backends.has(kind)
        ? `write "${kind}": there is one device of that name`
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
