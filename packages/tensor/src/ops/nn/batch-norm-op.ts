import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { runFused } from "../../lower/fused.ts";
import { add_, mul_ } from "../pointwise/arithmetic.ts";
import { sum } from "../reduce/reduction.ts";
import { reshape } from "../shape/view.ts";
import {
  finished,
  gradientsBy,
  type Norm,
  type NormAttrs,
  normalized,
  normGradient,
  room,
  savedFor,
} from "./norm-op.ts";

/** Channel parameters [C] in the shape that broadcasts against [N, C, ...]. */
export const perChannel = (p: Tensor, rank: number): Tensor =>
  reshape(p, [1, p.size, ...new Array<number>(rank - 2).fill(1)]);
const allButChannel = (x: Tensor): number[] => x.shape.map((_, i) => i).filter((i) => i !== 1);

const batch: Norm<NormAttrs> = {
  name: "batchNorm",
  centered: true,
  dims: allButChannel,
  features: (x) => [x.shape[1]],
  statistics: (x) => [x.shape[1]],
  spread: (t, x) => perChannel(t, x.ndim),
  gather: (g, x) => sum(g, allButChannel(x)),
};
export const batchNormBackwardOp = normGradient(batch);

/** The running statistics, whose values move towards those of the batch by `momentum`. */
interface Running {
  readonly momentum: number;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
}
function forward(inputs: readonly Tensor[], a: NormAttrs, running: Running): readonly Tensor[] {
  const [x] = inputs;
  const fused = x.size === 0 ? null : runFused("batchNorm", inputs, () => room(batch, x, a), { ...a, ...running });
  if (fused) return fused;
  const found = normalized(batch, x, a);
  const out = finished(batch, inputs, found, a);
  const { momentum, runningMean, runningVar } = running;
  const count = x.size / x.shape[1];
  if (runningMean && count > 0) add_(mul_(runningMean, 1 - momentum), out[1], { alpha: momentum });
  if (runningVar && count > 0)
    add_(mul_(runningVar, 1 - momentum), reshape(found.variance, runningVar.shape), {
      alpha: (momentum * count) / (count - 1),
    });
  return out;
}

const alone: Running = { momentum: 0, runningMean: null, runningVar: null };
/** Inputs: x, weight and bias where they are; results: y, and mean and 1 / std of each channel for the gradient. */
export const batchNormOp: Op<NormAttrs> = {
  name: "batchNorm",
  forward: (inputs, a) => forward(inputs, a, alone),
  save: (inputs, [, ...statistics], a) => savedFor(inputs, statistics, a),
  vjp: ({ attrs, saved, needs }, [g]) => gradientsBy(batchNormBackwardOp, g, saved, attrs, needs),
};

/** What of the inputs {@link batchNormOp} has as well. */
const own = <T>(inputs: readonly T[]): T[] => [inputs[0], ...inputs.slice(3)];
/** {@link batchNormOp} that keeps running statistics: inputs 1 (means) and 2 (unbiased variances). */
export const batchNormTrackingOp: Op<NormAttrs & { readonly momentum: number }> = {
  name: "batchNormTracking",
  title: "batchNorm",
  writes: [1, 2],
  forward(inputs, a) {
    const [, runningMean, runningVar] = inputs;
    return [runningMean, runningVar, ...forward(own(inputs), a, { momentum: a.momentum, runningMean, runningVar })];
  },
  save: (inputs, [, ...statistics], a) => savedFor(own(inputs), statistics, a),
  vjp({ attrs, saved, needs }, [g]) {
    const [x, ...features] = gradientsBy(batchNormBackwardOp, g, saved, attrs, own(needs));
    return [x, null, null, ...features];
  },
};
