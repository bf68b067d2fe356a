import { tensor } from "flambeau";
import { expect, test } from "vitest";
import { dtypesAndSizes, named, newAndInPlace, Tied, trained } from "./support/ported.ts";

test("ported lines compile, and run", () => {
  const x = tensor([[1, 5, 2]]);
  expect(dtypesAndSizes(x)).toEqual(["float32", "float64", "int64", "int32", "bool", "float16", "float32", 1, 5]);
  const y = newAndInPlace(x);
  expect([y.shape, y.tolist(), y.requiresGrad]).toEqual([[3, 2], Array(3).fill([3, 3]), true]);
  expect(named(x).item()).toBe(5 + 5 + 1 + 1 + 1 + 1 + 5 + 2);
  expect([...new Tied().parameters()]).toHaveLength(1);
  expect(trained({})).toBeGreaterThanOrEqual(0);
});
