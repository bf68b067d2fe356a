import { ArgumentError } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { LRScheduler, perGroup, type Scheduled, setMomentum } from "./base.ts";

export interface OneCycleOptions {
  /** Steps of the whole cycle; or give epochs and stepsPerEpoch. */
  readonly totalSteps?: number | undefined;
  /** Epochs of the cycle, in place of totalSteps. */
  readonly epochs?: number | undefined;
  /** Batches in an epoch. */
  readonly stepsPerEpoch?: number | undefined;
  /** Share of the cycle in which the rate grows, 0 to 1. Default 0.3. */
  readonly pctStart?: number | undefined;
  /** Along half cosines, or straight lines. Default "cos". */
  readonly annealStrategy?: "cos" | "linear" | undefined;
  /** Let momentum (or beta1) move against the rate. Default true. */
  readonly cycleMomentum?: boolean | undefined;
  /** The momentum at the highest rate. Default 0.85. */
  readonly baseMomentum?: number | undefined;
  /** The momentum at the first rate. Default 0.95. */
  readonly maxMomentum?: number | undefined;
  /** First rate: maxLr / divFactor. Default 25. */
  readonly divFactor?: number | undefined;
  /** Last rate: first / finalDivFactor. Default 10,000. */
  readonly finalDivFactor?: number | undefined;
  /** Go down to the first rate in as many steps as up, and to the last one in a third phase. Default false. */
  readonly threePhase?: boolean | undefined;
}
const oneCycleKinds: Kinds<OneCycleOptions> = {
  totalSteps: option.number,
  epochs: option.number,
  stepsPerEpoch: option.number,
  pctStart: option.number,
  annealStrategy: option.oneOf("cos", "linear"),
  cycleMomentum: option.boolean,
  baseMomentum: option.number,
  maxMomentum: option.number,
  divFactor: option.number,
  finalDivFactor: option.number,
  threePhase: option.boolean,
};
interface Phase {
  readonly end: number;
  readonly lr: readonly [from: number, to: number];
  readonly momentum: readonly [from: number, to: number];
}
/**
 * One cycle of the rate up to `maxLr` and down to almost nothing, momentum the other way (Smith & Topin 2018, arXiv:1708.07120):
 * `lr = to + (from - to) (1 + cos(pi s)) / 2` in each phase.
 *
 * s goes from 0 to 1 in a phase. The first, `pctStart` of the cycle, leads from `maxLr / divFactor` to `maxLr`, the second to
 * `maxLr / divFactor / finalDivFactor`. Step it once per batch.
 *
 * Shape: numbers, one for each parameter group; `maxLr` is one number for all or a list.
 *
 * @throws ArgumentError unless the number of steps is given and is a positive integer, for a `pctStart` outside 0..1, an optimizer without
 * momentum or betas unless `cycleMomentum` is false, and from a step beyond the cycle.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { momentum: 0.9 });
 * const schedule = new optim.lrScheduler.OneCycleLR(optimizer, 1, { totalSteps: 5, pctStart: 0.4 });
 * const rates = [optimizer.paramGroups[0].lr];
 * for (let i = 0; i < 4; i++) {
 *   schedule.step();
 *   rates.push(optimizer.paramGroups[0].lr);
 * }
 * rates; // [0.04, 1, 0.7500, 0.2500, 0.000004]
 */
export class OneCycleLR extends LRScheduler {
  /** Steps of the whole cycle. */
  readonly totalSteps: number;
  private readonly phases: readonly (readonly Phase[])[];
  private readonly annealStrategy: "cos" | "linear";
  private readonly cycleMomentum: boolean;
  /** Whether it moves beta1, and not a momentum. */
  readonly useBeta1: boolean;

  constructor(optimizer: Scheduled, maxLr: number | readonly number[], options: OneCycleOptions) {
    checkOptions("OneCycleLR", oneCycleKinds, options);
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
    this.annealStrategy = annealStrategy;
    this.useBeta1 = optimizer.paramGroups.some((g) => g.betas !== undefined);
    const highest = perGroup("OneCycleLR", "maxLr", optimizer, maxLr);
    this.phases = optimizer.paramGroups.map((group, i) => {
      const max = highest[i];
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
    Object.assign(this, { baseLrs: optimizer.paramGroups.map((g) => g.initialLr) }); // where the cycle starts
    this.step();
  }
  private anneal(a: number, b: number, share: number): number {
    return this.annealStrategy === "cos" ? b + ((a - b) / 2) * (1 + Math.cos(Math.PI * share)) : (b - a) * share + a;
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
