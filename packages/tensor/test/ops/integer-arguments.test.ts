// What is said of arguments that are no integers, and what large ones do. That every argument is checked is the testkit's to test.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as f from "../../src/index.ts";
import { ArgumentError, IndexError, MemoryError, ShapeError } from "../../src/index.ts";

beforeAll(() => {
  f.registerBackend(cpuWasm({ threads: 1 }));
});
const table = () => f.arange(0, 6, 1, { dtype: "float32" }).reshape([2, 3]);
const image = () => f.zeros([1, 2, 4, 4]);
const any = (value: unknown) => value as never; // what a program without types may pass

type Refusal = [call: () => unknown, type: new (...args: never[]) => Error, message: string];
describe("says which argument of which op, and what it got", () => {
  test.each<Refusal>([
    [() => f.narrow(table(), 0, 0.5, 1), ArgumentError, "narrow: start must be an integer, got 0.5"],
    [() => f.narrow(table(), 0, 0, any(null)), ArgumentError, "narrow: length must be an integer, got null"],
    [() => f.slice(table(), 0, any("1")), ArgumentError, 'slice: start must be an integer, got "1"'],
    [() => f.select(table(), 0, Number.NaN), IndexError, "select: index must be an integer, got NaN"],
    [() => f.select(table(), 0, 2), IndexError, "select: index 2 is out of range for dimension 0 of size 2"],
    [() => f.sum(table(), any("1")), IndexError, 'sum: dim must be an integer or a list of them, got "1"'],
    [() => f.softmax(table(), any(undefined)), IndexError, "softmax: dim must be an integer, got undefined"],
    [() => f.reshape(table(), [2, 1.5, 2]), ShapeError, "reshape: sizes must be non-negative integers, got [2,1.5,2]"],
    [() => f.reshape(table(), any([2n, 3n])), ShapeError, "reshape: sizes must be non-negative integers, got [2n,3n]"],
    [() => f.zeros([2, 2 ** 53]), MemoryError, "zeros: a tensor has at most 2147483647 elements"],
    [() => f.tensorSplit(table(), [any(null)]), ArgumentError, "each of positions must be an integer, got [null]"],
    [() => f.unfold(table(), 0, 2, 0.5), ArgumentError, "unfold: step must be a positive integer, got 0.5"],
    [() => f.repeat(table(), [1, -1]), ArgumentError, "each of counts must be a non-negative integer, got [1,-1]"],
    [() => f.roll(table(), any("1")), ArgumentError, 'roll: shifts must be an integer, got "1"'],
    [() => f.maxPool2d(image(), any([2, "2"])), ArgumentError, "each of kernelSize must be a positive integer"],
    [
      () => f.maxPool2d(image(), 2, { padding: any(null) }),
      ArgumentError,
      "maxPool2d: the option padding is a number or a list of numbers, got null",
    ],
    [
      () => f.conv2d(image(), f.zeros([2, 2, 2, 2]), null, { stride: 0 }),
      ArgumentError,
      "conv2d: stride must be a positive integer, got 0",
    ],
    [
      () => f.convTranspose2d(image(), f.zeros([2, 2, 2, 2]), null, { stride: 0 }),
      ArgumentError,
      "convTranspose2d: stride must be a positive integer, got 0",
    ],
    [() => f.interpolate(image(), { size: 2.5 }), ArgumentError, "interpolate: size must hold integers, got [2.5,2.5]"],
    [() => f.groupNorm(image(), 0.5), ArgumentError, "groupNorm: numGroups must be an integer, got 0.5"],
    [() => f.at(table(), [0, 0.5]), IndexError, "at: a list of positions holds 0.5"],
    [() => f.at(table(), [2 ** 32]), IndexError, "at: a list of positions holds 4294967296"],
    [() => f.arange(Number.NaN), ArgumentError, "arange: end must be a finite number, got NaN"],
    [() => f.randint(0, any(undefined), [2]), ArgumentError, "randint: high must be an integer, got undefined"],
    [() => f.randint(any(0), 5, any({})), ArgumentError, "randint: needs a shape, got 5"],
    [() => f.manualSeed(0.5), ArgumentError, "manualSeed: seed must be an integer, got 0.5"],
    [() => f.multinomial(f.ones([3]), 0), ArgumentError, "multinomial: numSamples must be a positive integer, got 0"],
    [
      () => f.rot90(table(), 2 ** 53),
      ArgumentError,
      "rot90: k must be an integer, got 9007199254740992\n  hint: numbers hold integers exactly up to 2^53 - 1",
    ],
  ])("%#", (call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});

// PyTorch 2.13 gives the same
describe("integers far beyond the sizes", () => {
  const far = 2 ** 40;
  test("ends of slices are clipped", () => {
    expect(f.tolist(f.slice(table(), 1, 1, far))).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(f.tolist(f.slice(table(), 1, -far, -2))).toEqual([[0], [3]]);
    expect(f.slice(table(), 1, Infinity).shape).toEqual([2, 0]);
    expect(f.tolist(f.at(table(), 0, { from: -Infinity, to: 2 }))).toEqual([0, 1]);
  });
  test("a diagonal beyond the corners leaves all or nothing", () => {
    expect(f.tolist(f.tril(table(), far))).toEqual(f.tolist(table()));
    expect(f.tolist(f.triu(table(), far))).toEqual(f.tolist(f.zeros([2, 3])));
    expect(f.tolist(f.tril(table(), -far))).toEqual(f.tolist(f.zeros([2, 3])));
    expect(f.diagonal(table(), far).shape).toEqual([0]);
    expect(f.trilIndices(2, 2, far).shape).toEqual([2, 4]);
  });
  test("parts, windows and turns", () => {
    expect(f.split(table(), far).map((x) => x.shape)).toEqual([[2, 3]]);
    expect(f.unfold(table(), 1, 2, far).shape).toEqual([2, 1, 2]);
    expect(f.tolist(f.roll(f.tensor([1, 2, 3]), far))).toEqual([3, 1, 2]); // 2^40 is 3 n + 1
    expect(f.tolist(f.rot90(table(), far + 2))).toEqual([
      [5, 4, 3],
      [2, 1, 0],
    ]);
  });
  test("ask for memory before they compute", () => {
    expect(() => f.arange(2 ** 31 - 1)).toThrow(MemoryError);
    expect(() => f.linspace(0, 1, far)).toThrow(MemoryError);
    expect(() => f.repeatInterleave(table(), [far, 1], 0)).toThrow(MemoryError);
    expect(() => f.pad(table(), [far, 0], { mode: "replicate" })).toThrow(MemoryError);
    expect(() => f.combinations(f.ones([40]), 20)).toThrow(MemoryError);
  });
});

test("combinations with many elements each", () => {
  expect(f.combinations(f.ones([1]), 30_000, { withReplacement: true }).shape).toEqual([1, 30_000]);
  expect(f.combinations(f.ones([2]), 3).shape).toEqual([0, 3]);
  expect(f.tolist(f.combinations(f.tensor([1, 2]), 3, { withReplacement: true }))).toEqual([
    [1, 1, 1],
    [1, 1, 2],
    [1, 2, 2],
    [2, 2, 2],
  ]);
});
