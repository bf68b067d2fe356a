import { getDefaultDevice, manualSeed, ones, registerBackend, setDefaultDevice } from "flambeau";
import { afterAll, describe, expect, it } from "vitest";
import { long } from "../../../test/support/long.ts";
import { loops } from "../../flambeau/test/memory/loops.ts";
import type { WebGpuBackend } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const yielding = /awaits|nextStep|server|setImmediate/;

/** Loops that yield, on a device whose memory fills up within a fraction of them. */
describe("loops live under a limit", async () => {
  if (await adapterMissing()) return void it.skip("there is no WebGPU adapter");
  let backend: WebGpuBackend;
  const before = getDefaultDevice();
  const open = async (memoryLimit: number) => {
    backend?.dispose();
    backend = registerBackend(await openBackend({ memoryLimit, syncReads: false }));
    setDefaultDevice("webgpu");
  };
  afterAll(() => {
    setDefaultDevice(before);
    backend.dispose();
  });

  it.each(loops.filter(({ name }) => yielding.test(name)))("$name", async ({ garbage, run }) => {
    const iterations = long ? 3000 : 300;
    // a quarter of what the loop makes, and 256 MiB at most
    const memoryLimit = Math.min(Math.max((iterations * garbage) / 4, 12e6), 256 * 2 ** 20);
    await open(memoryLimit);
    manualSeed(0);
    await run(iterations);
    expect(backend.memory().reservedBytes).toBeLessThanOrEqual(memoryLimit);
    expect(backend.memory().peakBytes).toBeGreaterThan(0);
  });

  it("a sum awaited in each turn, in 100 MB", async () => {
    await open(100e6);
    for (let i = 0; i < 40; i++) expect(await ones([1e6]).add(1).sum().itemAsync()).toBe(2e6);
  });

  it("and one that never yields", async () => {
    await open(100e6);
    let last = ones([1e6]);
    for (let i = 0; i < 60; i++) last = last.mul(0.5).add(1);
    expect(await last.select(0, 0).itemAsync()).toBe(2);
  });
});
