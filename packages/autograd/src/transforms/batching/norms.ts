import { add, mul, reshape, sub, sum, type Tensor } from "@flambeau/tensor/functional";
import type { BatchCall, BatchRule, Lane } from "./call.ts";
import { batches, batchOf, firstOf, folded, inWide, unfolded } from "./lanes.ts";

// Normalizations. Rows are normalized one by one, whatever stands in front of them; features and their gradients are those of a sample.

interface NormAttrs {
  readonly weight: boolean;
  readonly bias: boolean;
  /** How many trailing dimensions are normalized. */
  readonly count: number;
}
interface GradientAttrs extends NormAttrs {
  readonly needs: readonly boolean[];
}

/** Features of each sample, or of all, in a shape that broadcasts against a batch with `lead` dimensions of rows. */
function spreading({ samples, attrs: { count } }: Pick<BatchCall<NormAttrs>, "samples" | "attrs">) {
  const ones = new Array<number>(samples[0].ndim - count).fill(1);
  return ({ value, batched }: Lane): Tensor =>
    batched ? reshape(value, [value.shape[0], ...ones, ...value.shape.slice(1)]) : value;
}

const rowNorm: BatchRule<NormAttrs> = firstOf(
  ({ lanes, next }) => (lanes.slice(1).some((l) => l.batched) ? null : next(lanes.map(({ value }) => value))),
  inWide((call: BatchCall<NormAttrs>) => {
    const { lanes, attrs, size, next } = call;
    const [x, ...features] = lanes;
    const spread = spreading(call);
    const [hat, ...statistics] = next([batchOf(x, size)], { ...attrs, weight: false, bias: false });
    let y = hat;
    if (attrs.weight) y = mul(y, spread(features[0]));
    if (attrs.bias) y = add(y, spread(features[features.length - 1]));
    return [y, ...statistics];
  }),
);

/** Inputs: g, x, mean where it is taken away, 1 / std, and weight where there is one. */
const rowNormGradient =
  (centered: boolean): BatchRule<GradientAttrs> =>
  (call) => {
    const { lanes, samples, attrs: a, next } = call;
    const all = batches(call);
    const [g, x] = all;
    const statistics = all.slice(2, centered ? 4 : 3);
    const weight = a.weight ? lanes[lanes.length - 1] : null;
    const out: Tensor[] = [];
    if (a.needs[0]) {
      const shared = weight !== null && !weight.batched;
      const inner = weight === null || shared ? g : mul(g, spreading(call)(weight));
      const inputs = [inner, x, ...statistics, ...(shared ? [weight.value] : [])];
      out.push(...next(inputs, { ...a, weight: shared, bias: false, needs: [true, false].slice(0, shared ? 2 : 1) }));
    }
    const rows = Array.from({ length: samples[1].ndim - a.count }, (_, i) => i + 1);
    const ofFeatures = (t: Tensor): Tensor => (rows.length > 0 ? sum(t, rows) : t);
    if (a.weight && a.needs[1]) {
      const apart = centered ? sub(x, statistics[0]) : x;
      out.push(ofFeatures(mul(g, mul(apart, statistics[statistics.length - 1]))));
    }
    if (a.bias && a.needs[a.needs.length - 1]) out.push(ofFeatures(g));
    return out;
  };

/** Each sample's channels are channels of one batch. */
const channels: BatchRule<object> = (call) => {
  const { size, next, samples } = call;
  if (size === 0) return null;
  const whole = samples.map(({ ndim }) => (ndim > 1 ? 1 : 0));
  const inputs = batches(call).map((t, i) => folded(t, whole[i]));
  return next(inputs).map((t) => unfolded(t, size, t.ndim > 1 ? 1 : 0));
};
/** The running statistics are written: the level has seen that they are batches, too. */
const tracking: BatchRule<object> = (call) => {
  const [, mean, variance] = call.lanes;
  if (!mean.value.rowMajor || !variance.value.rowMajor) return null; // a copy would be written
  const out = channels(call);
  return out === null ? null : [mean.value, variance.value, ...out.slice(2)];
};

export const normRules = {
  batchNorm: channels,
  batchNormBackward: channels,
  batchNormTracking: tracking,
  layerNorm: rowNorm,
  layerNormBackward: rowNormGradient(true),
  rmsNorm: rowNorm,
  rmsNormBackward: rowNormGradient(false),
} as const;
