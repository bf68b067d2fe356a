import { checkOptions, option } from "@flambeau/tensor/plugin";
import { wholeNumber } from "../check.ts";
import { LRScheduler, perGroup, type Scheduled } from "./base.ts";

const swaKinds = { annealEpochs: option.number, annealStrategy: option.oneOf("cos", "linear") };

/**
 * From the current rate to `swaLr` over `annealEpochs` steps, and constant then, for averaging weights (Izmailov et al. 2018,
 * arXiv:1803.05407): `lr = swaLr + (first - swaLr) (1 - a(t / annealEpochs))`.
 *
 * a goes from 0 to 1, along half a cosine or ("linear") a straight line. `annealEpochs` is 10 by default, `annealStrategy` "cos".
 *
 * Shape: numbers, one for each parameter group; `swaLr` is one number for all or a list.
 *
 * @throws ArgumentError for a list of another length than the groups', an unknown `annealStrategy`, and unless `annealEpochs` is a whole
 * number of at least 0.
 * @see https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.SWALR(optimizer, 0.1, { annealEpochs: 3, annealStrategy: "linear" });
 * const rates = [1, 2, 3, 4].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [0.7000, 0.4000, 0.1000, 0.1000]
 */
export class SWALR extends LRScheduler {
  private readonly swaLrs: readonly number[];
  private readonly annealEpochs: number;
  private readonly annealStrategy: "cos" | "linear";
  constructor(
    optimizer: Scheduled,
    swaLr: number | readonly number[],
    options: {
      readonly annealEpochs?: number | undefined;
      readonly annealStrategy?: "cos" | "linear" | undefined;
    } = {},
  ) {
    checkOptions("SWALR", swaKinds, options);
    super(optimizer);
    const { annealEpochs = 10, annealStrategy = "cos" } = options;
    this.swaLrs = perGroup("SWALR", "swaLr", optimizer, swaLr);
    wholeNumber("SWALR", "annealEpochs", annealEpochs, 0);
    this.annealEpochs = annealEpochs;
    this.annealStrategy = annealStrategy;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.lastEpoch) : this.lastEpoch;
    const share = (s: number) => {
      const t = Math.max(0, Math.min(1, s / Math.max(1, this.annealEpochs)));
      return this.annealStrategy === "cos" ? (1 - Math.cos(Math.PI * t)) / 2 : t;
    };
    const [before, now] = [share(step - 1), share(step)];
    // the rate that annealing started from is solved for, because other schedules may have changed it
    return current.map((lr, i) => {
      const first = before === 1 ? this.swaLrs[i] : (lr - before * this.swaLrs[i]) / (1 - before);
      return this.swaLrs[i] * now + first * (1 - now);
    });
  }
}
