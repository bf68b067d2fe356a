import { ArgumentError } from "@flambeau/tensor/functional";
import { checkFunction, elsewhere, show, warnOnce } from "@flambeau/tensor/plugin";
import type { StateValue } from "../optimizer.ts";

/** The part of an optimizer that schedulers change. */
export type Scheduled = {
  readonly paramGroups: { lr: number; initialLr?: number; momentum?: number; betas?: readonly [number, number] }[];
  /** Whether it took a step, where it says. */
  readonly stepped?: boolean;
};

/** What a scheduler needs to go on: plain values, its options among them. Functions are none. */
export interface SchedulerState {
  readonly lastEpoch: number;
  readonly lastLr: readonly number[];
  /** Each group's base rate. */
  readonly baseLrs: readonly number[];
  readonly [name: string]: StateValue;
}

/** Whether a state dict can hold it. */
function isPlain(x: unknown): x is StateValue {
  if (Array.isArray(x)) return x.every(isPlain);
  if (typeof x === "object" && x !== null)
    return Object.getPrototypeOf(x) === Object.prototype && Object.values(x).every(isPlain);
  return typeof x === "number" || typeof x === "boolean" || typeof x === "string" || x === null;
}
/** The plain fields of a scheduler, by name. */
export const plainFields = (scheduler: object): { [name: string]: StateValue } =>
  Object.fromEntries(Object.entries(scheduler).filter(([name, v]) => name !== "optimizer" && isPlain(v)));

/** Takes over the fields of a state. @throws ArgumentError for names and kinds of values that the scheduler does not have. */
export function takeFields(scheduler: object, state: { readonly [name: string]: unknown }): void {
  const own = plainFields(scheduler);
  const kindOf = (x: unknown) => (Array.isArray(x) ? `list of ${x.length}` : x === null ? "null" : typeof x);
  for (const [name, value] of Object.entries(state)) {
    // milestones may be others, and more or fewer
    const fits = Object.hasOwn(own, name) && (kindOf(own[name]) === kindOf(value) || name === "milestones");
    if (!fits || !isPlain(value))
      throw new ArgumentError(
        "loadStateDict",
        `not a state of this scheduler (${scheduler.constructor.name}): it holds ${name}: ${show(value)}`,
      );
  }
  // lists are the scheduler's own, and not the caller's
  for (const [name, value] of Object.entries(state)) Reflect.set(scheduler, name, structuredClone(value));
}

/**
 * The base of learning-rate schedules: `lr[i] = rates(t)[i]` for each parameter group i at step t; a subclass says the rates.
 *
 * Constructing a schedule sets the first rate; `step()` (once per epoch or per batch, after `optimizer.step()`) sets the next. A group's
 * base rate is the one that it had when its first schedule was made (`initialLr`).
 *
 * Shape: numbers, one for each parameter group.
 *
 * @throws ArgumentError from `loadStateDict` for what is no state of a schedule of as many groups.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LRScheduler.html
 * @example
 * class Halving extends optim.lrScheduler.LRScheduler {
 *   protected rates() {
 *     return this.baseLrs.map((lr) => lr / 2 ** this.lastEpoch);
 *   }
 * }
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const schedule = new Halving(optimizer, 0); // no step taken: the rate is the base rate
 * schedule.step();
 * schedule.getLastLr(); // [0.5]
 */
export abstract class LRScheduler {
  protected readonly optimizer: Scheduled;
  readonly baseLrs: readonly number[];
  /** Steps taken; -1 before the first. */
  lastEpoch: number;
  protected lastLr: number[] = [];

  constructor(optimizer: Scheduled, lastEpoch = -1) {
    checkOptimizer(this.constructor.name, optimizer);
    this.optimizer = optimizer;
    // as in PyTorch, a scheduler after another one starts from the same base rates
    for (const group of optimizer.paramGroups) group.initialLr ??= group.lr;
    this.baseLrs = optimizer.paramGroups.map((g) => g.initialLr as number); // set just above
    if (!Number.isInteger(lastEpoch))
      throw new ArgumentError(this.constructor.name, `lastEpoch must be an integer, got ${show(lastEpoch)}`);
    this.lastEpoch = lastEpoch;
  }

  /** Each group's rate at `lastEpoch`. `current` are the rates that the groups have now. */
  protected abstract rates(current: readonly number[]): readonly number[];

  /** Takes one step. */
  step(): void;
  step(...surplus: unknown[]): void {
    noEpoch(this, surplus);
    if (this.lastEpoch === 0 && this.optimizer.stepped === false)
      warnOnce(
        "schedule before optimizer",
        "Flambeau: a schedule's step() came before the first optimizer.step(): the first rate is passed over. Step the optimizer first.",
      );
    this.lastEpoch++;
    this.apply(this.rates(this.optimizer.paramGroups.map((g) => g.lr)));
  }
  /** Starts over from the base rates: what SequentialLR does when a schedule's turn comes. */
  restart(): void {
    this.lastEpoch = 0;
    this.apply(this.rates(this.baseLrs));
  }
  /** The optimizer whose rates this schedule sets. @internal */
  get driven(): Scheduled {
    return this.optimizer;
  }
  /** Whether this schedule sets the rates of that optimizer. */
  drives(optimizer: Scheduled): boolean {
    return this.optimizer === optimizer;
  }
  protected apply(rates: readonly number[]): void {
    for (const rate of rates)
      if (typeof rate !== "number" || Number.isNaN(rate))
        throw new ArgumentError(
          this.constructor.name,
          `the learning rate would be ${show(rate)}`,
          "is an argument missing, or no number?",
        );
    this.lastLr = [...rates];
    this.optimizer.paramGroups.forEach((g, i) => {
      g.lr = this.lastLr[i];
    });
  }
  /** The rates set by the last step, one per group. */
  getLastLr(): readonly number[] {
    return this.lastLr;
  }
  /** What it needs to go on, as in PyTorch with its options: plain values. */
  stateDict(): SchedulerState {
    return structuredClone(plainFields(this)) as SchedulerState; // the base's fields are among them
  }
  /** Takes over what stateDict gave, options included, and sets the rates. @throws ArgumentError for the state of another scheduler. */
  loadStateDict(state: SchedulerState): void {
    if (!Number.isInteger(state?.lastEpoch) || state.lastLr?.length !== this.baseLrs.length)
      throw new ArgumentError("loadStateDict", "not a state of this scheduler");
    takeFields(this, state);
    this.optimizer.paramGroups.forEach((g, i) => {
      g.lr = this.lastLr[i];
    });
  }
}

/** @throws ArgumentError for PyTorch's `lastEpoch`, where it would go on from an epoch. */
export function fromStart(scheduler: object, lastEpoch: unknown): void {
  if (lastEpoch !== undefined && lastEpoch !== -1)
    throw elsewhere(scheduler.constructor.name, "lastEpoch", "schedule.loadStateDict(state)");
}
/** @throws ArgumentError for an epoch, which PyTorch's `step` takes. */
export function noEpoch(scheduler: object, surplus: readonly unknown[]): void {
  if (surplus.length > 0)
    throw new ArgumentError(
      `${scheduler.constructor.name}.step`,
      `takes no epoch, got ${show(surplus[0])}`,
      "call step() once per epoch or batch; loadStateDict() goes to another one",
    );
}
function checkOptimizer(op: string, optimizer: Scheduled): void {
  if (!Array.isArray(optimizer?.paramGroups))
    throw new ArgumentError(op, `optimizer must be an optimizer, got ${show(optimizer)}`);
}

/** One function per parameter group, from one for all or a list. */
export function functionPerGroup<F extends (step: number) => number>(
  op: string,
  name: string,
  optimizer: Scheduled,
  given: F | readonly F[],
): readonly F[] {
  checkOptimizer(op, optimizer);
  const groups = optimizer.paramGroups.length;
  if (!Array.isArray(given)) {
    checkFunction(op, name, given as F); // not the list
    return Array<F>(groups).fill(given as F);
  }
  for (const f of given as readonly F[]) checkFunction(op, `each ${name}`, f);
  if (given.length !== groups)
    throw new ArgumentError(op, `${name} has ${given.length} functions for ${groups} parameter groups`);
  return given;
}
/** One value per parameter group, from one for all or a list. */
export function perGroup(op: string, name: string, optimizer: Scheduled, value: number | readonly number[]): number[] {
  checkOptimizer(op, optimizer);
  const groups = optimizer.paramGroups.length;
  if (typeof value === "number") return Array<number>(groups).fill(value);
  if (!Array.isArray(value) || !value.every((v) => typeof v === "number"))
    throw new ArgumentError(op, `${name} must be a number, or one for each parameter group, got ${show(value)}`);
  if (value.length !== groups)
    throw new ArgumentError(op, `${name} has ${value.length} values for ${groups} parameter groups`);
  return [...value];
}

/** Sets a group's momentum, or its beta1. */
export function setMomentum(op: string, group: Scheduled["paramGroups"][number], value: number): void {
  if (group.betas !== undefined) group.betas = [value, group.betas[1]];
  else if (group.momentum !== undefined) group.momentum = value;
  else
    throw new ArgumentError(
      op,
      "cycleMomentum needs an optimizer with momentum or betas",
      "pass { cycleMomentum: false }",
    );
}
