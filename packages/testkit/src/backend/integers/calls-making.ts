import type { Backend } from "@flambeau/tensor";
import { context } from "@flambeau/tensor/plugin";
import type { Call, Calls, Maker } from "./maker.ts";
import { int, nul, opt, real } from "./places.ts";

const shaped: Call = (make) => ({ shape: int([2, 3]), options: make.here });
const drawn: Call = (make) => ({ shape: int([2, 3]), options: make.drawn });
const round: Call = (make) => ({ x: make.floats(3), options: { decimals: opt(1, 0) } });
const bytes = () => new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
const backend = (make: Maker) => context.backends.get(make.device) as Backend; // the one under test is registered

/** Tensors from sizes, draws, and numbers that count something. */
export const making: Calls = {
  zeros: shaped,
  ones: shaped,
  empty: shaped,
  full: (make) => ({ shape: int([2, 3]), value: 1, options: make.here }),
  eye: (make) => ({ n: int(2), m: opt(3, 2), options: make.here }),
  arange: [
    (make) => ({
      start: real(0),
      end: real(5, [
        [undefined, 0],
        [null, 0],
      ]),
      step: real(2, [[undefined, 1]]),
      options: make.here,
    }),
    (make) => ({ end: real(3), options: make.here }),
  ],
  linspace: (make) => ({ start: 0, end: 1, steps: int(3), options: make.here }),
  logspace: (make) => ({ start: 0, end: 1, steps: int(3), base: 10, options: make.here }),
  tensor: [
    (make) => ({ data: new Float32Array([1, 2, 3, 4]), options: { ...make.here, shape: opt([2, 2], [4]) } }),
    (make) => ({ data: [1, 2, 3, 4], options: { ...make.here, shape: opt([2, 2], [4]) } }),
  ],
  fromBytes: (make) => ({ bytes: bytes(), dtype: "float32", shape: int([2, 2]), options: make.here }),
  vander: (make) => ({ x: make.floats(3), options: { N: nul(2, 3) } }),
  rand: drawn,
  randn: drawn,
  randint: [
    (make) => ({ low: int(-2), high: int(5), shape: int([2, 3]), options: make.drawn }),
    (make) => ({ high: int(5), shape: int([2, 3]), options: make.drawn }),
  ],
  randintLike: [
    (make) => ({ x: make.floats(2, 3), low: int(-2), high: int(5), options: make.drawn }),
    (make) => ({ x: make.floats(2, 3), high: int(5), options: make.drawn }),
  ],
  randperm: (make) => ({ n: int(4), options: make.drawn }),
  multinomial: [true, false].map((replacement) => (make) => ({
    x: make.floats(2, 3).abs(),
    numSamples: int(2),
    options: { ...make.seeded, replacement },
  })),
  manualSeed: () => ({ seed: int(5) }),
  normal: (make) => ({ mean: 0, std: 1, shape: int([2, 3]), options: make.drawn }),
  random_: (make) => ({ x: make.floats(2, 3), from: int(3), to: int(7), options: make.seeded }),
  histogram: (make) => ({ x: make.floats(6), bins: int(3), options: { range: [-4, 4] } }),
  histogramdd: [
    (make) => ({ x: make.floats(6, 2), bins: int([3, 2]), options: { range: [-4, 4, -4, 4] } }),
    (make) => ({ x: make.floats(6, 2), bins: int(3), options: { range: [-4, 4, -4, 4] } }),
  ],
  histc: (make) => ({ x: make.floats(6), bins: opt(3, 100), min: -4, max: 4 }),
  bincount: (make) => ({ x: make.ints(1, 0, 1), options: { minlength: opt(4, 0) } }),
  cov: (make) => ({ x: make.floats(2, 4), options: { correction: opt(0, 1) } }),
  round,
  round_: round,
  polygamma: (make) => ({ n: int(1), x: make.floats(3) }),
  mvlgamma: (make) => ({ x: make.floats(3).abs().add(2), p: int(2) }),
  multigammaln: (make) => ({ x: make.floats(3).abs().add(2), p: int(2) }),
  sumTo: (make) => ({ x: make.floats(2, 3), shape: int([1, 3]) }),
  // what packages above this one make tensors and check arguments with
  emptyOn: (make) => ({ backend: backend(make), dtype: "float32", shape: int([2, 3]) }),
  viewOf: (make) => ({ t: make.floats(3, 4), shape: int([2, 2]), strides: int([4, 1]), offset: int(1), op: "view" }),
  checkShape: () => ({ op: "zeros", shape: int([2, 3]) }),
  normalizeDim: () => ({ op: "sum", dim: int(-1), rank: 2 }),
  normalizeDims: () => ({ op: "sum", dims: int([0, -1]), rank: 2 }),
};
