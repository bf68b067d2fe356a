import { ArgumentError } from "@flambeau/tensor/functional";
import { oneOf } from "../check.ts";
import { perGroup, type Scheduled } from "./base.ts";

export interface PlateauOptions {
  /** Whether a smaller or a larger metric is better. */
  readonly mode?: "min" | "max";
  readonly factor?: number;
  /** Steps without improvement that are put up with. */
  readonly patience?: number;
  /** By how much a better metric must be better. */
  readonly threshold?: number;
  /** A threshold relative to the best metric, or absolute. */
  readonly thresholdMode?: "rel" | "abs";
  /** Steps to wait after a reduction before counting again. */
  readonly cooldown?: number;
  readonly minLr?: number | readonly number[];
  /** Reductions by no more than this are not made. */
  readonly eps?: number;
}

/** Multiplies the rate by `factor` when the metric given to `step(metric)` has not improved for `patience` steps. */
export class ReduceLROnPlateau {
  private readonly optimizer: Scheduled;
  private readonly options: Required<Omit<PlateauOptions, "minLr">>;
  private readonly minLrs: readonly number[];
  best: number;
  numBadEpochs = 0;
  lastEpoch = 0;
  private cooldownCounter = 0;

  constructor(optimizer: Scheduled, { minLr = 0, ...options }: PlateauOptions = {}) {
    const name = "ReduceLROnPlateau";
    this.optimizer = optimizer;
    this.options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      eps: 1e-8,
      ...options,
    };
    const { mode, factor, thresholdMode } = this.options;
    if (!(factor < 1)) throw new ArgumentError(name, `factor must be less than 1, got ${factor}`);
    oneOf(name, "mode", mode, ["min", "max"]);
    oneOf(name, "thresholdMode", thresholdMode, ["rel", "abs"]);
    this.minLrs = perGroup(name, "minLr", optimizer, minLr);
    this.best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  step(metric: number): void {
    const { patience, cooldown, factor, eps } = this.options;
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
    const { mode, threshold, thresholdMode } = this.options;
    const sign = mode === "min" ? -1 : 1;
    const bar = thresholdMode === "rel" ? this.best * (1 + sign * threshold) : this.best + sign * threshold;
    return mode === "min" ? metric < bar : metric > bar;
  }
  getLastLr(): readonly number[] {
    return this.optimizer.paramGroups.map((g) => g.lr);
  }
  stateDict(): Readonly<Record<"best" | "numBadEpochs" | "lastEpoch" | "cooldownCounter", number>> {
    const { best, numBadEpochs, lastEpoch, cooldownCounter } = this;
    return { best, numBadEpochs, lastEpoch, cooldownCounter };
  }
  /** Takes over what stateDict gave. The rates themselves are in the optimizer's state dict. */
  loadStateDict(state: ReturnType<ReduceLROnPlateau["stateDict"]>): void {
    const { best, numBadEpochs, lastEpoch, cooldownCounter } = state;
    Object.assign(this, { best, numBadEpochs, lastEpoch, cooldownCounter });
  }
}
