import { expect, test } from "vitest";
import { gflops, iterationsFor, median, roundsFor, spread } from "../src/statistics.ts";

test("median", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([5])).toBe(5);
  expect(() => median([])).toThrow("median: no values");
  const values = [10, 9, 1];
  median(values);
  expect(values).toEqual([10, 9, 1]);
});
test("spread is the median deviation by the median, so one outlier does not count", () => {
  expect(spread([10, 11, 9, 1000, 10])).toBeCloseTo(0.1);
  expect(spread([7, 7, 7])).toBe(0);
});
test("iterations fill the budget, never none", () => {
  expect(iterationsFor(0.5, 100)).toBe(200);
  expect(iterationsFor(4000, 100)).toBe(1);
  expect(iterationsFor(0, 100)).toBe(100_000);
  expect(iterationsFor(1e-9, 100)).toBe(100_000);
});
test("slow workloads get fewer rounds, but two", () => {
  expect(roundsFor(150, 7, 20_000)).toBe(7);
  expect(roundsFor(5000, 7, 20_000)).toBe(4);
  expect(roundsFor(30_000, 7, 20_000)).toBe(2);
  expect(roundsFor(30_000, 1, 20_000)).toBe(1);
});
test("a 1024 matmul in 43 ms is 50 GFLOP/s", () => {
  expect(gflops(2 * 1024 ** 3, 42.94967296)).toBeCloseTo(50, 10);
});
