import { broadcastShapes, mean, sum, type Tensor } from "@flambeau/tensor/functional";
import { type Kinds, option } from "@flambeau/tensor/plugin";

/** How per-element losses become one: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

export interface ReductionOptions {
  /** The mean of all losses, their sum, or the losses themselves ("none"). Default "mean". */
  readonly reduction?: Reduction | undefined;
}
export const reductionKinds: Kinds<ReductionOptions> = { reduction: option.oneOf("mean", "sum", "none") };

export function reduceLoss(loss: Tensor, reduction: Reduction = "mean"): Tensor {
  if (reduction === "mean") return mean(loss);
  return reduction === "sum" ? sum(loss) : loss;
}

/** Losses of two tensors broadcast, as in PyTorch; sizes that do not fit are named. */
export function checkPair(op: string, input: Tensor, target: Tensor): void {
  broadcastShapes(op, input.shape, target.shape);
}
