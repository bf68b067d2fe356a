import type { DType } from "@flambeau/tensor";
import { type ScatterMode, sizeOf, type View } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { IndexedKernels } from "../src/kernels/indexed.ts";
import { generator, Memory, positions, randomView, type Value } from "./memory.ts";

const memory = new Memory();
const kernels = new IndexedKernels(memory.engine);
const random = generator(5);

const cases: [number[], number[], number][] = [
  [[7], [5], 0],
  [[10, 6], [4, 6], 0],
  [[10, 6], [10, 3], 1],
  [[5, 8, 4], [5, 3, 4], 1],
  [[4, 6, 33], [3, 20, 32], 1],
  [[50, 64], [200, 64], 0],
  [[3, 40], [3, 70], 1],
];

/** An index view of the shape with values below n; sometimes the same along a dimension, as embedding and indexSelect have it. */
function indexView(dtype: DType, shape: readonly number[], n: number): View {
  const x = randomView(memory, random, dtype, shape, true);
  const { byteLength } = x.buffer as { byteLength: number };
  const all: View = { ...x, offset: 0, shape: [byteLength / (dtype === "int64" ? 8 : 4)], strides: [1] };
  const count = all.shape[0];
  const address = (x.buffer as { address: number }).address;
  const array = dtype === "int64" ? memory.engine.i64.subarray(address / 8) : memory.engine.i32.subarray(address / 4);
  for (let i = 0; i < count; i++) array[i] = (dtype === "int64" ? BigInt(random.below(n)) : random.below(n)) as never; // of the array's own type
  return x;
}

/** Where `view` would be read with the coordinate along `dim` taken from the index. */
function indexedPositions(view: View, index: View, dim: number): number[] {
  const without = view.strides.map((s, d) => (d === dim ? 0 : s));
  const chosen = memory.numbers(index);
  return positions(index.shape, without).map((p, i) => p + chosen[i] * view.strides[dim]);
}

describe("gather and scatter over views of any layout", () => {
  for (const dtype of ["float32", "uint8", "int64", "float16"] as DType[])
    test(`gather ${dtype}`, () => {
      for (let round = 0; round < 6; round++)
        for (const [shape, indexShape, dim] of cases) {
          const x = randomView(memory, random, dtype, shape, true);
          const index = indexView(round % 2 ? "int64" : "int32", indexShape, shape[dim]);
          const out = memory.tensor(dtype, indexShape);
          const values = memory.values(x);
          const byPosition = new Map(positions(shape, x.strides).map((p, i) => [p, values[i]]));
          kernels.gather(x, index, out, dim);
          expect(memory.values(out)).toEqual(indexedPositions(x, index, dim).map((p) => byPosition.get(p)));
        }
    });

  const combine: { readonly [M in ScatterMode]: (a: number, b: number) => number } = {
    set: (_, b) => b,
    add: (a, b) => a + b,
    mul: (a, b) => a * b,
    max: Math.max,
    min: Math.min,
  };
  for (const mode of Object.keys(combine) as ScatterMode[])
    for (const dtype of ["float32", "float64", "int64", "int32", "bfloat16"] as DType[])
      test(`scatter ${mode} ${dtype}`, () => {
        for (let round = 0; round < 4; round++)
          for (const [shape, indexShape, dim] of cases) {
            if (mode === "mul" && indexShape[dim] > 6) continue;
            const target = randomView(memory, random, dtype, shape, false);
            const index = indexView(round % 2 ? "int64" : "int32", indexShape, shape[dim]);
            // small integers: sums and short products are exact
            const source = memory.tensor(dtype, indexShape, () => random.below(3) - (mode === "mul" ? -1 : 1));
            const at = positions(shape, target.strides);
            const before = memory.numbers(target);
            const want = new Map(at.map((p, i) => [p, before[i]]));
            const sources = memory.numbers(source);
            for (const [i, p] of indexedPositions(target, index, dim).entries())
              want.set(p, round16(dtype, combine[mode](want.get(p) as number, sources[i])));
            kernels.scatter(mode, target, index, source, dim);
            expect(memory.numbers(target)).toEqual(at.map((p) => want.get(p)));
          }
      });

  const half = new Float32Array(1);
  const halfBits = new Uint32Array(half.buffer);
  /** bfloat16 rounds after each step. */
  function round16(dtype: DType, x: number): number {
    if (dtype !== "bfloat16") return x;
    half[0] = x;
    halfBits[0] = (halfBits[0] + 0x7fff + ((halfBits[0] >>> 16) & 1)) & 0xffff0000;
    return half[0];
  }

  test("a scalar", () => {
    const x = memory.tensor("float32", [], [3]);
    const out = memory.tensor("float32", []);
    kernels.gather(x, memory.tensor("int32", [], [0]), out, 0);
    expect(memory.numbers(out)).toEqual([3]);
  });
});

test("threads write what one thread writes, duplicates in index order", () => {
  const many = new Memory(3);
  const threaded = new IndexedKernels(many.engine);
  for (const [shape, indexShape, dim] of [
    [[50, 512], [300, 512], 0],
    [[40, 70], [40, 2000], 1],
  ] as [number[], number[], number][]) {
    const results: Value[][] = [3, 1].map((threads) => {
      many.engine.setThreads(threads);
      const at = generator(9);
      const rows = many.tensor("int32", dim === 0 ? [indexShape[0], 1] : indexShape, () => at.below(shape[dim]));
      const index: View = { ...rows, shape: indexShape, strides: dim === 0 ? [1, 0] : rows.strides };
      const source = many.tensor("float32", indexShape, (i) => Math.sin(i));
      const target = many.tensor("float32", shape, (i) => i);
      threaded.scatter("add", target, index, source, dim);
      const last = many.tensor("float32", shape);
      threaded.scatter("set", last, index, source, dim);
      const back = many.tensor("float32", indexShape);
      threaded.gather(target, index, back, dim);
      return [...many.values(target), ...many.values(last), ...many.values(back)];
    });
    expect(results[0]).toEqual(results[1]);
    expect(results[0].length).toBe(2 * sizeOf(shape) + sizeOf(indexShape));
  }
  many.engine.dispose();
});
