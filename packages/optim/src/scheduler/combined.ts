import { ArgumentError } from "@flambeau/tensor/functional";
import { checkIntegers, show } from "@flambeau/tensor/plugin";
import { LRScheduler, noEpoch, type Scheduled, type SchedulerState } from "./base.ts";

interface CombinedState extends SchedulerState {
  readonly schedulers: readonly SchedulerState[];
}

/** Schedules of one optimizer that act together or one after another. */
abstract class Combined extends LRScheduler {
  protected readonly schedulers: readonly LRScheduler[];
  constructor(name: string, optimizer: Scheduled, schedulers: readonly LRScheduler[]) {
    super(optimizer, 0);
    if (!Array.isArray(schedulers) || !schedulers.every((s: unknown) => s instanceof LRScheduler))
      throw new ArgumentError(name, `schedulers must be a list of schedulers, got ${show(schedulers)}`);
    if (schedulers.length === 0) throw new ArgumentError(name, "needs at least one scheduler");
    schedulers.forEach((s, i) => {
      if (!s.drives(optimizer)) throw new ArgumentError(name, `scheduler ${i} belongs to another optimizer`);
    });
    this.schedulers = schedulers;
  }
  protected rates(current: readonly number[]): readonly number[] {
    return current;
  }
  override stateDict(): CombinedState {
    return { ...super.stateDict(), schedulers: this.schedulers.map((s) => s.stateDict()) };
  }
  override loadStateDict(state: CombinedState): void {
    if (state?.schedulers?.length !== this.schedulers.length)
      throw new ArgumentError("loadStateDict", "not a state of this scheduler");
    const { schedulers, ...own } = state;
    this.schedulers.forEach((s, i) => {
      s.loadStateDict(schedulers[i]);
    });
    super.loadStateDict(own as SchedulerState); // the rest of one
  }
}

/**
 * Steps several schedules together, so that their factors multiply: `lr = base * f1(t) * f2(t) * ...`.
 *
 * Each step takes one step of every schedule in the order given, on the rate that the one before it left: a product for schedules that
 * multiply the current rate. Those that set it from the base rate, as {@link LambdaLR}, undo what came before them.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError for no schedules, and for one of another optimizer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 * @example
 * const { ChainedScheduler, ConstantLR, ExponentialLR } = optim.lrScheduler;
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const parts = [new ConstantLR(optimizer, { factor: 0.5, totalIters: 2 }), new ExponentialLR(optimizer, 0.9)];
 * const schedule = new ChainedScheduler(parts, optimizer);
 * const rates = [1, 2, 3].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [0.450, 0.810, 0.729]
 */
export class ChainedScheduler extends Combined {
  /** `optimizer` is that of the schedules, unless it is given. */
  constructor(schedulers: readonly LRScheduler[], optimizer?: Scheduled) {
    const [first] = Array.isArray(schedulers) ? schedulers : [];
    const driven = optimizer ?? (first instanceof LRScheduler ? first.driven : undefined);
    if (driven === undefined) throw new ArgumentError("ChainedScheduler", "needs at least one scheduler");
    super("ChainedScheduler", driven, schedulers);
    this.apply(driven.paramGroups.map((g) => g.lr));
  }
  override step(): void;
  override step(...surplus: unknown[]): void {
    noEpoch(this, surplus);
    for (const s of this.schedulers) s.step();
    super.step();
  }
}

/**
 * One schedule after another: schedule i + 1 takes over, from its start, at step `milestones[i]`.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError for no schedules, one of another optimizer, and unless there is one milestone less than schedules.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 * @example
 * import { optim, zeros } from "flambeau";
 * const { LinearLR, CosineAnnealingLR, SequentialLR } = optim.lrScheduler;
 * const optimizer = new optim.SGD([zeros([1], { requiresGrad: true })], { lr: 1 });
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 });
 * const schedule = new SequentialLR(optimizer, [warmUp, new CosineAnnealingLR(optimizer, 2)], [2]);
 * const rates = [optimizer.paramGroups[0].lr];
 * for (let i = 0; i < 3; i++) {
 *   schedule.step();
 *   rates.push(optimizer.paramGroups[0].lr);
 * }
 * rates; // [0.5, 0.75, 1, 0.5]
 */
export class SequentialLR extends Combined {
  private readonly milestones: readonly number[];
  constructor(optimizer: Scheduled, schedulers: readonly LRScheduler[], milestones: readonly number[]) {
    super("SequentialLR", optimizer, schedulers);
    checkIntegers("SequentialLR", "milestones", milestones);
    if (milestones.length !== schedulers.length - 1)
      throw new ArgumentError(
        "SequentialLR",
        `${schedulers.length} schedulers need ${schedulers.length - 1} milestones, got ${milestones.length}`,
      );
    this.milestones = milestones;
    this.apply(this.baseLrs); // making the schedulers has changed the rates
    this.current().restart();
    this.lastLr = [...this.current().getLastLr()];
  }
  private current(): LRScheduler {
    return this.schedulers[this.milestones.filter((m) => m <= this.lastEpoch).length];
  }
  override step(): void;
  override step(...surplus: unknown[]): void {
    noEpoch(this, surplus);
    this.lastEpoch++;
    if (this.milestones.includes(this.lastEpoch)) this.current().restart();
    else this.current().step();
    this.lastLr = [...this.current().getLastLr()];
  }
}
