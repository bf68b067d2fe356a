import { ArgumentError } from "@flambeau/tensor/functional";
import { LRScheduler, type Scheduled, setMomentum } from "./base.ts";

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
      if (cycleMomentum) setMomentum("OneCycleLR", group, maxMomentum);
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
            setMomentum("OneCycleLR", this.optimizer.paramGroups[i], this.anneal(...phase.momentum, share));
          return this.anneal(...phase.lr, share);
        }
        start = phase.end;
      }
      return this.optimizer.paramGroups[i].lr;
    });
  }
}
