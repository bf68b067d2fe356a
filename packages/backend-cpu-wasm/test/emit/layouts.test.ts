import type { DType } from "@flambeau/tensor";
import { bytesOf, compileProgram, index, input, param, scalar } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { MapKernels } from "../../src/kernels/map.ts";
import { generator, Memory, positions, randomView } from "../memory.ts";

const memory = new Memory();
const map = new MapKernels(memory.engine);
const random = generator(7);
const shapes = [
  [],
  [1],
  [3],
  [4],
  [7],
  [64],
  [2, 3],
  [5, 1, 4],
  [3, 4, 5],
  [2, 1, 3, 9],
  [2, 3, 2, 5],
  [2, 2, 2, 2, 3],
  [17, 33],
];

describe("map over views of any layout", () => {
  // a program of each kind of kernel: lanes, and one element at a time
  for (const dtype of ["float32", "float64", "int32", "int64", "uint8", "float16"] as DType[]) {
    test(`${dtype}: x * p + y, into a strided output`, () => {
      const compute = dtype === "uint8" ? "int32" : dtype === "float16" ? "float32" : (dtype as "float32");
      const program = compileProgram(input(0).mul(param(0)).add(input(1)), [dtype, dtype], 1, compute, dtype);
      for (let round = 0; round < 8; round++)
        for (const shape of shapes) {
          const x = randomView(memory, random, dtype, shape, true);
          const y = randomView(memory, random, dtype, shape, true);
          const out = randomView(memory, random, dtype, shape, false);
          const around = {
            ...out,
            offset: 0,
            shape: [(out.buffer as { byteLength: number }).byteLength / bytesOf(dtype)],
            strides: [1],
          };
          const before = memory.values(around);
          const p = random.below(5);
          const xs = memory.numbers(x);
          const ys = memory.numbers(y);
          map.run(program, [x, y], [p], out, false);
          const wrap = dtype === "uint8" ? 0xff : undefined;
          expect(memory.numbers(out)).toEqual(xs.map((v, i) => (wrap ? (v * p + ys[i]) & wrap : v * p + ys[i])));
          // nothing else in the output's buffer was touched
          const touched = new Set(positions(shape, out.strides).map((at) => at + out.offset));
          const after = memory.values(around);
          for (let i = 0; i < before.length; i++) if (!touched.has(i)) expect(after[i]).toBe(before[i]);
        }
    });
  }

  test("in place on a strided view", () => {
    const program = compileProgram(input(0).add(input(1)), ["float32", "float32"], 0, "float32", "float32");
    for (const shape of shapes) {
      const x = randomView(memory, random, "float32", shape, false);
      const before = memory.numbers(x);
      map.run(program, [x, x], [], x, false);
      expect(memory.numbers(x)).toEqual(before.map((v) => 2 * v));
    }
  });

  test("the position counts the output's elements in row-major order, whatever the layouts", () => {
    for (const type of ["int32", "float32", "int64"] as const) {
      const program = compileProgram(index().mul(10).add(input(0)), [type], 0, type, type);
      for (const shape of shapes) {
        const x = randomView(memory, random, type, shape, true);
        const out = randomView(memory, random, type, shape, false);
        const xs = memory.numbers(x);
        map.run(program, [x], [], out, false);
        expect(memory.numbers(out)).toEqual(xs.map((v, i) => i * 10 + v));
      }
      const flat = memory.tensor(type, [37]);
      map.run(program, [memory.tensor(type, [37], (i) => i % 3)], [], flat, true);
      expect(memory.numbers(flat)).toEqual(Array.from({ length: 37 }, (_, i) => i * 10 + (i % 3)));
    }
  });

  test("no elements, no inputs", () => {
    const program = compileProgram(param(0), [], 1, "float32", "float32");
    map.run(program, [], [3], memory.tensor("float32", [0, 4]), true);
    const out = memory.tensor("float32", [2, 3]);
    map.run(program, [], [3], out, true);
    expect(memory.numbers(out)).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test("a fused program with 24 inputs", () => {
    const sum = Array.from({ length: 24 }, (_, i) => input(i)).reduce((a, b) => a.add(b));
    const program = compileProgram(scalar.neg(sum), new Array<DType>(24).fill("float32"), 0, "float32", "float32");
    const views = Array.from({ length: 24 }, () => randomView(memory, random, "float32", [3, 5, 2], true));
    const want = views.map((v) => memory.numbers(v)).reduce((a, b) => a.map((x, i) => x + b[i]));
    const out = memory.tensor("float32", [3, 5, 2]);
    map.run(program, views, [], out, false);
    expect(memory.numbers(out)).toEqual(want.map((x) => -x));
  });
});

describe("transposed inputs, in tiles with ragged edges", () => {
  const cases: [number[], number[]][] = [
    [
      [32, 16],
      [1, 32],
    ],
    [
      [33, 21],
      [1, 33],
    ],
    [
      [4, 8],
      [1, 4],
    ],
    [
      [3, 19, 22],
      [19 * 22, 1, 19],
    ],
    [
      [2, 3, 17, 9],
      [459, 153, 1, 17],
    ],
    [
      [6, 5, 40],
      [1, 240, 6],
    ],
  ];
  for (const [shape, strides] of cases)
    test(`[${shape}] by strides [${strides}]`, () => {
      const n = shape.reduce((a, b) => a * b);
      const p = 3;
      const across = { ...memory.tensor("float32", [n], () => random.below(100)), shape, strides };
      const whole = { ...memory.tensor("int32", [n], () => random.below(100)), shape, strides };
      const along = memory.tensor("uint8", shape, () => random.below(100));
      const rowOnly = {
        ...memory.tensor("float32", [40], (i) => i),
        shape,
        strides: shape.map((_, d) => Number(d === shape.length - 1)),
      };
      const still = { ...memory.tensor("float32", [1], [5]), shape, strides: shape.map(() => 0) };
      const program = compileProgram(
        input(0).mul(param(0)).add(input(1)).sub(input(2)).add(input(3)).mul(input(4)),
        ["float32", "int32", "uint8", "float32", "float32"],
        1,
        "float32",
        "float32",
      );
      const views = [across, whole, along, rowOnly, still];
      const [a, b, c, d, e] = views.map((v) => memory.numbers(v));
      const want = a.map((x, i) => (x * p + b[i] - c[i] + d[i]) * e[i]);
      const out = memory.tensor("float32", shape);
      map.run(program, views, [p], out, false);
      expect(memory.numbers(out)).toEqual(want);
      // into every other row of something larger, as int16
      const narrow = compileProgram(input(0), ["float32"], 0, "int32", "int16");
      const target = memory.tensor("int16", [shape[0], 2, ...shape.slice(1)]);
      const step = [target.strides[0], ...target.strides.slice(2)];
      map.run(narrow, [across], [], { ...target, shape, strides: step }, false);
      expect(memory.numbers({ ...target, shape, strides: step })).toEqual(a);
      expect(memory.numbers({ ...target, shape, strides: step, offset: target.strides[1] })).toEqual(a.map(() => 0));
    });
});

test("forty inputs; and more than a kernel has room for is refused", () => {
  for (const [count, shape] of [
    [40, [2, 3, 5]],
    [1100, [4]],
  ] as [number, number[]][]) {
    const sum = Array.from({ length: count }, (_, i) => input(i)).reduce((a, b) => a.add(b));
    const program = compileProgram(sum, new Array<DType>(count).fill("int32"), 0, "int32", "int32");
    const views = Array.from({ length: count }, () => randomView(memory, random, "int32", shape, true));
    const out = memory.tensor("int32", shape);
    if (count > 1000) {
      expect(() => map.run(program, views, [], out, false)).toThrow(
        "map: a fused expression needs 8816 bytes of arguments, a kernel takes 4096",
      );
      continue;
    }
    const want = views.map((v) => memory.numbers(v)).reduce((a, b) => a.map((x, i) => x + b[i]));
    map.run(program, views, [], out, false);
    expect(memory.numbers(out)).toEqual(want);
  }
});

test("many threads give the bits that one gives", () => {
  const many = new Memory(3);
  const kernels = new MapKernels(many.engine);
  const program = compileProgram(
    scalar.exp(input(0)).mul(input(1)).add(param(0)),
    ["float32", "float32"],
    1,
    "float32",
    "float32",
  );
  const shape = [301, 257];
  const x = many.tensor("float32", shape, (i) => Math.sin(i));
  const y = { ...many.tensor("float32", [257, 301], (i) => Math.cos(i)), shape, strides: [1, 301] };
  const out = many.tensor("float32", shape);
  kernels.run(program, [x, y], [0.25], out, false);
  const first = many.values(out);
  many.engine.setThreads(1);
  const again = many.tensor("float32", shape);
  kernels.run(program, [x, y], [0.25], again, false);
  expect(many.values(again)).toEqual(first);
  many.engine.dispose();
});
