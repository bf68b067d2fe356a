import { ArgumentError, broadcastShapes, mean, sum, type Tensor } from "@flambeau/tensor/functional";

/** How per-element losses become one: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

export interface ReductionOptions {
  readonly reduction?: Reduction;
}

export function reduceLoss(op: string, loss: Tensor, reduction: Reduction = "mean"): Tensor {
  if (reduction === "mean") return mean(loss);
  if (reduction === "sum") return sum(loss);
  if (reduction === "none") return loss;
  throw new ArgumentError(op, `reduction must be "mean", "sum" or "none", got ${JSON.stringify(reduction)}`);
}

/** Losses of two tensors broadcast, as in PyTorch; sizes that do not fit are named. */
export function checkPair(op: string, input: Tensor, target: Tensor): void {
  broadcastShapes(op, input.shape, target.shape);
}
