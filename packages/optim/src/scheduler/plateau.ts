import { ArgumentError, item, Tensor } from "@flambeau/tensor/functional";
import { type Kinds, option, show, withDefaults } from "@flambeau/tensor/plugin";
import type { StateValue } from "../optimizer.ts";
import { perGroup, plainFields, type Scheduled, takeFields } from "./base.ts";

export interface PlateauOptions {
  /** Whether a smaller or a larger metric is better. Default "min". */
  readonly mode?: "min" | "max" | undefined;
  /** What the rate is multiplied by, below 1. Default 0.1. */
  readonly factor?: number | undefined;
  /** Steps without improvement that are put up with. Default 10. */
  readonly patience?: number | undefined;
  /** By how much a better metric must be better. Default 0.0001. */
  readonly threshold?: number | undefined;
  /** A threshold relative to the best metric, or absolute. Default "rel". */
  readonly thresholdMode?: "rel" | "abs" | undefined;
  /** Steps to wait after a reduction before counting again. Default 0. */
  readonly cooldown?: number | undefined;
  /** Least rate, for all groups or each. Default 0. */
  readonly minLr?: number | readonly number[] | undefined;
  /** Reductions by no more than this are not made. Default 1e-8. */
  readonly eps?: number | undefined;
}
const plateauKinds: Kinds<PlateauOptions> = {
  mode: option.oneOf("min", "max"),
  factor: option.number,
  patience: option.number,
  threshold: option.number,
  thresholdMode: option.oneOf("rel", "abs"),
  cooldown: option.number,
  minLr: option.numbers,
  eps: option.number,
};
interface PlateauState {
  readonly best: number;
  readonly numBadEpochs: number;
  readonly lastEpoch: number;
  readonly cooldownCounter: number;
  readonly [name: string]: StateValue;
}
type Settled = Readonly<Required<PlateauOptions>>;

/**
 * Multiplies the rate by `factor` when the metric given to `step(metric)` has not improved for `patience` steps:
 * `lr = max(lr * factor, minLr)`.
 *
 * Shape: numbers, one for each parameter group; the metric is one number.
 *
 * @throws ArgumentError for a `factor` of 1 or more, an unknown `mode` or `thresholdMode`, and a list `minLr` of another length than the
 * groups'.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.ReduceLROnPlateau(optimizer, { patience: 1, factor: 0.5 });
 * const rates = [3, 2, 2, 2, 1, 1].map((loss) => {
 *   schedule.step(loss);
 *   return schedule.getLastLr()[0];
 * }); // [1, 1, 1, 0.5, 0.5, 0.5]
 */
export class ReduceLROnPlateau {
  private readonly optimizer: Scheduled;
  private readonly mode: "min" | "max";
  private readonly factor: number;
  private readonly patience: number;
  private readonly threshold: number;
  private readonly thresholdMode: "rel" | "abs";
  private readonly cooldown: number;
  private readonly eps: number;
  private readonly minLrs: readonly number[];
  /** The best metric so far. */
  best: number;
  /** Steps since the last improvement or reduction. */
  numBadEpochs = 0;
  /** Steps taken. */
  lastEpoch = 0;
  private cooldownCounter = 0;

  constructor(optimizer: Scheduled, options: PlateauOptions = {}) {
    const name = "ReduceLROnPlateau";
    const settled = withDefaults<Settled>(
      name,
      plateauKinds,
      {
        mode: "min",
        factor: 0.1,
        patience: 10,
        threshold: 1e-4,
        thresholdMode: "rel",
        cooldown: 0,
        minLr: 0,
        eps: 1e-8,
      },
      options,
    );
    this.optimizer = optimizer;
    const { mode, factor, minLr } = settled;
    if (!(factor < 1)) throw new ArgumentError(name, `factor must be less than 1, got ${factor}`);
    this.mode = mode;
    this.factor = factor;
    this.patience = settled.patience;
    this.threshold = settled.threshold;
    this.thresholdMode = settled.thresholdMode;
    this.cooldown = settled.cooldown;
    this.eps = settled.eps;
    this.minLrs = perGroup(name, "minLr", optimizer, minLr);
    this.best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /**
   * Takes one step: looks whether the metric, a number or a tensor of one element, got better.
   *
   * @throws ArgumentError for anything else, UnavailableError for a tensor of a device that cannot be read synchronously.
   */
  step(metrics: number | Tensor): void {
    const metric = metrics instanceof Tensor ? item(metrics) : metrics;
    if (typeof metric !== "number")
      throw new ArgumentError("ReduceLROnPlateau.step", `the metric is a number, got ${show(metrics)}`);
    const { patience, cooldown, factor, eps } = this;
    this.lastEpoch++;
    if (this.better(metric)) {
      this.best = metric;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs <= patience) return;
    this.optimizer.paramGroups.forEach((g, i) => {
      const lr = Math.max(g.lr * factor, this.minLrs[i] ?? 0); // groups added later have no bound of their own
      if (g.lr - lr > eps) g.lr = lr;
    });
    this.cooldownCounter = cooldown;
    this.numBadEpochs = 0;
  }
  private better(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this;
    const sign = mode === "min" ? -1 : 1;
    const bar = thresholdMode === "rel" ? this.best * (1 + sign * threshold) : this.best + sign * threshold;
    return mode === "min" ? metric < bar : metric > bar;
  }
  /** The groups' rates. */
  getLastLr(): readonly number[] {
    return this.optimizer.paramGroups.map((g) => g.lr);
  }
  /** What it needs to go on, as in PyTorch with its options: plain values. */
  stateDict(): PlateauState {
    return structuredClone(plainFields(this)) as PlateauState; // its own fields
  }
  /** Takes over what stateDict gave, options included. The rates themselves are in the optimizer's state dict. */
  loadStateDict(state: PlateauState): void {
    if (
      typeof state?.best !== "number" ||
      ![state.numBadEpochs, state.lastEpoch, state.cooldownCounter].every(Number.isInteger)
    )
      throw new ArgumentError("loadStateDict", `not a state of this scheduler: ${show(state)}`);
    takeFields(this, state);
  }
}
