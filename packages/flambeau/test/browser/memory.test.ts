import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { memory, nextStep, registerBackend, zeros } from "flambeau";
import { expect, it, vi } from "vitest";

// Pages have no collector to call: a loop that yields lives, one that does not is told in time.

it("2,000 iterations that yield live in 256 MiB", async () => {
  registerBackend(cpuWasm({ memoryLimit: 256 * 2 ** 20, threads: 1 }));
  for (let i = 0; i < 2000; i++) {
    zeros([100, 1000]).add(1).mul(2).sum();
    await nextStep();
  }
  expect(memory().cpu.peakBytes).toBeLessThan(256 * 2 ** 20);
});

it("so do some that yield by a timer", async () => {
  registerBackend(cpuWasm({ memoryLimit: 256 * 2 ** 20, threads: 1 }));
  for (let i = 0; i < 1000; i++) {
    zeros([200, 1000]).add(1).mul(2).sum();
    await new Promise((resolve) => setTimeout(resolve));
  }
  expect(memory().cpu.peakBytes).toBeLessThan(256 * 2 ** 20);
});

it("so do some whose only waits are for values, which the cpu has at once", async () => {
  registerBackend(cpuWasm({ memoryLimit: 256 * 2 ** 20, threads: 1 }));
  let last = 0;
  for (let i = 0; i < 2000; i++) last = Number(await zeros([100, 1000]).add(i).mul(2).sum().itemAsync());
  expect(last).toBe(2 * 1999 * 100_000);
  expect(memory().cpu.peakBytes).toBeLessThan(256 * 2 ** 20);
});

it("one that never yields is told of tidy, once, at a quarter of the limit", () => {
  registerBackend(cpuWasm({ memoryLimit: 256 * 2 ** 20, threads: 1 }));
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  for (let i = 0; i < 100; i++) zeros([250, 1000]).add(1);
  expect(warn.mock.calls.flat()).toEqual([expect.stringMatching(/quarter.*"cpu"|"cpu".*quarter.*tidy\(/)]);
  expect(memory().cpu.bytes).toBeGreaterThan(64 * 2 ** 20);
  warn.mockRestore();
});
