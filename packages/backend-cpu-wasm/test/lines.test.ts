import type { DType } from "@flambeau/tensor";
import { type ScanKind, sizeOf, type View } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { LineKernels } from "../src/kernels/lines.ts";
import { generator, Memory, positions, randomView } from "./memory.ts";

const memory = new Memory();
const kernels = new LineKernels(memory.engine);
const random = generator(21);
const shapes = [[1], [9], [7, 5], [5, 70], [70, 5], [3, 4, 5], [4, 33, 6]];

/** Positions (row-major) of each line along `dim`. */
function lines(shape: readonly number[], dim: number): number[][] {
  const strides = shape.map((_, d) => sizeOf(shape.slice(d + 1)));
  const starts = positions(
    shape.map((n, d) => (d === dim ? 1 : n)),
    strides,
  );
  return starts.map((s) => Array.from({ length: shape[dim] }, (_, i) => s + i * strides[dim]));
}

const dtypes: DType[] = ["float32", "float64", "int32", "int64", "uint8", "float16"];

describe("argReduce", () => {
  for (const dtype of dtypes)
    for (const kind of ["max", "min"] as const)
      test(`${kind} ${dtype}: the first extreme`, () => {
        for (const shape of shapes)
          for (let dim = 0; dim < shape.length; dim++)
            for (const outType of ["int32", "int64"] as const) {
              const x = randomView(memory, random, dtype, shape, true);
              const values = memory.numbers(x);
              const out = memory.tensor(
                outType,
                shape.map((n, d) => (d === dim ? 1 : n)),
              );
              kernels.argReduce(kind, x, out, dim);
              const want = lines(shape, dim).map((line) => {
                const v = line.map((p) => values[p]);
                return v.indexOf(kind === "max" ? Math.max(...v) : Math.min(...v));
              });
              expect(memory.numbers(out)).toEqual(want);
            }
      });

  test("a NaN is the extreme, the first of several; infinities are ordinary", () => {
    const { NaN: nan } = Number;
    const x = memory.tensor(
      "float32",
      [4, 4],
      [1, nan, 3, nan, nan, nan, 1, 2, 5, 4, 3, nan, -Infinity, -Infinity, -Infinity, -Infinity],
    );
    for (const kind of ["max", "min"] as const) {
      const out = memory.tensor("int32", [4, 1]);
      kernels.argReduce(kind, x, out, 1);
      expect(memory.numbers(out)).toEqual([1, 0, 3, 0]);
    }
    for (let at = 0; at < 103; at += 3)
      for (const kind of ["max", "min"] as const) {
        const long = memory.tensor("float32", [1, 103], (i) => (i === at || i === at + 7 ? nan : Math.sin(i)));
        const out = memory.tensor("int32", [1, 1]);
        kernels.argReduce(kind, long, out, 1);
        expect(memory.numbers(out)).toEqual([at]);
      }
    const flat = memory.tensor("float32", [2, 60], () => -Infinity);
    const out = memory.tensor("int32", [2, 1]);
    kernels.argReduce("max", flat, out, 1);
    expect(memory.numbers(out)).toEqual([0, 0]);
  });

  test("many threads and one agree", () => {
    const many = new Memory(3);
    const threaded = new LineKernels(many.engine);
    for (const dim of [0, 1]) {
      const x = many.tensor("float32", [301, 203], (i) => Math.sin(i * i));
      const results = [3, 1].map((threads) => {
        many.engine.setThreads(threads);
        const out = many.tensor("int32", dim === 0 ? [1, 203] : [301, 1]);
        threaded.argReduce("max", x, out, dim);
        const sums = many.tensor("float32", [301, 203]);
        threaded.scan("sum", x, sums, dim);
        return [...many.values(out), ...many.values(sums)];
      });
      expect(results[0]).toEqual(results[1]);
    }
    many.engine.dispose();
  });
});

describe("scan", () => {
  for (const dtype of dtypes)
    for (const kind of ["sum", "prod", "max", "min"] as ScanKind[])
      test(`${kind} ${dtype}`, () => {
        for (const shape of shapes)
          for (let dim = 0; dim < shape.length; dim++) {
            // products of ones and minus ones: exact however long
            const x = randomView(memory, random, dtype, shape, true);
            const unit = memory.tensor(dtype, shape, () => (dtype === "uint8" ? 1 : random.below(2) * 2 - 1));
            const from: View = kind === "prod" ? unit : x;
            const values = memory.numbers(from);
            const out = memory.tensor(dtype, shape);
            const withIndices = kind === "max" || kind === "min";
            const indices = withIndices ? memory.tensor("int32", shape) : undefined;
            kernels.scan(kind, from, out, dim, indices);
            const want = new Array<number>(sizeOf(shape));
            const wantIndices = new Array<number>(sizeOf(shape));
            for (const line of lines(shape, dim)) {
              let a = values[line[0]];
              let at = 0;
              line.forEach((p, i) => {
                const v = values[p];
                if (i > 0) {
                  if (kind === "sum") a += v;
                  else if (kind === "prod") a *= v;
                  else if (kind === "max" ? v >= a : v <= a) {
                    a = v;
                    at = i;
                  }
                }
                want[p] = dtype === "uint8" ? a & 255 : a;
                wantIndices[p] = at;
              });
            }
            expect(memory.numbers(out)).toEqual(want);
            if (indices) expect(memory.numbers(indices)).toEqual(wantIndices);
          }
      });

  test("a NaN stays in a running maximum, and its last position counts", () => {
    const x = memory.tensor("float32", [6], [1, Number.NaN, 5, Number.NaN, 7, 2]);
    const out = memory.tensor("float32", [6]);
    const at = memory.tensor("int32", [6]);
    kernels.scan("max", x, out, 0, at);
    expect(memory.numbers(out)).toEqual([1, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(memory.numbers(at)).toEqual([0, 1, 1, 3, 3, 3]);
  });

  test("log-sum-exp of large, small and infinite values", () => {
    const values = [1000, 1001, -Infinity, 999, -2000];
    const x = memory.tensor("float64", [5], values);
    const out = memory.tensor("float64", [5]);
    kernels.scan("logsumexp", x, out, 0);
    const want = [1000, 1001.3132616875183, 1001.3132616875183, 1001.4076059644444, 1001.4076059644444];
    for (const [i, y] of memory.numbers(out).entries()) expect(y).toBeCloseTo(want[i], 12);
    const edges = memory.tensor("float32", [4], [-Infinity, -Infinity, 0, Infinity]);
    const result = memory.tensor("float32", [4]);
    kernels.scan("logsumexp", edges, result, 0);
    expect(memory.numbers(result)).toEqual([-Infinity, -Infinity, 0, Infinity]);
  });

  test("float32 sums stay accurate over long lines", () => {
    const n = 300_000;
    const x = memory.tensor("float32", [n], () => 0.1);
    const out = memory.tensor("float32", [n]);
    kernels.scan("sum", x, out, 0);
    const last = memory.numbers(out)[n - 1];
    expect(Math.abs(last / (n * Math.fround(0.1)) - 1)).toBeLessThan(1e-7);
  });
});
