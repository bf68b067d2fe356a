// Tests of the tests: kernels with planted faults (native/emulation/faults.cc) do not pass on the emulated device.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { emulatedDriver, emulation, racesDriver, racesEmulation } from "@flambeau/backend-cuda-native/emulated";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { long } from "../../../test/support/long.ts";
import { addon } from "../src/addon.ts";
import { faulty } from "./support/faulty.ts";
import { missingFor } from "./support/missing.ts";

const missing = missingFor("planted faults");

const program = fileURLToPath(new URL("./support/sanitized.ts", import.meta.url));
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
    const module = device.load(".version 7.7\n.entry map(");
    expect(() => device.kernel("gather", module)).toThrow("CUDA_ERROR_NOT_FOUND");
    device.close();
  });
});

describe.skipIf(missing !== null)("the race check finds", () => {
  beforeEach(() => racesEmulation.set("reset", 1));
  afterAll(() => racesEmulation.set("reset", 1));

  test("nothing wrong with a kernel that is right", () => {
    expect(faulty(racesDriver, "fault_none")).toBe(32640);
  });
  test.each([
    ["a missing barrier", "fault_no_barrier", 1],
    ["a missing barrier behind a read, where results are right in any order", "fault_no_second_barrier", 1],
    ["threads that write the same to the same place", "fault_same_place", 1],
    ["blocks that do", "fault_same_place_of_blocks", 2],
  ])("%s", (_, kernel, blocks) => {
    expect(() => faulty(racesDriver, kernel, blocks)).toThrow("CUDA_ERROR_ILLEGAL_ADDRESS");
    emulation.set("seed", 3);
    if (kernel !== "fault_no_barrier") expect(faulty(emulatedDriver, kernel, blocks)).toBe(32640);
  });
  test("not that one block writes where another would be free to", () => {
    expect(faulty(racesDriver, "fault_same_place_of_blocks", 1)).toBe(32640);
  });
});

/** Orders of threads and sizes of blocks: all of them in the long form. */
const runs = [
  { seed: 1, size: 256 },
  { seed: 2, size: 256 },
  { seed: 3, size: 64 },
  { seed: 4, size: 32 },
].slice(0, long ? 4 : 1);
test.skipIf(missing !== null).each(runs)("no kernel has a race, in order $seed, blocks of $size", ({ seed, size }) => {
  const tour = [program, racesDriver, "", `${seed}`, `${size}`];
  const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", ...tour];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "equal\n", stderr: "" });
});
