import {
  ArgumentError,
  clone,
  DeviceError,
  isTensor,
  keep,
  noGrad,
  type Tensor,
  zero_,
} from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  context,
  type Given,
  type Kinds,
  option,
  release,
  show,
  toDevice,
  withDefaults,
} from "@flambeau/tensor/plugin";
import {
  type HookOptions,
  hookKinds,
  OptimizerHooks,
  type StateDictHook,
  type StepPostHook,
  type StepPreHook,
} from "./hooks.ts";
import { type OptimizerState, type ParamState, readState, type StateValue } from "./state-dict.ts";

/** Tensors that share hyper-parameters; the options left out are the optimizer's defaults. Names are there where they were given. */
export type ParamGroup<O> = { params: Tensor[]; paramNames?: readonly string[] } & O;
/** A parameter with its name, as `module.namedParameters()` gives them. */
export type NamedParam = readonly [name: string, parameter: Tensor];
export type ParamGroupInit<O extends object> = {
  readonly params: Iterable<Tensor> | Iterable<NamedParam>;
  readonly paramNames?: readonly string[] | undefined;
} & Given<O>;
interface Group {
  readonly params: Iterable<Tensor | NamedParam>;
  readonly paramNames?: readonly string[] | undefined;
  /** The base rates that schedules keep in the groups, for groups of another optimizer. */
  readonly initialLr?: number | undefined;
  /** Read by those optimizers that have the option. */
  readonly differentiable?: boolean | undefined;
}
/** Parameters, parameters with names (of all or of none), or groups of either. */
export type Params<O extends object> = Iterable<Tensor> | Iterable<NamedParam> | Iterable<ParamGroupInit<O>>;

/**
 * The base of all optimizers: parameter groups, per-parameter state, and saving and loading both; a subclass says how to step,
 * `p = step(p, p.grad, state)`.
 *
 * Parameters are given as tensors (`model.parameters()`), as pairs of a name and a tensor (`model.namedParameters()`), or as groups
 * `{ params, ...options }` of either, whose options take the place of the defaults. Names go into the groups' `paramNames` and into state
 * dicts; loading goes by position. The state of a parameter is made at its first step, where the parameter is.
 *
 * Shapes: parameters of any shapes; those without a gradient are left as they are.
 *
 * @throws ArgumentError for no parameters, one that is no leaf or is given twice, and options out of range; DeviceError from `step` when a
 * parameter was moved away from its gradient or state; FormatError from `loadStateDict` when the state does not fit.
 * @see https://docs.pytorch.org/docs/stable/optim.html#torch.optim.Optimizer
 * @example
 * const [weight, bias] = [zeros([2, 2], { requiresGrad: true }), zeros([2], { requiresGrad: true })];
 * const groups = [{ params: [weight] }, { params: [bias], lr: 0.01 }];
 * const optimizer = new optim.SGD(groups, { lr: 0.1, momentum: 0.9 });
 * optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum]); // [[0.1, 0.9], [0.01, 0.9]]
 */
export abstract class Optimizer<O extends object> {
  readonly defaults: O;
  readonly paramGroups: ParamGroup<O>[] = [];
  protected state = new Map<Tensor, ParamState>();
  readonly #groupKinds: Kinds<Group & O>;
  readonly #hooks = new OptimizerHooks();

  /**
   * The `options` that are given take the place of `defaults`. A subclass that leaves `kinds` out takes any value for the options that
   * have a default.
   */
  constructor(params: Params<O>, defaults: O, kinds: Kinds<O> = anyOf(defaults), options: Given<O> = {}) {
    this.defaults = withDefaults(this.constructor.name, kinds, defaults, options);
    // the groups of another optimizer hold the base rates of its schedules
    this.#groupKinds = {
      params: option.iterable,
      ...kinds,
      paramNames: option.listOf(option.string),
      ...scheduleKinds,
    } as unknown as Kinds<Group & O>; // those of O are kinds'
    if (!option.iterable.takes(params))
      throw new ArgumentError(
        this.constructor.name,
        `params must be a list of tensors or of groups, got ${show(params)}`,
        "pass model.parameters()",
      );
    const list = [...(params as Iterable<Tensor | ParamGroupInit<O>>)]; // either kind; told apart below
    if (list.length === 0)
      throw new ArgumentError(this.constructor.name, "got no parameters", "pass model.parameters()");
    if (list.some((p) => isTensor(p) || Array.isArray(p)))
      this.addParamGroup({ params: list as Tensor[] } as unknown as ParamGroupInit<O>); // looked at there
    else for (const group of list as ParamGroupInit<O>[]) this.addParamGroup(group);
    this.#hooks.around(this);
  }

  /**
   * Adds tensors, with names or without, with options of their own.
   *
   * @throws ArgumentError for a tensor that is no leaf or is known, names of some and not of all, and options out of range.
   */
  addParamGroup(group: ParamGroupInit<O>): void {
    const op = this.constructor.name;
    const none = { ...this.defaults, params: [] } as unknown as Group & O; // the options are the defaults'
    const settled = withDefaults<Group & O>(op, this.#groupKinds, none, group as unknown as Given<Group & O>); // the same but for params
    if (group.params === undefined)
      throw new ArgumentError(op, "a parameter group needs params", "write { params: [...] } with its options");
    const { params: given, paramNames, ...options } = settled;
    const { params, names } = separate(op, [...given], paramNames);
    if (this.paramGroups.length > 0 && (this.paramGroups[0].paramNames === undefined) !== (names === undefined))
      throw new ArgumentError(op, "parameters of some groups have names, those of others none", namesHint);
    this.checkParams(params);
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    for (const p of params) {
      checkTensor(op, "each parameter", p);
      if (!p.isLeaf && settled.differentiable !== true)
        throw new ArgumentError(op, "only leaf tensors can be optimized", "pass parameters, not results of operations");
      if (known.has(p)) throw new ArgumentError(op, "a parameter appears in more than one group, or twice in one");
      known.add(p);
    }
    const full = { ...options, params, ...(names && { paramNames: names }) } as unknown as ParamGroup<O>; // all are there
    this.check(full);
    this.paramGroups.push(full);
  }

  /** Refuses options out of range. */
  protected abstract check(options: O): void;
  /** Refuses parameters that the optimizer cannot take. */
  protected checkParams(_params: readonly Tensor[]): void {}
  /** Updates the parameters from their gradients; returns what `closure` gave. */
  abstract step(closure?: () => Tensor): Tensor | undefined;

  /** The shape that a parameter's state tensor `name` has. */
  protected stateShape(_name: string, p: Tensor): readonly number[] {
    return p.shape;
  }
  /** Whether a step may be taken again without this code: with what FusedSteps say, or with numbers that follow from the state's and the options. */
  protected readonly repeats: boolean = false;

  /** Whether `state` is a parameter's: another may have been loaded. */
  protected isOwn(p: Tensor, state: ParamState): boolean {
    return this.state.get(p) === state;
  }
  /** The state of a parameter, empty at first. @throws DeviceError when the parameter was moved away from its state or gradient. */
  protected stateOf(p: Tensor): ParamState {
    if (!this.repeats) context.tape?.refuse(`a step of ${this.constructor.name}`);
    if (p.grad !== null && p.grad.backend !== p.backend)
      throw new DeviceError(
        `${this.constructor.name}: a parameter is on ${p.device}, its gradient on ${p.grad.device}`,
        "call zeroGrad() after moving a parameter by hand; module.to() and module.toAsync() move both",
      );
    // a warm-up gets a copy that nobody keeps
    if (p.backend.warming) return { ...this.state.get(p) };
    let state = this.state.get(p);
    if (state === undefined) this.state.set(p, (state = {}));
    for (const name in state) {
      const value = state[name];
      if (isTensor(value) && value.backend !== p.backend)
        throw new DeviceError(
          `${this.constructor.name}: a parameter was moved to ${p.device} after its first step, its state "${name}" is on ${value.device}`,
          value.backend.readSync
            ? "optimizer.loadStateDict(optimizer.stateDict()) moves the state to where the parameters are"
            : "make the optimizer after moving the module, or load module and optimizer from a checkpoint (io.saveCheckpoint, io.loadCheckpoint)",
        );
    }
    return state;
  }

  /** Drops the gradients (or sets them to zero), so that the next backward starts afresh. */
  zeroGrad(options: { readonly setToNone?: boolean | undefined } = {}): void {
    checkOptions("zeroGrad", zeroGradKinds, options);
    const { setToNone = true } = options;
    for (const group of this.paramGroups)
      for (const p of group.params) {
        if (p.grad === null) continue;
        if (setToNone) {
          release(p.grad);
          p.grad = null;
        } else {
          const g = p.grad;
          noGrad(() => zero_(g));
        }
      }
  }

  /** Everything needed to go on: options of each group and the state of each parameter, by position. */
  stateDict(): OptimizerState {
    this.#hooks.run("stateDictPre", this);
    const index = new Map(this.paramGroups.flatMap((g) => g.params).map((p, i) => [p, i]));
    const state: Record<string, ParamState> = {};
    for (const [p, s] of this.state) state[String(index.get(p))] = { ...s };
    const dict: OptimizerState = {
      state,
      paramGroups: this.paramGroups.map((g) => ({
        ...(g as unknown as Record<string, StateValue>),
        params: g.params.map((p) => index.get(p) as number),
      })), // options are plain values, every param has an index
    };
    return this.#hooks.pass("stateDictPost", this, dict);
  }

  /**
   * Takes over what stateDict gave, for the same parameters in the same order. Names in it take the place of the optimizer's own.
   * @throws FormatError when they do not fit; nothing is changed then.
   */
  loadStateDict(given: OptimizerState): void {
    const params = this.paramGroups.flatMap((g) => g.params);
    const dict = this.#hooks.pass("loadPre", this, option.object.takes(given) ? { ...given } : given);
    const loaded = readState(this.constructor.name, dict, this.paramGroups, (name, p) => this.stateShape(name, p));
    noGrad(() => {
      for (const [i, state] of loaded) {
        const own = (v: Tensor | number) => (typeof v === "number" ? v : keep(clone(toDevice(v, params[i].device))));
        for (const [name, value] of Object.entries(state))
          state[name] = typeof value === "number" || isTensor(value) ? own(value) : value.map(own);
      }
    });
    this.state.clear();
    for (const [i, state] of loaded) this.state.set(params[i], state);
    dict.paramGroups.forEach((g, i) => {
      const { params: _, ...options } = g;
      Object.assign(this.paramGroups[i], options);
    });
    this.#hooks.run("loadPost", this);
  }

  /**
   * Other parameters and their state in the place of this optimizer's own while `run` runs. @internal
   */
  swapIn<T>(groups: readonly ParamGroup<O>[], state: Map<Tensor, ParamState>, run: () => T): T {
    const [ownGroups, ownState] = [this.paramGroups.map((g) => ({ ...g })), this.state];
    const put = (from: readonly ParamGroup<O>[]) =>
      this.paramGroups.forEach((g, i) => {
        for (const name of Object.keys(g)) Reflect.deleteProperty(g, name);
        Object.assign(g, from[i]);
      });
    try {
      put(groups);
      this.state = state;
      return run();
    } finally {
      put(ownGroups);
      this.state = ownState;
    }
  }
  /** Whether a step made state. @internal */
  get hasState(): boolean {
    return this.state.size > 0;
  }

  /**
   * Calls `hook(optimizer, args)` before each step with the step's arguments, a closure or none; a list that it returns takes their place.
   * Gives a function that removes it.
   */
  registerStepPreHook(hook: StepPreHook<this>): () => void {
    return this.#hooks.add("registerStepPreHook", "stepPre", hook);
  }
  /** Calls `hook(optimizer, args)` after each step. Gives a function that removes it. */
  registerStepPostHook(hook: StepPostHook<this>): () => void {
    return this.#hooks.add("registerStepPostHook", "stepPost", hook);
  }
  /** Calls `hook(optimizer)` before each `stateDict()`, with `prepend` before the hooks that are there. Gives a function that removes it. */
  registerStateDictPreHook(hook: (optimizer: this) => void, options: HookOptions = option.none): () => void {
    checkOptions("registerStateDictPreHook", hookKinds, options);
    return this.#hooks.add("registerStateDictPreHook", "stateDictPre", hook, options);
  }
  /** Calls `hook(optimizer, dict)` with what `stateDict()` is about to give; what it returns, if anything, is given instead. */
  registerStateDictPostHook(hook: StateDictHook<this>, options: HookOptions = option.none): () => void {
    checkOptions("registerStateDictPostHook", hookKinds, options);
    return this.#hooks.add("registerStateDictPostHook", "stateDictPost", hook, options);
  }
  /** Calls `hook(optimizer, dict)` with a shallow copy of what `loadStateDict` is given; what it returns, if anything, is loaded instead. */
  registerLoadStateDictPreHook(hook: StateDictHook<this>, options: HookOptions = option.none): () => void {
    checkOptions("registerLoadStateDictPreHook", hookKinds, options);
    return this.#hooks.add("registerLoadStateDictPreHook", "loadPre", hook, options);
  }
  /** Calls `hook(optimizer)` after each `loadStateDict` that was taken. Gives a function that removes it. */
  registerLoadStateDictPostHook(hook: (optimizer: this) => void, options: HookOptions = option.none): () => void {
    checkOptions("registerLoadStateDictPostHook", hookKinds, options);
    return this.#hooks.add("registerLoadStateDictPostHook", "loadPost", hook, options);
  }

  toString(): string {
    const show = (g: ParamGroup<O>) =>
      Object.entries(g)
        .filter(([k]) => k !== "params")
        .map(([k, v]) => `    ${k}: ${JSON.stringify(v)}`)
        .join("\n");
    return `${this.constructor.name} (\n${this.paramGroups.map((g, i) => `Parameter group ${i}\n${show(g)}`).join("\n")}\n)`;
  }
}

const namesHint = "pass model.namedParameters() for all, or model.parameters()";
/** Tensors and, where they have some, their names. @throws ArgumentError unless all have names or none has. */
function separate(
  op: string,
  given: readonly (Tensor | NamedParam)[],
  paramNames: readonly string[] | undefined,
): { readonly params: Tensor[]; readonly names: readonly string[] | undefined } {
  const pairs = given.filter((p): p is NamedParam => Array.isArray(p));
  if (pairs.length === 0) {
    if (paramNames !== undefined && paramNames.length !== given.length)
      throw new ArgumentError(op, `paramNames has ${paramNames.length} names for ${given.length} parameters`);
    return { params: given as Tensor[], names: paramNames }; // there are no pairs among them
  }
  if (pairs.length !== given.length) throw new ArgumentError(op, "some parameters have names, others none", namesHint);
  for (const pair of pairs)
    if (pair.length !== 2 || typeof pair[0] !== "string")
      throw new ArgumentError(op, `a parameter with its name is [name, tensor], got ${show(pair)}`);
  return { params: pairs.map(([, p]) => p), names: pairs.map(([name]) => name) };
}

/** What schedules put into groups, here and in PyTorch: the groups of another optimizer may hold it. */
const scheduleKinds = Object.fromEntries(
  ["initialLr", "maxLr", "minLr", "swaLr", "maxMomentum", "baseMomentum"].map((name) => [name, option.number]),
);
const zeroGradKinds = { setToNone: option.boolean };
const anyOf = <O extends object>(defaults: O): Kinds<O> =>
  Object.fromEntries(Object.keys(defaults).map((name) => [name, option.anything])) as Kinds<O>; // of each key
