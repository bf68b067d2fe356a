import { expect, test } from "vitest";
import { decide, medianOfRatios, minimum, ratioOfMinima, spreadByChance } from "../src/against/decision.ts";

test("the ratio of the minima, and the median of the ratios", () => {
  expect(minimum([3, 1, 2])).toBe(1);
  expect(() => minimum([])).toThrow("minimum: no values");
  expect(ratioOfMinima([6, 3, 9], [2, 4, 4])).toBe(1.5);
  // the ratios are 3, 0.75 and 2.25
  expect(medianOfRatios([6, 3, 9], [2, 4, 4])).toBe(2.25);
  // while the machine is ten times slower, both of a pair are
  expect(medianOfRatios([11, 110, 11], [10, 100, 10])).toBeCloseTo(1.1, 12);
});

test("two pairs can come out in two ways, and the spread is the larger deviation", () => {
  // ratios as measured 10/9 and 20/14 with the median 1.2698, with the second pair swapped 10/9 and 14/20 with 0.9056
  expect(spreadByChance(medianOfRatios, [10, 20], [9, 14])).toBeCloseTo((10 / 9 + 20 / 14) / 2 - 1, 12);
  // ratios as measured 0.5 and 2 with the median 1.25, with the second pair swapped 0.5 and 0.5: a deviation of 2
  expect(spreadByChance(medianOfRatios, [1, 2], [2, 1])).toBeCloseTo(1, 12);
  // minima as measured 8 and 9; with the second pair swapped 10 and 8
  expect(spreadByChance(ratioOfMinima, [10, 8], [9, 14])).toBeCloseTo(10 / 8 - 1, 12);
});

test("equal series have no spread, one pair has the deviation it shows", () => {
  expect(spreadByChance(medianOfRatios, [5, 6, 7], [5, 6, 7])).toBe(0);
  expect(spreadByChance(medianOfRatios, [5], [4])).toBeCloseTo(0.25, 12);
  expect(spreadByChance(ratioOfMinima, [4], [5])).toBeCloseTo(0.25, 12);
});

test("one pair in seven that is off spreads the minimum and not the median", () => {
  // the minima are 8 and 10 whichever way the last pair comes out
  expect(spreadByChance(ratioOfMinima, [10, 10, 10, 10, 10, 10, 8], Array(7).fill(10))).toBeCloseTo(0.25, 12);
  expect(spreadByChance(medianOfRatios, [10, 10, 10, 10, 10, 10, 8], Array(7).fill(10))).toBe(0);
});

test("many pairs are sampled, and the same figures give the same spread", () => {
  // every pair is 100 and 102, an odd number of times: the median ratio is 1.02 or its inverse
  const first = Array.from({ length: 41 }, (_, i) => (i % 2 ? 100 : 102));
  const second = first.map((value) => 202 - value);
  expect(spreadByChance(medianOfRatios, first, second)).toBeCloseTo(0.02, 12);
  expect(spreadByChance(ratioOfMinima, first, second)).toBe(0);
  const noisy = Array.from({ length: 40 }, (_, i) => 100 + ((i * 7) % 13));
  const other = Array.from({ length: 40 }, (_, i) => 100 + ((i * 5) % 13));
  const spread = spreadByChance(medianOfRatios, noisy, other);
  expect(spread).toBeGreaterThan(0);
  expect(spread).toBeLessThan(12 / 100);
  expect(spreadByChance(medianOfRatios, noisy, other)).toBe(spread);
});

test("the limit is the kind's, or what chance reaches where that is more", () => {
  expect(decide(1.03, 1.03, 0.01)).toEqual({ limit: 1.03, over: false });
  expect(decide(1.031, 1.03, 0.01)).toEqual({ limit: 1.03, over: true });
  expect(decide(1.06, 1.05, 0.0625)).toEqual({ limit: 1.0625, over: false });
  expect(decide(1.07, 1.05, 0.0625)).toEqual({ limit: 1.0625, over: true });
  expect(decide(0.5, 1.05, 0)).toEqual({ limit: 1.05, over: false });
});
