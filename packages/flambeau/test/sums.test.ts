import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import type { Tensor } from "flambeau";
import * as fl from "flambeau";
import { afterAll, describe, expect, test } from "vitest";

afterAll(() => fl.registerBackend(cpuWasm()));

// equal numbers are the worst case: the roundings of one binade all go the same way. PyTorch loses up to 5e-7
const limit = 1e-6;
const few = (x: Tensor): number => (x.tolist() as number[])[0]; // one dimension
const sums: { readonly [what: string]: readonly [n: number, sum: (value: number) => number] } = {
  "a whole tensor": [
    2 ** 24,
    (v) =>
      fl
        .full([2 ** 24], v)
        .sum()
        .item(),
  ],
  "a mean": [
    1,
    (v) =>
      fl
        .full([2 ** 24], v)
        .mean()
        .item(),
  ],
  rows: [2 ** 20, (v) => few(fl.full([4, 2 ** 20], v).sum(1))],
  "rows of a few blocks": [2000, (v) => few(fl.full([100, 2000], v).sum(1))],
  columns: [2 ** 20, (v) => few(fl.full([2 ** 20, 4], v).sum(0))],
  "columns side by side": [2 ** 14, (v) => few(fl.full([2 ** 14, 70], v).sum(0))],
  "a transposed tensor": [999 * 3001, (v) => fl.full([999, 3001], v).t().sum().item()],
  "stretches of 49": [
    2 ** 12 * 49,
    (v) =>
      few(
        fl
          .full([2 ** 12, 7, 50], v)
          .narrow(2, 0, 49)
          .sum([0, 2]),
      ),
  ],
  "stretches of 15": [
    2 ** 12 * 15,
    (v) =>
      few(
        fl
          .full([2 ** 12, 7, 50], v)
          .narrow(2, 0, 15)
          .sum([0, 2]),
      ),
  ],
  "stretches of 3": [
    2 ** 15 * 3,
    (v) =>
      few(
        fl
          .full([2 ** 15, 7, 8], v)
          .narrow(2, 0, 3)
          .sum([0, 2]),
      ),
  ],
  "columns of two loops": [
    2 ** 10 * 31,
    (v) =>
      few(
        fl
          .full([2 ** 10, 2, 64, 40], v)
          .narrow(2, 0, 31)
          .sum([0, 2])
          .select(0, 1),
      ),
  ],
  "a chain": [
    2 ** 22,
    (v) =>
      fl
        .full([2 ** 22], v)
        .neg()
        .mul(-1)
        .sum()
        .item(),
  ],
  "integers as floats": [
    2 ** 20,
    (v) =>
      fl
        .ones([2 ** 20], { dtype: "int64" })
        .sum([0], { dtype: "float32" })
        .item() * v,
  ],
  "products with integers": [
    2 ** 20,
    (v) =>
      fl
        .ones([2 ** 20], { dtype: "int64" })
        .mul(v)
        .sum()
        .item(),
  ],
  "a squared norm": [
    2 ** 22,
    (v) =>
      fl
        .full([2 ** 22], v)
        .norm()
        .item() **
        2 /
      v,
  ],
};

describe.each([1, 2])("with %d threads", (threads) => {
  test.each(Object.entries(sums))("the float32 sum of %s is right to 1e-6", (_, [n, sum]) => {
    fl.registerBackend(cpuWasm({ threads }));
    for (const value of [0.1, 0.3, 1.1, 123.456, 1e-7]) {
      const exact = n * Math.fround(value);
      expect(Math.abs(fl.tidy(() => sum(Math.fround(value))) - exact) / exact).toBeLessThan(limit);
    }
  });
});

// which numbers lose most is a matter of their last bits: thousands of them side by side
test.each([2, 49, 64, 1000, 1057, 2047, 2048, 49152, 100_000])("sums of %d equal numbers are right to 1e-6", (n) => {
  fl.registerBackend(cpuWasm());
  fl.manualSeed(n);
  const x = fl.rand([4000]).add(1);
  const values = x.tolist() as number[]; // one dimension
  const worst = (sums: Tensor) =>
    Math.max(...(sums.tolist() as number[]).map((sum, i) => Math.abs(sum / (n * values[i]) - 1)));
  expect(worst(x.expand([n, 4000]).sum(0))).toBeLessThan(limit);
  expect(worst(x.unsqueeze(1).expand([4000, n]).sum(1))).toBeLessThan(limit);
  expect(worst(x.unsqueeze(1).expand([n, 4000, 3]).sum([0, 2]).div(3))).toBeLessThan(limit);
});

test("variances and losses of many elements are right to 1e-6", () => {
  fl.manualSeed(0);
  const x = fl.rand([2 ** 21]).add(1000);
  const values = Array.from(x.tolist() as number[]); // one dimension
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  expect(x.var().item() / (squares / (values.length - 1))).toBeCloseTo(1, 6);
  const meanSquare = values.reduce((a, b) => a + b * b, 0) / values.length;
  expect(Math.abs(fl.losses.mse(x, fl.zerosLike(x)).item() / meanSquare - 1)).toBeLessThan(limit);
});

test("a sum has the same bits for any number of threads", () => {
  const shapes: readonly (readonly [shape: number[], dims: number[]])[] = [
    [[2 ** 21], [0]],
    [[3, 300000], [1]],
    [[70000, 9], [0]],
    [
      [300, 7, 50],
      [0, 2],
    ],
  ];
  const all = [1, 2].map((threads) => {
    fl.registerBackend(cpuWasm({ threads }));
    fl.manualSeed(1);
    return shapes.map(([shape, dims]) => fl.rand(shape).sum(dims).tolist());
  });
  expect(all[1]).toEqual(all[0]);
});
