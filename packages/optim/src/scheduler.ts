import { ArgumentError } from "@flambeau/tensor/functional";

/** The part of an optimizer that schedulers change. */
export type Scheduled = {
  readonly paramGroups: { lr: number; initialLr?: number; momentum?: number; betas?: readonly [number, number] }[];
};

/**
 * The base of learning-rate schedules. Constructing one sets the first rate; `step()` (once per epoch or per batch, after
 * `optimizer.step()`) sets the next.
 */
export abstract class LRScheduler {
  protected readonly optimizer: Scheduled;
  readonly baseLrs: readonly number[];
  /** Steps taken; -1 before the first. */
  lastEpoch: number;
  protected lastLr: number[] = [];

  constructor(optimizer: Scheduled, lastEpoch = -1) {
    this.optimizer = optimizer;
    for (const group of optimizer.paramGroups)
      if (lastEpoch === -1 || group.initialLr === undefined) group.initialLr = group.lr;
    this.baseLrs = optimizer.paramGroups.map((g) => g.initialLr as number); // set just above
    this.lastEpoch = lastEpoch;
  }

  /** Each group's rate at `lastEpoch`. `current` are the rates that the groups have now. */
  protected abstract rates(current: readonly number[]): readonly number[];

  step(): void {
    this.lastEpoch++;
    const groups = this.optimizer.paramGroups;
    this.lastLr = [...this.rates(groups.map((g) => g.lr))];
    groups.forEach((g, i) => {
      g.lr = this.lastLr[i];
    });
  }
  /** The rates set by the last step, one per group. */
  getLastLr(): readonly number[] {
    return this.lastLr;
  }
  stateDict(): { readonly lastEpoch: number; readonly lastLr: readonly number[]; readonly baseLrs: readonly number[] } {
    return { lastEpoch: this.lastEpoch, lastLr: this.lastLr, baseLrs: this.baseLrs };
  }
  loadStateDict(state: {
    readonly lastEpoch: number;
    readonly lastLr: readonly number[];
    readonly baseLrs: readonly number[];
  }): void {
    if (!Number.isInteger(state.lastEpoch) || state.lastLr.length !== this.baseLrs.length)
      throw new ArgumentError("loadStateDict", "not a state of this scheduler");
    this.lastEpoch = state.lastEpoch;
    this.lastLr = [...state.lastLr];
    Object.assign(this, { baseLrs: [...state.baseLrs] });
    this.optimizer.paramGroups.forEach((g, i) => {
      g.lr = this.lastLr[i];
    });
  }
}

/** Multiplies the rate by `gamma` every `stepSize` steps. */
export class StepLR extends LRScheduler {
  private readonly stepSize: number;
  private readonly gamma: number;
  constructor(optimizer: Scheduled, stepSize: number, { gamma = 0.1 }: { readonly gamma?: number } = {}) {
    super(optimizer);
    if (!Number.isInteger(stepSize) || stepSize < 1)
      throw new ArgumentError("StepLR", `stepSize must be a positive integer, got ${stepSize}`);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0
      ? current
      : current.map((lr) => lr * this.gamma);
  }
}
/** Multiplies the rate by `gamma` at each of `milestones`. */
export class MultiStepLR extends LRScheduler {
  private readonly milestones: readonly number[];
  private readonly gamma: number;
  constructor(optimizer: Scheduled, milestones: readonly number[], { gamma = 0.1 }: { readonly gamma?: number } = {}) {
    super(optimizer);
    this.milestones = milestones;
    this.gamma = gamma;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const times = this.milestones.filter((m) => m === this.lastEpoch).length;
    return times === 0 ? current : current.map((lr) => lr * this.gamma ** times);
  }
}
/** Multiplies the rate by `gamma` at each step. */
export class ExponentialLR extends LRScheduler {
  private readonly gamma: number;
  constructor(optimizer: Scheduled, gamma: number) {
    super(optimizer);
    this.gamma = gamma;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return this.lastEpoch === 0 ? current : current.map((lr) => lr * this.gamma);
  }
}
/** The base rate times `lambda(step)`. */
export class LambdaLR extends LRScheduler {
  private readonly lambda: (step: number) => number;
  constructor(optimizer: Scheduled, lambda: (step: number) => number) {
    super(optimizer);
    this.lambda = lambda;
    this.step();
  }
  protected rates(): readonly number[] {
    return this.baseLrs.map((lr) => lr * this.lambda(this.lastEpoch));
  }
}
/** From a fraction of the base rate linearly to another over `totalIters` steps: a warm-up. */
export class LinearLR extends LRScheduler {
  private readonly startFactor: number;
  private readonly endFactor: number;
  private readonly totalIters: number;
  constructor(
    optimizer: Scheduled,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: { readonly startFactor?: number; readonly endFactor?: number; readonly totalIters?: number } = {},
  ) {
    super(optimizer);
    if (!(startFactor > 0 && startFactor <= 1) || !(endFactor >= 0 && endFactor <= 1))
      throw new ArgumentError("LinearLR", "factors must be between 0 and 1");
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const { startFactor: s, endFactor: e, totalIters: n, lastEpoch: t } = this;
    if (t === 0) return current.map((lr) => lr * s);
    if (t > n) return current;
    return current.map((lr) => lr * (1 + (e - s) / (n * s + (t - 1) * (e - s))));
  }
}
/** Half a cosine from the base rate down to `etaMin` over `tMax` steps (Loshchilov & Hutter 2017, without restarts). */
export class CosineAnnealingLR extends LRScheduler {
  private readonly tMax: number;
  private readonly etaMin: number;
  constructor(optimizer: Scheduled, tMax: number, { etaMin = 0 }: { readonly etaMin?: number } = {}) {
    super(optimizer);
    this.tMax = tMax;
    this.etaMin = etaMin;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const { tMax: n, etaMin: low, lastEpoch: t } = this;
    if (t === 0) return current;
    if ((t - 1 - n) % (2 * n) === 0)
      return current.map((lr, i) => lr + ((this.baseLrs[i] - low) * (1 - Math.cos(Math.PI / n))) / 2);
    return current.map(
      (lr) => ((1 + Math.cos((Math.PI * t) / n)) / (1 + Math.cos((Math.PI * (t - 1)) / n))) * (lr - low) + low,
    );
  }
}

export interface OneCycleOptions {
  /** Steps of the whole cycle; or give epochs and stepsPerEpoch. */
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Share of the cycle in which the rate grows. */
  readonly pctStart?: number;
  readonly annealStrategy?: "cos" | "linear";
  /** Let momentum (or beta1) move against the rate. */
  readonly cycleMomentum?: boolean;
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
  /** First rate: maxLr / divFactor. */
  readonly divFactor?: number;
  /** Last rate: first / finalDivFactor. */
  readonly finalDivFactor?: number;
  readonly threePhase?: boolean;
}
interface Phase {
  readonly end: number;
  readonly lr: readonly [from: number, to: number];
  readonly momentum: readonly [from: number, to: number];
}
/** One cycle of the rate up to `maxLr` and down to almost nothing, momentum the other way (Smith & Topin 2018). Step it once per batch. */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  private readonly phases: readonly (readonly Phase[])[];
  private readonly anneal: (from: number, to: number, share: number) => number;
  private readonly cycleMomentum: boolean;

  constructor(optimizer: Scheduled, maxLr: number | readonly number[], options: OneCycleOptions) {
    super(optimizer);
    const { epochs, stepsPerEpoch, pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true } = options;
    const {
      baseMomentum = 0.85,
      maxMomentum = 0.95,
      divFactor = 25,
      finalDivFactor = 1e4,
      threePhase = false,
    } = options;
    const total =
      options.totalSteps ?? (epochs !== undefined && stepsPerEpoch !== undefined ? epochs * stepsPerEpoch : undefined);
    if (total === undefined || !Number.isInteger(total) || total < 1)
      throw new ArgumentError(
        "OneCycleLR",
        `needs a positive whole number of totalSteps, or epochs and stepsPerEpoch; got ${total}`,
      );
    if (!(pctStart >= 0 && pctStart <= 1))
      throw new ArgumentError("OneCycleLR", `pctStart must be between 0 and 1, got ${pctStart}`);
    this.totalSteps = total;
    this.cycleMomentum = cycleMomentum;
    this.anneal =
      annealStrategy === "cos"
        ? (a, b, s) => b + ((a - b) / 2) * (1 + Math.cos(Math.PI * s))
        : (a, b, s) => (b - a) * s + a;
    this.phases = optimizer.paramGroups.map((group, i) => {
      const max = typeof maxLr === "number" ? maxLr : maxLr[i];
      const first = max / divFactor;
      const last = first / finalDivFactor;
      group.initialLr = first;
      if (cycleMomentum) this.setMomentum(group, maxMomentum);
      const up: Phase = { end: pctStart * total - 1, lr: [first, max], momentum: [maxMomentum, baseMomentum] };
      if (!threePhase) return [up, { end: total - 1, lr: [max, last], momentum: [baseMomentum, maxMomentum] }];
      return [
        up,
        { end: 2 * pctStart * total - 2, lr: [max, first], momentum: [baseMomentum, maxMomentum] },
        { end: total - 1, lr: [first, last], momentum: [maxMomentum, maxMomentum] },
      ];
    });
    this.step();
  }
  private setMomentum(group: Scheduled["paramGroups"][number], value: number): void {
    if (group.betas !== undefined) group.betas = [value, group.betas[1]];
    else if (group.momentum !== undefined) group.momentum = value;
    else
      throw new ArgumentError(
        "OneCycleLR",
        "cycleMomentum needs an optimizer with momentum or betas",
        "pass { cycleMomentum: false }",
      );
  }
  protected rates(): readonly number[] {
    const t = this.lastEpoch;
    // as in PyTorch, the step after the last batch is allowed too, though nothing is trained with its rate
    if (t > this.totalSteps)
      throw new ArgumentError(
        "OneCycleLR",
        `step ${t} is beyond the cycle of ${this.totalSteps} steps`,
        "step once per batch, and count all batches in totalSteps",
      );
    return this.phases.map((phases, i) => {
      let start = 0;
      for (const [k, phase] of phases.entries()) {
        if (t <= phase.end || k === phases.length - 1) {
          const share = (t - start) / (phase.end - start);
          if (this.cycleMomentum)
            this.setMomentum(this.optimizer.paramGroups[i], this.anneal(...phase.momentum, share));
          return this.anneal(...phase.lr, share);
        }
        start = phase.end;
      }
      return this.optimizer.paramGroups[i].lr;
    });
  }
}
