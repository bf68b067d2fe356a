import { ArgumentError } from "@flambeau/tensor/functional";
import { LRScheduler, type Scheduled } from "./base.ts";

/** Multiplies the rate by `gamma` every `stepSize` steps. */
export class StepLR extends LRScheduler {
  private readonly stepSize: number;
  private readonly gamma: number;
  constructor(optimizer: Scheduled, stepSize: number, { gamma = 0.1 }: { readonly gamma?: number } = {}) {
    super(optimizer);
    if (!Number.isInteger(stepSize) || stepSize < 1)
      throw new ArgumentError("StepLR", `stepSize must be a positive integer, got ${stepSize}`);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0
      ? current
      : current.map((lr) => lr * this.gamma);
  }
}
/** Multiplies the rate by `gamma` at each of `milestones`. */
export class MultiStepLR extends LRScheduler {
  private readonly milestones: readonly number[];
  private readonly gamma: number;
  constructor(optimizer: Scheduled, milestones: readonly number[], { gamma = 0.1 }: { readonly gamma?: number } = {}) {
    super(optimizer);
    this.milestones = milestones;
    this.gamma = gamma;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    const times = this.milestones.filter((m) => m === this.lastEpoch).length;
    return times === 0 ? current : current.map((lr) => lr * this.gamma ** times);
  }
}
/** Multiplies the rate by `gamma` at each step. */
export class ExponentialLR extends LRScheduler {
  private readonly gamma: number;
  constructor(optimizer: Scheduled, gamma: number) {
    super(optimizer);
    this.gamma = gamma;
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return this.lastEpoch === 0 ? current : current.map((lr) => lr * this.gamma);
  }
}
/** The base rate times `lambda(step)`. */
export class LambdaLR extends LRScheduler {
  private readonly lambda: (step: number) => number;
  constructor(optimizer: Scheduled, lambda: (step: number) => number) {
    super(optimizer);
    this.lambda = lambda;
    this.step();
  }
  protected rates(): readonly number[] {
    return this.baseLrs.map((lr) => lr * this.lambda(this.lastEpoch));
  }
}
/** From a fraction of the base rate linearly to another over `totalIters` steps: a warm-up. */
export class LinearLR extends LRScheduler {
  private readonly startFactor: number;
  private readonly endFactor: number;
  private readonly totalIters: number;
  constructor(
    optimizer: Scheduled,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: { readonly startFactor?: number; readonly endFactor?: number; readonly totalIters?: number } = {},
  ) {
    super(optimizer);
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
/** Multiplies the rate by `lambda(step)` at each step. */
export class MultiplicativeLR extends LRScheduler {
  private readonly lambda: (step: number) => number;
  constructor(optimizer: Scheduled, lambda: (step: number) => number) {
    super(optimizer);
    this.lambda = lambda;
    this.lastEpoch = 0;
    this.apply(optimizer.paramGroups.map((g) => g.lr));
  }
  override restart(): void {
    this.lastEpoch = -1; // as in PyTorch, from the rates of the schedule before
    this.step();
  }
  protected rates(current: readonly number[]): readonly number[] {
    return current.map((lr) => lr * this.lambda(this.lastEpoch));
  }
}
/** A fraction of the base rate for `totalIters` steps, then the base rate. */
export class ConstantLR extends LRScheduler {
  private readonly factor: number;
  private readonly totalIters: number;
  constructor(
    optimizer: Scheduled,
    { factor = 1 / 3, totalIters = 5 }: { readonly factor?: number; readonly totalIters?: number } = {},
  ) {
    super(optimizer);
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
/** From the base rate to 0 over `totalIters` steps: lr = base * (1 - step / totalIters)^power. */
export class PolynomialLR extends LRScheduler {
  private readonly totalIters: number;
  private readonly power: number;
  constructor(
    optimizer: Scheduled,
    { totalIters = 5, power = 1 }: { readonly totalIters?: number; readonly power?: number } = {},
  ) {
    super(optimizer);
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
