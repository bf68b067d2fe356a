import type { BatchRule } from "./call.ts";
import { batches, folded, unfolded } from "./lanes.ts";

// Draws that differ among the samples: in one call, whose stream is PyTorch's. Those of one sample after the other need no rule.

interface Shaped {
  readonly shape: readonly number[];
}
/** As many more numbers; the probabilities of each, where there are some. */
const more: BatchRule<Shaped> = (call) =>
  call.next(batches(call), { ...call.attrs, shape: [call.size, ...call.attrs.shape] });

/** Each row of weights is drawn from by itself. */
const categories: BatchRule<Shaped> = (call) => {
  const { attrs, samples, size, next } = call;
  if (samples[0].ndim === 1) return more(call);
  if (size === 0) return null;
  const shape = [size * attrs.shape[0], attrs.shape[1]];
  return next([folded(batches(call)[0])], { ...attrs, shape }).map((t) => unfolded(t, size));
};

interface Planes {
  readonly planes: number;
}
const planes: BatchRule<Planes> = ({ attrs, size, next }) =>
  size === 0 ? null : next([], { ...attrs, planes: size * attrs.planes }).map((t) => unfolded(t, size));

/** Into what is there. */
const into: BatchRule<object> = (call) => call.next(batches(call));

export const drawRules = {
  bernoulli: more,
  bernoulliEach: more,
  bernoulli_: into,
  bernoulliEach_: into,
  cauchy_: into,
  dropoutNoise: more,
  exponential_: into,
  fractionalPositions: planes,
  geometric_: into,
  logNormal_: into,
  multinomial: categories,
  normal_: into,
  rand: more,
  randint: more,
  randn: more,
  random_: into,
  rreluNoise: more,
  truncNormal_: into,
  uniform_: into,
} as const;
