import { ArgumentError, type Generator } from "@flambeau/tensor/functional";
import { type Kinds, option, type Platform, show } from "@flambeau/tensor/plugin";
import { requirePositive } from "./sampler.ts";
import type { WorkerSource } from "./workers/pool.ts";

/** The options of a {@link DataLoader}, with PyTorch's names and defaults. */
export interface DataLoaderOptions<Sample, Batch> {
  /** Samples in a batch. Default 1. */
  batchSize?: number | undefined;
  /** Have the samples in another random order each time. Default false. */
  shuffle?: boolean | undefined;
  /** The order of the samples; not together with `shuffle`. */
  sampler?: (Iterable<number> & { readonly length?: number }) | undefined;
  /** The indices of each batch; not together with `batchSize`, `shuffle`, `sampler`, `dropLast`. */
  batchSampler?: (Iterable<readonly number[]> & { readonly length?: number }) | undefined;
  /** Leave out an incomplete last batch. Default false. */
  dropLast?: boolean | undefined;
  /** Makes a batch of samples. Default: `defaultCollate`. */
  collate?: ((samples: Sample[]) => Batch) | undefined;
  /** Where the order is drawn from. Default: a generator seeded by the global one. */
  generator?: Generator | undefined;
  /** How many batches of a data set that answers with promises are under way while one is used. Default 2. */
  prefetch?: number | undefined;
  /** Seconds that workers, or a data set which answers with promises, may take for the next batch. Default 0: as long as they want. */
  timeout?: number | undefined;
  /** Workers that read and collate, in `for await`: at most 1,024. Default 0: the loader does it itself. */
  numWorkers?: number | undefined;
  /** Makes a worker, or the address of its module, which calls `serveDataset`. Bundlers for pages see the worker in a function alone. */
  worker?: WorkerSource | undefined;
  /** What the worker's data set is made of: an object that `structuredClone` takes. */
  workerArgs?: object | undefined;
  /** How many batches each worker is asked for ahead. Default 2. */
  prefetchFactor?: number | undefined;
  /** Keep the workers for the next pass, until `close()`. Default false: they end with each pass. */
  persistentWorkers?: boolean | undefined;
  /** Give the batches of workers in the order of the samples, and not as they come. Default true. */
  inOrder?: boolean | undefined;
  /** Ends the loop, and the workers: it throws the signal's reason. */
  signal?: Platform<"AbortSignal", { readonly aborted: boolean }> | undefined;
}
const isSignal = (x: unknown): x is NonNullable<DataLoaderOptions<unknown, unknown>["signal"]> =>
  option.object.takes(x) && "aborted" in x && typeof Reflect.get(x, "addEventListener") === "function";
export const loaderKinds: Kinds<DataLoaderOptions<unknown, unknown>> = {
  batchSize: option.number,
  shuffle: option.boolean,
  sampler: option.iterable,
  batchSampler: option.iterable,
  collate: option.callback,
  dropLast: option.boolean,
  generator: option.generator,
  prefetch: option.number,
  timeout: option.number,
  numWorkers: option.number,
  worker: {
    means: "a function that makes a Worker, or the URL of its module",
    takes: (x): x is WorkerSource => typeof x === "function" || x instanceof URL,
  },
  workerArgs: option.object,
  prefetchFactor: option.number,
  persistentWorkers: option.boolean,
  inOrder: option.boolean,
  signal: { means: "an AbortSignal", takes: isSignal },
};

/** How a loader's workers are to be. */
export interface Workers {
  readonly source: WorkerSource;
  readonly count: number;
  readonly args: unknown;
  readonly prefetchFactor: number;
  readonly persistent: boolean;
  readonly inOrder: boolean;
}

/** More than machines have cores: a number that was meant for something else would start threads until memory is gone. */
const mostWorkers = 1024;

/** @throws ArgumentError for options that do not go together. */
export function workersOf<Sample, Batch>(options: DataLoaderOptions<Sample, Batch>): Workers | null {
  const { numWorkers: count = 0, worker: source, prefetchFactor = 2 } = options;
  if (!Number.isInteger(count) || count < 0)
    throw new ArgumentError("DataLoader", `numWorkers must be a whole number, got ${show(count)}`);
  if (count > mostWorkers)
    throw new ArgumentError(
      "DataLoader",
      `numWorkers must be at most ${mostWorkers}, got ${count}`,
      "one for each core is enough",
    );
  if (count === 0) {
    for (const name of ["prefetchFactor", "persistentWorkers"] as const)
      if (options[name] !== undefined && options[name] !== false)
        throw new ArgumentError("DataLoader", `${name} is for workers`, "pass numWorkers, too");
    return null;
  }
  if (!source)
    throw new ArgumentError(
      "DataLoader",
      "numWorkers needs the option worker: functions and data sets cannot be sent to workers",
      'pass worker: () => new Worker(new URL("./data-worker.ts", import.meta.url), { type: "module" }), a module that calls serveDataset(...)',
    );
  requirePositive("DataLoader", "prefetchFactor", prefetchFactor);
  if (options.collate)
    throw new ArgumentError("DataLoader", "workers collate", "write serveDataset(dataset, { collate }) in the worker");
  if (options.prefetch !== undefined)
    throw new ArgumentError("DataLoader", "prefetch is for data sets without workers", "pass prefetchFactor");
  return {
    ...{ source, count, prefetchFactor, args: options.workerArgs },
    persistent: options.persistentWorkers ?? false,
    inOrder: options.inOrder ?? true,
  };
}

export const exclusive = (a: string, b: string): ArgumentError =>
  new ArgumentError("DataLoader", `${a} and ${b} exclude each other`, `leave out ${b}: ${a} decides it`);
