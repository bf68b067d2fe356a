import { ArgumentError, mean, sum, type Tensor } from "@flambeau/tensor/functional";
import { type Kinds, option, show } from "@flambeau/tensor/plugin";

/** What compares an input with a target: a criterion of this entry, or a loss of @flambeau/losses. */
export interface Criterion {
  forward(input: never, target: never): Tensor;
}

export function checkCriterion(op: string, x: unknown): asserts x is Criterion {
  if (typeof x !== "object" || x === null || !("forward" in x) || typeof x.forward !== "function")
    throw new ArgumentError(op, `a criterion has a forward(input, target), got ${show(x)}`);
}
/** Calls a criterion, which looks at its arguments itself. */
export const judged = (criterion: Criterion, input: unknown, target: unknown): Tensor =>
  criterion.forward(input as never, target as never);

export interface SizeAverageOptions {
  /** Whether the sum of the losses is divided by their number. Default true. */
  readonly sizeAverage?: boolean | undefined;
}
export const sizeAverageKinds: Kinds<SizeAverageOptions> = { sizeAverage: option.boolean };

export const averaged = (losses: Tensor, sizeAverage: boolean): Tensor => (sizeAverage ? mean(losses) : sum(losses));
