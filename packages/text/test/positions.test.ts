import { arange, manualSeed, randn, type Tensor, tensor, text, zeros } from "flambeau";
import { describe, expect, test } from "vitest";
import { figures, near } from "./support/figures.ts";

describe("positions", () => {
  test("sines and cosines are those of float64, of odd widths too", () => {
    const { even, odd } = figures.sinusoidal;
    for (const [rows, width] of [
      [even, 6],
      [odd, 5],
    ] as const) {
      const table = new text.SinusoidalPositions(rows.length, width);
      near(table.forward(zeros([1, rows.length, width])), rows, 1e-6);
      near(table.forward(zeros([1, 2, width]), { offset: 2 }), rows.slice(2, 4), 1e-6);
    }
    expect(new text.SinusoidalPositions(4, 2).stateDict().size).toBe(0);
  });

  test.each(figures.rotary.cases)(
    "angles: offset $offset, base $base, interleaved $interleaved",
    ({ offset, y, ...options }) => {
      const rotary = new text.RotaryPositions(16, 8, options);
      const x = tensor(figures.rotary.x);
      near(rotary.forward(x, { offset }), y, 2e-6);
      const positions = arange(offset, offset + 5, 1, { dtype: "int32" }).expand([2, 5]);
      near(rotary.forward(x, { positions }), y, 2e-6);
    },
  );

  test("products of turned queries and keys depend on distances alone", () => {
    manualSeed(0);
    const rotary = new text.RotaryPositions(64, 8, { dtype: "float64" });
    const [q, k] = [randn([1, 2, 6, 8], { dtype: "float64" }), randn([1, 2, 6, 8], { dtype: "float64" })];
    const products = (offset: number): Tensor =>
      rotary.forward(q, { offset }).matmul(rotary.forward(k, { offset }).transpose(2, 3));
    expect(products(0).sub(products(40)).abs().max().item()).toBeLessThan(1e-12);
  });

  test("each sequence may have positions of its own", () => {
    for (const table of [new text.LearnedPositions(9, 4), new text.SinusoidalPositions(9, 4)]) {
      const positions = tensor(
        [
          [0, 0, 1],
          [5, 6, 7],
        ],
        { dtype: "int32" },
      );
      const y = table.forward(zeros([2, 3, 4]), { positions });
      expect(y.at(1).equal(table.forward(zeros([1, 3, 4]), { offset: 5 }).at(0))).toBe(true);
      expect(y.at(0, 1).equal(table.forward(zeros([1, 1, 4])).at(0, 0))).toBe(true);
    }
  });

  test.each([
    [() => new text.RotaryPositions(4, 3), "features are turned in pairs, got 3"],
    [() => new text.RotaryPositions(4, 2, { base: -1 }), "base must be positive"],
    [() => new text.LearnedPositions(0, 3), "length must be a positive integer"],
    [
      () => new text.LearnedPositions(4, 2).forward(zeros([1, 3, 2]), { offset: 2 }),
      "there are 4 positions, got 3 tokens from 2 on",
    ],
    [() => new text.SinusoidalPositions(4, 2).forward(zeros([3, 2])), "expected [B, T, 2], got [3,2]"],
    [() => new text.RotaryPositions(4, 2).forward(zeros([1, 3, 2])), "expected [B, heads, T, 2], got [1,3,2]"],
  ])("%#: %s", (run, message) => {
    expect(run).toThrow(message);
  });
});
