import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Child } from "../src/child.ts";

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
  expect("ms" in answer && answer.ms).toBeLessThan(400);
});
test("what throws, is unknown or diverges has a reason instead of a figure", async () => {
  expect(await child.ask({ run: "throws", iterations: 1 })).toEqual({ unsupported: "Kernel 'X' not registered" });
  expect(await child.ask({ run: "toString", iterations: 1 })).toEqual({ unsupported: "not written for this rival" });
  expect(await child.ask({ run: "diverges", iterations: 1 })).toEqual({ unsupported: "the loss became NaN" });
});
