import { add, reshape, type Tensor } from "@flambeau/tensor/functional";
import type { BatchCall, BatchRule, Lane } from "./call.ts";
import { batchOf, firstOf, folded, inWide, unfolded } from "./lanes.ts";

// Convolutions. With one weight for all samples, these are more images of one batch; with a weight for each they are groups of channels.

interface ConvAttrs {
  readonly groups: number;
  /** Of the result, where it is not the one that follows. */
  readonly out?: readonly number[];
  /** Of the gradient that is the result. */
  readonly shape?: readonly number[];
}
type Call = BatchCall<ConvAttrs>;

const times = (shape: readonly number[], dim: number, size: number): readonly number[] =>
  shape.map((s, i) => (i === dim ? s * size : s));
/** The attributes with `size` times as much in dimension `dim` of the result, and as many groups. */
function scaled({ attrs, size }: Call, dim: number, groups: number): ConvAttrs {
  const { out, shape } = attrs;
  return {
    ...attrs,
    groups: attrs.groups * groups,
    ...(out && { out: times(out, dim, size) }),
    ...(shape && { shape: times(shape, dim, size) }),
  };
}

/** y [N, O, ...] of x [N, C, ...] and w: the samples of x are images. */
const images: BatchRule<ConvAttrs> = (call) => {
  const { lanes, size, next } = call;
  if (size === 0 || lanes.slice(1).some((l) => l.batched)) return null;
  const inputs = lanes.map(({ value }, i) => (i === 0 ? folded(value) : value));
  return next(inputs, scaled(call, 0, 1)).map((t) => unfolded(t, size));
};

/** With the channels of each sample as a group, or more groups of what is the same for all. */
function grouped(call: Call, [x, w]: readonly Lane[], shared: boolean): Tensor {
  const { size, next } = call;
  const left = shared ? x.value : folded(batchOf(x, size), 1);
  const right = folded(batchOf(w, size));
  return unfolded(next([left, right], scaled(call, 1, shared ? 1 : size))[0], size, 1);
}

const convolution: BatchRule<ConvAttrs> = firstOf(
  images,
  inWide((call: Call) => {
    const { lanes, samples, size, attrs } = call;
    const [x, w, bias] = lanes;
    if (size === 0) return null;
    let y: Tensor | null;
    if (w.batched) y = grouped(call, lanes, !x.batched && attrs.groups === 1);
    else if (x.batched) y = (images({ ...call, lanes: [x, w] }) as readonly Tensor[])[0];
    else y = call.next([x.value, w.value])[0];
    if (bias === undefined) return [y];
    const [channels] = samples[2].shape;
    const spatial = new Array<number>(samples[0].ndim - 2).fill(1);
    const shift = reshape(bias.value, [...(bias.batched ? [size, 1] : []), channels, ...spatial]);
    return [add(y, shift)];
  }),
);

const transposed: BatchRule<ConvAttrs> = firstOf(images, (call) =>
  call.size === 0 ? null : [grouped(call, call.lanes, false)],
);

/** The gradient of each sample's weight: groups of channels, or more channels of one image. */
const weightGradient: BatchRule<ConvAttrs> = (call) => {
  const { lanes, attrs, size, next } = call;
  const [g, x] = lanes;
  if (size === 0) return null;
  const one = !x.batched && attrs.groups === 1;
  const inputs = [folded(batchOf(g, size), 1), one ? x.value : folded(batchOf(x, size), 1)];
  return next(inputs, scaled(call, 0, one ? 1 : size)).map((t) => unfolded(t, size));
};

export const convRules = { conv: convolution, convTranspose: transposed, convWeightGrad: weightGradient } as const;
