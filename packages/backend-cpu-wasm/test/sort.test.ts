import type { DType } from "@flambeau/tensor";
import { sizeOf } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { MapKernels } from "../src/kernels/map.ts";
import { SortKernel } from "../src/kernels/sort.ts";
import { generator, Memory, randomView } from "./memory.ts";

const memory = new Memory();
const sort = new SortKernel(memory.engine, new MapKernels(memory.engine));
const random = generator(31);

describe("sort along the last dim", () => {
  for (const dtype of [
    "float32",
    "float64",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "float16",
    "bfloat16",
  ] as DType[])
    for (const descending of [false, true])
      test(`${dtype} ${descending ? "descending" : "ascending"}: stable, over views of any layout`, () => {
        for (const shape of [[], [1], [17], [3, 100], [4, 2, 9], [2, 1000]]) {
          const x = randomView(memory, random, dtype, shape, true);
          const before = memory.numbers(x);
          const values = memory.tensor(dtype, shape);
          const indices = memory.tensor("int32", shape);
          sort.run(x, values, indices, descending);
          const n = shape.at(-1) ?? 1;
          const want: number[] = [];
          const wantAt: number[] = [];
          for (let row = 0; row < sizeOf(shape); row += n) {
            const order = Array.from({ length: n }, (_, i) => i);
            order.sort(
              (i, j) => (descending ? before[row + j] - before[row + i] : before[row + i] - before[row + j]) || i - j,
            );
            for (const i of order) {
              want.push(before[row + i]);
              wantAt.push(i);
            }
          }
          expect(memory.numbers(values)).toEqual(want);
          expect(memory.numbers(indices)).toEqual(wantAt);
          expect(memory.numbers(x)).toEqual(before);
        }
      });

  test("a NaN counts as largest", () => {
    for (const dtype of ["float32", "float64", "float16"] as DType[]) {
      const x = memory.tensor(dtype, [5], [1, Number.NaN, -Infinity, Infinity, Number.NaN]);
      const values = memory.tensor(dtype, [5]);
      const indices = memory.tensor("int32", [5]);
      sort.run(x, values, indices, false);
      expect(memory.numbers(indices)).toEqual([2, 0, 3, 1, 4]);
      sort.run(x, values, indices, true);
      expect(memory.numbers(indices)).toEqual([1, 4, 3, 0, 2]);
    }
  });
});
