import type { DType } from "@flambeau/tensor";
import { constant, input, param } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { rounded } from "./numbers.ts";
import type { Subject } from "./subject.ts";

/** Values that lie between two neighbours of a dtype, and which one they become: halfway cases go to the even one. */
const between: readonly (readonly [from: DType, to: DType, value: number, expected: number])[] = [
  ["float64", "float32", 1 + 2 ** -24, 1],
  ["float64", "float32", 1 + 3 * 2 ** -24, 1 + 2 ** -22],
  ["float64", "float32", 1e39, Infinity],
  ["float32", "float16", 1 + 2 ** -11, 1],
  ["float32", "float16", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
  ["float32", "float16", -1 - 2 ** -11 - 2 ** -20, -1 - 2 ** -10],
  ["float32", "float16", 65519, 65504],
  ["float32", "float16", 65520, Infinity],
  ["float32", "float16", -65520, -Infinity],
  ["float32", "float16", 70000, Infinity],
  ["float32", "float16", 2 ** -24, 2 ** -24],
  ["float32", "float16", 2 ** -25, 0],
  ["float32", "float16", 3 * 2 ** -25, 2 ** -23],
  ["float32", "float16", 2 ** -14 - 2 ** -26, 2 ** -14],
  ["float32", "float16", -0, -0],
  ["float16", "float32", 2 ** -24, 2 ** -24],
  ["float16", "float32", 2 ** -14 - 2 ** -24, 2 ** -14 - 2 ** -24],
  ["float16", "float32", -65504, -65504],
  ["float32", "bfloat16", 1 + 2 ** -8, 1],
  ["float32", "bfloat16", 1 + 3 * 2 ** -8, 1 + 2 ** -6],
  ["float32", "bfloat16", -1 - 2 ** -8 - 2 ** -20, -1 - 2 ** -7],
  ["float32", "bfloat16", 3.4028234663852886e38, Infinity],
  ["float32", "bfloat16", -0, -0],
];

/** Where numbers lose bits: at each step of a program, in its type, and when stored. */
export function roundingTests({ backend, lab }: Subject): void {
  const has = (dtype: DType) => backend.dtypes.has(dtype);

  describe("rounding", () => {
    for (const dtype of (["float32", "float64"] as const).filter(has))
      test(`${dtype}: run-time numbers and constants are of the type that computes`, async () => {
        const values = [0.1, 1 / 3, 1e-3, 16777217, -0.7];
        for (const value of values) {
          const x = lab.contiguous(dtype, [1], [rounded(value, dtype)]);
          expect(await lab.map(param(0).eq(input(0)), [x], dtype, "bool", [value]), `param ${value}`).toEqual([1]);
          expect(await lab.map(param(0).sub(input(0)), [x], dtype, dtype, [value]), `param ${value}`).toEqual([0]);
          expect(await lab.map(constant(value).eq(input(0)), [x], dtype, "bool"), `constant ${value}`).toEqual([1]);
        }
      });

    test("each step is rounded to its type", async () => {
      const one = 2 ** 24; // where float32's neighbours are 2 apart
      const x = lab.contiguous("float32", [3], [one, -one, one]);
      const y = lab.contiguous("float32", [3], [1, -1, 3]);
      expect(await lab.map(input(0).add(input(1)).eq(input(0)), [x, y], "float32", "bool")).toEqual([1, 1, 0]);
      expect(await lab.map(input(0).add(input(1)), [x, y], "float32", "float32")).toEqual([one, -one, one + 4]);
      const high = lab.contiguous("int32", [2], [2 ** 31 - 1, -(2 ** 31)]);
      const step = lab.contiguous("int32", [2], [1, -1]);
      expect(await lab.map(input(0).add(input(1)).gt(0), [high, step], "int32", "bool")).toEqual([0, 1]);
    });

    for (const dtype of (["float16", "bfloat16"] as const).filter(has))
      test(`${dtype} is computed in float32 and rounded once, when stored`, async () => {
        const x = lab.contiguous(dtype, [3], [256, 1, 3]);
        const scaled = input(0).mul(input(0)).mul(param(0));
        expect(await lab.map(scaled, [x], dtype, dtype, [2 ** -8])).toEqual([256, 2 ** -8, 9 * 2 ** -8]);
        // 2^-11 and 2^-8 are lost when each is stored beside 1, their sum of four is not
        const small = dtype === "float16" ? 2 ** -11 : 2 ** -8;
        const many = input(0).add(param(0)).add(param(0)).add(param(0)).add(param(0));
        expect(await lab.map(many, [lab.contiguous(dtype, [1], [1])], dtype, dtype, [small])).toEqual([1 + 4 * small]);
      });

    for (const [from, to, value, expected] of between.filter(([from, to]) => has(from) && has(to)))
      test(`${from} ${value} is ${expected} in ${to}`, async () => {
        const x = lab.contiguous(from, [2], [value, 1]);
        expect(await lab.map(input(0), [x], to, to)).toEqual([expected, 1]);
      });
  });
}
