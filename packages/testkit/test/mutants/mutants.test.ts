// testBackend finds faults: a sample of them here, all in mutants.long.test.ts.
import { beforeAll, expect, test } from "vitest";
import { mutants } from "./mutants.ts";
import { killersOf } from "./run.ts";

const sample = [
  "a read copies late",
  "division by zero traps",
  "params stay float64",
  "int32 is multiplied as floats",
  "matmul stops after 65,535 batches",
  "sort refuses more than 4,096",
  "cummax skips NaN's positions",
  "indices are not checked",
];

const chosen = sample.map((why) => mutants.filter((each) => each.why === why));
let killers: readonly (string | null)[] = [];
beforeAll(async () => {
  killers = await killersOf(chosen.flat());
});

test.each(sample.map((why, i) => [why, i] as const))("%s", (_, i) => {
  expect(chosen[i]).toHaveLength(1);
  expect(killers[i]).toContain("backend conformance");
});
