import { div, eq, expand, logicalNot, reshape, sum, type Tensor, unsqueeze, zeros } from "@flambeau/tensor/functional";
import { toDType } from "@flambeau/tensor/plugin";
import type { BatchCall, BatchRule } from "./call.ts";
import { batches, batchOf, folded, inWide, unfolded } from "./lanes.ts";

// The cross entropy of a sample is a reduction of the losses of its rows: those are rows of one batch.

interface Attrs {
  readonly ignoreIndex: number;
  readonly reduction: "mean" | "sum" | "none";
}
/** How many rows of each sample count. */
const counts = (target: Tensor, { ignoreIndex }: Attrs, like: Tensor): Tensor =>
  toDType(sum(logicalNot(eq(target, ignoreIndex)), 1), like.dtype);
const each = { reduction: "none" } as const;
/** What a kernel keeps for the gradient is of all samples together: nothing is kept of one. */
const nothing = ({ size }: BatchCall<Attrs>, x: Tensor): Tensor =>
  zeros([size, 0], { dtype: x.dtype, device: x.device });

const crossEntropy: BatchRule<Attrs> = inWide((call: BatchCall<Attrs>) => {
  const { attrs, size, next } = call;
  if (size === 0) return null;
  const [x, target] = batches(call);
  const [rows] = next([folded(x), folded(target)], { ...attrs, ...each });
  let loss = unfolded(rows, size);
  if (attrs.reduction !== "none") loss = sum(loss, 1);
  if (attrs.reduction === "mean") loss = div(loss, counts(target, attrs, loss));
  return [loss, nothing(call, x)];
});

/** Inputs: the gradient of the loss, x, the targets, and what was kept. */
const gradient: BatchRule<Attrs> = (call) => {
  const { lanes, attrs, size, next } = call;
  if (size === 0) return null;
  const [x, target] = [batchOf(lanes[1], size), batchOf(lanes[2], size)];
  let g = batchOf(lanes[0], size);
  if (attrs.reduction === "mean") g = div(g, counts(target, attrs, g));
  if (attrs.reduction !== "none") g = expand(unsqueeze(g, 1), target.shape);
  const kept = zeros([0], { dtype: x.dtype, device: x.device });
  const [out] = next([reshape(g, [target.size]), folded(x), folded(target), kept], { ...attrs, ...each });
  return [unfolded(out, size)];
};

export const lossRules = { crossEntropy, crossEntropyBackward: gradient } as const;
