import {
  ArgumentError,
  clone,
  DeviceError,
  FormatError,
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

/** Tensors that share hyper-parameters; the options left out are the optimizer's defaults. */
export type ParamGroup<O> = { params: Tensor[] } & O;
export type ParamGroupInit<O extends object> = { readonly params: Iterable<Tensor> } & Given<O>;
type Group<O extends object> = { readonly params: Iterable<Tensor> } & O;
export type Params<O extends object> = Iterable<Tensor> | Iterable<ParamGroupInit<O>>;

/** What a state dict holds: numbers, tensors, and lists and records of them; io can save it. */
export type StateValue =
  | number
  | boolean
  | string
  | null
  | Tensor
  | readonly StateValue[]
  | { readonly [key: string]: StateValue };
/** What `stateDict()` gives: each parameter's state by its position among all parameters, and each group's options. */
export interface OptimizerState {
  readonly state: { readonly [index: string]: { readonly [name: string]: StateValue } };
  readonly paramGroups: readonly { readonly params: readonly number[]; readonly [option: string]: StateValue }[];
}

/** The state of one parameter: its tensors and counters, or lists of them, by name. */
export type ParamState = Record<string, Tensor | number | readonly (Tensor | number)[]>;

/**
 * The base of all optimizers: parameter groups, per-parameter state, and saving and loading both; a subclass says how to step,
 * `p = step(p, p.grad, state)`.
 *
 * Parameters are given as tensors (`model.parameters()`), or as groups `{ params, ...options }` whose options take the place of the
 * defaults. The state of a parameter is made at its first step, where the parameter is.
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
  protected readonly state = new Map<Tensor, ParamState>();
  readonly #groupKinds: Kinds<Group<O>>;

  /**
   * The `options` that are given take the place of `defaults`. A subclass that leaves `kinds` out takes any value for the options that
   * have a default.
   */
  constructor(params: Params<O>, defaults: O, kinds: Kinds<O> = anyOf(defaults), options: Given<O> = {}) {
    this.defaults = withDefaults(this.constructor.name, kinds, defaults, options);
    // the groups of another optimizer hold the base rates of its schedules
    this.#groupKinds = { params: option.iterable, ...kinds, initialLr: option.number } as Kinds<Group<O>>; // and one more
    if (!option.iterable.takes(params))
      throw new ArgumentError(
        this.constructor.name,
        `params must be a list of tensors or of groups, got ${show(params)}`,
        "pass model.parameters()",
      );
    const list = [...(params as Iterable<Tensor | ParamGroupInit<O>>)]; // either kind; told apart below
    if (list.length === 0)
      throw new ArgumentError(this.constructor.name, "got no parameters", "pass model.parameters()");
    if (list.some(isTensor))
      this.addParamGroup({ params: list as Tensor[] } as unknown as ParamGroupInit<O>); // looked at there
    else for (const group of list as ParamGroupInit<O>[]) this.addParamGroup(group);
  }

  /** Adds tensors with options of their own. @throws ArgumentError for a tensor that is no leaf or is known, and options out of range. */
  addParamGroup(group: ParamGroupInit<O>): void {
    const op = this.constructor.name;
    const none: Group<O> = { ...this.defaults, params: [] };
    const settled = withDefaults<Group<O>>(op, this.#groupKinds, none, group as Given<Group<O>>); // the same but for params
    if (group.params === undefined)
      throw new ArgumentError(op, "a parameter group needs params", "write { params: [...] } with its options");
    const params = [...settled.params];
    this.checkParams(params);
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    for (const p of params) {
      checkTensor(op, "each parameter", p);
      if (!p.isLeaf)
        throw new ArgumentError(op, "only leaf tensors can be optimized", "pass parameters, not results of operations");
      if (known.has(p)) throw new ArgumentError(op, "a parameter appears in more than one group, or twice in one");
      known.add(p);
    }
    const full = { ...settled, params };
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
  /** Whether a step may be taken again without this code: FusedSteps say how. */
  protected readonly repeats: boolean = false;

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
    const index = new Map(this.paramGroups.flatMap((g) => g.params).map((p, i) => [p, i]));
    const state: Record<string, ParamState> = {};
    for (const [p, s] of this.state) state[String(index.get(p))] = { ...s };
    return {
      state,
      paramGroups: this.paramGroups.map((g) => ({
        ...(g as unknown as Record<string, StateValue>),
        params: g.params.map((p) => index.get(p) as number),
      })), // options are plain values, every param has an index
    };
  }

  /**
   * Takes over what stateDict gave, for the same parameters in the same order.
   * @throws FormatError when they do not fit; nothing is changed then.
   */
  loadStateDict(dict: OptimizerState): void {
    const bad = (problem: string) => new FormatError(`${this.constructor.name}.loadStateDict`, 0, problem);
    if (!Array.isArray(dict?.paramGroups) || typeof dict.state !== "object") throw bad("not an optimizer state dict");
    if (dict.paramGroups.length !== this.paramGroups.length)
      throw bad(`has ${dict.paramGroups.length} parameter groups, this optimizer ${this.paramGroups.length}`);
    dict.paramGroups.forEach((g, i) => {
      if (g.params.length !== this.paramGroups[i].params.length)
        throw bad(
          `group ${i} has ${g.params.length} parameters, this optimizer's ${this.paramGroups[i].params.length}`,
        );
    });
    const params = this.paramGroups.flatMap((g) => g.params);
    const loaded = new Map<Tensor, ParamState>();
    for (const [i, entries] of Object.entries(dict.state)) {
      const p = params[Number(i)];
      if (p === undefined) throw bad(`holds state for parameter ${i} of ${params.length}`);
      const state: ParamState = {};
      for (const [name, value] of Object.entries(entries)) {
        const shape = this.stateShape(name, p).join(",");
        const check = (v: StateValue): Tensor | number => {
          if (typeof v === "number") return v;
          if (!isTensor(v)) throw bad(`"${name}" of parameter ${i} is neither a number nor a tensor`);
          if (v.size !== 1 && v.shape.join() !== shape)
            throw bad(`"${name}" of parameter ${i} has shape [${v.shape.join(",")}], expected [${shape}]`);
          return v;
        };
        state[name] = Array.isArray(value) ? value.map(check) : check(value);
      }
      loaded.set(p, state);
    }
    noGrad(() => {
      for (const [p, state] of loaded) {
        const own = (v: Tensor | number) => (typeof v === "number" ? v : keep(clone(toDevice(v, p.device))));
        for (const [name, value] of Object.entries(state))
          state[name] = typeof value === "number" || isTensor(value) ? own(value) : value.map(own);
      }
    });
    this.state.clear();
    for (const [p, state] of loaded) this.state.set(p, state);
    dict.paramGroups.forEach((g, i) => {
      const { params: _, ...options } = g;
      Object.assign(this.paramGroups[i], options);
    });
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

const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "storage" in x;

const zeroGradKinds = { setToNone: option.boolean };
const anyOf = <O extends object>(defaults: O): Kinds<O> =>
  Object.fromEntries(Object.keys(defaults).map((name) => [name, option.anything])) as Kinds<O>; // of each key
