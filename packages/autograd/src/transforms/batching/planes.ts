import { expand } from "@flambeau/tensor/functional";
import type { BatchRule } from "./call.ts";
import { batches, batchOf, folded, unfolded } from "./lanes.ts";

// Ops on [N, ...] that know nothing of N: all samples are one longer N.

interface Shaped {
  readonly shape?: readonly number[];
}
const longer: BatchRule<Shaped> = (call) => {
  const { attrs, size, next } = call;
  if (size === 0) return null;
  const { shape } = attrs;
  const whole = shape === undefined ? attrs : { ...attrs, shape: [size * shape[0], ...shape.slice(1)] };
  return next(
    batches(call).map((t) => folded(t)),
    whole,
  ).map((t) => unfolded(t, size));
};

/** Positions are those of each plane, or the same for all. */
const windowArgmax: BatchRule = ({ lanes: [planes, positions], samples, size, next }) => {
  if (size === 0) return null;
  const rows = folded(batchOf(planes, size));
  const one = !positions.batched && positions.value.shape[0] === 1;
  const each = () => expand(batchOf(positions, size), [size, samples[0].shape[0], samples[1].shape[1]]);
  return next([rows, one ? positions.value : folded(each())]).map((t) => unfolded(t, size));
};

export const planeRules = {
  col2im: longer,
  im2col: longer,
  maxPool: longer,
  maxPoolBackward: longer,
  maxPoolPick: longer,
  padEnd: longer,
  sumPool: longer,
  sumPoolBackward: longer,
  windowArgmax,
} as const;
