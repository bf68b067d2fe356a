// Workers of a page: the same batches as in Node, errors with their stacks, and workers that end.
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, type Tensor } from "@flambeau/tensor";
import { defaultGenerator } from "@flambeau/tensor/functional";
import { beforeAll, expect, test } from "vitest";
import { DataLoader, type DataLoaderOptions, type WorkerError } from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

let ended = 0;
const worker = () => {
  const made = new Worker(new URL("./noisy-worker.ts", import.meta.url), { type: "module" });
  const terminate = made.terminate.bind(made);
  made.terminate = () => {
    ended++;
    terminate();
  };
  return made;
};
const loaderOf = (args: { at?: number } = {}, options: DataLoaderOptions<unknown, unknown> = {}) =>
  new DataLoader<unknown, unknown>(
    { length: 10, get: () => 0 },
    { ...{ numWorkers: 2, worker, workerArgs: { length: 10, ...args }, batchSize: 2 }, ...options },
  );
const values = (t: Tensor) => [...t.dataSync()].map(Number);

// PyTorch 2.13: DataLoader(..., batch_size=2, shuffle=True, num_workers=2) after manual_seed(3), with torch.rand in the workers
test("a page's workers give PyTorch's order and draws", async () => {
  defaultGenerator.manualSeed(3);
  const order: number[] = [];
  const drawn: number[] = [];
  ended = 0;
  for await (const batch of loaderOf({}, { shuffle: true })) {
    const [x, r] = batch as Tensor[];
    order.push(...values(x));
    drawn.push(...values(r));
  }
  expect(order).toEqual([6, 2, 0, 1, 8, 3, 5, 4, 7, 9]);
  expect(drawn.slice(0, 4)).toEqual([0.2876076102256775, 0.686290979385376, 0.7470175623893738, 0.8290408253669739]);
  expect(ended).toBe(2);
});

test("an error comes with the sample and the worker's stack", async () => {
  const error: WorkerError = await Array.fromAsync(loaderOf({ at: 6 })).catch((e) => e);
  expect(error.message).toBe("DataLoader: worker 1: sample 6 failed: TypeError: no such picture");
  expect((error.cause as Error).stack).toMatch(/noisy-worker\.ts/);
});

test("a script that cannot be loaded is told of", async () => {
  const nowhere = () => new Worker("/no-such-worker.js", { type: "module" });
  await expect(Array.fromAsync(loaderOf({}, { worker: nowhere }))).rejects.toMatchObject({ name: "WorkerError" });
});

test("a loop that is left or aborted ends its workers, and one with persistent workers keeps them", async () => {
  ended = 0;
  for await (const _ of loaderOf()) break;
  expect(ended).toBe(2);
  const controller = new AbortController();
  const aborted = async () => {
    for await (const _ of loaderOf({}, { signal: controller.signal })) controller.abort(new Error("the page is left"));
  };
  await expect(aborted()).rejects.toThrow("the page is left");
  expect(ended).toBe(4);
  const kept = loaderOf({}, { persistentWorkers: true });
  for (let pass = 0; pass < 2; pass++) expect((await Array.fromAsync(kept)).length).toBe(5);
  expect(ended).toBe(4);
  await kept.close();
  expect(ended).toBe(6);
});
