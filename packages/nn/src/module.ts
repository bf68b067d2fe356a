import {
  ArgumentError,
  type Backend,
  backendOf,
  clone,
  copy_,
  detach,
  emptyLike,
  FlambeauError,
  isFloat,
  keep,
  noGrad,
  type Placement,
  ShapeError,
  type Tensor,
  to,
  toAsync,
} from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkOptions,
  checkTensor,
  hasDevice,
  option,
  sameShape,
  show,
  unreadable,
} from "@flambeau/tensor/plugin";
import { warnOfHidden } from "./hidden.ts";
import { addHook, type BackwardHook, type BackwardPreHook, type ForwardHook, type ForwardPreHook } from "./hooks.ts";
import { Buffer, isBuffer, isParameter, type Parameter } from "./parameter.ts";
import { moduleTree } from "./repr.ts";

/** Names to tensors, in PyTorch's order and with PyTorch's keys. */
export type StateDict = Map<string, Tensor>;
/** What stateDict gives and what files hold; both are accepted. */
export type StateDictLike = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;

export interface LoadResult {
  /** Keys of the module that the state lacks. */
  readonly missingKeys: string[];
  /** Keys of the state that the module lacks. */
  readonly unexpectedKeys: string[];
}

/** Where a parameter or buffer stands. */
export interface Place {
  readonly name: string;
  readonly tensor: Tensor;
  readonly module: Module;
  readonly field: string;
}
/** Parameters and buffers in whose fields other tensors stand for a while, which count as what they stand for. */
export const standIns = new WeakMap<Module, Map<string, Tensor>>();

/**
 * Whether a value is a {@link Module}, be it of another copy of this package: `isModule(layer)`.
 *
 * Shape: none; anything goes in, a bool comes out.
 *
 * @throws nothing, whatever it is given.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
 * @example
 * nn.isModule(new nn.ReLU()); // true
 * nn.isModule({ forward: () => 1 }); // false
 */
export const isModule = (x: unknown): x is Module => typeof x === "object" && x !== null && "isModule" in x;

/**
 * The base of all layers and models: a class with a `forward`, called as `y = model.forward(x)`. Fields that hold a Parameter, Buffer or
 * Module are found by reflection, in the order of their assignment; nothing is registered by hand.
 *
 * Shapes: what `forward` takes and gives.
 *
 * @throws ArgumentError from `registerParameter`, `registerBuffer` and `registerModule` when the name is empty, holds a dot or is that of a
 * method; from `getSubmodule` and `getParameter` when there is nothing at the path.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
 * @example
 * import { nn, randn, type Tensor } from "flambeau";
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(4, 8);
 *   out = new nn.Linear(8, 2);
 *   forward(x: Tensor): Tensor {
 *     return this.out.forward(this.hidden.forward(x).relu());
 *   }
 * }
 * const net = new Net();
 * net.forward(randn([3, 4])).shape; // [3, 2]
 * [...net.stateDict().keys()]; // ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]
 */
export abstract class Module {
  readonly isModule = true;

  constructor();
  // a class without a constructor of its own hands its arguments on to here
  constructor(...surplus: unknown[]) {
    if (surplus.length > 0)
      throw new ArgumentError(this.constructor.name, `takes no arguments, got ${surplus.map(show).join(", ")}`);
  }
  /** Whether layers that behave differently in training do so; `train` and `eval` set it. */
  training = true;

  /** Computes the module's result; submodules are run by calling their `forward`. What it takes and gives is each module's own. */
  // biome-ignore lint/suspicious/noExplicitAny: a module of unknown class can be called, by one who knows what it takes
  abstract forward(...inputs: any[]): any;

  /** Field names whose stateDict key differs (PyTorch's snake case for our layers' camel case). */
  protected stateKeys(): Readonly<Record<string, string>> {
    return {};
  }
  /** What stands between the parentheses when the module is printed. */
  extraRepr(): string {
    return "";
  }

  private *fields<T>(is: (x: unknown) => x is T): Generator<[name: string, value: T, field: string]> {
    const keys = this.stateKeys();
    const absent = standIns.get(this);
    for (const [field, value] of Object.entries(this))
      if (is(value) || is(absent?.get(field))) yield [keys[field] ?? field, value as T, field]; // or what stands for one
  }
  /** Every parameter and buffer by each of the names that it has, also those of shared ones, and the fields that hold them. @internal */
  *namedPlaces(prefix = "", above: readonly Module[] = []): Generator<Place> {
    const path = below("functionalCall", this, above);
    const held = (x: unknown): x is Tensor => isParameter(x) || isBuffer(x);
    for (const [name, tensor, field] of this.fields(held)) yield { name: prefix + name, tensor, module: this, field };
    for (const [name, child] of this.namedChildren()) yield* child.namedPlaces(`${prefix}${name}.`, path);
  }

  /** Direct submodules with their names. */
  *namedChildren(): Generator<[string, Module]> {
    for (const [name, m] of this.fields(isModule)) yield [name, m];
  }
  /** Direct submodules. */
  *children(): Generator<Module> {
    for (const [, m] of this.namedChildren()) yield m;
  }
  /** This module and all below it, each once, with dotted names ("" for this one). */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[string, Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.namedChildren())
      yield* child.namedModules(prefix ? `${prefix}.${name}` : name, seen);
  }
  /** This module and all below it, each once. */
  *modules(): Generator<Module> {
    for (const [, m] of this.namedModules()) yield m;
  }

  private *named<T extends Tensor>(is: (x: unknown) => x is T): Generator<[string, T]> {
    warnOfHidden(this);
    const seen = new Set<T>();
    for (const [path, module] of this.namedModules())
      for (const [name, t] of module.fields(is)) {
        if (seen.has(t)) continue;
        seen.add(t);
        yield [path ? `${path}.${name}` : name, t];
      }
  }
  /** All parameters with their dotted names; shared ones once. */
  *namedParameters(): Generator<[string, Parameter]> {
    yield* this.named(isParameter);
  }
  /** All parameters, shared ones once. */
  *parameters(): Generator<Parameter> {
    for (const [, p] of this.namedParameters()) yield p;
  }
  /** All buffers with their dotted names; shared ones once. */
  *namedBuffers(): Generator<[string, Buffer]> {
    yield* this.named(isBuffer);
  }
  /** All buffers, shared ones once. */
  *buffers(): Generator<Buffer> {
    for (const [, b] of this.namedBuffers()) yield b;
  }

  /** Adds a parameter under a computed name. */
  registerParameter(name: string, parameter: Parameter | null): void {
    if (parameter !== null && !isParameter(parameter))
      throw new ArgumentError(
        "registerParameter",
        `"${name}" must be a Parameter or null, got ${show(parameter)}`,
        "write new nn.Parameter(tensor)",
      );
    this.register(name, parameter);
  }
  /** Adds a buffer under a computed name. */
  registerBuffer(name: string, data: Tensor | null, options: { readonly persistent?: boolean | undefined } = {}): void {
    checkOptions("registerBuffer", { persistent: option.boolean }, options);
    this.register(name, data === null ? null : new Buffer(data, options.persistent ?? true));
  }
  /** Adds a submodule under a computed name. */
  registerModule(name: string, module: Module | null): void {
    if (module !== null && !isModule(module))
      throw new ArgumentError("registerModule", `"${name}" must be a Module or null, got ${show(module)}`);
    this.register(name, module);
  }
  private register(name: string, value: unknown): void {
    if (typeof name !== "string" || name === "" || name.includes("."))
      throw new ArgumentError("register", `a name must not be empty or hold a dot, got ${show(name)}`);
    if (name in Object.getPrototypeOf(this))
      throw new ArgumentError("register", `"${name}" is the name of a Module method`);
    Object.assign(this, { [name]: value });
  }
  /** The submodule at a dotted path. */
  getSubmodule(path: string): Module {
    for (const [name, m] of this.namedModules()) if (name === path) return m;
    throw new ArgumentError(
      "getSubmodule",
      `there is no submodule "${path}"`,
      `submodules: ${
        [...this.namedModules()]
          .map(([n]) => n)
          .filter(Boolean)
          .join(", ") || "none"
      }`,
    );
  }
  /** The parameter at a dotted path. */
  getParameter(path: string): Parameter {
    for (const [name, p] of this.namedParameters()) if (name === path) return p;
    throw new ArgumentError(
      "getParameter",
      `there is no parameter "${path}"`,
      `parameters: ${[...this.namedParameters()].map(([n]) => n).join(", ") || "none"}`,
    );
  }

  /**
   * Calls `fn` on every submodule, children first, then on this one.
   *
   * @throws ArgumentError when a module contains itself.
   */
  apply(fn: (module: Module) => void): this {
    checkFunction("Module.apply", "fn", fn);
    const visit = (module: Module, above: readonly Module[]) => {
      const path = below("apply", module, above);
      for (const child of module.children()) visit(child, path);
      fn(module);
    };
    visit(this, []);
    return this;
  }
  /** Switches layers that behave differently in training (dropout, batch norm). */
  train(mode = true): this {
    checkFlag("Module.train", "mode", mode);
    for (const m of this.modules()) m.training = mode;
    return this;
  }
  /** train(false). */
  eval(): this {
    return this.train(false);
  }
  /** Turns recording on or off for all parameters. */
  requiresGrad_(value = true): this {
    checkFlag("Module.requiresGrad_", "value", value);
    for (const p of this.parameters()) p.requiresGrad = value;
    return this;
  }
  /** Drops all gradients. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.grad = null;
  }
  /**
   * Moves all parameters and buffers to a device, or converts the floating-point ones, in place.
   *
   * @throws UnavailableError from a device that cannot be read synchronously (nothing is moved): write `await module.toAsync("cpu")`.
   */
  to(target: Placement): this {
    checkTarget("Module.to", target);
    const wanted = typeof target === "object" ? target.device : target;
    const backend = wanted !== undefined && hasDevice(wanted) ? backendOf(wanted) : undefined; // none for a dtype
    for (const t of this.owned())
      if (backend && t.backend !== backend && !t.backend.readSync)
        throw unreadable("Module.to", t, "a transfer reads it", `write: await module.toAsync("${wanted}")`);
    noGrad(() => {
      for (const t of this.owned()) {
        const own = targetFor(t, target);
        const moved = to(t, own);
        if (moved === t) continue;
        t.setData(moved);
        moved.dispose();
        t.grad = t.grad && to(t.grad, own);
      }
    });
    return this;
  }
  /** Converts the floating-point parameters and buffers to float32, in place. */
  float(): this {
    return this.to("float32");
  }
  /** Converts the floating-point parameters and buffers to float64, in place. */
  double(): this {
    return this.to("float64");
  }
  /** Converts the floating-point parameters and buffers to float16, in place. */
  half(): this {
    return this.to("float16");
  }
  /** Converts the floating-point parameters and buffers to bfloat16, in place. */
  bfloat16(): this {
    return this.to("bfloat16");
  }
  /** {@link to} that waits for the devices; works from every device to every other. Parameters stay the same objects. */
  async toAsync(target: Placement): Promise<this> {
    checkTarget("Module.toAsync", target);
    const elsewhere = async (t: Tensor, own: Placement): Promise<Tensor> => {
      const handle = detach(t); // unrecorded, and nobody else's
      const moved = await toAsync(handle, own);
      if (moved !== handle) handle.dispose();
      return moved;
    };
    const all = await Promise.all(
      this.owned().map(async (t) => {
        const own = targetFor(t, target);
        return { t, moved: await elsewhere(t, own), grad: t.grad && (await elsewhere(t.grad, own)) };
      }),
    );
    for (const { t, moved, grad } of all) {
      t.setData(moved);
      moved.dispose();
      if (grad) t.grad = keep(grad);
    }
    return this;
  }
  /**
   * Gives all parameters and buffers memory on a device without setting it, in place: for a module that was made on "meta" (whose
   * tensors have no values to move) and whose values come from a file.
   *
   * @throws DeviceError when nothing is registered under the device's name, DTypeError when it lacks a dtype.
   * @example
   * import { nn, withDevice } from "flambeau";
   * const model = withDevice("meta", () => new nn.Linear(10_000, 10_000)); // takes no memory
   * console.log(model.weight.device, model.weight.shape); // meta [10000, 10000]
   * const small = withDevice("meta", () => new nn.Linear(2, 3)).toEmpty({ device: "cpu" });
   * console.log(small.weight.device); // cpu
   */
  toEmpty(options: { readonly device: string }): this {
    checkOptions("toEmpty", { device: option.string }, options);
    const { device } = options;
    noGrad(() => {
      for (const t of this.owned()) {
        const made = emptyLike(t, { device });
        t.setData(made);
        made.dispose();
        t.grad = null;
      }
    });
    return this;
  }
  private owned(): Tensor[] {
    return [...this.parameters(), ...this.buffers()];
  }

  /**
   * Parameters and persistent buffers by PyTorch's keys. The tensors share the module's memory.
   *
   * @throws ArgumentError when a module contains itself.
   */
  stateDict(): StateDict {
    warnOfHidden(this);
    const out: StateDict = new Map();
    const visit = (module: Module, prefix: string, above: readonly Module[]) => {
      const path = below("stateDict", module, above);
      for (const [name, p] of module.fields(isParameter)) out.set(prefix + name, p);
      for (const [name, b, field] of module.fields(isBuffer)) {
        const own = standIns.get(module)?.get(field) ?? b;
        if (isBuffer(own) && own.persistent) out.set(prefix + name, b);
      }
      for (const [name, child] of module.namedChildren()) visit(child, `${prefix}${name}.`, path);
    };
    visit(this, "", []);
    return out;
  }
  /**
   * Copies values into this module's parameters and buffers. Everything is checked before anything is written. Tensors whose device was
   * lost, or whose backend another one has taken the place of, get new memory where the device's name leads now.
   *
   * @throws FlambeauError naming missing and unexpected keys (unless `strict` is false), ShapeError for sizes that differ,
   * UnavailableError for values from another device that cannot be read synchronously.
   */
  loadStateDict(state: StateDictLike, options: { readonly strict?: boolean | undefined } = {}): LoadResult {
    checkOptions("loadStateDict", { strict: option.boolean }, options);
    const { strict = true } = options;
    if (!option.object.takes(state))
      throw new ArgumentError(
        "loadStateDict",
        `the state is a Map or an object of tensors by name, got ${show(state)}`,
      );
    const given = new Map<string, Tensor>(state instanceof Map ? state : Object.entries(state));
    const own = this.stateDict();
    const missingKeys = [...own.keys()].filter((k) => !given.has(k));
    const unexpectedKeys = [...given.keys()].filter((k) => !own.has(k));
    if (strict && missingKeys.length + unexpectedKeys.length > 0)
      throw new FlambeauError(
        `loadStateDict: ${missingKeys.length ? `missing keys: ${missingKeys.join(", ")}` : ""}${missingKeys.length && unexpectedKeys.length ? "; " : ""}${unexpectedKeys.length ? `unexpected keys: ${unexpectedKeys.join(", ")}` : ""}`,
        "pass { strict: false } to load what fits",
      );
    for (const [key, target] of own) {
      if (!given.has(key)) continue;
      const source = given.get(key);
      checkTensor("loadStateDict", `"${key}"`, source);
      if (!sameShape(source.shape, target.shape))
        throw new ShapeError(
          "loadStateDict",
          `"${key}" has shape [${source.shape.join(",")}], the module's is [${target.shape.join(",")}]`,
          [source.shape, target.shape],
        );
      if (source.backend !== homeOf(target) && !source.backend.readSync)
        throw unreadable(
          "loadStateDict",
          source,
          `"${key}" goes to device "${target.device}"`,
          `await x.toAsync("${target.device}") each tensor of the state first`,
        );
    }
    noGrad(() => {
      for (const [key, target] of own) {
        const source = given.get(key);
        if (!source || source === target) continue;
        if (target.backend === homeOf(target)) copy_(target, source);
        else rehome(target, source);
      }
    });
    return { missingKeys, unexpectedKeys };
  }

  /**
   * Calls `hook(module, inputs, output)` after forward; what it returns, if anything, is the output. Hooks come in the order of their
   * registration, with `prepend` before those that are there. Gives a function that removes it.
   */
  registerForwardHook(hook: ForwardHook<Module>, options: HookOptions = option.none): () => void {
    const prepend = prepends("registerForwardHook", options);
    checkFunction("registerForwardHook", "hook", hook);
    return addHook(this, "forward", hook, prepend);
  }
  /** Calls `hook(module, inputs)` before forward; a returned array takes the inputs' place. Otherwise as {@link registerForwardHook}. */
  registerForwardPreHook(hook: ForwardPreHook<Module>, options: HookOptions = option.none): () => void {
    const prepend = prepends("registerForwardPreHook", options);
    checkFunction("registerForwardPreHook", "hook", hook);
    return addHook(this, "forwardPre", hook, prepend);
  }
  /**
   * Calls `hook(module, gradInputs, gradOutputs)` in each backward through a call of this module, once the gradients of its inputs are there:
   * lists in the order of its arguments and results (tensors among them, or a list of tensors), null for those without a gradient. A list that
   * it returns takes the place of the first. Where no argument requires a gradient, it is called with those of the outputs. Gives a function that
   * removes it.
   *
   * Writes in place to what the module was given or gave go past the hook.
   *
   * @throws AutogradError from backward when it returns another number of gradients, or a gradient comes to the inputs past the outputs.
   */
  registerFullBackwardHook(hook: BackwardHook<Module>, options: HookOptions = option.none): () => void {
    const prepend = prepends("registerFullBackwardHook", options);
    checkFunction("registerFullBackwardHook", "hook", hook);
    return addHook(this, "backward", hook, prepend);
  }
  /**
   * Calls `hook(module, gradOutputs)` in each backward before the gradients of this module's outputs go into it; a list that it returns takes
   * their place. Otherwise as {@link registerFullBackwardHook}.
   */
  registerFullBackwardPreHook(hook: BackwardPreHook<Module>, options: HookOptions = option.none): () => void {
    const prepend = prepends("registerFullBackwardPreHook", options);
    checkFunction("registerFullBackwardPreHook", "hook", hook);
    return addHook(this, "backwardPre", hook, prepend);
  }

  /** The module tree as PyTorch prints it. */
  toString(): string {
    return moduleTree(this);
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

interface HookOptions {
  /** Before the hooks that are there already. Default false. */
  readonly prepend?: boolean | undefined;
}
function prepends(op: string, options: HookOptions): boolean {
  checkOptions<HookOptions>(op, { prepend: option.boolean }, options);
  return options.prepend ?? false;
}

/** The modules from the root down to `module`. @throws ArgumentError when it is one of those above it. */
function below(op: string, module: Module, above: readonly Module[]): readonly Module[] {
  if (above.includes(module))
    throw new ArgumentError(op, `a ${module.constructor.name} contains itself: there is no end to its submodules`);
  return [...above, module];
}
/** Where tensors of a tensor's device are made now: another backend of that name may have taken the place of its own. */
const homeOf = (t: Tensor): Backend => (hasDevice(t.device) ? backendOf(t.device) : t.backend);
/** Gives `target` the values of `source` in memory of its device's present backend. What it had is not looked at: it may be lost. */
function rehome(target: Tensor, source: Tensor): void {
  const { device, dtype } = target;
  const moved = to(source, { device, dtype });
  const made = moved.storage === source.storage || !moved.rowMajor ? clone(moved) : moved;
  target.setData(made);
  target.grad = null;
  if (moved !== source) moved.dispose();
  made.dispose();
}

function checkFlag(op: string, name: string, value: boolean): void {
  if (typeof value !== "boolean") throw new ArgumentError(op, `${name} must be a boolean, got ${show(value)}`);
}
function checkTarget(op: string, target: Placement): void {
  if (typeof target !== "string") checkOptions(op, { dtype: option.dtype, device: option.string }, target);
}
/** A dtype is for the floating-point tensors only. */
function targetFor(t: Tensor, target: Placement): Placement {
  if (isFloat(t.dtype)) return target;
  if (typeof target === "string") return isDType(target) ? t.dtype : target;
  return { device: target.device };
}
const isDType = (name: string): boolean => /^(float|bfloat|int|uint|bool)/.test(name);
