import type { DType } from "@flambeau/tensor";
import { bytesOf, compileProgram, input, type ScatterMode, scalarType } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { combined } from "./indexed.ts";
import type { Sample } from "./lab.ts";
import { product } from "./matmul.ts";
import { rounded, type Scalar } from "./numbers.ts";
import { lines, reduced, scanned } from "./reduce.ts";
import type { Subject } from "./subject.ts";

const all: readonly DType[] = ["int32", "int64", "int16", "int8", "uint8"];

/** Integers of all their bits, which no float holds: exact where they are moved or compared, wrapped where they are added or multiplied. */
export function wideTests({ backend, lab }: Subject): void {
  const dtypes = all.filter((d) => backend.dtypes.has(d));
  /** Any bits: sums and products overflow. */
  const any = (draw: Draw, dtype: DType, shape: readonly number[]): Sample => {
    const n = shape.reduce((a, b) => a * b, 1);
    const value = () => rounded((BigInt(draw.bits()) << 32n) | BigInt(draw.bits()), dtype);
    return lab.contiguous(dtype, shape, Array.from({ length: n }, value));
  };
  /** Neighbours far from zero, which are one number in the float type that is as wide. */
  const near = (draw: Draw, dtype: DType, shape: readonly number[]): Sample => {
    const n = shape.reduce((a, b) => a * b, 1);
    const far = 2n ** BigInt(8 * bytesOf(dtype) - 2);
    return lab.contiguous(
      dtype,
      shape,
      Array.from({ length: n }, () => rounded(far + BigInt(draw.below(5)), dtype)),
    );
  };

  describe("wide integers", () => {
    for (const dtype of dtypes.filter((d) => bytesOf(d) >= 4)) {
      test(`${dtype} matmul wraps`, async () => {
        const draw = new Draw(51);
        for (const [m, k, n] of [
          [3, 5, 4],
          [17, 33, 9],
          [1, 70, 40],
        ]) {
          const [a, b] = [any(draw, dtype, [2, m, k]), any(draw, dtype, [2, k, n])];
          const out = lab.output(dtype, [2, m, n]);
          backend.kernels.matmul(a, b, out);
          expect(await lab.read(out), `[${m}, ${k}] @ [${k}, ${n}]`).toEqual(product(a, b, dtype));
        }
      });

      for (const kind of ["sum", "prod"] as const)
        test(`${dtype} ${kind} wraps, reduced and running`, async () => {
          const x = any(new Draw(52), dtype, [7, 20]);
          for (const dim of [0, 1]) {
            const total = lab.output(
              dtype,
              x.shape.map((s, d) => (d === dim ? 1 : s)),
            );
            const program = compileProgram(input(0), [dtype], 0, scalarType(dtype), dtype);
            backend.kernels.reduce(kind, program, [x], [], total, [dim]);
            const expected = lines(x.shape, [dim], x.values).lines.map((line) => reduced(kind, line, dtype));
            expect(await lab.read(total), `over ${dim}`).toEqual(expected);
            const running = lab.output(dtype, x.shape);
            backend.kernels.scan(kind, x, running, dim);
            expect(await lab.read(running), `along ${dim}`).toEqual(scanned(kind, x, dim, dtype).values);
          }
        });
    }

    for (const dtype of dtypes) {
      for (const mode of ["add", "mul", "max", "min", "set"] satisfies ScatterMode[])
        test(`${dtype} scatter ${mode}`, async () => {
          const draw = new Draw(53);
          for (const source of [any(draw, dtype, [40]), near(draw, dtype, [40])]) {
            const into = mode === "max" || mode === "min" ? near(draw, dtype, [7]) : any(draw, dtype, [7]);
            const to = source.values.map(() => draw.below(7));
            const expected = [...into.values];
            source.values.forEach((v, i) => {
              expected[to[i]] = combined(mode, expected[to[i]], v, dtype);
            });
            backend.kernels.scatter(mode, into, lab.contiguous("int32", [40], to), source, 0);
            expect(await lab.read(into)).toEqual(expected);
          }
        });

      test(`${dtype} neighbours are told apart: max, min, argmax, argmin, running, sorted, gathered, compared`, async () => {
        const draw = new Draw(54);
        const x = near(draw, dtype, [4, 30]);
        const rows = lines(x.shape, [1], x.values).lines;
        const program = compileProgram(input(0), [dtype], 0, scalarType(dtype), dtype);
        for (const kind of ["max", "min"] as const) {
          const extreme = lab.output(dtype, [4, 1]);
          backend.kernels.reduce(kind, program, [x], [], extreme, [1]);
          const expected = rows.map((row) => reduced(kind, row, dtype));
          expect(await lab.read(extreme), kind).toEqual(expected);
          const at = lab.output("int32", [4, 1]);
          backend.kernels.argReduce(kind, x, at, 1);
          expect(await lab.read(at), `arg${kind}`).toEqual(rows.map((row, i) => row.indexOf(expected[i])));
          const [running, places] = [lab.output(dtype, [4, 30]), lab.output("int32", [4, 30])];
          backend.kernels.scan(kind, x, running, 1, places);
          const steps = scanned(kind, x, 1, dtype);
          expect(await lab.read(running), `running ${kind}`).toEqual(steps.values);
          expect(await lab.read(places), `running ${kind}: positions`).toEqual(steps.at);
        }
        const [sorted, order] = [lab.output(dtype, [4, 30]), lab.output("int32", [4, 30])];
        backend.kernels.sort(x, sorted, order, false);
        const compare = (a: Scalar, b: Scalar) => (a < b ? -1 : a > b ? 1 : 0);
        expect(await lab.read(sorted), "sorted").toEqual(rows.flatMap((row) => row.toSorted(compare)));
        const gathered = lab.output(dtype, [4, 30]);
        backend.kernels.gather(x, order, gathered, 1);
        expect(await lab.read(gathered), "gathered").toEqual(await lab.read(sorted));
        const y = near(draw, dtype, [4, 30]);
        expect(await lab.map(input(0).eq(input(1)), [x, y], dtype, "bool"), "equal").toEqual(
          x.values.map((v, i) => Number(v === y.values[i])),
        );
        expect(await lab.map(input(0).lt(input(1)), [x, y], dtype, "bool"), "compared").toEqual(
          x.values.map((v, i) => Number(v < y.values[i])),
        );
      });
    }
  });
}
