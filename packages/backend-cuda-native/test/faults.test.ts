// Tests of the tests: kernels with planted faults (native/emulation/faults.cc) do not pass on the emulated device.
import { emulatedDriver, emulation } from "@flambeau/backend-cuda-native/emulated";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { addon } from "../src/addon.ts";
import { faulty } from "./support/faulty.ts";
import { missingFor } from "./support/missing.ts";

const missing = missingFor("planted faults");

const run = (kernel: string): number => faulty(emulatedDriver, kernel);

describe.skipIf(missing !== null)("the emulated device finds", () => {
  beforeEach(() => emulation.set("reset", 1));
  afterAll(() => emulation.set("reset", 1));
  const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);
  const sums = (kernel: string) =>
    seeds.map((seed) => {
      emulation.set("seed", seed);
      return run(kernel);
    });

  test("nothing wrong with a kernel that is right, whatever the order of its threads", () => {
    expect(sums("fault_none")).toEqual(seeds.map(() => 32640));
  });
  test("a missing barrier: results are wrong, and depend on the order", () => {
    const found = sums("fault_no_barrier");
    expect(found.every((sum) => sum !== 32640)).toBe(true);
    expect(new Set(found).size).toBeGreaterThan(1);
  });
  test.each([
    ["a barrier that some threads never reach", "fault_uneven_barrier"],
    ["a barrier in a kernel that is declared to have none", "fault_undeclared_barrier"],
    ["a write past the end", "fault_write_past_end"],
    ["a write past the end of what a block shares", "fault_write_past_shared"],
    ["a write before the start", "fault_write_before_start"],
  ])("%s", (_, kernel) => {
    expect(() => run(kernel)).toThrow("CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was encountered)");
  });

  test("a kernel that the PTX lacks", () => {
    const device = new (addon().Device)(emulatedDriver, 0);
    device.load(".version 7.7\n.entry map(");
    expect(() => device.kernel("gather")).toThrow("CUDA_ERROR_NOT_FOUND");
    device.close();
  });
});
