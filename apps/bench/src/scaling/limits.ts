import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Prepared } from "../protocol.ts";
import type { Workload } from "../workloads.ts";
import { flopsPerTurn } from "./limits-module.ts";
import { copiedBytes, type Order, turns } from "./limits-worker.ts";

/** What the machine can do at most with so many threads, as rows: what wasm can compute, and what memory can move. */
export type Limit = Workload & {
  readonly what: Order["what"];
  /** What one call comes to on each thread: floating-point operations, or bytes read and written. */
  readonly amount: number;
  readonly rate: string;
};

export const limits: readonly Limit[] = [
  {
    name: "limit_simd",
    unit: "us",
    title: "multiply-adds in wasm's relaxed SIMD, from registers",
    what: "fma",
    amount: turns * flopsPerTurn,
    rate: "GFLOP/s",
  },
  {
    name: "limit_memory",
    unit: "us",
    title: "copying 64 MiB, bytes read and written",
    what: "copy",
    amount: 2 * copiedBytes,
    rate: "GB/s",
  },
];

/** Billions of what is counted in a second, of all threads together. */
export const rateOf = ({ amount }: Limit, msPerCall: number, threads: number): number =>
  (threads * amount) / msPerCall / 1e6;

/** A limit to be measured on so many threads, each of which does the whole of a call. */
export async function prepareLimit({ what }: Limit, threads: number): Promise<Prepared> {
  const workers = Array.from({ length: threads }, () => new Worker(new URL("./limits-worker.ts", import.meta.url)));
  const all = () => Promise.all(workers.map((worker) => once(worker, "message")));
  await all();
  const run = async (iterations: number) => {
    const start = performance.now();
    const done = all();
    for (const worker of workers) worker.postMessage({ what, iterations } satisfies Order);
    await done;
    return performance.now() - start;
  };
  const release = () => {
    for (const worker of workers) void worker.terminate();
  };
  return { run, release };
}
