import { wholeNumber } from "../check.ts";
import { LRScheduler, type Scheduled, type SchedulerState } from "./base.ts";

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

interface WarmRestartsState extends SchedulerState {
  readonly tCur: number;
  readonly tI: number;
}
/**
 * Half cosines from the base rate down to `etaMin`, each starting over at the top (SGDR, Loshchilov & Hutter 2017): the first takes
 * `t0` steps, each next one `tMult` times as many. lr = etaMin + (base - etaMin) (1 + cos(pi tCur / tI)) / 2.
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  private readonly tMult: number;
  private readonly etaMin: number;
  private tCur = -1;
  private tI: number;
  constructor(
    optimizer: Scheduled,
    t0: number,
    { tMult = 1, etaMin = 0 }: { readonly tMult?: number; readonly etaMin?: number } = {},
  ) {
    super(optimizer);
    wholeNumber("CosineAnnealingWarmRestarts", "t0", t0);
    wholeNumber("CosineAnnealingWarmRestarts", "tMult", tMult);
    this.tI = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.step();
  }
  override step(): void {
    this.tCur++;
    if (this.tCur >= this.tI) {
      this.tCur -= this.tI;
      this.tI *= this.tMult;
    }
    super.step();
  }
  protected rates(): readonly number[] {
    return this.baseLrs.map(
      (lr) => this.etaMin + ((lr - this.etaMin) * (1 + Math.cos((Math.PI * this.tCur) / this.tI))) / 2,
    );
  }
  override stateDict(): WarmRestartsState {
    return { ...super.stateDict(), tCur: this.tCur, tI: this.tI };
  }
  override loadStateDict(state: WarmRestartsState): void {
    super.loadStateDict(state);
    this.tCur = state.tCur;
    this.tI = state.tI;
  }
}
