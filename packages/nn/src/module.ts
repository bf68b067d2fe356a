import { ArgumentError, type DType, type Placement, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { deepCopy } from "./copy.ts";
import { enrol } from "./global-hooks.ts";
import { warnOfHidden } from "./hidden.ts";
import { addHook, type BackwardHook, type BackwardPreHook, type ForwardHook, type ForwardPreHook } from "./hooks.ts";
import { emptyAll, moveAll, moveAllAsync } from "./moving.ts";
import { Buffer, isBuffer, isParameter, type Parameter } from "./parameter.ts";
import { isWatched, registered, watched, watching } from "./registrations.ts";
import { moduleTree } from "./repr.ts";
import {
  addStateHook,
  below,
  type LoadResult,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  loadState,
  type StateDict,
  type StateDictLike,
  type StateDictPostHook,
  type StateDictPreHook,
  type StateEntry,
  stateOf,
} from "./state.ts";

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
    enrol(new.target.prototype);
    // biome-ignore lint/correctness/noConstructorReturn: while there are hooks of registrations, fields are watched from their first assignment on
    if (watching()) return watched(this);
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

  /** The key in the state of a field; of a key, itself. @internal */
  keyOfField(name: string): string {
    const keys = this.stateKeys();
    return Object.hasOwn(keys, name) ? keys[name] : name;
  }
  /** The field that has a key in the state; of a field, itself. @internal */
  fieldOfKey(name: string): string {
    return Object.entries(this.stateKeys()).find(([, key]) => key === name)?.[0] ?? name;
  }
  /** The keys of this module's own parameters and buffers. @internal */
  ownNames(): string[] {
    return [...this.fields((x) => isParameter(x) || isBuffer(x))].map(([name]) => name);
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

  /** Direct submodules with their names; one that stands under several names comes once for each. */
  *namedChildren(): Generator<[string, Module]> {
    for (const [name, m] of this.fields(isModule)) yield [name, m];
  }
  /** Direct submodules. */
  *children(): Generator<Module> {
    for (const [, m] of this.namedChildren()) yield m;
  }
  /** This module and all below it with dotted names ("" for this one), each once unless `removeDuplicate` is false. */
  namedModules(options: NamedModulesOptions = option.none): Generator<[string, Module]> {
    checkOptions("namedModules", namedModulesKinds, options);
    const { prefix = "", removeDuplicate = true } = options;
    return this.walk(prefix, removeDuplicate ? new Set() : null, []);
  }
  private *walk(path: string, seen: Set<Module> | null, above: readonly Module[]): Generator<[string, Module]> {
    if (seen?.has(this)) return;
    seen?.add(this);
    const down = seen === null ? below("namedModules", this, above) : above;
    yield [path, this];
    for (const [name, child] of this.namedChildren()) yield* child.walk(path ? `${path}.${name}` : name, seen, down);
  }
  /** This module and all below it, each once. */
  *modules(): Generator<Module> {
    for (const [, m] of this.namedModules()) yield m;
  }

  private *named<T extends Tensor>(is: (x: unknown) => x is T, options: NamedTensorsOptions): Generator<[string, T]> {
    const { prefix = "", recurse = true, removeDuplicate = true } = options;
    warnOfHidden(this);
    const seen = new Set<T>();
    const modules: Iterable<[string, Module]> = recurse
      ? this.namedModules({ prefix, removeDuplicate })
      : [[prefix, this]];
    for (const [path, module] of modules)
      for (const [name, t] of module.fields(is)) {
        if (removeDuplicate && seen.has(t)) continue;
        seen.add(t);
        yield [path ? `${path}.${name}` : name, t];
      }
  }
  /** All parameters with their dotted names; shared ones once unless `removeDuplicate` is false. */
  namedParameters(options: NamedTensorsOptions = option.none): Generator<[string, Parameter]> {
    checkOptions("namedParameters", namedTensorsKinds, options);
    return this.named(isParameter, options);
  }
  /** All parameters, shared ones once. */
  parameters(options: OwnOptions = option.none): Generator<Parameter> {
    checkOptions("parameters", ownKinds, options);
    return seconds(this.namedParameters(options));
  }
  /** All buffers with their dotted names; shared ones once unless `removeDuplicate` is false. */
  namedBuffers(options: NamedTensorsOptions = option.none): Generator<[string, Buffer]> {
    checkOptions("namedBuffers", namedTensorsKinds, options);
    return this.named(isBuffer, options);
  }
  /** All buffers, shared ones once. */
  buffers(options: OwnOptions = option.none): Generator<Buffer> {
    checkOptions("buffers", ownKinds, options);
    return seconds(this.namedBuffers(options));
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
    Object.assign(this, { [name]: isWatched(this) ? value : registered(this, name, value) });
  }
  /** The submodule at a dotted path; "" is this one. @throws ArgumentError when there is none. */
  getSubmodule(path: string): Module {
    return at(
      "getSubmodule",
      "submodule",
      path,
      (p) => this.child(p),
      () => [...this.namedModules()].map(([name]) => name).filter(Boolean),
    );
  }
  private child(path: string): Module | undefined {
    let found: Module | undefined = this;
    for (const name of path === "" ? [] : path.split("."))
      found = found && [...found.namedChildren()].find(([key]) => key === name)?.[1];
    return found;
  }
  /**
   * Puts a module at a dotted path, in the place of the one that is there, or as a new one unless `strict` is true.
   *
   * @throws ArgumentError when the path is empty, leads through what is no module or to something else than one, or, with `strict`, to nothing.
   * @example
   * const model = new nn.Sequential(new nn.Sequential(new nn.Linear(2, 2)), new nn.ReLU());
   * model.setSubmodule("0.0", new nn.Linear(2, 3));
   * model.forward(ones([1, 2])).shape; // [1, 3]
   */
  setSubmodule(path: string, module: Module, options: SetSubmoduleOptions = option.none): void {
    const op = "setSubmodule";
    checkOptions(op, setSubmoduleKinds, options);
    if (typeof path !== "string" || path === "")
      throw new ArgumentError(op, `the path must name something, got ${show(path)}`);
    if (!isModule(module)) throw new ArgumentError(op, `a Module is put there, got ${show(module)}`);
    const parts = path.split(".");
    const name = parts.pop() ?? "";
    const parent = this.getSubmodule(parts.join("."));
    const field = parent.fieldOfKey(name);
    const there: unknown = Reflect.get(parent, field);
    if (there === undefined ? options.strict : !isModule(there))
      throw new ArgumentError(op, `"${path}" is ${there === undefined ? "not there" : `no module but ${show(there)}`}`);
    if (there === undefined) parent.registerModule(name, module);
    else Object.assign(parent, { [field]: module });
  }
  /** The parameter at a dotted path. @throws ArgumentError when there is none. */
  getParameter(path: string): Parameter {
    return at(
      "getParameter",
      "parameter",
      path,
      (p) => this.tensorAt(p, isParameter),
      () => [...this.namedParameters()].map(([name]) => name),
    );
  }
  /** The buffer at a dotted path. @throws ArgumentError when there is none. */
  getBuffer(path: string): Buffer {
    return at(
      "getBuffer",
      "buffer",
      path,
      (p) => this.tensorAt(p, isBuffer),
      () => [...this.namedBuffers()].map(([name]) => name),
    );
  }
  private tensorAt<T extends Tensor>(path: string, is: (x: unknown) => x is T): T | undefined {
    const end = path.lastIndexOf(".");
    const fields = this.child(path.slice(0, Math.max(end, 0)))?.fields(is) ?? [];
    return [...fields].find(([name]) => name === path.slice(end + 1))?.[1];
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
    moveAll("Module.to", this.owned(), target);
    return this;
  }
  /** Converts the floating-point parameters and buffers to a dtype, in place. */
  type(dtype: DType): this {
    if (!option.dtype.takes(dtype))
      throw new ArgumentError("Module.type", `takes ${option.dtype.means}, got ${show(dtype)}`);
    return this.to(dtype);
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
    await moveAllAsync("Module.toAsync", this.owned(), target);
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
    emptyAll(this.owned(), options.device);
    return this;
  }
  private owned(): Tensor[] {
    return [...this.parameters(), ...this.buffers()];
  }

  /**
   * A copy of this module and all below it that shares no memory with them: parameters, their gradients and buffers are copied, also those in
   * arrays, Maps, Sets and plain objects; what is shared inside (a tied weight) is shared inside the copy. Hooks are there, too. Functions and
   * objects of other classes are the same ones as here.
   *
   * @throws AutogradError when a field holds a tensor that an op made with a graph: detach it, or compute it when it is used.
   * @throws ArgumentError when `forward` is a function in a field: it would go on working on this module. Write it as a method.
   * @example
   * const model = new nn.Sequential(new nn.Linear(2, 2));
   * const copy = model.clone();
   * nn.init.zeros_(copy.getParameter("0.weight"));
   * model.getParameter("0.weight").equal(copy.getParameter("0.weight")); // false
   */
  clone(): this {
    return deepCopy(this);
  }

  /**
   * Parameters and persistent buffers by PyTorch's keys, after `prefix`. The tensors share the module's memory.
   *
   * @throws ArgumentError when a module contains itself.
   */
  stateDict(options: StateDictOptions = option.none): StateDict {
    checkOptions("stateDict", stateDictKinds, options);
    warnOfHidden(this);
    return stateOf(this, options.prefix ?? "");
  }
  /** What of the state belongs to this module itself. @internal */
  *ownState(): Generator<StateEntry> {
    for (const [name, tensor, field] of this.fields(isParameter)) yield { name, tensor, field };
    for (const [name, tensor, field] of this.fields(isBuffer)) {
      const own = standIns.get(this)?.get(field) ?? tensor;
      if (isBuffer(own) && own.persistent) yield { name, tensor, field };
    }
  }
  /**
   * What else belongs to the state, as a tensor: it stands under the key `_extra_state`, and comes back through {@link setExtraState}. Modules
   * that have something override both.
   */
  getExtraState(): Tensor | undefined {
    return undefined;
  }
  /** Takes what {@link getExtraState} gave. */
  setExtraState(state: Tensor): void {
    throw new ArgumentError(
      "setExtraState",
      `${this.constructor.name} takes no extra state, got ${show(state)}`,
      "override getExtraState and setExtraState",
    );
  }
  /**
   * Copies values into this module's parameters and buffers, or, with `assign`, puts the given tensors in their place, whatever their dtype and
   * device. Everything is checked before anything is written (what hooks that come after it forgive is looked at after). Tensors whose device was
   * lost, or whose backend another one has taken the place of, get new memory where the device's name leads now.
   *
   * @throws FlambeauError naming missing and unexpected keys (unless `strict` is false), ShapeError for sizes that differ,
   * UnavailableError for values from another device that cannot be read synchronously.
   */
  loadStateDict(state: StateDictLike, options: LoadStateDictOptions = option.none): LoadResult {
    checkOptions("loadStateDict", loadStateDictKinds, options);
    const { strict = true, assign = false } = options;
    return loadState(this, state, strict, assign);
  }
  /** Calls `hook(module, prefix)` before this module's part of a state is made. Gives a function that removes it. */
  registerStateDictPreHook(hook: StateDictPreHook<this>): () => void {
    checkFunction("registerStateDictPreHook", "hook", hook);
    return addStateHook(this, "statePre", hook);
  }
  /**
   * Calls `hook(module, state, prefix)` once this module's part of a state, and those of the modules below, are in it; it may change the state.
   * Gives a function that removes it.
   */
  registerStateDictPostHook(hook: StateDictPostHook<this>): () => void {
    checkFunction("registerStateDictPostHook", "hook", hook);
    return addStateHook(this, "statePost", hook);
  }
  /**
   * Calls `hook(module, state, prefix, progress)` before this module looks for its keys; it may change the state, which is this module's part of
   * the one that is loaded, with whole keys. Gives a function that removes it.
   */
  registerLoadStateDictPreHook(hook: LoadStateDictPreHook<this>): () => void {
    checkFunction("registerLoadStateDictPreHook", "hook", hook);
    return addStateHook(this, "loadPre", hook);
  }
  /**
   * Calls `hook(module, { missingKeys, unexpectedKeys })` when this module and those below are loaded; what it takes out of the lists is not
   * complained of. Gives a function that removes it.
   */
  registerLoadStateDictPostHook(hook: LoadStateDictPostHook<this>): () => void {
    checkFunction("registerLoadStateDictPostHook", "hook", hook);
    return addStateHook(this, "loadPost", hook);
  }

  /**
   * Calls `hook(module, inputs, output)` after forward; what it returns, if anything, is the output. Hooks come in the order of their
   * registration, with `prepend` before those that are there. With `alwaysCall` it is called, too, when something before it throws, with the
   * output undefined if there is none yet. Gives a function that removes it.
   */
  registerForwardHook(hook: ForwardHook<this>, options: ForwardHookOptions = option.none): () => void {
    checkOptions("registerForwardHook", forwardHookKinds, options);
    checkFunction("registerForwardHook", "hook", hook);
    return addHook(this, "forward", hook, options);
  }
  /** Calls `hook(module, inputs)` before forward; a returned array takes the inputs' place. Otherwise as {@link registerForwardHook}. */
  registerForwardPreHook(hook: ForwardPreHook<this>, options: HookOptions = option.none): () => void {
    checkOptions("registerForwardPreHook", hookKinds, options);
    checkFunction("registerForwardPreHook", "hook", hook);
    return addHook(this, "forwardPre", hook, options);
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
  registerFullBackwardHook(hook: BackwardHook<this>, options: HookOptions = option.none): () => void {
    checkOptions("registerFullBackwardHook", hookKinds, options);
    checkFunction("registerFullBackwardHook", "hook", hook);
    return addHook(this, "backward", hook, options);
  }
  /**
   * Calls `hook(module, gradOutputs)` in each backward before the gradients of this module's outputs go into it; a list that it returns takes
   * their place. Otherwise as {@link registerFullBackwardHook}.
   */
  registerFullBackwardPreHook(hook: BackwardPreHook<this>, options: HookOptions = option.none): () => void {
    checkOptions("registerFullBackwardPreHook", hookKinds, options);
    checkFunction("registerFullBackwardPreHook", "hook", hook);
    return addHook(this, "backwardPre", hook, options);
  }

  /** The module tree as PyTorch prints it. */
  toString(): string {
    return moduleTree(this);
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

export interface HookOptions {
  /** Before the hooks that are there already. Default false. */
  readonly prepend?: boolean | undefined;
}
const hookKinds: Kinds<HookOptions> = { prepend: option.boolean };
export interface ForwardHookOptions extends HookOptions {
  /** Called, too, when something before it throws. Default false. */
  readonly alwaysCall?: boolean | undefined;
}
const forwardHookKinds: Kinds<ForwardHookOptions> = { ...hookKinds, alwaysCall: option.boolean };
/** Whether only this module itself is asked. */
export interface OwnOptions {
  /** Of all modules below, too. Default true. */
  readonly recurse?: boolean | undefined;
}
const ownKinds: Kinds<OwnOptions> = { recurse: option.boolean };
export interface NamedModulesOptions {
  /** What all names start with, before a dot. Default "". */
  readonly prefix?: string | undefined;
  /** What stands under several names comes once, under the first. Default true. */
  readonly removeDuplicate?: boolean | undefined;
}
const namedModulesKinds: Kinds<NamedModulesOptions> = { prefix: option.string, removeDuplicate: option.boolean };
export interface NamedTensorsOptions extends OwnOptions, NamedModulesOptions {}
const namedTensorsKinds: Kinds<NamedTensorsOptions> = { ...namedModulesKinds, ...ownKinds };
export interface StateDictOptions {
  /** What all keys start with, as it is: end it with a dot. Default "". */
  readonly prefix?: string | undefined;
}
const stateDictKinds: Kinds<StateDictOptions> = { prefix: option.string };
export interface LoadStateDictOptions {
  /** Keys that are missing or unexpected are an error. Default true. */
  readonly strict?: boolean | undefined;
  /** Put the given tensors in the place of the module's, instead of copying their values. Default false. */
  readonly assign?: boolean | undefined;
}
const loadStateDictKinds: Kinds<LoadStateDictOptions> = { strict: option.boolean, assign: option.boolean };
export interface SetSubmoduleOptions {
  /** Refuse a path that leads to nothing. Default false. */
  readonly strict?: boolean | undefined;
}
const setSubmoduleKinds: Kinds<SetSubmoduleOptions> = { strict: option.boolean };

function* seconds<T>(pairs: Iterable<readonly [string, T]>): Generator<T> {
  for (const [, value] of pairs) yield value;
}
/** What is found at a dotted path. @throws ArgumentError that names what there is. */
function at<T>(
  op: string,
  what: string,
  path: string,
  find: (path: string) => T | undefined,
  names: () => string[],
): T {
  const found = typeof path === "string" ? find(path) : undefined;
  if (found !== undefined) return found;
  throw new ArgumentError(op, `there is no ${what} ${show(path)}`, `${what}s: ${names().join(", ") || "none"}`);
}
function checkFlag(op: string, name: string, value: boolean): void {
  if (typeof value !== "boolean") throw new ArgumentError(op, `${name} must be a boolean, got ${show(value)}`);
}
