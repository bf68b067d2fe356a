import type { DType } from "@flambeau/tensor";
import { bytesOf, choose, constant, input, type ScalarOp, scalar } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { rounded, type Scalar } from "./numbers.ts";
import type { Subject } from "./subject.ts";

const integers: readonly DType[] = ["int32", "int64", "int16", "int8", "uint8"];

/** Integer operations that have no result, or none that fits: processors trap on some. */
export function trapTests({ backend, lab }: Subject): void {
  describe("integers that processors trap on", () => {
    for (const dtype of integers.filter((d) => backend.dtypes.has(d))) {
      const bits = 8 * bytesOf(dtype);
      const signed = dtype !== "uint8";
      const low = signed ? -(2n ** BigInt(bits - 1)) : 0n;
      const high = signed ? -low - 1n : 255n;
      const of = (x: bigint): Scalar => rounded(x, dtype);
      // what computes them is at least int32
      const width = Math.max(bits, 32);

      for (const op of ["idiv", "rem"] as const)
        test(`${dtype} ${op} by 0 gives 0, of the least integer by -1 it wraps`, async () => {
          const xs = [7n, low, 0n, 9n, low, high, -7n, high, 1n].map((x) => BigInt(of(x)));
          const ys = [0n, 0n, 0n, 2n, -1n, -1n, 2n, low, 0n].map((y) => BigInt(of(y)));
          const x = lab.contiguous(dtype, [xs.length], xs.map(of));
          const y = lab.contiguous(dtype, [ys.length], ys.map(of));
          const exact = (a: bigint, b: bigint): Scalar => of(b === 0n ? 0n : op === "idiv" ? a / b : a % b);
          const expected = xs.map((a, i) => exact(a, ys[i]));
          expect(await lab.map(scalar[op](input(0), input(1)), [x, y], dtype, dtype)).toEqual(expected);
          // the value that is not chosen does not count
          const guarded = choose(input(1).eq(0), constant(5), scalar[op](input(0), input(1)));
          expect(await lab.map(guarded, [x, y], dtype, dtype)).toEqual(
            expected.map((v, i) => (ys[i] === 0n ? of(5n) : v)),
          );
        });

      test(`${dtype} shifts by less than nothing and by more than there are bits`, async () => {
        const xs = [1n, high, low, 5n].map((x) => BigInt(of(x)));
        for (const by of [width, width + 1, 100, ...(signed ? [-1, -100] : [])]) {
          const x = lab.contiguous(dtype, [xs.length], xs.map(of));
          const y = lab.contiguous(
            dtype,
            [xs.length],
            xs.map(() => of(BigInt(by))),
          );
          const shifted = (op: ScalarOp) => lab.map(scalar[op as "shl"](input(0), input(1)), [x, y], dtype, dtype);
          expect(await shifted("shl"), `by ${by}`).toEqual(xs.map(() => of(0n)));
          expect(await shifted("shr"), `by ${by}`).toEqual(xs.map((v) => of(v < 0n ? -1n : 0n)));
        }
      });
    }
  });
}
