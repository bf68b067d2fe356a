import { type DType, isFloat } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import type { Layout, Sample } from "./lab.ts";
import { rounded, type Scalar, sample } from "./numbers.ts";
import { expectValues, type Subject } from "./subject.ts";

/** a[p] @ b[p] over the last two dimensions, in float64 or exact integers. */
export function product(a: Sample, b: Sample, dtype: DType): Scalar[] {
  const [batch, m, k] = a.shape;
  const n = b.shape[2];
  const out: Scalar[] = [];
  for (let p = 0; p < batch; p++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let whole = 0n;
        for (let l = 0; l < k; l++) {
          const x = a.values[(p * m + i) * k + l];
          const y = b.values[(p * k + l) * n + j];
          if (isFloat(dtype)) sum += Number(x) * Number(y);
          else whole += BigInt(x) * BigInt(y);
        }
        out.push(rounded(isFloat(dtype) ? sum : whole, dtype));
      }
  return out;
}

const factors: readonly DType[] = ["float32", "float64", "int32", "int64"];
const halves: readonly DType[] = ["float16", "bfloat16"];

/** The `matmul` primitive. */
export function matmulTests({ backend, lab, accuracy }: Subject): void {
  describe("matmul", () => {
    for (const dtype of [...factors, ...(backend.halfProducts ? halves : [])].filter((d) => backend.dtypes.has(d)))
      test(`${dtype}: sizes, batches and layouts`, async () => {
        const draw = new Draw(21);
        const sizes = [
          [1, 1, 1, 1],
          [1, 7, 1, 9],
          [3, 1, 8, 1],
          [2, 17, 33, 9],
          [1, 64, 64, 64],
          [1, 70, 5, 130],
          [5, 4, 4, 4],
          [1, 1, 300, 65],
        ]; // prettier-ignore
        for (const [batch, m, k, n] of sizes)
          for (const layout of ["contiguous", "transposed", "gaps"] as readonly Layout[]) {
            const a = lab.place(dtype, [batch, m, k], sample(draw, dtype, batch * m * k), layout, draw);
            const b = lab.place(
              dtype,
              [batch, k, n],
              sample(draw, dtype, batch * k * n),
              draw.pick(["contiguous", "transposed"] as const),
              draw,
            );
            const out = lab.output(dtype, [batch, m, n]);
            backend.kernels.matmul(a, b, out);
            const about = `[${a.shape}] strides [${a.strides}] @ [${b.shape}] strides [${b.strides}]`;
            // each of the k products is at most 16
            expectValues(
              await lab.read(out),
              product(a, b, dtype),
              dtype,
              2 * Math.sqrt(k) * accuracy,
              (i) => `${about}: element ${i}`,
              16 * Math.sqrt(k),
            );
          }
      });

    test("one factor repeated over the batch", async () => {
      const draw = new Draw(22);
      const values = sample(draw, "float32", 12);
      const single = lab.contiguous("float32", [1, 3, 4], values);
      const a: Sample = {
        ...single,
        shape: [5, 3, 4],
        strides: [0, 4, 1],
        values: Array.from({ length: 5 }, () => values).flat(),
      };
      const b = lab.contiguous("float32", [5, 4, 2], sample(draw, "float32", 40));
      const out = lab.output("float32", [5, 3, 2]);
      backend.kernels.matmul(a, b, out);
      expectValues(await lab.read(out), product(a, b, "float32"), "float32", 8 * accuracy, (i) => `element ${i}`, 64);
    });

    test("NaN and infinity reach exactly their row and column", async () => {
      const a = lab.contiguous("float32", [1, 3, 3], [1, 1, 1, Number.NaN, 1, 1, 1, 1, Infinity]);
      const b = lab.contiguous("float32", [1, 3, 3], [1, 0, 1, 1, 1, 1, 1, 1, 0]);
      const out = lab.output("float32", [1, 3, 3]);
      backend.kernels.matmul(a, b, out);
      expect(await lab.read(out)).toEqual([
        3,
        2,
        2,
        Number.NaN,
        Number.NaN,
        Number.NaN,
        Infinity,
        Infinity,
        Number.NaN,
      ]);
    });
  });
}
