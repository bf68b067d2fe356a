import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Child } from "../src/child.ts";
import { timedInChunks } from "../src/protocol.ts";

// The child's side, as the adapters use it: a process that calls serve() with a workbench.
const served = fileURLToPath(new URL("served-rival.ts", import.meta.url));
let child: Child;
beforeAll(() => {
  child = new Child({ file: process.execPath, args: [served, "2"] });
});
afterAll(() => child.close());

test("hello carries the version and the thread count that was asked for", async () => {
  expect(await child.hello()).toEqual({ ready: { version: "9", threads: 2 } });
});
test("a workload is prepared once and run as often as asked", async () => {
  expect(await child.ask({ run: "counts", iterations: 5 })).toMatchObject({ loss: 5 });
  expect(await child.ask({ run: "counts", iterations: 3 })).toMatchObject({ loss: 8 });
});
test("timed calls take the time they take", async () => {
  const answer = await child.ask({ run: "sleeps", iterations: 4 });
  expect(answer).toMatchObject({ ms: expect.any(Number), note: "sleeps 10 ms" });
  expect("ms" in answer && answer.ms).toBeGreaterThan(36);
});
test("what throws, is unknown or diverges has a reason instead of a figure", async () => {
  expect(await child.ask({ run: "throws", iterations: 1 })).toEqual({ unsupported: "Kernel 'X' not registered" });
  expect(await child.ask({ run: "toString", iterations: 1 })).toEqual({ unsupported: "not written for this rival" });
  expect(await child.ask({ run: "diverges", iterations: 1 })).toEqual({ unsupported: "the loss became NaN" });
});
test("steps are counted where there are steps", async () => {
  const perStep = { submits: 1, buffers: 0, pipelines: 0, bindGroups: 0, dispatches: 3, writes: 2, maps: 1 };
  expect(await child.count({ count: "counted", warmUp: 2, steps: 5 })).toEqual({ counted: { perStep, encodeMs: 7 } });
  const none = { unsupported: "has no steps to count" };
  expect(await child.count({ count: "counts", warmUp: 2, steps: 5 })).toEqual(none);
  expect(await child.count({ count: "toString", warmUp: 2, steps: 5 })).toEqual(none);
});
test("chunks: one read for each, every result released once, the last after its read", async () => {
  for (const asynchronous of [false, true]) {
    const log: string[] = [];
    let nth = 0;
    const run = timedInChunks(3, {
      call: () => (asynchronous ? Promise.resolve(nth++) : nth++),
      settle: async (last: number) => log.push(`read ${last}`),
      release: (result) => log.push(`free ${result}`),
    });
    expect(await run(5)).toBeGreaterThanOrEqual(0);
    expect(log).toEqual(["free 0", "free 1", "read 2", "free 2", "free 3", "read 4", "free 4"]);
  }
});
