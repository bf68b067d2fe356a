import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as f from "../../src/index.ts";
import {
  ArgumentError,
  AutogradError,
  DTypeError,
  IndexError,
  registerBackend,
  ShapeError,
  tensor,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});
const ints = () => tensor([1, 2], { dtype: "int32" });
const bools = () => tensor([true, false]);
const pair = () => tensor([1, 2]);
const table = () => f.zeros([2, 3]);
const none = () => f.zeros([2, 0]);

type Refusal = [call: string, run: () => unknown, type: new (...args: never[]) => Error, message: string];
const refusals: Refusal[] = [
  [
    "convolution options in the place of the bias",
    () => f.conv2d(f.zeros([1, 1, 3, 3]), f.zeros([1, 1, 3, 3]), { padding: 1 } as unknown as f.Tensor),
    ArgumentError,
    "conv2d: bias must be a tensor, got an object",
  ],
  ["clamp without bounds", () => f.clamp(pair()), ArgumentError, "clamp: at least one of min and max must be given"],
  ["relu of bools", () => f.relu(bools()), DTypeError, "relu: is not defined for bool tensors"],
  ["gelu of integers", () => f.gelu(ints()), DTypeError, "gelu: is not defined for int32 tensors"],
  [
    "gelu by another way",
    () => f.gelu(pair(), { approximate: "cosh" as "tanh" }),
    ArgumentError,
    'gelu: the option approximate is "none" or "tanh", got "cosh"',
  ],
  ["hardtanh upside down", () => f.hardtanh(pair(), 1, -1), ArgumentError, "hardtanh: minVal 1 is above maxVal -1"],
  ["celu with alpha 0", () => f.celu(pair(), 0), ArgumentError, "celu: alpha must not be 0"],
  [
    "softshrink outwards",
    () => f.softshrink(pair(), -1),
    ArgumentError,
    "softshrink: lambd must not be negative, got -1",
  ],
  ["glu of an odd size", () => f.glu(table()), ShapeError, "glu: dimension 1 must have an even size, got 3 in [2,3]"],
  [
    "prelu with too many weights",
    () => f.prelu(table(), pair()),
    ShapeError,
    "prelu: weight has 2 elements, the input [2,3] has 3 channels",
  ],
  [
    "rrelu upside down",
    () => f.rrelu(pair(), { lower: 1, upper: 0 }),
    ArgumentError,
    "rrelu: lower 1 is above upper 0",
  ],
  ["floor of bools", () => f.floor(bools()), DTypeError, "floor: is not defined for bool tensors"],
  ["frac of integers", () => f.frac(ints()), DTypeError, "frac: is not defined for int32 tensors"],
  [
    "round to half a digit",
    () => f.round(pair(), { decimals: 0.5 }),
    ArgumentError,
    "round: decimals must be an integer, got 0.5",
  ],
  [
    "round integers to digits",
    () => f.round(ints(), { decimals: 1 }),
    DTypeError,
    "round: decimals need a floating-point tensor, got int32",
  ],
  [
    "logaddexp of integers",
    () => f.logaddexp(ints(), ints()),
    DTypeError,
    "logaddexp: is not defined for int32 tensors",
  ],
  [
    "exp_ of integers",
    () => f.exp_(ints()),
    DTypeError,
    "exp: a float32 result cannot be written in place into a int32 tensor",
  ],
  ["positive of bools", () => f.positive(bools()), DTypeError, "positive: is not defined for bool tensors"],
  [
    "polygamma of a half",
    () => f.polygamma(0.5, pair()),
    ArgumentError,
    "polygamma: n must be an integer from 0, got 0.5",
  ],
  [
    "mvlgamma of dimension 0",
    () => f.mvlgamma(pair(), 0),
    ArgumentError,
    "mvlgamma: p must be a positive integer, got 0",
  ],
  [
    "zeta with a gradient for x",
    () => f.zeta(tensor([2], { requiresGrad: true }), 1),
    AutogradError,
    "zeta: there is no gradient with respect to x",
  ],
  [
    "igamma with a gradient for a",
    () => f.igamma(tensor([2], { requiresGrad: true }), 1),
    AutogradError,
    "igamma: there is no gradient with respect to a",
  ],
  ["softmax of integers", () => f.softmax(ints(), 0), DTypeError, "softmax: needs a floating-point tensor, got int32"],
  [
    "softmax beside the dimensions",
    () => f.softmax(pair(), 1),
    IndexError,
    "softmax: dim 1 is out of range for 1 dimension (expected -1..0)",
  ],
  ["max of nothing", () => f.max(f.zeros([0])), ArgumentError, "max: a tensor without elements has no max"],
  [
    "max along nothing",
    () => f.max(none(), 1),
    IndexError,
    "max: dimension 1 of shape [2,0] is empty: there is no largest or smallest element",
  ],
  ["argmin of nothing", () => f.argmin(none()), IndexError, "argmin: a tensor without elements has no extreme"],
  ["mean of integers", () => f.mean(ints()), DTypeError, "mean: needs a floating-point tensor, got int32"],
  ["nanmean of integers", () => f.nanmean(ints()), DTypeError, "nanmean: needs a floating-point tensor, got int32"],
  ["variance of integers", () => f.variance(ints()), DTypeError, "var: needs a floating-point tensor, got int32"],
  ["a dimension named twice", () => f.std(table(), [0, -2]), IndexError, "std: dim 0 appears more than once in [0,-2]"],
  [
    "vectorNorm of integers",
    () => f.vectorNorm(ints()),
    DTypeError,
    "vectorNorm: needs a floating-point tensor, got int32",
  ],
  [
    "renorm of a vector",
    () => f.renorm(pair(), 2, 0, 1),
    ShapeError,
    "renorm: needs at least two dimensions, got shape [2]",
  ],
  ["renorm with p 0", () => f.renorm(table(), 0, 0, 1), ArgumentError, "renorm: p must be positive, got 0"],
  [
    "kthvalue beyond the size",
    () => f.kthvalue(pair(), 3),
    ArgumentError,
    "kthvalue: k = 3 is not in 1..2, the size of dimension 0",
  ],
  ["mode along nothing", () => f.mode(none()), IndexError, "mode: dimension 1 of shape [2,0] is empty"],
  ["quantile above 1", () => f.quantile(pair(), 1.5), ArgumentError, "quantile: q must be in [0, 1], got 1.5"],
  [
    "quantile of integers",
    () => f.quantile(ints(), 0.5),
    DTypeError,
    "quantile: needs a floating-point tensor, got int32",
  ],
  [
    "quantile by guessing",
    () => f.quantile(pair(), 0.5, 0, { interpolation: "guess" as "lower" }),
    ArgumentError,
    'quantile: the option interpolation is "linear" or "lower" or "higher" or "midpoint" or "nearest", got "guess"',
  ],
  ["trace of a vector", () => f.trace(pair()), ShapeError, "trace: needs a matrix, got shape [2]"],
  [
    "cov of a cube",
    () => f.cov(f.zeros([2, 2, 2])),
    ShapeError,
    "cov: needs at most two dimensions, got shape [2,2,2]",
  ],
  [
    "cov with too few weights",
    () => f.cov(table(), { aweights: pair() }),
    ShapeError,
    "cov: aweights [2] needs one weight for each of 3 observations",
  ],
  ["histc of integers", () => f.histc(ints()), DTypeError, "histc: needs a floating-point tensor, got int32"],
  ["histc without bins", () => f.histc(pair(), 0), ArgumentError, "histc: bins must be a positive integer, got 0"],
  [
    "histc upside down",
    () => f.histc(pair(), 3, 2, 1),
    ArgumentError,
    "histc: the range from 2 to 1 must be finite and not reversed",
  ],
  ["diff of a number", () => f.diff(tensor(1)), ShapeError, "diff: a 0-d tensor has no neighbours"],
  ["diff backwards", () => f.diff(pair(), -1), ArgumentError, "diff: n must be a non-negative integer, got -1"],
  [
    "trapezoid with other points",
    () => f.trapezoid(table(), pair()),
    ShapeError,
    "trapezoid: x has 2 points along dimension 1, y has 3",
  ],
  [
    "gradient of one sample",
    () => f.gradient(tensor([1])),
    ShapeError,
    "gradient: dimension 0 of shape [1] needs at least 2 samples",
  ],
  [
    "gradient with order 3",
    () => f.gradient(pair(), { edgeOrder: 3 }),
    ArgumentError,
    "gradient: edgeOrder must be 1 or 2, got 3",
  ],
  ["fill with a vector", () => f.fill(pair(), pair()), ShapeError, "fill: a tensor value must be 0-d, got shape [2]"],
  [
    "shapes that do not broadcast",
    () => f.atan2(pair(), tensor([1, 2, 3])),
    ShapeError,
    "atan2: shapes [2] and [3] do not broadcast: sizes 2 and 3 differ at dimension 0",
  ],
];

describe("refuses", () => {
  test.each(refusals)("%s", (_, run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });
});
