import type { Call, Calls, Maker } from "./maker.ts";
import { int, nul, opt, Place } from "./places.ts";

const table = (make: Maker) => make.floats(3, 4);
const cube = (make: Maker) => make.floats(2, 3, 4);

/** A dimension that must be given, one that may be left out, and dimensions that are all of them unless given. */
const along: Call = (make) => ({ x: table(make), dim: int(0) });
const last: Call = (make) => ({ x: table(make), dim: opt(0, -1) });
const over: readonly Call[] = [
  (make) => ({ x: cube(make), dim: nul([0, 2], [0, 1, 2]) }),
  (make) => ({ x: cube(make), dim: nul(1, [0, 1, 2]) }),
];
const one: Call = (make) => ({ x: table(make), dim: nul(0) });
const optional: Call = (make) => ({ x: table(make), dim: opt(0) });
const norm = (ord: unknown): readonly Call[] => [
  (make) => ({ x: cube(make), ord, dim: nul([0, 2], [0, 1, 2]) }),
  (make) => ({ x: cube(make), ord, dim: nul(1, [0, 1, 2]) }),
];
const quantile: Call = (make) => ({ x: table(make), q: 0.4, dim: nul(0) });
const index = (make: Maker) => make.ints(1, 0, 2, 1).reshape([1, 4]);
const scatter: Call = (make) => ({ x: table(make), dim: int(0), index: index(make), source: make.floats(1, 4) });
const scatterReduce: Call = (make) => ({ ...scatter(make), reduce: "sum" });
const rows: Call = (make) => ({ x: table(make), dim: int(1), index: make.ints(3, 0), source: make.floats(3, 2) });
const indexReduce: Call = (make) => ({ ...rows(make), reduce: "mean" });
const indexFill: Call = (make) => ({ x: table(make), dim: int(1), index: make.ints(3, 0), value: 2 });
const unique: Call = (make) => ({ x: make.ints(1, 2, 1, 2).reshape([2, 2]), options: { dim: nul(1) } });
const similar: Call = (make) => ({ x1: cube(make), x2: cube(make), options: { dim: opt(2, 1) } });

/** Reductions, scans, sorting: everything that works along dimensions. */
export const lines: Calls = {
  sum: over,
  mean: over,
  amax: over,
  amin: over,
  any: over,
  all: over,
  countNonzero: over,
  nansum: over,
  nanmean: over,
  logsumexp: over,
  variance: over,
  var: over,
  std: over,
  varMean: over,
  stdMean: over,
  vectorNorm: norm(2),
  norm: [...norm("fro"), (make) => ({ x: table(make), p: "nuc", dim: nul([1, 0], [0, 1]) })],
  matrixNorm: ["fro", 1].map((ord) => (make) => ({ x: cube(make), ord, dim: opt([0, 1], [-2, -1]) })),
  renorm: (make) => ({ x: table(make), p: 2, dim: int(1), maxnorm: 1 }),
  prod: one,
  argmax: one,
  argmin: one,
  max: optional,
  min: optional,
  median: optional,
  nanmedian: optional,
  aminmax: (make) => ({ x: table(make), options: { dim: nul(0) } }),
  mode: last,
  kthvalue: (make) => ({ x: table(make), k: int(2), dim: opt(0, -1) }),
  quantile,
  nanquantile: quantile,
  cumsum: along,
  cumprod: along,
  cummax: along,
  cummin: along,
  logcumsumexp: along,
  sort: last,
  argsort: last,
  topk: (make) => ({ x: table(make), k: int(2), dim: opt(0, -1) }),
  softmax: along,
  logSoftmax: along,
  softmin: along,
  gumbelSoftmax: (make) => ({ logits: table(make), options: { ...make.seeded, dim: opt(0, -1) } }),
  glu: (make) => ({ x: make.floats(2, 4), dim: opt(0, -1) }),
  diff: (make) => ({ x: table(make), n: opt(2, 1), dim: opt(0, -1) }),
  trapezoid: (make) => ({ y: table(make), x: null, options: { dim: opt(0, -1) } }),
  cumulativeTrapezoid: (make) => ({ y: table(make), x: null, options: { dim: opt(0, -1) } }),
  gradient: [
    (make) => ({ x: table(make), options: { dim: nul([1, 0], [0, 1]), edgeOrder: opt(2, 1) } }),
    (make) => ({ x: table(make), options: { dim: nul(1, [0, 1]) } }),
  ],
  cosineSimilarity: similar,
  normalize: [2, [0, 2]].map((dim) => (make) => {
    const all = [0, 1, 2];
    return {
      x: cube(make),
      options: {
        dim: new Place(dim, [
          [undefined, 1],
          [null, all],
        ]),
      },
    };
  }),
  cross: (make) => ({ x: make.floats(3, 3), y: make.floats(3, 3), options: { dim: opt(0, -1) } }),
  vecdot: (make) => ({ x: table(make), y: table(make), options: { dim: opt(0, -1) } }),
  tensordot: [
    (make) => ({ x: make.floats(3, 3), y: make.floats(3, 3), dims: opt(1, 2) }),
    (make) => ({ x: make.floats(3, 3), y: make.floats(3, 3), dims: opt([[1], [0]], 2) }),
  ],
  tensorinv: (make) => ({ x: make.floats(2, 2).reshape([1, 2, 2]), options: { ind: opt(2, 2) } }),
  tensorsolve: (make) => ({ a: make.floats(2, 2), b: make.floats(2), options: { dims: nul([0], []) } }),
  matrixPower: (make) => ({ x: make.floats(2, 2), n: int(3) }),
  unique,
  uniqueConsecutive: unique,
  maskedSum: over,
  maskedProd: over,
  maskedMean: over,
  maskedVar: over,
  maskedStd: over,
  maskedAmax: over,
  maskedAmin: over,
  maskedNorm: norm(2),
  maskedLogsumexp: (make) => ({ x: cube(make), dim: nul([0, 2], [0, 1, 2]) }),
  maskedMedian: last,
  maskedArgmax: one,
  maskedArgmin: one,
  maskedSoftmax: along,
  maskedLogSoftmax: along,
  maskedSoftmin: along,
  maskedCumsum: along,
  maskedCumprod: along,
  maskedNormalize: (make) => ({ x: table(make), ord: 2, dim: int(0) }),
  layerNorm: [
    (make) => ({ x: cube(make), normalizedShape: int([3, 4]) }),
    (make) => ({ x: cube(make), normalizedShape: int(4) }),
  ],
  rmsNorm: [
    (make) => ({ x: cube(make), normalizedShape: int([3, 4]) }),
    (make) => ({ x: cube(make), normalizedShape: int(4) }),
  ],
  groupNorm: (make) => ({ x: make.floats(1, 4, 2), numGroups: int(2) }),
  multiHeadAttentionForward: (make) => ({
    query: make.floats(2, 1, 4),
    key: make.floats(3, 1, 4),
    value: make.floats(3, 1, 4),
    embedDimToCheck: int(4),
    numHeads: int(2),
    inProjWeight: make.floats(12, 4),
    inProjBias: null,
    biasK: null,
    biasV: null,
    addZeroAttn: false,
    dropoutP: 0,
    outProjWeight: make.floats(4, 4),
    outProjBias: null,
  }),
};

/** Elements and rows by position. */
export const positions: Calls = {
  gather: (make) => ({ x: table(make), dim: int(0), index: index(make) }),
  takeAlongDim: (make) => ({ x: table(make), indices: index(make), dim: opt(0) }),
  scatter,
  scatter_: scatter,
  scatterAdd: scatter,
  scatterAdd_: scatter,
  scatterReduce,
  scatterReduce_: scatterReduce,
  indexSelect: (make) => ({ x: table(make), dim: int(1), index: make.ints(3, 0) }),
  indexAdd: rows,
  indexAdd_: rows,
  indexCopy: rows,
  indexCopy_: rows,
  indexReduce,
  indexReduce_: indexReduce,
  indexFill,
  indexFill_: indexFill,
  // the arguments behind the named ones are numbered
  at: [
    (make) => ({ x: table(make), indices_0: int(1), indices_1: int(-1) }),
    (make) => ({ x: table(make), indices_0: { from: nul(1, 0), to: nul(3, 3), step: nul(2, 1) } }),
    (make) => ({ x: table(make), indices_0: int([2, 0]), indices_1: int([1, 1]) }),
    (make) => ({ x: table(make), indices_0: int([[2], [0]]) }),
  ],
  setAt_: [
    (make) => ({ x: table(make), value: 9, indices_0: int(1), indices_1: int(-1) }),
    (make) => ({ x: table(make), value: 9, indices_0: { from: nul(1, 0), to: nul(3, 3), step: nul(2, 1) } }),
    (make) => ({ x: table(make), value: 9, indices_0: int([2, 0]), indices_1: int([1, 1]) }),
  ],
  embedding: (make) => ({ weight: table(make), index: make.ints(2, 0), options: { paddingIdx: nul(0) } }),
  checkEmbedding: (make) => ({ op: "embedding", weight: table(make), index: make.ints(2, 0), paddingIdx: nul(0) }),
  embeddingBag: (make) => ({
    weight: table(make),
    index: make.ints(2, 0, 1, 1).reshape([2, 2]),
    offsets: null,
    options: { paddingIdx: nul(0) },
  }),
  oneHot: (make) => ({ x: make.ints(1, 0), numClasses: opt(3, -1) }),
};
