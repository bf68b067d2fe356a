import { ArgumentError } from "@flambeau/tensor/functional";

/** Refuses values below a bound. */
export function atLeast(op: string, name: string, value: number, bound = 0): void {
  if (!(value >= bound)) throw new ArgumentError(op, `${name} must be at least ${bound}, got ${value}`);
}

/** Refuses decay rates of running averages that are not in [0, 1). */
export function checkBetas(op: string, betas: readonly number[]): void {
  for (const beta of betas)
    if (!(beta >= 0 && beta < 1)) throw new ArgumentError(op, `betas must be in [0, 1), got [${betas.join(", ")}]`);
}

/** Refuses what is not a whole number of at least `least`. */
export function wholeNumber(op: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least)
    throw new ArgumentError(op, `${name} must be a whole number of at least ${least}, got ${value}`);
}

/** Refuses what is not between 0 and 1. */
export function share(op: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new ArgumentError(op, `${name} must be between 0 and 1, got ${value}`);
}
