import {
  ArgumentError,
  defaultGenerator,
  type Generator,
  nextStep,
  UnavailableError,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { type Collated, defaultCollate } from "./collate.ts";
import { checkIndex, type Dataset, type SampleStream } from "./dataset.ts";
import { BatchSampler, drawSeed, RandomSampler, requirePositive, SequentialSampler } from "./sampler.ts";

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
  /** Seconds that a data set which answers with promises may take for the next batch. Default 0: as long as it wants. */
  timeout?: number | undefined;
}
const loaderKinds: Kinds<DataLoaderOptions<unknown, unknown>> = {
  batchSize: option.number,
  shuffle: option.boolean,
  sampler: option.iterable,
  batchSampler: option.iterable,
  collate: option.callback,
  dropLast: option.boolean,
  generator: option.generator,
  prefetch: option.number,
  timeout: option.number,
};

/**
 * Batches of a data set: `for await (const batch of loader)`, or plain `for (const batch of loader)` when the data set answers at once.
 *
 * In `for await` the loader lets the event loop turn before each batch, so that the memory of dropped tensors comes back, and waits
 * for devices that lag behind; a plain `for` cannot: wrap its body in `tidy()`.
 *
 * Each pass draws a new order. With the same seed it is PyTorch's.
 *
 * @throws ArgumentError for options that exclude each other, a `batchSize` or `prefetch` that is no positive integer, a negative `timeout`, and a plain `for` over a data set that answers with promises; IndexError for an index that an array of samples does not have;
 * UnavailableError where the data set takes longer than `timeout`; what the data set and `collate` throw.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 * @example
 * const points = new TensorDataset(arange(10));
 * const loader = new DataLoader(points, { batchSize: 4 });
 * loader.length; // 3
 * for await (const [x] of loader) console.log(String(x));
 * [...loader].map(([x]) => x.shape[0]); // [4, 4, 2]
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements Iterable<Batch>, AsyncIterable<Batch> {
  readonly dataset: Dataset<Sample> | readonly Sample[] | SampleStream<Sample>;
  readonly #batches: (Iterable<readonly number[]> & { readonly length?: number }) | undefined;
  readonly #batchSize: number;
  readonly #dropLast: boolean;
  readonly #collate: ((samples: Sample[]) => Batch) | undefined;
  readonly #generator: Generator | undefined;
  readonly #prefetch: number;
  readonly #timeout: number;

  constructor(
    dataset: Dataset<Sample> | readonly Sample[] | SampleStream<Sample>,
    options: DataLoaderOptions<Sample, Batch> = {},
  ) {
    checkOptions<DataLoaderOptions<Sample, Batch>>("DataLoader", loaderKinds, options);
    const {
      batchSize = 1,
      shuffle = false,
      sampler,
      batchSampler,
      dropLast = false,
      prefetch = 2,
      timeout = 0,
    } = options;
    requirePositive("DataLoader", "batchSize", batchSize);
    requirePositive("DataLoader", "prefetch", prefetch);
    if (!(timeout >= 0)) throw new ArgumentError("DataLoader", `timeout must be at least 0 seconds, got ${timeout}`);
    if (sampler && shuffle) throw exclusive("sampler", "shuffle");
    if (batchSampler) {
      for (const name of ["batchSize", "shuffle", "sampler", "dropLast"] as const) {
        if (options[name] !== undefined && options[name] !== false) throw exclusive("batchSampler", name);
      }
    }
    this.dataset = dataset;
    this.#batchSize = batchSize;
    this.#dropLast = dropLast;
    this.#collate = options.collate;
    this.#generator = options.generator;
    this.#prefetch = prefetch;
    this.#timeout = timeout;
    if (!isIndexed(dataset)) {
      if (!isStream(dataset))
        throw new ArgumentError(
          "DataLoader",
          `the data set must have length and get(index), or be an array or an iterable, got ${show(dataset)}`,
        );
      if (shuffle || sampler || batchSampler) {
        throw new ArgumentError(
          "DataLoader",
          "an iterable data set has its own order: no shuffle, sampler or batchSampler",
        );
      }
      return;
    }
    if (!Number.isSafeInteger(dataset.length) || dataset.length < 0)
      throw new ArgumentError(
        "DataLoader",
        `the data set's length must be a whole number, got ${show(dataset.length)}`,
      );
    const { generator } = options;
    const order = sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset));
    this.#batches = batchSampler ?? new BatchSampler(order, batchSize, dropLast);
  }

  /**
   * The number of batches in a pass.
   * @throws ArgumentError when the data set is iterable or the sampler does not know its length.
   */
  get length(): number {
    const length = this.#batches?.length;
    if (length === undefined) throw new ArgumentError("DataLoader.length", "the data set or its sampler has no length");
    return length;
  }

  *[Symbol.iterator](): IterableIterator<Batch> {
    this.#start();
    for (const batch of this.#fetches()) {
      if (batch instanceof Promise) {
        batch.catch(() => {}); // told below
        throw new ArgumentError(
          "DataLoader",
          "the data set answers with promises",
          "write: for await (const batch of loader)",
        );
      }
      yield batch;
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    this.#start();
    if (!this.#batches && Symbol.asyncIterator in this.dataset) {
      yield* this.#stream(this.dataset as AsyncIterable<Sample>); // by the check before
      return;
    }
    const underWay: Promise<Batch>[] = [];
    await nextStep();
    for (const batch of this.#fetches()) {
      if (!(batch instanceof Promise)) {
        yield batch;
        await nextStep();
        continue;
      }
      batch.catch(() => {}); // awaited in its turn, and not at all when the loop is left before
      underWay.push(batch);
      if (underWay.length <= this.#prefetch) continue;
      yield await this.#inTime(underWay.shift() as Promise<Batch>); // there are more than prefetch, so at least one
      await nextStep();
    }
    for (const batch of underWay) {
      yield await this.#inTime(batch);
      await nextStep();
    }
  }

  /** What a promise gives, if it does so in time. */
  async #inTime<T>(promise: Promise<T>): Promise<T> {
    const seconds = this.#timeout;
    if (seconds === 0) return promise;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const told = () =>
        reject(new UnavailableError(`DataLoader: the data set took more than ${seconds} s for a batch`));
      // timers count milliseconds in 31 bits; beyond that, which is 24 days, they would ring at once
      timer = setTimeout(told, Math.min(1000 * seconds, 2 ** 31 - 1));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** PyTorch's iterator draws a seed for its workers, whether or not there are any: the stream must stand where PyTorch's stands. */
  #start(): void {
    drawSeed(this.#generator ?? defaultGenerator);
  }

  *#fetches(): IterableIterator<Batch | Promise<Batch>> {
    const { dataset } = this;
    if (!this.#batches) {
      if (!(Symbol.iterator in dataset)) {
        throw new ArgumentError(
          "DataLoader",
          "the data set is asynchronous",
          "write: for await (const batch of loader)",
        );
      }
      let samples: Sample[] = [];
      for (const sample of dataset) {
        samples.push(sample);
        if (samples.length < this.#batchSize) continue;
        yield this.#together(samples);
        samples = [];
      }
      if (samples.length > 0 && !this.#dropLast) yield this.#together(samples);
      return;
    }
    if (!isIndexed(dataset)) return; // never: batches of indices are made for indexed data sets only
    const get = Array.isArray(dataset)
      ? (i: number): Sample => dataset[i]
      : (i: number) => (dataset as Dataset<Sample>).get(i); // no array
    const whole = this.#collate || Array.isArray(dataset) ? undefined : (dataset as Dataset<Sample>).getBatch; // no array
    for (const indices of this.#batches) {
      if (!Array.isArray(indices) && !ArrayBuffer.isView(indices))
        throw new ArgumentError("DataLoader", `a batch is a list of indices, the sampler gave ${show(indices)}`);
      for (const i of indices) checkIndex("DataLoader", i, dataset.length);
      if (whole) {
        yield whole.call(dataset, indices) as Batch | Promise<Batch>; // the data set's word for it
        continue;
      }
      const samples = indices.map(get);
      yield samples.some((sample) => sample instanceof Promise)
        ? Promise.all(samples).then((all) => this.#together(all))
        : this.#together(samples as Sample[]); // no promise among them
    }
  }

  async *#stream(dataset: AsyncIterable<Sample>): AsyncIterableIterator<Batch> {
    const source = dataset[Symbol.asyncIterator]();
    let samples: Sample[] = [];
    let waiting = false;
    let ended = false;
    try {
      for (;;) {
        waiting = true;
        const next = await this.#inTime(source.next());
        waiting = false;
        if (next.done) break;
        samples.push(next.value);
        if (samples.length < this.#batchSize) continue;
        await nextStep();
        yield this.#together(samples);
        samples = [];
      }
      ended = true;
    } finally {
      if (!ended) {
        const closed = Promise.resolve(source.return?.());
        // a stream that hangs or failed is not waited for
        if (waiting) closed.catch(() => {});
        else await closed;
      }
    }
    if (samples.length > 0 && !this.#dropLast) yield this.#together(samples);
  }

  #together(samples: Sample[]): Batch {
    return this.#collate ? this.#collate(samples) : (defaultCollate(samples) as Batch); // the default of the type parameter
  }
}

const isIndexed = <Sample>(
  dataset: Dataset<Sample> | readonly Sample[] | SampleStream<Sample>,
): dataset is Dataset<Sample> | readonly Sample[] =>
  Array.isArray(dataset) || (typeof dataset === "object" && dataset !== null && "get" in dataset);
const isStream = (dataset: unknown): boolean =>
  typeof dataset === "object" && dataset !== null && (Symbol.iterator in dataset || Symbol.asyncIterator in dataset);

const exclusive = (a: string, b: string): ArgumentError =>
  new ArgumentError("DataLoader", `${a} and ${b} exclude each other`, `leave out ${b}: ${a} decides it`);
