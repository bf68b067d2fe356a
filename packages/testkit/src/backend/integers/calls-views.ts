import type { Calls, Maker } from "./maker.ts";
import { int, nul, opt } from "./places.ts";

const cube = (make: Maker) => make.floats(2, 3, 4);
const table = (make: Maker) => make.floats(3, 4);

const permute = (make: Maker) => ({ x: cube(make), dims: int([2, 0, 1]) });
const transpose = (make: Maker) => ({ x: cube(make), dim0: int(0), dim1: int(2) });
const movedim = (make: Maker) => ({ x: cube(make), source: int([0, 1]), destination: int([2, 0]) });
const expand = (make: Maker) => ({ x: make.floats(1, 3), shape: int([2, 4, 3]) });
const view = (make: Maker) => ({ x: table(make), shape: int([2, 6]) });
const squeeze = (make: Maker) => ({ x: make.floats(1, 3, 1), dim: opt([0, 2], [0, 1, 2]) });
const unsqueeze = (make: Maker) => ({ x: table(make), dim: int(1) });
const select = (make: Maker) => ({ x: table(make), dim: int(1), index: int(2) });
const slice = (make: Maker) => ({
  x: table(make),
  dim: opt(1, 0),
  start: nul(1, 0),
  end: nul(3, 4),
  step: opt(2, 1),
});
const narrow = (make: Maker) => ({ x: table(make), dim: int(1), start: int(1), length: int(2) });
const diagonal = (make: Maker) => ({ x: cube(make), offset: opt(1, 0), dim1: opt(2, 0), dim2: opt(0, 1) });
const unfold = (make: Maker) => ({ x: table(make), dim: int(1), size: int(2), step: int(1) });
const asStrided = (make: Maker) => ({ x: table(make), shape: int([2, 2]), strides: int([4, 1]), offset: nul(1, 0) });
const split = (make: Maker) => ({ x: cube(make), size: int([1, 3]), dim: opt(2, 0) });
const splitEvenly = (make: Maker) => ({ x: cube(make), size: int(2), dim: opt(2, 0) });
const unbind = (make: Maker) => ({ x: table(make), dim: opt(1, 0) });
const sections = (...shape: number[]) => [
  (make: Maker) => ({ x: make.floats(...shape), sections: int(2) }),
  (make: Maker) => ({ x: make.floats(...shape), sections: int([1, 2]) }),
];
const tril = (make: Maker) => ({ x: cube(make), diagonal: opt(1, 0) });
const corners = (make: Maker) => ({ rows: int(3), columns: int(4), offset: opt(1, 0), options: make.here });
const part = (make: Maker, ...shape: number[]) => ({ x: table(make), source: make.floats(...shape) });

/** Views and their copies, writes into views, and parts. */
export const views: Calls = {
  permute,
  permuteCopy: permute,
  transpose,
  transposeCopy: transpose,
  swapaxes: transpose,
  swapdims: transpose,
  movedim: [movedim, (make) => ({ x: cube(make), source: int(0), destination: int(2) })],
  moveaxis: movedim,
  expand,
  expandCopy: expand,
  broadcastTo: expand,
  viewAs: view,
  viewCopy: view,
  reshape: view,
  flatten: (make) => ({ x: cube(make), startDim: opt(1, 0), endDim: opt(1, -1) }),
  unflatten: (make) => ({ x: table(make), dim: int(1), sizes: int([2, 2]) }),
  squeeze: [squeeze, (make) => ({ x: make.floats(1, 3, 1), dim: opt(0, [0, 2]) })],
  squeezeCopy: squeeze,
  unsqueeze,
  unsqueezeCopy: unsqueeze,
  select,
  selectCopy: select,
  slice,
  sliceCopy: slice,
  narrow,
  narrowCopy: narrow,
  diagonal,
  diagonalCopy: diagonal,
  unfold,
  unfoldCopy: unfold,
  asStrided,
  asStridedCopy: asStrided,
  selectScatter: (make) => ({ ...part(make, 3), dim: int(1), index: int(2) }),
  sliceScatter: (make) => ({ ...part(make, 3, 1), dim: opt(1, 0), start: nul(1, 0), end: nul(3, 4), step: opt(2, 1) }),
  diagonalScatter: (make) => ({ ...part(make, 3), offset: opt(0, 0), dim1: opt(1, 0), dim2: opt(0, 1) }),
  asStridedScatter: (make) => ({ ...part(make, 2, 2), shape: int([2, 2]), strides: int([4, 1]), offset: opt(1, 0) }),
  split: [split, splitEvenly],
  splitCopy: [split, splitEvenly],
  chunk: (make) => ({ x: cube(make), chunks: int(2), dim: opt(2, 0) }),
  tensorSplit: [
    (make) => ({ x: cube(make), indicesOrSections: int(2), dim: opt(2, 0) }),
    (make) => ({ x: cube(make), indicesOrSections: int([1, 2]), dim: opt(2, 0) }),
  ],
  hsplit: sections(2, 4),
  vsplit: sections(4, 2),
  dsplit: sections(1, 1, 4),
  unbind,
  unbindCopy: unbind,
  cat: (make) => ({ tensors: [table(make), table(make)], dim: opt(1, 0) }),
  concat: (make) => ({ tensors: [table(make), table(make)], dim: opt(1, 0) }),
  concatenate: (make) => ({ tensors: [table(make), table(make)], dim: opt(1, 0) }),
  stack: (make) => ({ tensors: [table(make), table(make)], dim: opt(1, 0) }),
  diagEmbed: (make) => ({ x: table(make), offset: opt(1, 0), dim1: opt(0, -2), dim2: opt(1, -1) }),
  diag: [(make) => ({ x: table(make), offset: opt(1, 0) }), (make) => ({ x: make.floats(3), offset: opt(1, 0) })],
  diagflat: (make) => ({ x: table(make), offset: opt(1, 0) }),
  tril,
  triu: tril,
  tril_: tril,
  triu_: tril,
  trilIndices: corners,
  triuIndices: corners,
};

/** Repeating, padding, turning and resizing images. */
export const arrangements: Calls = {
  repeat: (make) => ({ x: table(make), counts: int([2, 1, 2]) }),
  tile: (make) => ({ x: table(make), counts: int([2]) }),
  repeatInterleave: [
    (make) => ({ x: table(make), repeats: int(2), dim: nul(1, undefined), options: { outputSize: nul(8, 8) } }),
    (make) => ({ x: table(make), repeats: int([1, 0, 2]), dim: int(0), options: { outputSize: nul(3, 3) } }),
  ],
  constantPadNd: (make) => ({ x: table(make), padding: int([1, 2, 0, -1]) }),
  pad: ["constant", "reflect", "replicate", "circular"].map((mode) => (make) => ({
    x: table(make),
    padding: int([1, 2, 0, 1]),
    options: { mode },
  })),
  flip: [(make) => ({ x: cube(make), dims: int([0, 2]) }), (make) => ({ x: cube(make), dims: int(1) })],
  roll: [
    (make) => ({ x: table(make), shifts: int([1, -2]), dims: int([0, 1]) }),
    (make) => ({ x: table(make), shifts: int(5), dims: nul(1, undefined) }),
  ],
  rot90: (make) => ({ x: table(make), k: opt(2, 1), dims: opt([1, 0], [0, 1]) }),
  pixelShuffle: (make) => ({ x: make.floats(1, 4, 2, 2), upscaleFactor: int(2) }),
  pixelUnshuffle: (make) => ({ x: make.floats(1, 1, 4, 4), downscaleFactor: int(2) }),
  channelShuffle: (make) => ({ x: make.floats(1, 4, 2), groups: int(2) }),
  combinations: (make) => ({ x: make.floats(4), r: opt(3, 2) }),
};
