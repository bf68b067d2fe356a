// Options by name: PyTorch's positional forms say what to write, and `undefined` is the default. (That every function refuses wrong options
// is test/options.test.ts's.)
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import * as f from "../src/index.ts";
import { ArgumentError, tensor } from "../src/index.ts";
import { pointwise } from "../src/plugin.ts";

beforeAll(() => {
  f.registerBackend(cpuWasm({ threads: 1 }));
});

const table = () =>
  tensor([
    [1, 2],
    [3, 4],
  ]);
/** An argument that the types refuse. */
const wrong = (x: unknown) => x as never;

describe("positional forms", () => {
  test.each<[string, () => unknown]>([
    ["sum: options are given by name, got true\n  hint: write { keepdim: true }", () => table().sum(0, wrong(true))],
    [
      'softmax: options are given by name, got "float64"\n  hint: write { dtype: "float64" }',
      () => table().softmax(0, wrong("float64")),
    ],
    [
      "var: options are given by name, got false\n  hint: write { unbiased: false }",
      () => f.var(table(), 0, wrong(false)),
    ],
    ["add: options are given by name, got 2\n  hint: write { alpha: 2 }", () => table().add(1, wrong(2))],
    [
      'div: options are given by name, got "floor"\n  hint: write { roundingMode: "floor" }',
      () => table().div(2, wrong("floor")),
    ],
    ['zeros: options are given by name, got "cpu"\n  hint: write { device: "cpu" }', () => f.zeros([2], wrong("cpu"))],
    [
      "arange: options are given by name, got 5\n  hint: there are: dtype, device, requiresGrad",
      () => f.arange(0, 9, 3, wrong(5)),
    ],
    [
      'eye: options are given by name, got "int32"\n  hint: write { dtype: "int32" }',
      () => f.eye(2, 2, wrong("int32")),
    ],
    [
      "conv1d: options are given by name, got 2\n  hint: write { stride: 2 }",
      () => f.conv1d(f.ones([1, 1, 4]), f.ones([1, 1, 1]), null, wrong(2)),
    ],
    [
      "maxPool2d: options are given by name, got [1,1]\n  hint: write { stride: [1,1] }",
      () => f.maxPool2d(f.ones([1, 2, 2]), 1, wrong([1, 1])),
    ],
    ["hint: write { generator: ", () => f.rand([2], wrong(new f.Generator(0)))],
    ["randint: options are given by name, got 1", () => f.randint(0, 5, [2], wrong(1))],
    ["backward: options are given by name, got a tensor of shape []", () => table().backward(wrong(tensor(1)))],
  ])("%s", (message, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
  test("elements of a list are not taken for options", () => {
    const call = () => [table()].map(f.gelu as (x: f.Tensor) => f.Tensor);
    expect(call).toThrow("gelu: options are given by name, got 0");
  });
});

describe("names", () => {
  test.each<[string, () => unknown]>([
    [
      'sum: there is no option "keepDim"\n  hint: did you mean keepdim?',
      () => table().sum(0, wrong({ keepDim: true })),
    ],
    [
      'backward: there is no option "retain_graph"\n  hint: did you mean retainGraph?',
      () => table().backward(wrong({ retain_graph: true })),
    ],
    [
      'setPrintOptions: there is no option "precison"\n  hint: did you mean precision?',
      () => f.setPrintOptions(wrong({ precison: 2 })),
    ],
    ['to: there is no option "Dtype"\n  hint: did you mean dtype?', () => table().to(wrong({ Dtype: "int32" }))],
    // a function that goes on to another one takes its own options only
    ['maskedSum: there is no option "eps"', () => f.maskedSum(table(), 0, wrong({ eps: 1 }))],
    ['sum: there is no option "mask"', () => f.sum(table(), 0, wrong({ mask: null }))],
    [
      'upsampleNearest: there is no option "mode"',
      () => f.upsampleNearest(f.ones([1, 1, 2]), wrong({ size: 4, mode: "linear" })),
    ],
    [
      'pointwise: there is no option "refuse"\n  hint: did you mean refuses?',
      () => pointwise("own", (x) => x, wrong({ refuse: () => true })),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});

describe("undefined is the default", () => {
  const ints = () => tensor([3, 1], { dtype: "int32" });
  const u = undefined;
  test.each<[string, () => unknown, unknown]>([
    ["zerosLike", () => f.zerosLike(ints(), { dtype: u, device: u }).dtype, "int32"],
    ["fullLike", () => f.fullLike(ints(), 2, { dtype: u }).dtype, "int32"],
    ["randintLike", () => f.randintLike(ints(), 2, { dtype: u }).dtype, "int32"],
    ["normal", () => f.normal(f.zeros([2], { dtype: "float64" }), 1, u, { dtype: u }).dtype, "float64"],
    ["triuIndices", () => f.triuIndices(2, 2, { dtype: u }).dtype, "int32"],
    ["tensor of a tensor", () => tensor(ints(), { dtype: u, device: u }).dtype, "int32"],
    ["arange", () => f.arange(3, { dtype: u }).dtype, "int32"],
    ["sum", () => table().sum(0, { keepdim: u, dtype: u }).shape, [2]],
    ["std", () => f.std(tensor([1, 3]), 0, { correction: u, unbiased: u }).item(), Math.fround(Math.SQRT2)],
    ["sort", () => f.sort(ints(), 0, { descending: u }).values.tolist(), [1, 3]],
    [
      "dropout",
      () => f.dropout(table(), 0, true, { generator: u }).tolist(),
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["instanceNorm", () => f.instanceNorm(f.ones([1, 1, 3]), { weight: u, useInputStats: u }).tolist(), [[[0, 0, 0]]]],
    ["unique", () => f.unique(ints(), { returnInverse: u }).tolist(), [1, 3]],
  ])("%s", (_, call, result) => {
    expect(call()).toEqual(result);
  });

  afterEach(() => f.setPrintOptions({ precision: 4 }));
  test("setPrintOptions", () => {
    f.setPrintOptions({ precision: 2 });
    f.setPrintOptions({ precision: undefined, threshold: undefined });
    expect(f.print(tensor([0.5]))).toBe("tensor([0.50])");
  });
});

test("a triangle is asked for", () => {
  const call = () => f.solveTriangular(table(), table(), wrong({}));
  expect(call).toThrow("solveTriangular: needs { upper }");
});

test("a tensor keeps its shape", () => {
  const call = () => tensor(table(), { shape: [4] });
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow("tensor: the shape is for arrays");
});
