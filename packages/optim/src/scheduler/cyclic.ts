import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { LRScheduler, perGroup, type Scheduled, setMomentum } from "./base.ts";

export interface CyclicOptions {
  /** Steps from `baseLr` up to `maxLr`. Default 2000. */
  readonly stepSizeUp?: number | undefined;
  /** Steps down again; stepSizeUp when left out. */
  readonly stepSizeDown?: number | undefined;
  /** Cycles of one height, of half the last one's, or of gamma^step. Default "triangular". */
  readonly mode?: "triangular" | "triangular2" | "expRange" | undefined;
  /** The base of "expRange". Default 1. */
  readonly gamma?: number | undefined;
  /** The cycle's height, instead of `mode`, as a factor by cycle (from 1) or step. */
  readonly scaleFn?: ((x: number) => number) | undefined;
  /** What `scaleFn` is called with: the cycle's number, or the step's. Default "cycle". */
  readonly scaleMode?: "cycle" | "iterations" | undefined;
  /** Let momentum (or beta1) move against the rate. Default true. */
  readonly cycleMomentum?: boolean | undefined;
  /** The momentum at the highest rate, for all groups or each. Default 0.8. */
  readonly baseMomentum?: number | readonly number[] | undefined;
  /** The momentum at the lowest rate, for all groups or each. Default 0.9. */
  readonly maxMomentum?: number | readonly number[] | undefined;
}
const cyclicKinds: Kinds<CyclicOptions> = {
  stepSizeUp: option.number,
  stepSizeDown: option.number,
  mode: option.oneOf("triangular", "triangular2", "expRange"),
  gamma: option.number,
  scaleFn: option.callback,
  scaleMode: option.oneOf("cycle", "iterations"),
  cycleMomentum: option.boolean,
  baseMomentum: option.numbers,
  maxMomentum: option.numbers,
};

/**
 * The rate goes up from `baseLr` to `maxLr` and down again, in straight lines, over and over (Smith 2017, arXiv:1506.01186):
 * `lr = baseLr + (maxLr - baseLr) height scale`.
 *
 * height goes from 0 to 1 in `stepSizeUp` steps and back in `stepSizeDown`; scale is 1, or what `mode` or `scaleFn` say. Step it once per
 * batch.
 *
 * Shape: numbers, one for each parameter group; `baseLr` and `maxLr` are one number for all or a list.
 *
 * @throws ArgumentError for an unknown `mode`, a list of another length than the groups', and an optimizer without momentum or betas
 * unless `cycleMomentum` is false.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { momentum: 0.9 });
 * const schedule = new optim.lrScheduler.CyclicLR(optimizer, 0.1, 0.5, { stepSizeUp: 2, mode: "triangular2" });
 * const rates = [1, 2, 3, 4, 5, 6].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [0.3000, 0.5000, 0.3000, 0.1000, 0.2000, 0.3000]
 * optimizer.paramGroups[0].momentum; // 0.85
 */
export class CyclicLR extends LRScheduler {
  private readonly maxLrs: readonly number[];
  private readonly totalSize: number;
  private readonly stepRatio: number;
  private readonly mode: "triangular" | "triangular2" | "expRange";
  private readonly gamma: number;
  private readonly scaleMode: "cycle" | "iterations";
  private readonly scaleFn: ((x: number) => number) | undefined;
  private readonly cycleMomentum: boolean;
  /** Whether it moves beta1, and not a momentum. */
  readonly useBeta1: boolean;
  private readonly baseMomentums: readonly number[];
  private readonly maxMomentums: readonly number[];

  constructor(
    optimizer: Scheduled,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicOptions = {},
  ) {
    checkOptions("CyclicLR", cyclicKinds, options);
    super(optimizer);
    const { stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = "triangular", gamma = 1, scaleFn } = options;
    const { scaleMode = "cycle", cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    Object.assign(this, { baseLrs: perGroup("CyclicLR", "baseLr", optimizer, baseLr) });
    this.maxLrs = perGroup("CyclicLR", "maxLr", optimizer, maxLr);
    this.totalSize = stepSizeUp + stepSizeDown;
    this.stepRatio = stepSizeUp / this.totalSize;
    this.mode = mode;
    this.gamma = gamma;
    this.scaleFn = scaleFn;
    this.scaleMode = scaleFn ? scaleMode : mode === "expRange" ? "iterations" : "cycle";
    this.cycleMomentum = cycleMomentum;
    this.useBeta1 = optimizer.paramGroups.some((g) => g.betas !== undefined);
    this.baseMomentums = perGroup("CyclicLR", "baseMomentum", optimizer, baseMomentum);
    this.maxMomentums = perGroup("CyclicLR", "maxMomentum", optimizer, maxMomentum);
    this.step();
  }
  protected rates(): readonly number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.totalSize);
    const x = 1 + this.lastEpoch / this.totalSize - cycle;
    const height = x <= this.stepRatio ? x / this.stepRatio : (x - 1) / (this.stepRatio - 1);
    const scale = this.scale(this.scaleMode === "cycle" ? cycle : this.lastEpoch);
    if (this.cycleMomentum)
      this.maxMomentums.forEach((high, i) => {
        const low = this.baseMomentums[i];
        setMomentum("CyclicLR", this.optimizer.paramGroups[i], high - (high - low) * height * scale);
      });
    return this.baseLrs.map((low, i) => low + (this.maxLrs[i] - low) * height * scale);
  }
  private scale(x: number): number {
    if (this.scaleFn) return this.scaleFn(x);
    if (this.mode === "triangular2") return 1 / 2 ** (x - 1);
    return this.mode === "expRange" ? this.gamma ** x : 1;
  }
}
