import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  add_,
  arange,
  cumulativeTrapezoid,
  DTypeError,
  histogram,
  linspace,
  logspace,
  registerBackend,
  sub,
  tensor,
  to,
  tolist,
} from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

// figures of PyTorch 2.13
describe("ranges of integers from ends with fractions", () => {
  test("arange: start and step lose their fractions, the end only for int64", () => {
    const [int32, int64] = [{ dtype: "int32" }, { dtype: "int64" }] as const;
    expect(tolist(arange(2.1, -2.9, -1, int32))).toEqual([2, 1, 0, -1, -2]);
    expect(tolist(arange(0, 5, 1.5, int32))).toEqual([0, 1, 2, 3]);
    expect(tolist(arange(3.1, null, 1, int32))).toEqual([0, 1, 2, 3]);
    expect(tolist(to(arange(2.1, -2.9, -1, int64), "int32"))).toEqual([2, 1, 0, -1]);
    expect(tolist(to(arange(0, 5, 1.5, int64), "int32"))).toEqual([0, 1, 2, 3, 4]);
    expect(tolist(to(arange(3.1, null, 1, int64), "int32"))).toEqual([0, 1, 2]);
    expect(() => arange(0.5, 3.2, 0.9, int64)).toThrow("arange: step must not be 0, which 0.9 is as int64");
  });
  test("linspace and logspace: the ends lose their fractions first", () => {
    const fifty = Array.from({ length: 50 }, (_, i) => Math.trunc(4 - i / 7)); // 4, 3.86, ..., 3, ..., -3
    expect(tolist(linspace(4.3, -3, 50, { dtype: "int32" }))).toEqual(fifty.map((x) => x + 0));
    expect(tolist(linspace(-3.7, 4.9, 9, { dtype: "int32" }))).toEqual([-3, -2, -1, 0, 0, 1, 2, 3, 4]);
    expect(tolist(logspace(0.7, 4.2, 6, 10, { dtype: "int32" }))).toEqual([1, 6, 39, 251, 1584, 10000]);
    expect(tolist(logspace(0, 4, 6, 2.5, { dtype: "int32" }))).toEqual([1, 2, 4, 9, 18, 39]);
  });
});

describe("alpha", () => {
  const [x, y] = [
    [true, true, false, false],
    [true, false, true, false],
  ].map((v) => () => tensor(v));
  test("of bools says whether the second operand counts, and leaves the dtype", () => {
    for (const alpha of [true, 2, -1]) expect(tolist(add(x(), y(), { alpha }))).toEqual([true, true, true, false]);
    for (const alpha of [false, 0]) expect(tolist(add(x(), y(), { alpha }))).toEqual([true, true, false, false]);
    expect(tolist(add_(x(), y(), { alpha: false }))).toEqual([true, true, false, false]);
  });
  test("is no boolean for other tensors, and nothing is subtracted from bools", () => {
    expect(() => add(tensor([1]), tensor([2]), { alpha: true })).toThrow(DTypeError);
    expect(() => sub(x(), y(), { alpha: 2 })).toThrow("sub: is not defined for bool tensors");
  });
});

test("cumulativeTrapezoid of integers is a float, whatever dx", () => {
  const y = tensor([-8, 6, 9, 0, 0], { dtype: "int32" });
  for (const [dx, wanted] of [
    [2, [-2, 13, 22, 22]],
    [1, [-1, 6.5, 11, 11]],
    [1.5, [-1.5, 9.75, 16.5, 16.5]],
  ] as const) {
    const out = cumulativeTrapezoid(y, null, { dx });
    expect(out.dtype).toBe("float32");
    expect(tolist(out)).toEqual(wanted);
  }
});

test("histogram: what lies outside the first and the last edge counts nowhere, NaN neither, even if edges do not ascend", () => {
  const x = tensor([-9, -8, -6, -4, -3, -2, -1.5, -1, 0, 1, 1.5, 2, 2.5, 3, 4, Number.NaN]);
  expect(tolist(histogram(x, tensor([1, 2, 3])).hist)).toEqual([2, 3]);
  expect(tolist(histogram(x, tensor([3, 1, 2])).hist)).toEqual([0, 0]);
  expect(tolist(histogram(x, tensor([1, 3, 2])).hist)).toEqual([3, 0]);
});
