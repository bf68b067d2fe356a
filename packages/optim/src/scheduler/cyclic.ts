import { oneOf } from "../check.ts";
import { LRScheduler, perGroup, type Scheduled, setMomentum } from "./base.ts";

export interface CyclicOptions {
  readonly stepSizeUp?: number;
  /** stepSizeUp when left out. */
  readonly stepSizeDown?: number;
  /** Cycles of one height, of half the last one's, or of gamma^step. */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  readonly gamma?: number;
  /** The cycle's height, instead of `mode`, as a factor by cycle (from 1) or step. */
  readonly scaleFn?: (x: number) => number;
  readonly scaleMode?: "cycle" | "iterations";
  /** Let momentum (or beta1) move against the rate. */
  readonly cycleMomentum?: boolean;
  readonly baseMomentum?: number | readonly number[];
  readonly maxMomentum?: number | readonly number[];
}

/** The rate goes up from `baseLr` to `maxLr` and down again, in straight lines, over and over (Smith 2017). Step it once per batch. */
export class CyclicLR extends LRScheduler {
  private readonly maxLrs: readonly number[];
  private readonly totalSize: number;
  private readonly stepRatio: number;
  private readonly scale: (cycle: number, step: number) => number;
  private readonly momenta: readonly (readonly [base: number, max: number])[] | null;

  constructor(
    optimizer: Scheduled,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicOptions = {},
  ) {
    super(optimizer);
    const { stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = "triangular", gamma = 1, scaleFn } = options;
    const { scaleMode = "cycle", cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    oneOf("CyclicLR", "mode", mode, ["triangular", "triangular2", "expRange"]);
    Object.assign(this, { baseLrs: perGroup("CyclicLR", "baseLr", optimizer, baseLr) });
    this.maxLrs = perGroup("CyclicLR", "maxLr", optimizer, maxLr);
    this.totalSize = stepSizeUp + stepSizeDown;
    this.stepRatio = stepSizeUp / this.totalSize;
    if (scaleFn) this.scale = (cycle, step) => scaleFn(scaleMode === "cycle" ? cycle : step);
    else if (mode === "triangular2") this.scale = (cycle) => 1 / 2 ** (cycle - 1);
    else this.scale = mode === "expRange" ? (_, step) => gamma ** step : () => 1;
    const highest = perGroup("CyclicLR", "maxMomentum", optimizer, maxMomentum);
    this.momenta = cycleMomentum
      ? perGroup("CyclicLR", "baseMomentum", optimizer, baseMomentum).map((low, i) => [low, highest[i]] as const)
      : null;
    this.step();
  }
  protected rates(): readonly number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.totalSize);
    const x = 1 + this.lastEpoch / this.totalSize - cycle;
    const height = x <= this.stepRatio ? x / this.stepRatio : (x - 1) / (this.stepRatio - 1);
    const scale = this.scale(cycle, this.lastEpoch);
    this.momenta?.forEach(([low, high], i) => {
      setMomentum("CyclicLR", this.optimizer.paramGroups[i], high - (high - low) * height * scale);
    });
    return this.baseLrs.map((low, i) => low + (this.maxLrs[i] - low) * height * scale);
  }
}
