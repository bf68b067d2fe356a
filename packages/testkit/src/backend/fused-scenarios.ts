import {
  add_,
  avgPool2d,
  batchNorm,
  cdist,
  conv2d,
  conv3d,
  convTranspose2d,
  convTranspose3d,
  expand,
  flatten,
  flip,
  Generator,
  gt,
  kthvalue,
  layerNorm,
  linear,
  logSoftmax,
  maxPool2d,
  median,
  mul,
  nanmedian,
  noGrad,
  nonzero,
  normal_,
  rmsNorm,
  round,
  scaledDotProductAttention,
  slice,
  softmax,
  sum,
  type Tensor,
  topk,
  transpose,
  uniform_,
} from "@flambeau/tensor";

/** Makes the tensors of a scenario, the same ones each time it runs. */
export interface Maker {
  /** Normal-ish floats. */
  floats(shape: readonly number[], options?: { readonly leaf?: boolean; readonly transposed?: boolean }): Tensor;
  /** Integers in 0..n-1. */
  ints(shape: readonly number[], n: number): Tensor;
}

/** The packages above the ops, where they are installed. */
export interface Upper {
  readonly nn: { readonly [name: string]: unknown } | null;
  readonly losses: { readonly [name: string]: unknown } | null;
  readonly optim: { readonly [name: string]: unknown } | null;
}

/** A use of fused kernels that must give the same without them. */
export interface Scenario {
  readonly name: string;
  /** Names of fused kernels that it is meant to reach. */
  readonly covers: readonly string[];
  readonly needs?: keyof Upper;
  /** A result's size is read from the device: it is for those that answer at once. */
  readonly reads?: boolean;
  /** Everything that may differ: results and gradients. */
  run(make: Maker, upper: Upper): readonly Tensor[];
}

/** The result, and the gradients of sum(result * weights) for the leaves. */
function withGradients(make: Maker, leaves: readonly Tensor[], f: () => Tensor): Tensor[] {
  const out = f();
  sum(mul(out, make.floats(out.shape))).backward();
  return [out, ...leaves.flatMap((t) => (t.grad ? [t.grad] : []))];
}

/** A scenario of one op with gradients; the leaves come first in `shapes`. */
const differentiated = (
  name: string,
  covers: readonly string[],
  shapes: readonly (readonly number[])[],
  f: (...leaves: Tensor[]) => Tensor,
): Scenario => ({
  name,
  covers,
  run(make) {
    const leaves = shapes.map((s) => make.floats(s, { leaf: true }));
    return withGradients(make, leaves, () => f(...leaves));
  },
});

/** A scenario of attention with a mask, by which nothing is differentiated. */
const masked = (name: string, maskOf: (make: Maker) => Tensor): Scenario => ({
  name: `attention with a mask of ${name}`,
  covers: ["maskedAttention", "maskedAttentionBackward"],
  run(make) {
    const leaves = [16, 16, 12].map((width, i) => make.floats([2, 2, i === 0 ? 33 : 30, width], { leaf: true }));
    const attnMask = maskOf(make);
    return withGradients(make, leaves, () => scaledDotProductAttention(leaves[0], leaves[1], leaves[2], { attnMask }));
  },
});

interface Optimizer {
  zeroGrad(): void;
  step(): void;
}
/** Steps of an optimizer on sum((w x)^2): any difference grows from step to step. */
const steps = (name: string, covers: readonly string[], optimizer: string, options: object): Scenario => ({
  name,
  covers,
  needs: "optim",
  run(make, { optim }) {
    const Class = optim?.[optimizer] as new (params: readonly Tensor[], options: object) => Optimizer; // `needs` says that it is there
    const w = make.floats([4, 5], { leaf: true });
    const b = make.floats([5], { leaf: true });
    const x = make.floats([3, 4]);
    const made = new Class([w, b], options);
    for (let i = 0; i < 5; i++) {
      made.zeroGrad();
      const y = linear(x, transpose(w, 0, 1), b);
      sum(mul(y, y)).backward();
      made.step();
    }
    return [w, b];
  },
});

/** Steps on many parameters of sizes that fill no vector, block or workgroup evenly, some of which join late. */
const manySteps = (name: string, covers: readonly string[], optimizer: string, options: object): Scenario => ({
  name,
  covers,
  needs: "optim",
  run(make, { optim }) {
    const Class = optim?.[optimizer] as new (params: readonly Tensor[], options: object) => Optimizer; // `needs` says that it is there
    const params = [1, 300, 64, 7, 1025, 2, 33, 256, 5, 0, 90].map((n) => make.floats([n], { leaf: true }));
    const targets = params.map((p) => make.floats(p.shape));
    const made = new Class(params, options);
    for (let i = 0; i < 4; i++) {
      made.zeroGrad();
      params.forEach((p, k) => {
        if (i < 2 && k % 3 === 1) return;
        const d = add_(mul(p, 1), targets[k], { alpha: -1 });
        sum(mul(d, d)).backward();
      });
      made.step();
    }
    return params;
  },
});

const softmaxes = ["softmax", "softmaxBackward"];
const convs = ["conv", "convTranspose", "convWeightGrad"];
const attentions = ["scaledDotProductAttention", "attentionBackward"];
const layerNorms = ["layerNorm", "layerNormBackward"];
const rmsNorms = ["rmsNorm", "rmsNormBackward"];
const batchNorms = ["batchNorm", "batchNormBackward"];
const trackingNorms = ["batchNormTracking", "batchNormBackward"];
const losses = ["crossEntropy", "crossEntropyBackward"];

export const scenarios: readonly Scenario[] = [
  differentiated("softmax of rows", softmaxes, [[7, 33]], (x) => softmax(x, -1)),
  differentiated("softmax of columns", [], [[7, 33]], (x) => softmax(x, 0)),
  differentiated("softmax of large values", softmaxes, [[5, 9]], (x) => softmax(mul(x, 1000), -1)),
  differentiated("logSoftmax of rows", ["logSoftmax", "logSoftmaxBackward"], [[3, 4, 17]], (x) => logSoftmax(x, -1)),
  differentiated("kthvalue of columns", ["kthvalue"], [[31, 4]], (x) => kthvalue(x, 9, 0).values),
  differentiated("topk of rows", ["topk"], [[4, 31]], (x) => topk(x, 9).values),
  differentiated("topk of long rows", ["topk"], [[4, 203]], (x) => topk(x, 9).values),
  differentiated("median of rows", ["median"], [[5, 37]], (x) => median(x, 1).values),
  differentiated("nanmedian of equal elements", ["median"], [[5, 37]], (x) => nanmedian(round(x), 1).values),
  {
    name: "positions of what is not 0",
    covers: ["nonzero"],
    reads: true,
    run: (make) => {
      const x = round(make.floats([7, 45]));
      return [nonzero(x), ...nonzero(x, { asTuple: true }), nonzero(flatten(x))].map((t) => t.to("float32"));
    },
  },
  differentiated(
    "distances",
    ["cdist"],
    [
      [2, 7, 35],
      [2, 22, 35],
    ],
    (x, y) => cdist(x, y),
  ), // prettier-ignore
  differentiated("flip of rows", ["flip"], [[5, 37]], (x) => flip(x, [1])),
  {
    name: "uniforms and normals",
    covers: ["rand", "randn"],
    run: (make) => {
      const generator = new Generator(5);
      return [
        uniform_(make.floats([51, 60]), -1, 2, { generator }),
        normal_(make.floats([51, 61]), 1, 2, { generator }),
        // the generator is where it would be
        uniform_(make.floats([7]), 0, 1, { generator }),
      ];
    },
  },
  differentiated("linear with bias", ["linear"], [[6, 10], [4, 10], [4]], (x, w, b) => linear(x, w, b)), // prettier-ignore
  differentiated(
    "linear of a batch of matrices without bias",
    ["linear"],
    [
      [2, 3, 10],
      [4, 10],
    ],
    (x, w) => linear(x, w),
  ), // prettier-ignore
  differentiated("conv2d 3x3, padded", convs, [[2, 4, 9, 9], [6, 4, 3, 3], [6]], (x, w, b) =>
    conv2d(x, w, b, { padding: 1 }),
  ), // prettier-ignore
  differentiated("conv2d 3x3 of many channels", convs, [[2, 16, 12, 12], [32, 16, 3, 3], [32]], (x, w, b) =>
    conv2d(x, w, b, { padding: 1 }),
  ), // prettier-ignore
  differentiated("conv2d 1x1", convs, [[2, 8, 5, 5], [3, 8, 1, 1], [3]], (x, w, b) => conv2d(x, w, b)), // prettier-ignore
  differentiated(
    "conv2d 5x4, strided, dilated, uneven",
    convs,
    [
      [1, 3, 14, 13],
      [2, 3, 5, 4],
    ],
    (x, w) => conv2d(x, w, null, { stride: [2, 3], padding: [2, 1], dilation: [1, 2] }),
  ), // prettier-ignore
  differentiated("conv2d in groups", convs, [[2, 6, 7, 7], [9, 2, 3, 3], [9]], (x, w, b) =>
    conv2d(x, w, b, { groups: 3 }),
  ), // prettier-ignore
  differentiated(
    "conv2d depthwise",
    convs,
    [
      [1, 5, 8, 8],
      [5, 1, 3, 3],
    ],
    (x, w) => conv2d(x, w, null, { groups: 5, padding: 1 }),
  ), // prettier-ignore
  differentiated("convTranspose2d", convs, [[2, 4, 5, 5], [4, 3, 3, 3], [3]], (x, w, b) =>
    convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
  ), // prettier-ignore
  differentiated("conv2d onto a pixel of each image", convs, [[9, 3, 4, 4], [5, 3, 4, 4], [5]], (x, w, b) =>
    conv2d(x, w, b),
  ), // prettier-ignore
  differentiated("conv2d of small planes, strided", convs, [[7, 4, 5, 3], [6, 4, 3, 2], [6]], (x, w, b) =>
    conv2d(x, w, b, { stride: 2, padding: 1 }),
  ), // prettier-ignore
  differentiated("conv3d 3x3x3, padded", convs, [[2, 3, 5, 6, 6], [4, 3, 3, 3, 3], [4]], (x, w, b) =>
    conv3d(x, w, b, { padding: 1 }),
  ), // prettier-ignore
  differentiated(
    "conv3d 3x2x2, strided, dilated, uneven",
    convs,
    [
      [1, 2, 9, 6, 5],
      [3, 2, 3, 2, 2],
    ],
    (x, w) => conv3d(x, w, null, { stride: [2, 1, 2], padding: [2, 0, 1], dilation: [2, 1, 1] }),
  ), // prettier-ignore
  differentiated("conv3d in groups", convs, [[2, 4, 4, 5, 5], [6, 2, 2, 3, 3], [6]], (x, w, b) =>
    conv3d(x, w, b, { groups: 2 }),
  ), // prettier-ignore
  differentiated("convTranspose3d", convs, [[2, 4, 3, 4, 4], [4, 3, 3, 3, 3], [3]], (x, w, b) =>
    convTranspose3d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
  ), // prettier-ignore
  differentiated("maxPool2d", ["maxPool", "maxPoolBackward"], [[2, 3, 8, 8]], (x) => maxPool2d(x, 2)),
  differentiated("maxPool2d, overlapping, padded, uneven", ["maxPool", "maxPoolBackward"], [[2, 3, 9, 7]], (x) =>
    maxPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }),
  ), // prettier-ignore
  differentiated("avgPool2d", ["sumPool", "sumPoolBackward"], [[2, 3, 8, 8]], (x) => avgPool2d(x, 2)),
  differentiated("avgPool2d, overlapping, padded", ["sumPool", "sumPoolBackward"], [[2, 3, 9, 7]], (x) =>
    avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }),
  ), // prettier-ignore
  differentiated("layerNorm with weight and bias", layerNorms, [[5, 4, 12], [12], [12]], (x, weight, bias) =>
    layerNorm(x, [12], { weight, bias }),
  ), // prettier-ignore
  differentiated("layerNorm over two dims, bare", layerNorms, [[5, 4, 12]], (x) => layerNorm(x, [4, 12])),
  differentiated("rmsNorm with weight", rmsNorms, [[150, 12], [12]], (x, weight) => rmsNorm(x, 12, { weight })), // prettier-ignore
  differentiated("rmsNorm of few long rows", rmsNorms, [[2, 1, 197], [197]], (x, weight) =>
    rmsNorm(x, 197, { weight }),
  ), // prettier-ignore
  differentiated("rmsNorm over two dims, bare", rmsNorms, [[5, 4, 12]], (x) => rmsNorm(x, [4, 12], { eps: 0.1 })),
  differentiated(
    "attention",
    attentions,
    [
      [2, 3, 10, 8],
      [2, 3, 12, 8],
      [2, 3, 12, 8],
    ],
    (q, k, v) => scaledDotProductAttention(q, k, v),
  ), // prettier-ignore
  differentiated(
    "causal attention",
    attentions,
    [
      [2, 2, 33, 16],
      [2, 2, 33, 16],
      [2, 2, 33, 16],
    ],
    (q, k, v) => scaledDotProductAttention(q, k, v, { isCausal: true }),
  ), // prettier-ignore
  differentiated(
    "attention whose gradient is one value, expanded",
    attentions,
    [
      [2, 2, 9, 4],
      [2, 2, 11, 4],
      [2, 2, 11, 5],
    ],
    (q, k, v) => expand(sum(scaledDotProductAttention(q, k, v)), [3]),
  ), // prettier-ignore
  masked("bools", (make) => gt(make.ints([33, 30], 3), 0)),
  masked("bools that close whole rows", (make) => gt(make.ints([33, 1], 2), 0)),
  masked("bools for the keys of each sample", (make) => gt(make.ints([2, 1, 1, 30], 2), 0)),
  masked("bools of other strides", (make) => transpose(gt(make.ints([2, 2, 30, 33], 3), 0), 2, 3)),
  masked("numbers", (make) => make.floats([33, 30])),
  masked("numbers for the keys of each head", (make) => mul(make.floats([2, 1, 30]), 3)),
  differentiated(
    "attention with a mask that has a gradient",
    ["maskedAttention"],
    [
      [2, 3, 7, 4],
      [2, 3, 9, 4],
      [2, 3, 9, 5],
      [3, 7, 1],
    ],
    (q, k, v, attnMask) => scaledDotProductAttention(q, k, v, { attnMask }),
  ), // prettier-ignore
  differentiated("batchNorm without running statistics", batchNorms, [[3, 4, 5, 5], [4], [4]], (x, weight, bias) =>
    batchNorm(x, null, null, { weight, bias, training: true }),
  ), // prettier-ignore
  {
    name: "batchNorm whose running statistics are every other element",
    covers: [],
    run(make) {
      const all = noGrad(() => mul(make.floats([8]), 0).add(1));
      const every = (from: number) => slice(all, 0, from, 8, 2);
      const x = make.floats([3, 4, 5]);
      return [batchNorm(x, every(0), every(1), { training: true, momentum: 0.3 }), all];
    },
  },
  {
    name: "batchNorm in training, its running statistics over three batches",
    covers: trackingNorms,
    run(make) {
      const mean = make.floats([4]);
      const variance = noGrad(() => mul(make.floats([4]), 0).add(1));
      const weight = make.floats([4], { leaf: true });
      const bias = make.floats([4], { leaf: true });
      const batches = [0, 1, 2].flatMap(() => {
        const x = make.floats([3, 4, 5, 5], { leaf: true });
        return withGradients(make, [x], () =>
          batchNorm(x, mean, variance, { weight, bias, training: true, momentum: 0.3 }),
        );
      });
      return [...batches, mean, variance, ...[weight, bias].flatMap((p) => (p.grad ? [p.grad] : []))];
    },
  },
  {
    name: "strided inputs",
    covers: [],
    run(make) {
      const x = make.floats([12, 6], { leaf: true, transposed: true });
      const w = make.floats([5, 6], { leaf: true, transposed: true });
      return withGradients(make, [x, w], () => softmax(linear(x, w), -1));
    },
  },
  {
    name: "gradients that add up over two passes, and second derivatives",
    covers: [],
    run(make) {
      const x = make.floats([4, 6], { leaf: true });
      const weights = make.floats([4, 6]);
      for (let i = 0; i < 2; i++) sum(mul(logSoftmax(x, -1), weights)).backward();
      const first = x.grad as Tensor; // backward has just made it
      const y = sum(mul(softmax(x, -1), weights));
      y.backward({ createGraph: true });
      const twice = x.grad as Tensor; // a graph now
      noGrad(() => add_(first, 0));
      return [first, twice];
    },
  },
  ...(["mean", "sum", "none"] as const).map(
    (reduction): Scenario => ({
      name: `crossEntropy, ${reduction}, with an ignored class`,
      covers: losses,
      needs: "losses",
      run(make, upper) {
        const crossEntropy = upper.losses?.crossEntropy as (x: Tensor, target: Tensor, options: object) => Tensor; // `needs`
        const x = make.floats([9, 7], { leaf: true });
        const target = make.ints([9], 7);
        return withGradients(make, [x], () => crossEntropy(x, target, { reduction, ignoreIndex: 2 }));
      },
    }),
  ),
  steps("Adam over five steps", ["adamStep"], "Adam", { lr: 0.05, weightDecay: 0.1 }),
  steps("AdamW over five steps", ["adamStep"], "AdamW", { lr: 0.05 }),
  steps("Adam with amsgrad over five steps", ["adamStep"], "Adam", { lr: 0.05, amsgrad: true }),
  manySteps("Adam of many parameters, some of which join late", ["adamStep"], "Adam", { lr: 0.05 }),
  manySteps("SGD of many parameters, some of which join late", ["sgdStep"], "SGD", { lr: 0.003, momentum: 0.9 }),
  steps("SGD over five steps", ["sgdStep"], "SGD", { lr: 0.003 }),
  steps("SGD with momentum over five steps", ["sgdStep"], "SGD", {
    lr: 0.003,
    momentum: 0.9,
    nesterov: true,
    weightDecay: 0.01,
  }),
];
