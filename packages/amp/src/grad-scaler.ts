import {
  ArgumentError,
  AutogradError,
  all,
  data,
  FormatError,
  isfinite,
  isTensor,
  keep,
  mul,
  mul_,
  noGrad,
  stack,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { type Given, type Kinds, option, show, valuesFor, withDefaults } from "@flambeau/tensor/plugin";

export interface GradScalerOptions {
  /** The scale at the start. Default 65536. */
  readonly initScale: number;
  /** What the scale is multiplied by after `growthInterval` steps in a row without infinities. Default 2. */
  readonly growthFactor: number;
  /** What the scale is multiplied by after a step with infinities. Default 0.5. */
  readonly backoffFactor: number;
  /** Default 2000. */
  readonly growthInterval: number;
  /** False makes all methods do nothing but `step`, which steps. Default true. */
  readonly enabled: boolean;
}
const scalerKinds: Kinds<GradScalerOptions> = {
  initScale: option.number,
  growthFactor: option.number,
  backoffFactor: option.number,
  growthInterval: option.number,
  enabled: option.boolean,
};
const defaults: GradScalerOptions = {
  initScale: 65536,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
  enabled: true,
};

interface Settings {
  readonly scale: number;
  readonly growthFactor: number;
  readonly backoffFactor: number;
  readonly growthInterval: number;
  /** Steps in a row without infinities. */
  readonly growthTracker: number;
}
/** What {@link GradScaler.stateDict} gives; empty of one that is not enabled. */
export type GradScalerState = Settings | Readonly<Record<string, never>>;

/** An optimizer, as far as scaling goes. */
export interface Steps<A extends readonly unknown[] = readonly unknown[], R = unknown> {
  readonly paramGroups: readonly { readonly params: readonly Tensor[] }[];
  step(...args: A): R;
}

/** What was done to one optimizer since the last update. */
interface Progress {
  /** A flag on each device, 0-d, whether all its gradients are finite; null before they were looked at. */
  finite: readonly Tensor[] | null;
  /** Whether one of them is not; null until that was read. */
  found: boolean | null;
  stepped: boolean;
}

/**
 * Scales a loss so that its gradients do not vanish in float16, `loss * scale`, and takes the scale out of the gradients before the optimizer sees them,
 * `grad / scale`. A step whose gradients hold an infinity or NaN is left out, and the scale lowered; after many steps without it is raised.
 *
 * Between two calls of `update`: `scale(loss)`, `backward()`, then for each optimizer `step(optimizer)`, and `unscale_(optimizer)` before it where gradients
 * are looked at or clipped. `step` reads whether gradients are finite; on a device that cannot be read at once it is `await stepAsync(optimizer)`.
 *
 * Shapes: losses of any shape.
 *
 * @throws ArgumentError for options out of range, gradients in float16 (parameters are float32 under autocast) and a step with a closure;
 * AutogradError when methods are called out of order; UnavailableError from `step` on a device that cannot be read at once; FormatError from
 * `loadStateDict` for what `stateDict` of an enabled one did not give.
 * @see https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler
 * @see Micikevicius et al., "Mixed Precision Training", 2018, https://arxiv.org/abs/1710.03740
 * @example
 * import { amp, optim, tensor } from "flambeau";
 * const w = tensor([1, 2], { requiresGrad: true });
 * const optimizer = new optim.SGD([w], { lr: 0.5 });
 * const scaler = new amp.GradScaler({ initScale: 1024 });
 * scaler.scale(w.sum()).backward();
 * console.log(w.grad?.tolist()); // [1024, 1024]
 * scaler.step(optimizer);
 * scaler.update();
 * console.log(w.tolist()); // [0.5, 1.5]
 * optimizer.zeroGrad();
 * scaler.scale(w.mul(1e38).sum()).backward(); // infinite once scaled
 * scaler.step(optimizer);
 * scaler.update();
 * console.log(w.tolist(), scaler.getScale()); // [0.5, 1.5] 512
 */
export class GradScaler {
  #scale: number;
  #growthFactor: number;
  #backoffFactor: number;
  #growthInterval: number;
  readonly #enabled: boolean;
  #growthTracker = 0;
  #used = false;
  readonly #progress = new Map<object, Progress>();

  constructor(options: Given<GradScalerOptions> = {}) {
    const settled = withDefaults("GradScaler", scalerKinds, defaults, options);
    this.#enabled = settled.enabled;
    check(
      "initScale",
      settled.initScale > 0 && Number.isFinite(settled.initScale),
      "positive and finite",
      settled.initScale,
    );
    checkGrowth(settled.growthFactor);
    checkBackoff(settled.backoffFactor);
    checkInterval(settled.growthInterval);
    this.#scale = Math.fround(settled.initScale);
    this.#growthFactor = settled.growthFactor;
    this.#backoffFactor = settled.backoffFactor;
    this.#growthInterval = settled.growthInterval;
  }

  /** `outputs * scale`: a tensor, or the tensors of a list, which may hold lists. */
  scale<T extends Tensor | readonly unknown[]>(outputs: T): T {
    if (!this.#enabled) return outputs;
    const scaled = (x: unknown): unknown => {
      if (isTensor(x)) return mul(x, this.#scale);
      if (Array.isArray(x)) return x.map(scaled);
      throw new ArgumentError("scale", `outputs must be a tensor or a list of tensors, got ${show(x)}`);
    };
    const out = scaled(outputs) as T; // of the same form
    this.#used = true;
    return out;
  }

  /** Divides the gradients of an optimizer's parameters by the scale, in place. `step` does it otherwise. */
  unscale_(optimizer: Steps): void {
    if (!this.#enabled) return;
    const progress = this.#progressOf("unscale_", optimizer);
    if (progress.stepped) throw new AutogradError("unscale_ is called after step", afterUpdate);
    if (progress.finite !== null)
      throw new AutogradError("unscale_ has been called for this optimizer since the last update", afterUpdate);
    progress.finite = this.#unscaled(optimizer);
  }
  #unscaled(optimizer: Steps): readonly Tensor[] {
    const grads = optimizer.paramGroups.flatMap(({ params }) =>
      params.flatMap((p) => (p.grad === null ? [] : [p.grad])),
    );
    if (grads.some((g) => g.dtype === "float16"))
      throw new ArgumentError(
        "unscale_",
        "the gradients are float16, which cannot hold them once they are unscaled",
        "keep the parameters in float32 and compute in autocast",
      );
    const byDevice = Map.groupBy(grads, (g) => g.backend);
    return noGrad(() =>
      tidy(() => {
        const flags = [...byDevice.values()].map((list) => keep(all(stack(list.map((g) => all(isfinite(g)))))));
        for (const g of grads) mul_(g, 1 / this.#scale);
        return flags;
      }),
    );
  }

  /**
   * Calls `optimizer.step(...args)`, unless one of its gradients is infinite or NaN; unscales them before, if that was not done. Gives what the step gave, or
   * undefined.
   */
  step<A extends readonly unknown[], R>(optimizer: Steps<A, R>, ...args: A): R | undefined {
    if (!this.#enabled) return optimizer.step(...args);
    const progress = this.#ready(optimizer, args);
    progress.found ??= read("step", progress.finite ?? []);
    return this.#finish(progress, optimizer, args);
  }
  /** {@link step} that waits for the device; works on all. */
  async stepAsync<A extends readonly unknown[], R>(optimizer: Steps<A, R>, ...args: A): Promise<R | undefined> {
    if (!this.#enabled) return optimizer.step(...args);
    const progress = this.#ready(optimizer, args);
    if (progress.found === null) {
      const values = await Promise.all((progress.finite ?? []).map((flag) => data(flag)));
      progress.found = values.some(([finite]) => Number(finite) === 0);
    }
    return this.#finish(progress, optimizer, args);
  }
  #ready(optimizer: Steps<never>, args: readonly unknown[]): Progress {
    if (args.some((arg) => typeof arg === "function"))
      throw new ArgumentError(
        "step",
        "a closure cannot be used with an enabled GradScaler",
        "the gradients are computed before: scale(loss).backward(), then step(optimizer)",
      );
    const progress = this.#progressOf("step", optimizer);
    if (progress.stepped)
      throw new AutogradError("step has been called for this optimizer since the last update", afterUpdate);
    progress.finite ??= this.#unscaled(optimizer as unknown as Steps); // what its step takes does not matter
    if (progress.finite.length === 0)
      throw new AutogradError("step: none of the optimizer's parameters has a gradient", "call backward before");
    return progress;
  }
  #finish<A extends readonly unknown[], R>(progress: Progress, optimizer: Steps<A, R>, args: A): R | undefined {
    progress.stepped = true;
    return progress.found ? undefined : optimizer.step(...args);
  }

  /**
   * Sets the scale for the next iteration: lowered where a gradient was infinite or NaN, raised where none was for a while; or `newScale`. Once an
   * iteration, after the steps of all optimizers.
   */
  update(newScale?: number | Tensor): void {
    if (!this.#enabled) return;
    this.#wasUsed("update");
    if (newScale !== undefined) {
      const value = isTensor(newScale) ? Number(valuesFor("update", newScale, "the scale is a number")[0]) : newScale;
      if (!(typeof value === "number" && value > 0 && Number.isFinite(value)))
        throw new ArgumentError("update", `the scale must be positive and finite, got ${show(value)}`);
      this.#scale = Math.fround(value);
    } else {
      const all = [...this.#progress.values()].filter(({ finite }) => finite !== null && finite.length > 0);
      if (all.length === 0)
        throw new AutogradError("update: no gradients have been looked at since the last one", "call step before");
      let found = false;
      for (const progress of all) found = (progress.found ??= read("update", progress.finite ?? [])) || found;
      this.#adapt(found);
    }
    for (const { finite } of this.#progress.values()) for (const flag of finite ?? []) flag.dispose();
    this.#progress.clear();
  }
  #adapt(found: boolean): void {
    if (found) {
      this.#scale = Math.fround(this.#scale * this.#backoffFactor);
      this.#growthTracker = 0;
    } else if (++this.#growthTracker >= this.#growthInterval) {
      const grown = Math.fround(this.#scale * this.#growthFactor);
      if (Number.isFinite(grown)) this.#scale = grown;
      this.#growthTracker = 0;
    }
  }

  /** The scale; 1 when it is not enabled. */
  getScale(): number {
    return this.#enabled ? this.#scale : 1;
  }
  getGrowthFactor(): number {
    return this.#growthFactor;
  }
  setGrowthFactor(value: number): void {
    checkGrowth(value);
    this.#growthFactor = value;
  }
  getBackoffFactor(): number {
    return this.#backoffFactor;
  }
  setBackoffFactor(value: number): void {
    checkBackoff(value);
    this.#backoffFactor = value;
  }
  getGrowthInterval(): number {
    return this.#growthInterval;
  }
  setGrowthInterval(value: number): void {
    checkInterval(value);
    this.#growthInterval = value;
  }
  isEnabled(): boolean {
    return this.#enabled;
  }

  /** Everything needed to go on, in plain numbers; call it after `update`. */
  stateDict(): GradScalerState {
    if (!this.#enabled) return {};
    return {
      scale: this.#scale,
      growthFactor: this.#growthFactor,
      backoffFactor: this.#backoffFactor,
      growthInterval: this.#growthInterval,
      growthTracker: this.#growthTracker,
    };
  }
  /** Takes over what `stateDict` gave. Nothing happens when this one is not enabled. @throws FormatError when it does not fit; nothing is changed then. */
  loadStateDict(state: GradScalerState): void {
    if (!this.#enabled) return;
    const bad = (problem: string, hint?: string) => new FormatError("GradScaler.loadStateDict", 0, problem, hint);
    if (typeof state !== "object" || state === null) throw bad(`the state is an object, got ${show(state)}`);
    if (Object.keys(state).length === 0) throw bad("the state is empty", "it may be that of one that was not enabled");
    const number = (name: keyof Settings): number => {
      const value: unknown = state[name];
      if (typeof value !== "number" || !(value >= 0)) throw bad(`"${name}" must be a number, got ${show(value)}`);
      return value;
    };
    const [scale, growth, backoff] = [number("scale"), number("growthFactor"), number("backoffFactor")];
    const [interval, tracker] = [number("growthInterval"), number("growthTracker")];
    this.#scale = Math.fround(scale);
    this.#growthFactor = growth;
    this.#backoffFactor = backoff;
    this.#growthInterval = interval;
    this.#growthTracker = tracker;
  }

  #wasUsed(method: string): void {
    if (!this.#used)
      throw new AutogradError(`${method}: nothing has been scaled yet`, "call scale(loss).backward() before");
  }
  #progressOf(method: string, optimizer: object): Progress {
    this.#wasUsed(method);
    if (!option.object.takes(optimizer) || !("paramGroups" in optimizer) || !("step" in optimizer))
      throw new ArgumentError(method, `takes an optimizer, got ${show(optimizer)}`);
    let progress = this.#progress.get(optimizer);
    if (progress === undefined)
      this.#progress.set(optimizer, (progress = { finite: null, found: null, stepped: false }));
    return progress;
  }
}

const afterUpdate = "call update once an iteration, after the steps of all optimizers";

/** Whether one of the flags says that not all is finite. */
const read = (op: string, finite: readonly Tensor[]): boolean =>
  finite.some(
    (flag) =>
      Number(
        valuesFor(
          op,
          flag,
          "whether gradients are finite decides about the step",
          "await scaler.stepAsync(optimizer)",
        )[0],
      ) === 0,
  );

function check(name: string, holds: boolean, what: string, value: unknown): void {
  if (!holds) throw new ArgumentError("GradScaler", `${name} must be ${what}, got ${show(value)}`);
}
const checkGrowth = (value: number): void => check("growthFactor", value > 1, "above 1", value);
const checkBackoff = (value: number): void => check("backoffFactor", value > 0 && value < 1, "between 0 and 1", value);
const checkInterval = (value: number): void =>
  check("growthInterval", Number.isInteger(value) && value > 0, "a positive integer", value);
