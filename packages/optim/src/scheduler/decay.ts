import { ArgumentError } from "@flambeau/tensor/functional";
import { checkIntegers, checkNumber, checkOptions, option } from "@flambeau/tensor/plugin";
import { fromStart, functionPerGroup, LRScheduler, type Scheduled } from "./base.ts";

/** What a rate is multiplied by, from the number of the step. */
type Factor = (step: number) => number;

/**
 * Multiplies the rate by `gamma` every `stepSize` steps: `lr = base * gamma^floor(t / stepSize)`; `gamma` is 0.1 by default.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError unless `stepSize` is a positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.StepLR(optimizer, 2, { gamma: 0.5 });
 * const rates = [1, 2, 3, 4].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [1, 0.5, 0.5, 0.25]
 */
export class StepLR extends LRScheduler {
  private readonly stepSize: number;
  private readonly gamma: number;
  constructor(optimizer: Scheduled, stepSize: number, options: { readonly gamma?: number | undefined } = {}) {
    checkOptions("StepLR", { gamma: option.number }, options);
    super(optimizer);
    if (!Number.isInteger(stepSize) || stepSize < 1)
      throw new ArgumentError("StepLR", `stepSize must be a positive integer, got ${stepSize}`);
    this.stepSize = stepSize;
    this.gamma = options.gamma ?? 0.1;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0
      ? current
      : current.map((lr) => lr * this.gamma);
  }
}
/**
 * Multiplies the rate by `gamma` at each of `milestones`: `lr = base * gamma^n` for the n milestones up to step t.
 *
 * `gamma` is 0.1 by default. A milestone that stands twice counts twice; their order does not matter.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError from `loadStateDict` for what is no state of a schedule of as many groups.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.MultiStepLR(optimizer, [1, 3], { gamma: 0.5 });
 * const rates = [1, 2, 3, 4].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [0.5, 0.5, 0.25, 0.25]
 */
export class MultiStepLR extends LRScheduler {
  private readonly milestones: readonly number[];
  private readonly gamma: number;
  constructor(
    optimizer: Scheduled,
    milestones: readonly number[],
    options: { readonly gamma?: number | undefined } = {},
  ) {
    checkOptions("MultiStepLR", { gamma: option.number }, options);
    super(optimizer);
    this.milestones = checkIntegers("MultiStepLR", "milestones", milestones);
    this.gamma = options.gamma ?? 0.1;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const times = this.milestones.filter((m) => m === this.lastEpoch).length;
    return times === 0 ? current : current.map((lr) => lr * this.gamma ** times);
  }
}
/**
 * Multiplies the rate by `gamma` at each step: `lr = base * gamma^t`.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError from `loadStateDict` for what is no state of a schedule of as many groups.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.ExponentialLR(optimizer, 0.5);
 * for (let i = 0; i < 3; i++) schedule.step();
 * schedule.getLastLr(); // [0.125]
 */
export class ExponentialLR extends LRScheduler {
  private readonly gamma: number;
  constructor(optimizer: Scheduled, gamma: number);
  constructor(optimizer: Scheduled, gamma: number, lastEpoch?: unknown) {
    super(optimizer);
    fromStart(this, lastEpoch);
    this.gamma = checkNumber("ExponentialLR", "gamma", gamma);
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return this.lastEpoch === 0 ? current : current.map((lr) => lr * this.gamma);
  }
}
/**
 * The base rate times a function of the step: `lr = base * lambda(t)`, t = 0 at first.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws what `lambda` throws; ArgumentError from `loadStateDict` for what is no state of a schedule of as many groups.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.LambdaLR(optimizer, (t) => 1 / (1 + t));
 * for (let i = 0; i < 3; i++) schedule.step();
 * schedule.getLastLr(); // [0.25]
 */
export class LambdaLR extends LRScheduler {
  private readonly lambdas: readonly Factor[];
  constructor(optimizer: Scheduled, lambda: Factor | readonly Factor[]);
  constructor(optimizer: Scheduled, lambda: Factor | readonly Factor[], lastEpoch?: unknown) {
    super(optimizer);
    fromStart(this, lastEpoch);
    this.lambdas = functionPerGroup(this.constructor.name, "lambda", optimizer, lambda);
    this.step();
  }
  protected rates(): readonly number[] {
    return this.baseLrs.map((lr, i) => lr * this.lambdas[i](this.lastEpoch));
  }
}
/**
 * From a fraction of the base rate linearly to another, a warm-up: `lr = base * (startFactor + (endFactor - startFactor) s)` for
 * `s = min(t / totalIters, 1)`.
 *
 * `startFactor` is 1/3 by default, `endFactor` 1, `totalIters` 5.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError unless `0 < startFactor <= 1` and `0 <= endFactor <= 1`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.LinearLR(optimizer, { startFactor: 0.25, totalIters: 3 });
 * const rates = [optimizer.paramGroups[0].lr];
 * for (let i = 0; i < 4; i++) {
 *   schedule.step();
 *   rates.push(optimizer.paramGroups[0].lr);
 * }
 * rates; // [0.25, 0.5, 0.75, 1, 1]
 */
export class LinearLR extends LRScheduler {
  private readonly startFactor: number;
  private readonly endFactor: number;
  private readonly totalIters: number;
  constructor(
    optimizer: Scheduled,
    options: {
      readonly startFactor?: number | undefined;
      readonly endFactor?: number | undefined;
      readonly totalIters?: number | undefined;
    } = {},
  ) {
    const kinds = { startFactor: option.number, endFactor: option.number, totalIters: option.number };
    checkOptions("LinearLR", kinds, options);
    super(optimizer);
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
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
/**
 * Multiplies the rate by a function of the step at each step: `lr = base * lambda(1) * lambda(2) * ... * lambda(t)`.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws what `lambda` throws; ArgumentError from `loadStateDict` for what is no state of a schedule of as many groups.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.MultiplicativeLR(optimizer, (t) => 1 / t);
 * for (let i = 0; i < 3; i++) schedule.step();
 * schedule.getLastLr(); // [0.1667]
 */
export class MultiplicativeLR extends LRScheduler {
  private readonly lambdas: readonly Factor[];
  constructor(optimizer: Scheduled, lambda: Factor | readonly Factor[]);
  constructor(optimizer: Scheduled, lambda: Factor | readonly Factor[], lastEpoch?: unknown) {
    super(optimizer);
    fromStart(this, lastEpoch);
    this.lambdas = functionPerGroup(this.constructor.name, "lambda", optimizer, lambda);
    this.lastEpoch = 0;
    this.apply(optimizer.paramGroups.map((g) => g.lr));
  }
  override restart(): void {
    this.lastEpoch = -1; // as in PyTorch, from the rates of the schedule before
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return current.map((lr, i) => lr * this.lambdas[i](this.lastEpoch));
  }
}
/**
 * A fraction of the base rate for `totalIters` steps, then the base rate: `lr = base * (t < totalIters ? factor : 1)`.
 *
 * `factor` is 1/3 by default, `totalIters` 5.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError for a `factor` outside 0..1.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.ConstantLR(optimizer, { factor: 0.5, totalIters: 2 });
 * const rates = [optimizer.paramGroups[0].lr];
 * for (let i = 0; i < 3; i++) {
 *   schedule.step();
 *   rates.push(optimizer.paramGroups[0].lr);
 * }
 * rates; // [0.5, 0.5, 1, 1]
 */
export class ConstantLR extends LRScheduler {
  private readonly factor: number;
  private readonly totalIters: number;
  constructor(
    optimizer: Scheduled,
    options: { readonly factor?: number | undefined; readonly totalIters?: number | undefined } = {},
  ) {
    checkOptions("ConstantLR", { factor: option.number, totalIters: option.number }, options);
    super(optimizer);
    const { factor = 1 / 3, totalIters = 5 } = options;
    if (!(factor >= 0 && factor <= 1))
      throw new ArgumentError("ConstantLR", `factor must be between 0 and 1, got ${factor}`);
    this.factor = factor;
    this.totalIters = totalIters;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    if (this.lastEpoch === 0) return current.map((lr) => lr * this.factor);
    return this.lastEpoch === this.totalIters ? current.map((lr) => lr * (1 / this.factor)) : current;
  }
}
/**
 * From the base rate to 0 over `totalIters` steps: `lr = base * (1 - min(t / totalIters, 1))^power`.
 *
 * `totalIters` is 5 by default, `power` 1.
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError from `loadStateDict` for what is no state of a schedule of as many groups.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 * @example
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new optim.lrScheduler.PolynomialLR(optimizer, { totalIters: 4, power: 2 });
 * const rates = [1, 2, 3, 4].map(() => {
 *   schedule.step();
 *   return schedule.getLastLr()[0];
 * }); // [0.5625, 0.2500, 0.0625, 0]
 */
export class PolynomialLR extends LRScheduler {
  private readonly totalIters: number;
  private readonly power: number;
  constructor(
    optimizer: Scheduled,
    options: { readonly totalIters?: number | undefined; readonly power?: number | undefined } = {},
  ) {
    checkOptions("PolynomialLR", { totalIters: option.number, power: option.number }, options);
    super(optimizer);
    const { totalIters = 5, power = 1 } = options;
    this.totalIters = totalIters;
    this.power = power;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const { totalIters: n, lastEpoch: t } = this;
    if (t === 0 || t > n) return current;
    return current.map((lr) => lr * ((1 - t / n) / (1 - (t - 1) / n)) ** this.power);
  }
}
