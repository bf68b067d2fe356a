import type { NormAttrs, TrackingNormAttrs } from "../../contract/fused-ops.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { runFused } from "../../lower/fused.ts";
import { add_, mul_ } from "../pointwise/arithmetic.ts";
import { sum } from "../reduce/reduction.ts";
import { reshape } from "../shape/view.ts";
import { finished, gradientsBy, type Norm, normalized, normGradient, normOp, room, savedFor } from "./norm-op.ts";

/** Channel parameters [C] in the shape that broadcasts against [N, C, ...]. */
export const perChannel = (p: Tensor, rank: number): Tensor =>
  reshape(p, [1, p.size, ...new Array<number>(rank - 2).fill(1)]);
const allButChannel = (x: Tensor): number[] => x.shape.map((_, i) => i).filter((i) => i !== 1);

const batch: Norm<"batchNorm"> = {
  name: "batchNorm",
  centered: true,
  dims: allButChannel,
  features: (x) => [x.shape[1]],
  statistics: (x) => [x.shape[1]],
  spread: (t, x) => perChannel(t, x.ndim),
  gather: (g, x) => sum(g, allButChannel(x)),
};
export const batchNormBackwardOp = normGradient(batch);

/** Inputs: x, weight and bias where they are; results: y, and mean and 1 / std of each channel for the gradient. */
export const batchNormOp: Op<NormAttrs> = normOp(batch, batchNormBackwardOp);

/** What of the inputs {@link batchNormOp} has as well. */
const own = <T>(inputs: readonly T[]): T[] => [inputs[0], ...inputs.slice(3)];
/** The inputs that move towards the batch's statistics by `momentum`. */
const running: readonly number[] = [1, 2];
/** {@link batchNormOp} that keeps running statistics: inputs 1 (means) and 2 (unbiased variances). */
export const batchNormTrackingOp: Op<TrackingNormAttrs> = {
  name: "batchNormTracking",
  rounds: 1,
  title: "batchNorm",
  writes: running,
  forward(inputs, a) {
    const [x, runningMean, runningVar] = inputs;
    const fused = x.size === 0 ? null : runFused("batchNormTracking", inputs, () => room(batch, x, a), a, running);
    return [runningMean, runningVar, ...(fused ?? tracked(inputs, a))];
  },
  save: (inputs, [, ...statistics], a) => savedFor(own(inputs), statistics, a),
  vjp({ attrs, saved, needs }, [g]) {
    const [x, ...features] = gradientsBy(batchNormBackwardOp, g, saved, attrs, own(needs));
    return [x, null, null, ...features];
  },
};
function tracked(inputs: readonly Tensor[], a: TrackingNormAttrs): readonly Tensor[] {
  const [x, runningMean, runningVar] = inputs;
  const found = normalized(batch, x, a);
  const out = finished(batch, own(inputs), found, a);
  const { momentum } = a;
  const count = x.size / x.shape[1];
  if (count > 0) {
    add_(mul_(runningMean, 1 - momentum), out[1], { alpha: momentum });
    add_(mul_(runningVar, 1 - momentum), reshape(found.variance, runningVar.shape), {
      alpha: (momentum * count) / (count - 1),
    });
  }
  return out;
}
