import type { DType } from "@flambeau/tensor";
import {
  compileProgram,
  index,
  input,
  param,
  type ReduceKind,
  type ScalarType,
  scalar,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { MapKernels } from "../src/kernels/map.ts";
import { ReduceKernels } from "../src/kernels/reduce.ts";
import { generator, Memory, positions, randomView, type Value } from "./memory.ts";

const memory = new Memory();
const reduce = new ReduceKernels(memory.engine);
const random = generator(11);

/** A naive reduction of row-major values. */
function reference(
  kind: ReduceKind,
  values: readonly Value[],
  shape: readonly number[],
  dims: readonly number[],
): number[] {
  const outShape = shape.map((n, d) => (dims.includes(d) ? 1 : n));
  let step = 1;
  const outStrides = new Array<number>(shape.length).fill(0);
  for (let d = shape.length - 1; d >= 0; d--) {
    outStrides[d] = dims.includes(d) ? 0 : step;
    step *= outShape[d];
  }
  const start = { sum: 0, prod: 1, max: -Infinity, min: Infinity, any: 0, all: 1 }[kind];
  const out = new Array<number>(sizeOf(outShape)).fill(start);
  positions(shape, outStrides).forEach((o, i) => {
    const x = Number(values[i]);
    const a = out[o];
    if (kind === "sum") out[o] = a + x;
    else if (kind === "prod") out[o] = a * x;
    else if (kind === "max") out[o] = Math.max(a, x);
    else if (kind === "min") out[o] = Math.min(a, x);
    else if (kind === "any") out[o] = a || x ? 1 : 0;
    else out[o] = a && x ? 1 : 0;
  });
  return out;
}

const shapes = [[5], [64], [100], [3, 7], [40, 5], [5, 40], [4, 33, 3], [33, 4, 20], [2, 3, 4, 5], [3, 2, 17, 2, 3]];
const someDims = (shape: readonly number[]) => {
  const dims = shape.map((_, d) => d).filter(() => random.below(2));
  return dims.length ? dims : [random.below(shape.length)];
};

describe("reduce over views of any layout", () => {
  for (const dtype of ["float32", "float64", "int32", "int64", "int16", "bfloat16"] as DType[]) {
    const type: ScalarType = dtype === "int16" ? "int32" : dtype === "bfloat16" ? "float32" : (dtype as ScalarType); // the others are their own
    for (const kind of ["sum", "max", "min"] as ReduceKind[])
      test(`${kind} of ${dtype}`, () => {
        const outType = dtype === "int16" ? "int32" : dtype === "bfloat16" ? "float32" : dtype;
        const program = compileProgram(input(0), [dtype], 0, type, outType);
        for (let round = 0; round < 6; round++)
          for (const shape of shapes) {
            const x = randomView(memory, random, dtype, shape, true);
            const dims = someDims(shape);
            const out = memory.tensor(
              outType,
              shape.map((n, d) => (dims.includes(d) ? 1 : n)),
              () => 77,
            );
            reduce.run(kind, program, [x], [], out, dims);
            expect(memory.numbers(out)).toEqual(reference(kind, memory.values(x), shape, dims));
          }
      });
  }

  test("prod of small integers in float32", () => {
    const program = compileProgram(input(0), ["float32"], 0, "float32", "float32");
    for (const shape of shapes) {
      const x = memory.tensor("float32", shape, (i) => (i % 7 === 0 ? -2 : i % 5 === 0 ? 0.5 : 1));
      for (const dims of [[0], [shape.length - 1]]) {
        const out = memory.tensor(
          "float32",
          shape.map((n, d) => (dims.includes(d) ? 1 : n)),
        );
        reduce.run("prod", program, [x], [], out, dims);
        expect(memory.numbers(out)).toEqual(reference("prod", memory.values(x), shape, dims));
      }
    }
  });

  test("any and all", () => {
    for (const dtype of ["bool", "uint8", "float32", "int64"] as DType[])
      for (const kind of ["any", "all"] as ReduceKind[]) {
        const program = compileProgram(input(0), [dtype], 0, "bool", "bool");
        for (const shape of shapes)
          for (let round = 0; round < 4; round++) {
            const rare = random.below(2);
            const x = memory.tensor(dtype, shape, () => (random.below(50) === 0 ? 1 - rare : rare));
            const dims = someDims(shape);
            const out = memory.tensor(
              "bool",
              shape.map((n, d) => (dims.includes(d) ? 1 : n)),
            );
            reduce.run(kind, program, [x], [], out, dims);
            expect(memory.numbers(out)).toEqual(reference(kind, memory.values(x), shape, dims));
          }
      }
  });

  test("a fused expression of two inputs, a param and the position", () => {
    for (const type of ["float32", "int64"] as const) {
      const program = compileProgram(input(0).mul(input(1)).add(param(0)).add(index()), [type, type], 1, type, type);
      for (const shape of shapes) {
        const x = randomView(memory, random, type, shape, true);
        const y = randomView(memory, random, type, shape, true);
        const dims = someDims(shape);
        const out = memory.tensor(
          type,
          shape.map((n, d) => (dims.includes(d) ? 1 : n)),
        );
        const ys = memory.numbers(y);
        const integer = memory.tensor(
          "float64",
          shape,
          memory.numbers(x).map((v, i) => v * ys[i] + 3 + i),
        );
        reduce.run("sum", program, [x, y], [3], out, dims);
        expect(memory.numbers(out)).toEqual(reference("sum", memory.values(integer), shape, dims));
      }
    }
  });
});

describe("edges", () => {
  const f32 = compileProgram(input(0), ["float32"], 0, "float32", "float32");
  test("nothing reduced gives the neutral element, no outputs touch nothing", () => {
    const none = memory.tensor("float32", [0, 3]);
    for (const [kind, want] of [
      ["sum", 0],
      ["prod", 1],
    ] as const) {
      const out = memory.tensor("float32", [1, 3], () => 9);
      reduce.run(kind, f32, [none], [], out, [0]);
      expect(memory.numbers(out)).toEqual([want, want, want]);
    }
    const bools = compileProgram(input(0), ["float32"], 0, "bool", "bool");
    for (const [kind, want] of [
      ["any", 0],
      ["all", 1],
    ] as const) {
      const out = memory.tensor("bool", [1, 3]);
      reduce.run(kind, bools, [none], [], out, [0]);
      expect(memory.numbers(out)).toEqual([want, want, want]);
    }
    reduce.run("sum", f32, [none], [], memory.tensor("float32", [0, 1]), [1]);
  });

  test("max and min propagate NaN from any position, in rows, columns and long ranges", () => {
    for (const [shape, dims] of [
      [[37, 21], [1]],
      [[37, 21], [0]],
      [[50_000], [0]],
    ] as [number[], number[]][])
      for (const kind of ["max", "min"] as const)
        for (let round = 0; round < 10; round++) {
          const at = random.below(sizeOf(shape));
          const x = memory.tensor("float32", shape, (i) => (i === at ? Number.NaN : Math.sin(i)));
          const out = memory.tensor(
            "float32",
            shape.map((n, d) => (dims.includes(d) ? 1 : n)),
          );
          reduce.run(kind, f32, [x], [], out, dims);
          const want = reference(kind, memory.values(x), shape, dims);
          expect(memory.numbers(out)).toEqual(want);
          expect(want.filter(Number.isNaN).length).toBe(1);
        }
  });

  test("infinities and integer limits", () => {
    const x = memory.tensor("float32", [3, 2], [-Infinity, -Infinity, Infinity, 1, -Infinity, 2]);
    const out = memory.tensor("float32", [3, 1]);
    reduce.run("max", f32, [x], [], out, [1]);
    expect(memory.numbers(out)).toEqual([-Infinity, Infinity, 2]);
    const wide = compileProgram(input(0), ["int64"], 0, "int64", "int64");
    const y = memory.tensor("int64", [2], [-(2n ** 63n), -(2n ** 63n) + 1n]);
    const o = memory.tensor("int64", [1]);
    reduce.run("max", wide, [y], [], o, [0]);
    expect(memory.values(o)).toEqual([-(2n ** 63n) + 1n]);
    reduce.run("sum", wide, [y], [], o, [0]); // wraps
    expect(memory.values(o)).toEqual([1n]);
    const narrow = compileProgram(input(0), ["int32"], 0, "int32", "int32");
    const z = memory.tensor("int32", [5], () => 2 ** 30);
    const s = memory.tensor("int32", [1]);
    reduce.run("sum", narrow, [z], [], s, [0]);
    expect(memory.values(s)).toEqual([(5 * 2 ** 30) | 0]);
  });

  test("a million float32 numbers add up to within 1e-6, along rows and columns", () => {
    const n = 1_000_000;
    const at = generator(3);
    const x = memory.tensor("float32", [n], () => at.uniform());
    const exact = memory.numbers(x).reduce((a, b) => a + b, 0);
    const out = memory.tensor("float32", [1]);
    reduce.run("sum", f32, [x], [], out, [0]);
    expect(Math.abs(memory.numbers(out)[0] / exact - 1)).toBeLessThan(1e-6);
    const columns: View = { ...x, shape: [n / 8, 8], strides: [8, 1] };
    const sums = memory.tensor("float32", [1, 8]);
    reduce.run("sum", f32, [columns], [], sums, [0]);
    const want = reference("sum", memory.values(columns), columns.shape, [0]);
    for (const [i, s] of memory.numbers(sums).entries()) expect(Math.abs(s / want[i] - 1)).toBeLessThan(1e-6);
  });
});

test("the same bits for any number of threads, with and without fused multiply-add kernels", () => {
  const many = new Memory(3);
  for (const target of [undefined, { shared: many.engine.shared, relaxed: false }]) {
    const kernels = new ReduceKernels(many.engine, target);
    const program = compileProgram(scalar.exp(input(0)), ["float32"], 0, "float32", "float32");
    for (const [shape, dims] of [
      [[200_003], [0]],
      [[300, 401], [1]],
      [[3000, 41], [0]],
      [
        [7, 200, 33],
        [0, 2],
      ],
    ] as [number[], number[]][]) {
      const x = many.tensor("float32", shape, (i) => Math.sin(i));
      const results = [3, 2, 1].map((threads) => {
        many.engine.setThreads(threads);
        const out = many.tensor(
          "float32",
          shape.map((n, d) => (dims.includes(d) ? 1 : n)),
        );
        kernels.run("sum", program, [x], [], out, dims);
        return many.values(out);
      });
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
      const mapped = many.tensor("float32", shape);
      new MapKernels(many.engine, target).run(program, [x], [], mapped, true);
      const want = reference("sum", many.values(mapped), shape, dims);
      for (const [i, r] of results[0].entries()) expect(Math.abs(Number(r) / want[i] - 1)).toBeLessThan(1e-6);
    }
  }
  many.engine.dispose();
});
