import "./backend.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Tensor } from "@flambeau/tensor";
import { defaultGenerator, UnavailableError } from "@flambeau/tensor/functional";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataLoader, type DataLoaderOptions, getWorkerInfo, serveDataset, WorkerError } from "../src/index.ts";
import { bundled } from "./workers/bundled.ts";
import type { Args } from "./workers/served.ts";

let served: URL;
let program: URL;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ remove, served, program } = await bundled());
});
afterAll(() => remove());

/** Workers that were started and have not ended. */
let alive = 0;
const counted = (module: URL = served) => {
  const worker = new Worker(module);
  alive++;
  worker.once("exit", () => alive--);
  return worker;
};
/** A data set of which the loader reads nothing. */
const unread = (length: number) => ({
  length,
  get: (_: number): never => {
    throw new Error("the loader itself read a sample");
  },
});
type Options = DataLoaderOptions<unknown, unknown>;
const loaderOf = (args: Args, options: Options = {}) =>
  new DataLoader<unknown, unknown>(unread(args.length ?? 10), {
    ...{ numWorkers: 2, worker: () => counted(), workerArgs: args },
    ...options,
  });
const values = (t: unknown) => [...(t as Tensor).dataSync()].map(Number);
async function all(loader: AsyncIterable<unknown>): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of loader) batches.push(values(Array.isArray(batch) ? batch[0] : batch));
  return batches;
}

describe("workers give what the loader itself would give", () => {
  // PyTorch 2.13: DataLoader(..., batch_size=2, shuffle=True, num_workers=n) after manual_seed(3), with torch.rand in the workers
  it.each([
    [2, [0.2876076102256775, 0.686290979385376, 0.7470175623893738, 0.8290408253669739, 0.6020464301109314]],
    [3, [0.2876076102256775, 0.686290979385376, 0.7470175623893738, 0.8290408253669739, 0.2540777921676636]],
  ])("in PyTorch's order, seeds and draws, with %i of them", async (numWorkers, draws) => {
    defaultGenerator.manualSeed(3);
    const order: number[] = [];
    const drawn: number[] = [];
    const seeds: string[][] = [];
    const loader = loaderOf({ what: "noisy" }, { batchSize: 2, shuffle: true, numWorkers });
    for await (const batch of loader) {
      const [x, r, seed] = batch as [Tensor, Tensor, string[]];
      order.push(...values(x));
      drawn.push(...values(r));
      seeds.push(seed);
    }
    expect(order).toEqual([6, 2, 0, 1, 8, 3, 5, 4, 7, 9]);
    expect(drawn.slice(0, 5)).toEqual(draws);
    expect(seeds.slice(0, 2)).toEqual(["937055941807507096", "937055941807507097"].map((s) => [s, s]));
    expect(defaultGenerator.uniform24()).toBe(0.47161436080932617);
    expect(alive).toBe(0);
  });

  it("with any number of them, and any number of batches ahead", async () => {
    const pass = (options: Options) => {
      defaultGenerator.manualSeed(11);
      return all(loaderOf({ what: "counted", length: 23 }, { batchSize: 3, shuffle: true, ...options }));
    };
    const here = Array.from({ length: 23 }, (_, i) => i);
    defaultGenerator.manualSeed(11);
    const expected = await all(new DataLoader(here, { batchSize: 3, shuffle: true }));
    for (const [numWorkers, prefetchFactor] of [
      [1, 1],
      [3, 4],
    ])
      expect(await pass({ numWorkers, prefetchFactor })).toEqual(expected);
  });

  it("tensors in objects and arrays, numbers, strings, and batches ready-made or promised", async () => {
    const [batch] = (await Array.fromAsync(loaderOf({ what: "structure", length: 2 }, { batchSize: 2 }))) as {
      x: Tensor;
      of: [Tensor, { name: string[] }];
      list: [Tensor];
    }[];
    expect([batch.x.shape, values(batch.x)]).toEqual([
      [2, 1, 2],
      [0, 0.5, 1, 1.5],
    ]);
    expect([batch.of[0].dtype, values(batch.of[0]), batch.of[1]]).toEqual(["int64", [0, 1], { name: ["n0", "n1"] }]);
    expect(values(batch.list[0])).toEqual([0, 1]);
    const made = await Array.fromAsync(loaderOf({ what: "ready-made", length: 5 }, { batchSize: 2 }));
    expect(made).toEqual([{ all: [0, 1] }, { all: [2, 3] }, { all: [4] }]);
    expect(await all(loaderOf({ what: "promises", length: 5 }, { batchSize: 2 }))).toEqual([[0, 1], [2, 3], [4]]);
  });

  // PyTorch 2.13: an IterableDataset with 5, 2 and 8 samples for its three workers
  it.each([
    [false, [[0, 1], [100, 101], [200, 201], [2, 3], [202, 203], [4], [204, 205], [206, 207]]],
    [
      true,
      [
        [0, 1],
        [100, 101],
        [200, 201],
        [2, 3],
        [202, 203],
        [204, 205],
        [206, 207],
      ],
    ],
  ])("streams that share themselves out, one batch of each in turn (dropLast: %s)", async (dropLast, expected) => {
    const loader = new DataLoader<unknown, unknown>(new Set(), {
      ...{ batchSize: 2, dropLast, numWorkers: 3, worker: served, workerArgs: { what: "parts" } satisfies Args },
    });
    expect(await all(loader)).toEqual(expected);
  });

  it("in the order in which they come, when that is asked for", async () => {
    const gate = new Int32Array(new SharedArrayBuffer(4)); // the first worker waits at it until the loop has had three batches
    const seen: number[] = [];
    for await (const batch of loaderOf({ what: "waits", length: 12, gate }, { inOrder: false })) {
      if (seen.push(...values(batch)) !== 3) continue;
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
    }
    expect(seen.slice(0, 3)).toEqual([1, 3, 4]);
    expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(alive).toBe(0);
  });
});

describe("what goes wrong in a worker", () => {
  const fails = async (args: Args, options: Options = {}): Promise<Error> => {
    const error = await all(loaderOf(args, { batchSize: 2, ...options })).then(
      () => null,
      (e: unknown) => e,
    );
    expect(alive).toBe(0);
    if (!(error instanceof Error)) throw new Error(`no error, but ${error}`);
    return error;
  };

  it.each([
    ["fails", "TypeError: no such file"],
    ["rejects", "TypeError: no answer"],
  ])("%s: is told with the sample, and with the worker's own stack", async (what, told) => {
    const error = await fails({ what, at: 7 });
    expect(error).toMatchObject({
      name: "WorkerError",
      message: `DataLoader: worker 1: sample 7 failed: ${told}`,
      worker: 1,
      index: 7,
    });
    expect(error).toBeInstanceOf(WorkerError);
    expect((error.cause as Error).stack).toMatch(/served\.mjs:\d+/);
  });

  it("comes where its batch would come", async () => {
    const seen: number[][] = [];
    const pass = async () => {
      for await (const t of loaderOf({ what: "fails", at: 6 }, { batchSize: 2 })) seen.push(values(t));
    };
    await expect(pass()).rejects.toThrow("sample 6 failed");
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it("names what cannot be set up, and what cannot be sent", async () => {
    expect((await fails({ what: "refuses" })).message).toBe(
      "DataLoader: worker 0: its data set failed: RangeError: the disk is full",
    );
    expect((await fails({ what: "unsendable" })).message).toMatch(
      /worker 0: the batch of samples 0, 1 failed: DataCloneError: .* could not be cloned/,
    );
  });

  it("a worker that hangs is named when its time is over, and ended", async () => {
    const error = await fails({ what: "hangs", at: 6 }, { timeout: 2 });
    expect(error).toBeInstanceOf(UnavailableError);
    // on a busy machine it is late before it reads
    expect(error.message).toMatch(/^DataLoader: worker [01] took more than 2 s (for a batch|to set up the data set)$/);
  });

  it("a worker that ends, or is ended, is named", async () => {
    expect((await fails({ what: "exits", at: 4 })).message).toBe("DataLoader: worker 0: it exited with code 3");
    const error = await fails({ what: "breaks", at: 9, length: 400 });
    expect(error.message).toMatch(/worker \d: it ended with RangeError: out of the blue/);
    expect((error.cause as Error).stack).toMatch(/served\.mjs:\d+/);
  });

  it("a module that serves nothing, or another data set, is told of", async () => {
    const empty = () => counted(new URL("data:text/javascript,export {};"));
    expect((await fails({ what: "" }, { worker: empty })).message).toBe(
      "DataLoader: worker 0: it exited with code 0\n  hint: its module must call serveDataset(...)",
    );
    const other = new DataLoader(unread(11), { numWorkers: 1, worker: served, workerArgs: { what: "counted" } });
    await expect(all(other)).rejects.toThrow(
      "DataLoader: the data set has 11 samples, but the one of worker 0 has 10 samples",
    );
    const stream = new DataLoader(unread(10), { numWorkers: 1, worker: served, workerArgs: { what: "parts" } });
    await expect(all(stream)).rejects.toThrow("has 10 samples, but the one of worker 0 is a stream");
  });

  it("arguments that cannot be sent are told of", async () => {
    const loader = loaderOf({ what: "counted" }, { workerArgs: { what: () => "counted" } });
    await expect(all(loader)).rejects.toThrow(/^DataLoader: workerArgs cannot be sent to a worker: DataCloneError: /);
    expect(alive).toBe(0);
  });

  it("a worker that cannot be made leaves none behind", async () => {
    let made = 0;
    const worker = () => {
      if (made++ === 1) throw new RangeError("no more threads");
      return counted();
    };
    await expect(all(loaderOf({ what: "counted" }, { worker }))).rejects.toThrow("no more threads");
    await expect.poll(() => alive).toBe(0);
    await expect(all(loaderOf({ what: "counted" }, { worker: () => 3 as never }))).rejects.toThrow(
      "DataLoader: the option worker must give a Worker, got 3",
    );
  });

  it("a sampler's error comes behind the batches that it named before", async () => {
    const loader = loaderOf({ what: "counted" }, { sampler: [3, 1, 99] });
    const seen: number[] = [];
    const pass = async () => {
      for await (const batch of loader) seen.push(...values((batch as Tensor[])[0]));
    };
    await expect(pass()).rejects.toThrow("DataLoader: index 99 is out of range for 10 samples");
    expect([seen, alive]).toEqual([[3, 1], 0]);
  });
});

describe("a loop that ends early", () => {
  it.each([false, true])("ends its workers, or keeps them (persistentWorkers: %s)", async (persistentWorkers) => {
    const loader = loaderOf({ what: "counted", length: 100 }, { persistentWorkers });
    for await (const _ of loader) break;
    expect(alive).toBe(persistentWorkers ? 2 : 0);
    const thrown = async () => {
      for await (const _ of loader) throw new RangeError("enough");
    };
    await expect(thrown()).rejects.toThrow("enough");
    expect(alive).toBe(persistentWorkers ? 2 : 0);
    expect((await all(loader)).flat()).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(alive).toBe(persistentWorkers ? 2 : 0);
    await loader.close();
    expect(alive).toBe(0);
  });

  it("goes on with the same workers in each pass, which are seeded anew", async () => {
    const pass = async (loader: AsyncIterable<unknown>) => {
      const drawn: number[] = [];
      for await (const batch of loader) drawn.push(...values((batch as Tensor[])[1]));
      return drawn;
    };
    const twice = async (persistentWorkers: boolean) => {
      defaultGenerator.manualSeed(5);
      await using loader = loaderOf({ what: "noisy" }, { batchSize: 2, persistentWorkers });
      return [await pass(loader), await pass(loader)];
    };
    const [first, second] = await twice(true);
    expect(second).not.toEqual(first);
    expect(await twice(false)).toEqual([first, second]);
    expect(alive).toBe(0);
    await using kept = loaderOf({ what: "counted" }, { persistentWorkers: true, numWorkers: 1 });
    expect([await pass(kept), await pass(kept)].flat()).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it("two loops at once have workers of their own", async () => {
    const loader = loaderOf({ what: "counted" }, { persistentWorkers: true });
    const [a, b] = await Promise.all([all(loader), all(loader)]);
    expect(a).toEqual(b);
    expect(alive).toBe(2);
    await loader.close();
    expect(alive).toBe(0);
  });

  it.each([false, true])("throws the signal's reason (persistentWorkers: %s)", async (persistentWorkers) => {
    const controller = new AbortController();
    const { signal } = controller;
    const hung = loaderOf({ what: "hangs", at: 4 }, { batchSize: 2, signal, persistentWorkers });
    setTimeout(() => controller.abort(new RangeError("the user left")), 500);
    await expect(all(hung)).rejects.toThrow("the user left");
    expect(alive).toBe(0);
    await expect(all(hung)).rejects.toThrow("the user left");
    expect(alive).toBe(0);
    const between = new AbortController();
    const seen: number[] = [];
    const pass = async () => {
      for await (const batch of loaderOf({ what: "counted" }, { signal: between.signal, persistentWorkers })) {
        seen.push(...values((batch as Tensor[])[0]));
        if (seen.length === 3) between.abort();
      }
    };
    await expect(pass()).rejects.toMatchObject({ name: "AbortError" });
    expect([seen, alive]).toEqual([[0, 1, 2], 0]);
  });

  it("lets the process end, also with workers that wait and with a loop that is dropped", async () => {
    const child = spawn(process.execPath, [program.pathname], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        out += chunk;
      });
    const [code] = await once(child, "close");
    expect([code, out.trim()]).toEqual([0, "10 samples, left after 1, dropped after 1"]);
  });
});

describe("options", () => {
  const worker = () => counted();
  it.each<[object, string]>([
    [{ numWorkers: 2 }, "DataLoader: numWorkers needs the option worker"],
    [{ numWorkers: -1 }, "DataLoader: numWorkers must be a whole number, got -1"],
    [{ numWorkers: 1.5 }, "DataLoader: numWorkers must be a whole number, got 1.5"],
    [{ numWorkers: 1e9, worker }, "DataLoader: numWorkers must be at most 1024, got 1000000000"],
    [{ prefetchFactor: 2 }, "DataLoader: prefetchFactor is for workers\n  hint: pass numWorkers, too"],
    [{ persistentWorkers: true }, "DataLoader: persistentWorkers is for workers"],
    [{ numWorkers: 1, worker, prefetchFactor: 0 }, "prefetchFactor must be a positive integer, got 0"],
    [{ numWorkers: 1, worker, collate: () => 1 }, "DataLoader: workers collate"],
    [{ numWorkers: 1, worker, prefetch: 3 }, "prefetch is for data sets without workers"],
    [{ worker: "./served.ts" }, "the option worker is a function that makes a Worker, or the URL of its module"],
    [{ signal: {} }, "DataLoader: the option signal is an AbortSignal, got an object"],
  ])("refuses %j", (options, message) => {
    expect(() => new DataLoader(unread(3), options)).toThrow(message);
  });

  it("say that workers need for await, and a worker", () => {
    expect(() => [...loaderOf({ what: "counted" })]).toThrow(
      "DataLoader: workers answer later\n  hint: write: for await (const batch of loader)",
    );
    expect(() => serveDataset([1])).toThrow("serveDataset: this is no worker");
    expect(() => serveDataset(3 as never)).toThrow("serveDataset: the data set must have length and get(index)");
    expect(getWorkerInfo()).toBe(null);
  });
});
