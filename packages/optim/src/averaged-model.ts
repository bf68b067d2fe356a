import {
  ArgumentError,
  clone,
  copy_,
  detach,
  keep,
  noGrad,
  type Tensor,
  tensor,
  tidy,
  to,
} from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  show,
  showShape,
  toDevice,
  toDType,
} from "@flambeau/tensor/plugin";
import { type AvgFn, getSwaMultiAvgFn, type MultiAvgFn } from "./averaging.ts";

/** What has weights: a module of nn, or anything like it. */
export interface HasTensors {
  parameters(): Iterable<Tensor>;
  buffers(): Iterable<Tensor>;
}
/** What a module of nn has besides: what an average needs to stand for one. */
interface Whole extends HasTensors {
  readonly training?: boolean;
  forward?(...inputs: readonly unknown[]): unknown;
  modules?(): Iterable<{ training?: boolean }>;
  stateDict?(): ReadonlyMap<string, Tensor>;
}

export interface AveragedOptions {
  /** How one value is averaged. Default: getSwaAvgFn(), the mean of all. */
  readonly avgFn?: AvgFn | undefined;
  /** How all values of one device and dtype are averaged, in place; instead of `avgFn`. */
  readonly multiAvgFn?: MultiAvgFn | undefined;
  /** Average buffers too, instead of copying the current ones. Default false. */
  readonly useBuffers?: boolean | undefined;
  /** Where the averages live. Default: where the model's tensors are. */
  readonly device?: string | undefined;
}
const averagedKinds: Kinds<AveragedOptions> = {
  device: option.string,
  avgFn: option.callback,
  multiAvgFn: option.callback,
  useBuffers: option.boolean,
};

type Pair = readonly [mine: Tensor, theirs: Tensor];

/**
 * Running averages of a model's weights, which often generalize better than the last ones: `average = f(average, weight, count)` at each
 * update.
 *
 * Update them after optimizer steps. `forward` computes what the model computes with them, without recording, in a mode (`train`, `eval`) of
 * its own; `swap(model)` puts them into the model until it is called again. Averaged batch norms need statistics of their own:
 * {@link updateBn}, or `useBuffers`.
 *
 * Shapes: the averages have the shapes and dtypes of the model's parameters and buffers, and their devices unless `device` says another.
 *
 * @throws ArgumentError for `avgFn` beside `multiAvgFn`; from `updateParameters` and `swap` for a model with other tensors, from
 * `loadStateDict` for a state of another model.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * import { nn, ones, optim } from "flambeau";
 * const model = new nn.Linear(2, 1);
 * const averaged = new optim.AveragedModel(model, { multiAvgFn: optim.getEmaMultiAvgFn(0.99) });
 * // after each optimizer.step():
 * averaged.updateParameters(model);
 * averaged.eval().forward(ones([1, 2])).shape; // [1, 1]
 * [...averaged.stateDict().keys()]; // ["n_averaged", "module.weight", "module.bias"]
 * averaged.nAveraged; // 1
 */
export class AveragedModel<M extends HasTensors = HasTensors> implements HasTensors {
  /** How many values went into the averages. */
  nAveraged = 0;
  /** The model whose weights are averaged. */
  readonly module: M;
  /** Whether `forward` runs layers as in training; `train` and `eval` set it. At first as the model. */
  training: boolean;
  private readonly averages: readonly Tensor[];
  private readonly copies: readonly Tensor[];
  private readonly avgFn: AvgFn | undefined;
  private readonly multiAvgFn: MultiAvgFn;
  private readonly useBuffers: boolean;

  constructor(model: M, options: AveragedOptions = {}) {
    checkOptions("AveragedModel", averagedKinds, options);
    const { avgFn, multiAvgFn, useBuffers = false, device } = options;
    checkModel(model);
    if (avgFn !== undefined && multiAvgFn !== undefined)
      throw new ArgumentError("AveragedModel", "takes one of avgFn and multiAvgFn, got both");
    const own = (t: Tensor) => noGrad(() => keep(clone(device === undefined ? detach(t) : to(detach(t), device))));
    this.module = model;
    this.training = (model as Whole).training ?? true;
    this.averages = [...model.parameters()].map(own);
    this.copies = [...model.buffers()].map(own);
    this.avgFn = avgFn;
    this.multiAvgFn = multiAvgFn ?? getSwaMultiAvgFn();
    this.useBuffers = useBuffers;
  }
  /** The averages of the parameters, in their order. */
  parameters(): readonly Tensor[] {
    return this.averages;
  }
  /** The averages or copies of the buffers, in their order. */
  buffers(): readonly Tensor[] {
    return this.copies;
  }
  /** Lets `forward` run layers as in training, or not. */
  train(mode = true): this {
    if (typeof mode !== "boolean")
      throw new ArgumentError("AveragedModel.train", `mode must be a boolean, got ${show(mode)}`);
    this.training = mode;
    return this;
  }
  /** train(false). */
  eval(): this {
    return this.train(false);
  }

  /** What the model's forward gives with the averages in the place of its weights. Nothing is recorded. */
  forward(...inputs: M extends { forward(...inputs: infer I): unknown } ? I : never[]): M extends {
    forward(...inputs: never[]): infer R;
  }
    ? R
    : unknown {
    const { forward } = this.module as Whole;
    if (forward === undefined) throw new ArgumentError("AveragedModel.forward", "the model has no forward");
    return this.with(() => noGrad(() => forward.apply(this.module, inputs))) as never; // what the model's forward gives
  }

  /** Takes the model's current weights into the averages; the first ones are copied. @throws ArgumentError for another model. */
  updateParameters(model: HasTensors): void {
    const pairs = this.pairs(model);
    const first = this.nAveraged === 0;
    noGrad(() =>
      tidy(() => {
        const groups = new Map<string, [mine: Tensor[], theirs: Tensor[]]>();
        for (const [i, [mine, theirs]] of pairs.entries()) {
          const current = toDevice(detach(theirs), mine.device);
          if (first || (!this.useBuffers && i >= this.averages.length)) copy_(mine, current);
          else if (this.avgFn) copy_(mine, toDType(this.avgFn(mine, current, this.nAveraged), mine.dtype));
          else {
            const key = `${mine.device} ${mine.dtype}`;
            const group = groups.get(key) ?? [[], []];
            groups.set(key, group);
            group[0].push(mine);
            group[1].push(current);
          }
        }
        for (const [mine, theirs] of groups.values()) this.multiAvgFn(mine, theirs, this.nAveraged);
      }),
    );
    this.nAveraged++;
  }

  /** Exchanges the model's weights with the averages (and its buffers with theirs), in place. @throws ArgumentError for another model. */
  swap(model: HasTensors): void {
    const pairs = this.pairs(model);
    noGrad(() =>
      tidy(() => {
        for (const [mine, theirs] of pairs) {
          const held = clone(mine);
          copy_(mine, toDevice(detach(theirs), mine.device));
          copy_(theirs, toDevice(held, theirs.device));
        }
      }),
    );
  }

  /** PyTorch's: the number of values as `n_averaged`, and the averages by the model's keys below `module.`. */
  stateDict(): Map<string, Tensor> {
    return new Map([["n_averaged", tensor(this.nAveraged, { dtype: "int64" })], ...this.entries()]);
  }
  /** Takes over what stateDict gave. @throws ArgumentError for missing and unknown keys and other shapes; nothing is changed then. */
  loadStateDict(state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>): void {
    const op = "AveragedModel.loadStateDict";
    if (!option.object.takes(state))
      throw new ArgumentError(op, `the state is a Map or an object of tensors, got ${show(state)}`);
    const given = new Map<string, Tensor>(state instanceof Map ? state : Object.entries(state));
    const own = new Map(this.entries());
    const missing = ["n_averaged", ...own.keys()].filter((k) => !given.has(k));
    const unknown = [...given.keys()].filter((k) => k !== "n_averaged" && !own.has(k));
    if (missing.length + unknown.length > 0)
      throw new ArgumentError(
        op,
        `missing keys: ${missing.join(", ") || "none"}; unexpected keys: ${unknown.join(", ") || "none"}`,
      );
    for (const [key, t] of given) {
      checkTensor(op, `"${key}"`, t);
      const shape = own.get(key)?.shape ?? [];
      if (t.shape.join() !== shape.join())
        throw new ArgumentError(op, `"${key}" has shape ${showShape(t.shape)}, the average's is ${showShape(shape)}`);
    }
    const count = Number((given.get("n_averaged") as Tensor).item()); // looked for above
    noGrad(() => {
      for (const [key, t] of own) copy_(t, toDevice(given.get(key) as Tensor, t.device));
    });
    this.nAveraged = count;
  }
  private entries(): [string, Tensor][] {
    const { stateDict } = this.module as Whole;
    if (stateDict === undefined) throw new ArgumentError("AveragedModel.stateDict", "the model has no stateDict");
    const mine = new Map(this.pairs(this.module).map(([m, t]) => [t, m]));
    return [...stateDict.call(this.module)].map(([key, t]) => [`module.${key}`, mine.get(t) as Tensor]); // those of the model
  }

  /** Runs what uses the model while the averages, and this one's mode, stand in it. @internal */
  with<T>(run: () => T): T {
    const pairs = this.pairs(this.module);
    for (const [mine, theirs] of pairs)
      if (mine.backend !== theirs.backend)
        throw new ArgumentError(
          "AveragedModel.forward",
          `the averages are on ${mine.device}, the model on ${theirs.device}`,
          "swap(model) moves them",
        );
    const modes = [...((this.module as Whole).modules?.() ?? [])].map((m) => [m, m.training] as const);
    // handles change places, no memory is copied
    const exchange = () => {
      for (const [mine, theirs] of pairs) {
        const held = detach(theirs);
        theirs.setData(mine);
        mine.setData(held);
        held.dispose();
      }
    };
    exchange();
    for (const [m] of modes) m.training = this.training;
    try {
      return run();
    } finally {
      for (const [m, mode] of modes) m.training = mode as boolean; // as it was
      exchange();
    }
  }

  private pairs(model: HasTensors): Pair[] {
    checkModel(model);
    const mine = [...this.averages, ...this.copies];
    const theirs = [...model.parameters(), ...model.buffers()];
    if (mine.length !== theirs.length)
      throw new ArgumentError("AveragedModel", `holds ${mine.length} tensors, the model ${theirs.length}`);
    mine.forEach((t, i) => {
      if (t.shape.join() !== theirs[i].shape.join())
        throw new ArgumentError(
          "AveragedModel",
          `tensor ${i} has shape ${showShape(t.shape)}, the model's ${showShape(theirs[i].shape)}`,
        );
    });
    return mine.map((t, i) => [t, theirs[i]] as const);
  }
}

function checkModel(model: HasTensors): void {
  if (typeof model?.parameters !== "function" || typeof model.buffers !== "function")
    throw new ArgumentError("AveragedModel", `model must be a module, got ${show(model)}`);
}
