import { checkNumber, checkOptions, option } from "@flambeau/tensor/plugin";
import { wholeNumber } from "../check.ts";
import { LRScheduler, noEpoch, type Scheduled } from "./base.ts";

/**
 * Half a cosine from the base rate down to `etaMin` over `tMax` steps: `lr = etaMin + (base - etaMin) (1 + cos(pi t / tMax)) / 2`.
 *
 * It is that of Loshchilov & Hutter (2017, arXiv:1608.03983) without restarts: beyond `tMax` the rate rises again. `etaMin` is 0 by
 * default.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError from `loadStateDict` for what is no state of a schedule of as many groups.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.CosineAnnealingLR(optimizer, 4);
 * const rates = [1, 2, 3, 4].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [0.8536, 0.5000, 0.1464, 0.0000]
 */
export class CosineAnnealingLR extends LRScheduler {
  private readonly tMax: number;
  private readonly etaMin: number;
  constructor(optimizer: Scheduled, tMax: number, options: { readonly etaMin?: number | undefined } = {}) {
    checkOptions("CosineAnnealingLR", { etaMin: option.number }, options);
    super(optimizer);
    const { etaMin = 0 } = options;
    this.tMax = checkNumber("CosineAnnealingLR", "tMax", tMax);
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

/**
 * Half cosines from the base rate down to `etaMin`, each starting over at the top (SGDR, Loshchilov & Hutter 2017, arXiv:1608.03983):
 * `lr = etaMin + (base - etaMin) (1 + cos(pi tCur / tI)) / 2`.
 *
 * The first takes `t0` steps, each next one `tMult` (default 1) times as many: tI. tCur counts its steps. `etaMin` is 0 by default.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError unless `t0` and `tMult` are whole numbers of at least 1.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2, { tMult: 2 });
 * const rates = [1, 2, 3, 4].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [0.5000, 1, 0.8536, 0.5000]
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  private readonly tMult: number;
  private readonly etaMin: number;
  private tCur = -1;
  /** Steps of the first cycle. */
  readonly t0: number;
  private tI: number;
  constructor(
    optimizer: Scheduled,
    t0: number,
    options: { readonly tMult?: number | undefined; readonly etaMin?: number | undefined } = {},
  ) {
    checkOptions("CosineAnnealingWarmRestarts", { tMult: option.number, etaMin: option.number }, options);
    super(optimizer);
    const { tMult = 1, etaMin = 0 } = options;
    wholeNumber("CosineAnnealingWarmRestarts", "t0", t0);
    wholeNumber("CosineAnnealingWarmRestarts", "tMult", tMult);
    this.t0 = t0;
    this.tI = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.step();
  }
  override step(): void;
  override step(...surplus: unknown[]): void {
    noEpoch(this, surplus);
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
}
