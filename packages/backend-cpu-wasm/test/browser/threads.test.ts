// Threads in a cross-origin isolated page, from the page itself and from a worker of it.
import { expect, test } from "vitest";
import { spread } from "./spread.ts";

test("a page's work spreads over its threads", async () => {
  expect(crossOriginIsolated).toBe(true);
  expect(await spread()).toEqual({ info: expect.stringMatching(/^2 threads, /), threads: 2 });
});

test("a worker's work spreads over threads of its own", async () => {
  const worker = new Worker(new URL("./spread-in-worker.ts", import.meta.url), { type: "module" });
  try {
    const result = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
    expect(result).toEqual({ info: expect.stringMatching(/^2 threads, /), threads: 2 });
  } finally {
    worker.terminate();
  }
});
