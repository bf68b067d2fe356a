import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { manualSeed, memory, reclaim, registerBackend, zeros } from "flambeau";
import { describe, expect, it } from "vitest";
import { long } from "../../../../test/support/long.ts";
import { loops } from "./loops.ts";

/** What the tensors of a loop may take. */
const memoryLimit = 256 * 2 ** 20;
const iterations = long ? 20_000 : 2000;

registerBackend(cpuWasm({ memoryLimit, threads: 1 }));

describe(`${iterations} iterations live in ${memoryLimit / 2 ** 20} MiB, without scope or dispose`, () => {
  it.each(loops)("$name", async ({ garbage, run }) => {
    manualSeed(0);
    reclaim();
    await run(iterations);
    expect(memory().cpu.reservedBytes).toBeLessThanOrEqual(memoryLimit + 2 ** 26);
    if (iterations * garbage > memoryLimit) expect(memory().cpu.peakBytes).toBeGreaterThan(memoryLimit / 8);
  });

  it("and what is alive stays: nothing that a handle shows is freed", async () => {
    const kept = Array.from({ length: 40 }, (_, i) => zeros([50, 1000]).add(i));
    const views = kept.map((t) => t.slice(1, 100, 900, 3).select(0, 7));
    kept.length = 20; // the views of the others hold their memory
    for (let i = 0; i < 1000; i++) zeros([100, 1000]).add(-1).mul(3);
    reclaim();
    for (let i = 0; i < 300; i++) zeros([50, 1000]).add(-1); // what was freed is written over
    kept.forEach((t, i) => {
      expect(t.amin().item()).toBe(i);
      expect(t.amax().item()).toBe(i);
    });
    views.forEach((t, i) => {
      expect(t.tolist()).toEqual(new Array(t.size).fill(i));
    });
  });
});
