import { type DType, isFloat } from "@flambeau/tensor";
import {
  compileProgram,
  input,
  param,
  type ReduceKind,
  type ScanKind,
  scalarType,
  sizeOf,
} from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { coordinates, layouts, position, type Sample } from "./lab.ts";
import { rounded, type Scalar, sample } from "./numbers.ts";
import { expectValues, type Subject } from "./subject.ts";

const isNaN = (x: Scalar): boolean => Number.isNaN(x);
const more = (a: Scalar, b: Scalar): boolean => isNaN(a) || (!isNaN(b) && a > b);
const less = (a: Scalar, b: Scalar): boolean => isNaN(a) || (!isNaN(b) && a < b);

/** The value of a reduction, in float64 or exact integers, rounded to the dtype once. */
export function reduced(kind: ReduceKind, values: readonly Scalar[], dtype: DType): Scalar {
  if (kind === "any" || kind === "all")
    return Number(kind === "any" ? values.some((v) => Number(v) !== 0) : values.every((v) => Number(v) !== 0));
  if (kind === "max" || kind === "min")
    return values.reduce((a, b) => ((kind === "max" ? more(a, b) : less(a, b)) ? a : b));
  if (isFloat(dtype))
    return rounded(
      values.reduce<number>((a, b) => (kind === "sum" ? a + Number(b) : a * Number(b)), kind === "sum" ? 0 : 1),
      dtype,
    );
  return rounded(
    values.reduce<bigint>((a, b) => (kind === "sum" ? a + BigInt(b) : a * BigInt(b)), kind === "sum" ? 0n : 1n),
    dtype,
  );
}

/** The elements of each line that a reduction over `dims` takes together, by the line's position in the kept shape. */
export function lines(
  shape: readonly number[],
  dims: readonly number[],
  values: readonly Scalar[],
): { shape: number[]; lines: Scalar[][] } {
  const kept = shape.map((s, d) => (dims.includes(d) ? 1 : s));
  const out: Scalar[][] = Array.from({ length: sizeOf(kept) }, () => []);
  values.forEach((v, i) => {
    out[
      position(
        coordinates(i, shape).map((c, d) => (dims.includes(d) ? 0 : c)),
        kept,
      )
    ].push(v);
  });
  return { shape: kept, lines: out };
}

const sums: readonly DType[] = ["float32", "float64", "int32", "int64", "float16", "bfloat16"];

/** The `reduce`, `argReduce` and `scan` primitives. */
export function reduceTests({ backend, lab, accuracy }: Subject): void {
  const has = (dtype: DType) => backend.dtypes.has(dtype);
  const identity = (dtype: DType, output: DType) => compileProgram(input(0), [dtype], 0, scalarType(dtype), output);
  const kindsOf = (dtype: DType): ReduceKind[] => [
    ...(sums.includes(dtype) ? (["sum", "prod"] as const) : []),
    "max",
    "min",
  ];
  const reduce = async (kind: ReduceKind, x: Sample, output: DType, dims: readonly number[]): Promise<Scalar[]> => {
    const out = lab.output(
      output,
      x.shape.map((s, d) => (dims.includes(d) ? 1 : s)),
    );
    backend.kernels.reduce(kind, identity(x.dtype, output), [x], [], out, dims);
    return lab.read(out);
  };

  describe("reduce", () => {
    for (const kind of ["sum", "prod", "max", "min", "any", "all"] as const)
      test(`${kind} over any dims, in any layout, of every dtype`, async () => {
        const draw = new Draw(11);
        for (const dtype of backend.dtypes)
          for (let round = 0; round < 12; round++) {
            const truth = kind === "any" || kind === "all";
            if (!truth && !kindsOf(dtype).includes(kind)) continue;
            const shape = draw.shape(1 + draw.below(4), 5);
            const x = lab.place(dtype, shape, sample(draw, dtype, sizeOf(shape)), draw.pick(layouts), draw);
            const dims = shape.map((_, d) => d).filter(() => draw.below(2) === 1);
            const expected = lines(shape, dims, x.values).lines.map((line) => reduced(kind, line, dtype));
            const about = `${dtype} [${shape}], strides [${x.strides}], over [${dims}]`;
            const magnitude =
              kind === "sum"
                ? Math.max(
                    ...lines(shape, dims, x.values).lines.map((l) =>
                      l.reduce<number>((a, v) => a + Math.abs(Number(v)), 0),
                    ),
                  )
                : 0;
            expectValues(
              await reduce(kind, x, truth ? "bool" : dtype, dims),
              expected,
              dtype,
              8 * accuracy,
              (i) => `${about}: element ${i}`,
              magnitude,
            );
          }
      });

    test("narrow integers and bools add up in int32", async () => {
      for (const dtype of ["bool", "uint8", "int8", "int16"] as const) {
        if (!has(dtype) || !has("int32")) continue;
        const x = lab.contiguous(dtype, [2, 300], new Array<number>(600).fill(1));
        expect(await reduce("sum", x, "int32", [1]), dtype).toEqual([300, 300]);
      }
    });

    test("of nothing: the neutral element", async () => {
      const x = lab.contiguous("float32", [2, 0, 3], []);
      expect(await reduce("sum", x, "float32", [1])).toEqual(new Array<number>(6).fill(0));
      expect(await reduce("prod", x, "float32", [1])).toEqual(new Array<number>(6).fill(1));
      expect(await reduce("any", x, "bool", [1])).toEqual(new Array<number>(6).fill(0));
      expect(await reduce("all", x, "bool", [1])).toEqual(new Array<number>(6).fill(1));
    });

    test("NaN, infinities and zeros", async () => {
      const x = lab.contiguous("float32", [3, 4], [1, Number.NaN, 3, 2, -Infinity, 5, Infinity, 0, -1, -2, -3, -4]);
      expect(await reduce("max", x, "float32", [1])).toEqual([Number.NaN, Infinity, -1]);
      expect(await reduce("min", x, "float32", [1])).toEqual([Number.NaN, -Infinity, -4]);
      expect(await reduce("sum", x, "float32", [1])).toEqual([Number.NaN, Number.NaN, -10]);
      expect(await reduce("any", x, "bool", [0])).toEqual([1, 1, 1, 1]);
    });

    test("an expression of two inputs with a parameter", async () => {
      const draw = new Draw(12);
      const x = lab.place("float32", [4, 6], sample(draw, "float32", 24), "transposed", draw);
      const y = lab.place("float32", [4, 6], sample(draw, "float32", 24), "broadcast", draw);
      const program = compileProgram(
        input(0).mul(input(1)).add(param(0)),
        ["float32", "float32"],
        1,
        "float32",
        "float32",
      );
      const out = lab.output("float32", [4, 1]);
      backend.kernels.reduce("sum", program, [x, y], [0.5], out, [1]);
      const terms = x.values.map((v, i) => Number(v) * Number(y.values[i]) + 0.5);
      const expected = lines([4, 6], [1], terms).lines.map((l) => reduced("sum", l, "float32"));
      expectValues(await lab.read(out), expected, "float32", 16 * accuracy, (i) => `row ${i}`, 20);
    });

    test("a long sum loses little", async () => {
      const n = 200_000;
      const x = lab.contiguous("float32", [n], new Array<number>(n).fill(Math.fround(0.1)));
      const [total] = await reduce("sum", x, "float32", [0]);
      expect(Math.abs(Number(total) / (n * Math.fround(0.1)) - 1)).toBeLessThan(1e-5 * accuracy);
    });
  });

  describe("argReduce", () => {
    for (const kind of ["max", "min"] as const)
      test(`${kind}: the first of equal ones, in any layout, of every dtype`, async () => {
        const draw = new Draw(13);
        for (const dtype of backend.dtypes)
          for (let round = 0; round < 10; round++) {
            const shape = draw.shape(1 + draw.below(3), 7);
            const x = lab.place(dtype, shape, sample(draw, dtype, sizeOf(shape)), draw.pick(layouts), draw);
            const dim = draw.below(shape.length);
            const grouped = lines(shape, [dim], x.values);
            const out = lab.output("int32", grouped.shape);
            backend.kernels.argReduce(kind, x, out, dim);
            const expected = grouped.lines.map((line) => line.indexOf(reduced(kind, line, dtype)));
            expect(await lab.read(out), `${dtype} [${shape}], strides [${x.strides}], dim ${dim}`).toEqual(expected);
          }
      });
    test("a NaN is the extreme, the first one counts", async () => {
      const x = lab.contiguous("float32", [2, 4], [1, Number.NaN, 9, Number.NaN, Infinity, 2, Infinity, 1]);
      const out = lab.output("int32", [2, 1]);
      backend.kernels.argReduce("max", x, out, 1);
      expect(await lab.read(out)).toEqual([1, 0]);
      backend.kernels.argReduce("min", x, out, 1);
      expect(await lab.read(out)).toEqual([1, 3]);
    });
  });

  describe("scan", () => {
    for (const kind of ["sum", "prod", "max", "min", "logsumexp"] as const)
      test(`${kind} along any dim, in any layout`, async () => {
        const draw = new Draw(14);
        for (const dtype of backend.dtypes) {
          if (kind === "logsumexp" ? !isFloat(dtype) : !sums.includes(dtype) && kind !== "max" && kind !== "min")
            continue;
          for (let round = 0; round < 8; round++) {
            const shape = draw.shape(1 + draw.below(3), 6);
            const x = lab.place(dtype, shape, sample(draw, dtype, sizeOf(shape)), draw.pick(layouts), draw);
            const dim = draw.below(shape.length);
            const out = lab.output(dtype, shape);
            const extreme = kind === "max" || kind === "min";
            const indices = extreme ? lab.output("int32", shape) : undefined;
            backend.kernels.scan(kind, x, out, dim, indices);
            const { values, at } = scanned(kind, x, dim, dtype);
            const about = (i: number) => `${dtype} [${shape}], strides [${x.strides}], dim ${dim}: element ${i}`;
            // each step of a running half sum rounds again
            const narrow = dtype === "float16" || dtype === "bfloat16";
            expectValues(
              await lab.read(out),
              values,
              dtype,
              (extreme ? 0 : 16) * accuracy,
              about,
              narrow && kind !== "prod" ? 24 : kind === "sum" ? 12 : 1,
            );
            if (indices) expect(await lab.read(indices), about(0)).toEqual(at);
          }
        }
      });
    test("an extreme stays NaN, a log-sum-exp of -Infinity stays", async () => {
      const nan = Number.NaN;
      for (const dtype of backend.dtypes) {
        if (!isFloat(dtype)) continue;
        for (const [kind, values, running, at] of [
          ["max", [1, nan, 3, nan, 2], [1, nan, nan, nan, nan], [0, 1, 1, 3, 3]],
          ["min", [nan, -1, -1, nan, -Infinity], [nan, nan, nan, nan, nan], [0, 0, 0, 3, 3]],
          ["max", [-Infinity, -Infinity, 2, 2, 1], [-Infinity, -Infinity, 2, 2, 2], [0, 1, 2, 3, 3]],
          ["min", [Infinity, 5, 5, -Infinity, nan], [Infinity, 5, 5, -Infinity, nan], [0, 1, 2, 3, 4]],
        ] as const) {
          const out = lab.output(dtype, [5]);
          const indices = lab.output("int32", [5]);
          backend.kernels.scan(kind, lab.contiguous(dtype, [5], values), out, 0, indices);
          expect(await lab.read(out), `${dtype} ${kind} of [${values}]`).toEqual(running);
          expect(await lab.read(indices), `${dtype} ${kind} of [${values}]: positions`).toEqual(at);
        }
      }
      const sums = lab.output("float32", [3]);
      backend.kernels.scan("logsumexp", lab.contiguous("float32", [3], [-Infinity, -Infinity, 2]), sums, 0);
      expect(await lab.read(sums)).toEqual([-Infinity, -Infinity, 2]);
      backend.kernels.scan("logsumexp", lab.contiguous("float32", [3], [-1000, 1000, 1000]), sums, 0);
      const far = [-1000, 1000, 1000 + Math.LN2];
      expectValues(await lab.read(sums), far, "float32", 4 * accuracy, (i) => `far from zero: element ${i}`);
    });
  });
}

/** Running values along a dimension, and the position of the last extreme so far. */
export function scanned(kind: ScanKind, x: Sample, dim: number, dtype: DType): { values: Scalar[]; at: number[] } {
  const values: Scalar[] = [];
  const at: number[] = [];
  const step = sizeOf(x.shape.slice(dim + 1));
  x.values.forEach((_, i) => {
    const line: Scalar[] = [];
    for (let k = 0, c = coordinates(i, x.shape)[dim]; k <= c; k++) line.push(x.values[i - (c - k) * step]);
    if (kind === "logsumexp")
      values[i] = rounded(Math.log(line.reduce<number>((s, v) => s + Math.exp(Number(v)), 0)), dtype);
    else values[i] = reduced(kind, line, dtype);
    at[i] = line.lastIndexOf(values[i]);
  });
  return { values, at };
}
