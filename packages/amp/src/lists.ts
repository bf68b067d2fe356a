import type { lossOps } from "@flambeau/losses/ops";
import type { nnOps } from "@flambeau/nn/ops";
import type { optimOps } from "@flambeau/optim/ops";
import { isFloat, type Tensor } from "@flambeau/tensor/functional";
import type { OpName } from "@flambeau/tensor/ops";

// PyTorch's lists: in what dtype an op computes in a region of autocast. It has one set for the cpu and one for cuda, which we take for all
// other devices.

/**
 * What becomes of an op's floating inputs (float64 apart, which stays): "low", the region's dtype; "float32"; "widest", the widest among them;
 * "parts", what each of the ops that it is made of wants; "refused", an error, since the op is not safe in half precision.
 */
export type Treatment = "low" | "float32" | "parts" | "widest" | "refused";

type Name = OpName | keyof typeof lossOps | keyof typeof nnOps | keyof typeof optimOps;

type Lists = { readonly [T in Treatment]?: readonly Name[] };
/**
 * What becomes of a function that is made of several ops; "plain" ones run as if there were no region, and so do those that give the dtype of their
 * "input", whatever that of their parameters is.
 */
export type Whole = Exclude<Treatment, "parts"> | "plain" | "input";
type Wholes = { readonly [T in Whole]?: readonly string[] };

const losses = [
  "absoluteError",
  "bceWithLogits",
  "bceWithWeightedLogits",
  "crossEntropy",
  "hingeEmbedding",
  "huber",
  "klDiv",
  "klDivLogTarget",
  "marginRanking",
  "multiMargin",
  "multiMarginSquared",
  "poissonNll",
  "poissonNllFull",
  "poissonNllLog",
  "poissonNllLogFull",
  "smoothL1",
  "softMargin",
  "squaredError",
] as const;
const wholeLosses = ["cosineEmbedding", "crossEntropy", "nll", "tripletMargin"] as const;
const products = [
  "conv",
  "convTranspose",
  "linear",
  "lstmCell",
  "lstmOutput",
  "maskedAttention",
  "matmul",
  "scaledDotProductAttention",
] as const;
const recurrent = ["gruLayer", "lstmLayer", "rnnLayer"] as const;
const wholeProducts = [
  "addbmm",
  "addmm",
  "baddbmm",
  "conv",
  "convTranspose",
  "linear",
  "maskedAttention",
  "matmul",
  "multiDot",
  "scaledDotProductAttention",
  "vecdot",
] as const;

/** On the cpu. */
const cpuOps: Lists = {
  low: [...products, "prelu"],
  float32: [
    ...losses,
    "bce",
    "cdist",
    "cholesky",
    "choleskySolve",
    "eigh",
    "inv",
    "matrixRank",
    "pinv",
    "prod",
    "qr",
    "slogdet",
    "solve",
    "solveTriangular",
    "svd",
  ],
  parts: recurrent,
  widest: ["cat"],
};
const cpuWholes: Wholes = {
  low: wholeProducts,
  float32: [
    ...wholeLosses,
    "adaptiveAvgPool3d",
    "adaptiveMaxPool3d",
    "avgPool3d",
    "cond",
    "ctc",
    "fractionalMaxPool2d",
    "fractionalMaxPool3d",
    "gridSample",
    "maxUnpool1d",
    "maxUnpool2d",
    "maxUnpool3d",
    "nanquantile",
    "quantile",
    "reflectionPad",
    "replicationPad",
    "trace",
  ],
  input: ["batchNorm", "groupNorm", "instanceNorm", "layerNorm"],
  plain: ["addmv", "bilinear", "dot", "luSolve", "mv", "vdot"],
};

/** On other devices. */
const otherOps: Lists = {
  low: [...products, "prelu"],
  float32: [
    ...losses,
    "acos",
    "asin",
    "cdist",
    "cosh",
    "cumprod",
    "cumsum",
    "erfinv",
    "exp",
    "expm1",
    "floatPower",
    "layerNorm",
    "log",
    "log10",
    "log1p",
    "log2",
    "logSoftmax",
    "logsumexp",
    "norm",
    "pow",
    "powHalf",
    "powMinusHalf",
    "powMinusOne",
    "powMinusTwo",
    "powThree",
    "prod",
    "reciprocal",
    "rmsNorm",
    "rsqrt",
    "sinh",
    "softmax",
    "softplus",
    "square",
    "sum",
    "tan",
  ],
  parts: recurrent,
  widest: ["addcdiv", "addcmul", "atan2", "cat", "indexPut", "scatterAdd"],
  refused: ["bce"],
};
const otherWholes: Wholes = {
  low: [...wholeProducts, "addmv", "addr", "einsum"],
  float32: [
    ...wholeLosses,
    "cosineSimilarity",
    "dist",
    "groupNorm",
    "interpolate",
    "localResponseNorm",
    "multilabelMargin",
    "multilabelSoftMargin",
    "normalize",
    "pairwiseDistance",
    "pdist",
    "renorm",
  ],
  widest: ["bilinear", "dot", "tensordot", "vdot"],
  input: ["batchNorm", "instanceNorm"],
  plain: ["luSolve", "nansum", "trace"],
};

/** The tables of one kind of devices, by names. */
export interface Tables {
  readonly ops: ReadonlyMap<string, Treatment>;
  readonly wholes: ReadonlyMap<string, Whole>;
}
const byName = <T extends string>(lists: { readonly [K in T]?: readonly string[] }): ReadonlyMap<string, T> =>
  new Map((Object.keys(lists) as T[]).flatMap((t) => (lists[t] ?? []).map((name) => [name, t] as const)));

export const onCpu: Tables = /* @__PURE__ */ ((): Tables => ({ ops: byName(cpuOps), wholes: byName(cpuWholes) }))();
export const elsewhere: Tables = /* @__PURE__ */ ((): Tables => ({
  ops: byName(otherOps),
  wholes: byName(otherWholes),
}))();

/** Whether autocast converts a tensor: float64 is meant as it stands. */
export const takesPart = (x: Tensor): boolean => isFloat(x.dtype) && x.dtype !== "float64";
