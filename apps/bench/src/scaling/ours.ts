// Flambeau's side of the scaling rows: one kind of kernels, and the tensors of one row at a time.
import { type Backend, cpuWasm, manualSeed, memoryScope, profiler, registerBackend, zeros } from "flambeau";
import { type Part, type Prepared, serve, type Workbench } from "../protocol.ts";
import { version } from "../rivals/ours-workloads.ts";
import type { Kernels } from "./columns.ts";
import { limits, prepareLimit } from "./limits.ts";
import { scalingRows } from "./rows.ts";

/** The backend of a column, or an error that says why this build or this machine has none. */
const backends: { readonly [kernels in Kernels]: (threads: number) => Backend } = {
  wasm: (threads) => cpuWasm({ threads, native: false }),
  native: (threads) => {
    const backend = cpuWasm({ threads });
    if (!backend.info.includes("native kernels (") || backend.info.includes("no native")) throw new Error(backend.info);
    return backend;
  },
};

/** The kernels of so many calls by their share of the time, and what is left: JavaScript. */
function partsOf(run: () => unknown): Part[] {
  const found = profiler.profile(() => void run());
  const parts = found
    .keyAverages({ by: "kernel" })
    .map(({ name, selfTime }) => ({ name, share: selfTime / found.wallTime }));
  return [...parts, { name: "JavaScript", share: 1 - parts.reduce((sum, { share }) => sum + share, 0) }];
}

/** A row, whose tensors go when it is released. */
function scoped(make: () => Prepared): Prepared {
  const scope = memoryScope();
  try {
    const prepared = make();
    return { ...prepared, explain: (n) => partsOf(() => prepared.run(n)), release: () => scope.end() };
  } catch (error) {
    scope.end();
    throw error;
  }
}

await serve(
  async (threads) => {
    // the parent names one of them
    const kernels = process.argv[3] as Kernels;
    registerBackend(backends[kernels](threads));
    zeros([1]).dispose();
    manualSeed(0);
    const rows = scalingRows.map(({ name, make }): [string, Workbench[string]] => [name, () => scoped(make)]);
    const bounds = limits.map((limit): [string, Workbench[string]] => [limit.name, () => prepareLimit(limit, threads)]);
    return { version: version(), workbench: Object.fromEntries([...rows, ...bounds]) };
  },
  { keep: "last" },
);
