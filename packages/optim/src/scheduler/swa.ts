import { oneOf, wholeNumber } from "../check.ts";
import { LRScheduler, perGroup, type Scheduled } from "./base.ts";

/** From the current rate to `swaLr` over `annealEpochs` steps, and constant then: for averaging weights (Izmailov et al. 2018). */
export class SWALR extends LRScheduler {
  private readonly swaLrs: readonly number[];
  private readonly annealEpochs: number;
  private readonly anneal: (t: number) => number;
  constructor(
    optimizer: Scheduled,
    swaLr: number | readonly number[],
    {
      annealEpochs = 10,
      annealStrategy = "cos",
    }: { readonly annealEpochs?: number; readonly annealStrategy?: "cos" | "linear" } = {},
  ) {
    super(optimizer);
    this.swaLrs = perGroup("SWALR", "swaLr", optimizer, swaLr);
    oneOf("SWALR", "annealStrategy", annealStrategy, ["cos", "linear"]);
    wholeNumber("SWALR", "annealEpochs", annealEpochs, 0);
    this.annealEpochs = annealEpochs;
    this.anneal = annealStrategy === "cos" ? (t) => (1 - Math.cos(Math.PI * t)) / 2 : (t) => t;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.lastEpoch) : this.lastEpoch;
    const share = (s: number) => this.anneal(Math.max(0, Math.min(1, s / Math.max(1, this.annealEpochs))));
    const [before, now] = [share(step - 1), share(step)];
    // the rate that annealing started from is solved for, because other schedules may have changed it
    return current.map((lr, i) => {
      const first = before === 1 ? this.swaLrs[i] : (lr - before * this.swaLrs[i]) / (1 - before);
      return this.swaLrs[i] * now + first * (1 - now);
    });
  }
}
