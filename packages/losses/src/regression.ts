import {
  ArgumentError,
  choose,
  mul,
  type Operand,
  pointwise,
  pointwiseCall,
  scalar,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkPair, type ReductionOptions, reduceLoss } from "./reduce.ts";

export const squaredOp = pointwise("squaredError", (x, y) => x.sub(y).square());
export const absoluteOp = pointwise("absoluteError", (x, y) => scalar.abs(x.sub(y)));
export const smoothOp = pointwise("smoothL1", (x, y, beta) => {
  const d = scalar.abs(x.sub(y));
  return choose(d.lt(beta), d.square().mul(0.5).div(beta), d.sub(beta.mul(0.5)));
});
export const huberOp = pointwise("huber", (x, y, delta) => {
  const d = scalar.abs(x.sub(y));
  return choose(d.lt(delta), d.square().mul(0.5), delta.mul(d.sub(delta.mul(0.5))));
});

const pairwise = (
  op: typeof squaredOp,
  name: string,
  operands: readonly [Tensor, Tensor, ...Operand[]],
  weight: Tensor | null | undefined,
  reduction: ReductionOptions["reduction"],
): Tensor => {
  checkPair(name, operands[0], operands[1]);
  const loss = pointwiseCall(op, operands);
  return reduceLoss(name, weight ? mul(loss, weight) : loss, reduction);
};

export interface WeightedOptions extends ReductionOptions {
  /** Factor of each element's loss. */
  readonly weight?: Tensor | null;
}

/**
 * Mean squared error, (input - target)^2.
 *
 * @example
 * import { losses, tensor } from "flambeau";
 * console.log(losses.mse(tensor([1, 2]), tensor([1, 4])).item()); // 2
 */
export const mse = (input: Tensor, target: Tensor, { reduction, weight }: WeightedOptions = {}): Tensor =>
  pairwise(squaredOp, "mse", [input, target], weight, reduction);
/** Mean absolute error, |input - target|. */
export const l1 = (input: Tensor, target: Tensor, { reduction, weight }: WeightedOptions = {}): Tensor =>
  pairwise(absoluteOp, "l1", [input, target], weight, reduction);
export interface SmoothL1Options extends ReductionOptions {
  /** Where the square ends. */
  readonly beta?: number;
}
/** d^2 / (2 beta) below beta, d - beta / 2 above, for d = |input - target| (Girshick 2015). */
export function smoothL1(input: Tensor, target: Tensor, { reduction, beta = 1 }: SmoothL1Options = {}): Tensor {
  if (beta < 0) throw new ArgumentError("smoothL1", `beta must not be negative, got ${beta}`);
  if (beta === 0) return l1(input, target, { ...(reduction && { reduction }) });
  return pairwise(smoothOp, "smoothL1", [input, target, beta], null, reduction);
}
export interface HuberOptions extends WeightedOptions {
  /** Where the square ends. */
  readonly delta?: number;
}
/** d^2 / 2 below delta, delta * (d - delta / 2) above, for d = |input - target| (Huber 1964). */
export function huber(input: Tensor, target: Tensor, { reduction, delta = 1, weight }: HuberOptions = {}): Tensor {
  if (delta <= 0) throw new ArgumentError("huber", `delta must be positive, got ${delta}`);
  return pairwise(huberOp, "huber", [input, target, delta], weight, reduction);
}
