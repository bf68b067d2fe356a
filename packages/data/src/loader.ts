import { ArgumentError, defaultGenerator, FormatError, type Generator, nextStep } from "@flambeau/tensor/functional";
import { checkOptions, show } from "@flambeau/tensor/plugin";
import type { Collated } from "./collate.ts";
import { checkIndex } from "./dataset.ts";
import { fetchBatch, isIndexed, isStateful, isStream, type Source, together } from "./fetch.ts";
import { type DataLoaderOptions, exclusive, loaderKinds, type Workers, workersOf } from "./loader-options.ts";
import { forgotten, type Pass, startingWith, type Wanted } from "./loader-pass.ts";
import { checkState, type DataLoaderState, Order, Position, restingState } from "./loader-state.ts";
import { BatchSampler, drawSeed, RandomSampler, requirePositive, SequentialSampler } from "./sampler.ts";
import { inTime, type Patience } from "./wait.ts";
import { WorkerPass } from "./workers/pass.ts";
import { WorkerPool } from "./workers/pool.ts";

/**
 * Batches of a data set: `for await (const batch of loader)`, or plain `for (const batch of loader)` when the data set answers at once.
 *
 * In `for await` the loader lets the event loop turn before each batch, so that the memory of dropped tensors comes back, and waits
 * for devices that lag behind; a plain `for` cannot: wrap its body in `tidy()`.
 *
 * Each pass draws a new order. With the same seed it is PyTorch's, and the same with and without workers. A loop that is left ends the
 * workers; `stateDict()` says where it was, and a loader that is given it goes on with the rest of the pass.
 *
 * @throws ArgumentError for options that exclude each other, a `batchSize`, `prefetch` or `prefetchFactor` that is no positive integer, a negative `timeout` or `numWorkers`, a plain `for` with workers or over a data set that answers with promises, and workers whose data set has another length; IndexError for an index that an array of samples does not have;
 * UnavailableError where the data set or a worker takes longer than `timeout`; WorkerError where a worker fails or is gone; the reason of `signal`; what the data set and `collate` throw.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 * @example
 * const points = new TensorDataset(arange(10));
 * const loader = new DataLoader(points, { batchSize: 4 });
 * loader.length; // 3
 * for await (const [x] of loader) console.log(String(x));
 * [...loader].map(([x]) => x.shape[0]); // [4, 4, 2]
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements Iterable<Batch>, AsyncIterable<Batch> {
  readonly dataset: Source<Sample>;
  readonly #batches: (Iterable<readonly number[]> & { readonly length?: number }) | undefined;
  readonly #batchSize: number;
  readonly #dropLast: boolean;
  readonly #collate: ((samples: Sample[]) => Batch) | undefined;
  readonly #generator: Generator | undefined;
  readonly #prefetch: number;
  readonly #patience: Patience;
  readonly #workers: Workers | null;
  readonly #order: Order;
  /** The pass under way, or left. */
  #position: Position | null = null;
  /** A state that the next pass goes on from. */
  #resumed: DataLoaderState | null = null;
  /** Workers that wait for the next pass. */
  #pool: WorkerPool | null = null;

  constructor(dataset: Source<Sample>, options: DataLoaderOptions<Sample, Batch> = {}) {
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
    this.#patience = { seconds: timeout, signal: options.signal as AbortSignal | undefined }; // by its kind; programs without the DOM's types have another
    this.#workers = workersOf(options);
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
      this.#order = new Order(options.generator, undefined);
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
    this.#order = new Order(generator, this.#batches);
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

  /**
   * Where the loader stands: how many batches the loop has had of the pass that it is in, or was in when it was left, and what the order is
   * drawn from. Small, and plain: `io.saveCheckpoint("run.safetensors", { model, optimizer, loader })` keeps it.
   *
   * @example
   * const loader = new DataLoader([1, 2, 3, 4]);
   * for (const x of loader) if (x.item() === 2) break;
   * loader.stateDict().batches; // 2
   */
  stateDict(): DataLoaderState {
    if (this.#resumed) return this.#resumed;
    const stream = !this.#workers && isStateful(this.dataset) && !isIndexed(this.dataset) ? this.dataset : null;
    const state = this.#position?.state(stream?.stateDict() ?? null) ?? restingState(this.#order);
    return { version: 1, length: this.#size, batchSize: this.#batchSize, ...state };
  }

  /**
   * Go on from where a loader stood that was made in the same way: the next loop gets the rest of the pass, the same batches that the loop
   * that was left would have got, and does not read the samples before (streams without a `stateDict` are read over).
   *
   * The generators that the loader and its samplers were given are put where they were. The default generator is left alone: save and
   * load it beside the loader. What the data set draws in workers goes on, too, with as many workers as before.
   *
   * A sampler of your own gives the same order again if it is drawn from generators that it shows as `generator`, or if it has a `stateDict`.
   *
   * @throws FormatError for what is no such state, or that of a loader with another length or `batchSize`; nothing is changed then.
   * @see https://docs.pytorch.org/data/main/torchdata.stateful_dataloader.html
   * @example
   * const all = () => new DataLoader([1, 2, 3, 4], { shuffle: true, generator: new Generator(7) });
   * const [left, resumed] = [all(), all()];
   * const seen: number[] = [];
   * for (const x of left) if (seen.push(x.item()) === 2) break;
   * resumed.loadStateDict(left.stateDict());
   * for (const x of resumed) seen.push(x.item());
   * seen.sort(); // [1, 2, 3, 4]
   */
  loadStateDict(state: DataLoaderState): void {
    checkState(state, { length: this.#size, batchSize: this.#batchSize, order: this.#order });
    const [then, here] = [state.workers.length, this.#workers?.count ?? 0];
    if (!this.#batches && state.batches !== null && then !== here)
      throw new FormatError(
        "DataLoader.loadStateDict",
        0,
        `the state is of a stream with numWorkers ${then}, here it is ${here}`,
        "each worker goes on with its part",
      );
    for (const [i, generator] of this.#order.generators.entries()) {
      const { now } = state.generators[i];
      if (now) generator.setState(now);
    }
    this.#position = null;
    this.#resumed = state.batches === null ? null : state;
  }

  /** End workers that wait for the next pass. The loader can be used on: a new pass starts new ones. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    if (pool && !pool.busy) await pool.end();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  *[Symbol.iterator](): IterableIterator<Batch> {
    const { signal } = this.#patience;
    signal?.throwIfAborted();
    if (this.#workers) throw new ArgumentError("DataLoader", "workers answer later", forAwait);
    const pass = this.#begin();
    for (const batch of this.#fetches(pass)) {
      signal?.throwIfAborted();
      if (batch instanceof Promise) {
        batch.catch(() => {}); // told below
        throw new ArgumentError("DataLoader", "the data set answers with promises", forAwait);
      }
      pass.position.had();
      yield batch;
    }
    signal?.throwIfAborted();
    this.#end(pass);
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    const { signal } = this.#patience;
    signal?.throwIfAborted();
    const pass = this.#begin();
    const { position } = pass;
    if (this.#workers) yield* this.#fromWorkers(pass, this.#workers);
    else if (!this.#batches && Symbol.asyncIterator in this.dataset)
      yield* this.#stream(pass, this.dataset as AsyncIterable<Sample>); // by the check before
    else {
      const underWay: Promise<Batch>[] = [];
      await this.#breathe();
      for (const batch of this.#fetches(pass)) {
        if (!(batch instanceof Promise)) {
          position.had();
          yield batch;
          await this.#breathe();
          continue;
        }
        batch.catch(() => {}); // awaited in its turn, and not at all when the loop is left before
        underWay.push(batch);
        if (underWay.length <= this.#prefetch) continue;
        const next = await inTime(underWay.shift() as Promise<Batch>, this.#patience); // more than prefetch: at least one
        position.had();
        yield next;
        await this.#breathe();
      }
      for (const batch of underWay) {
        const next = await inTime(batch, this.#patience);
        position.had();
        yield next;
        await this.#breathe();
      }
    }
    signal?.throwIfAborted();
    this.#end(pass);
  }

  /** The number of samples; null for a stream. */
  get #size(): number | null {
    return isIndexed(this.dataset) ? this.dataset.length : null;
  }

  /** Draw what a pass needs, or again what it was drawn from when it is taken up: then the samples before are passed over, unread. */
  #begin(): Pass {
    const resumed = this.#resumed;
    const { generators, samplers } = this.#order;
    const now = defaultGenerator.getState();
    const later = resumed?.generators.map((g) => g.now);
    if (resumed) {
      if (resumed.start) defaultGenerator.setState(resumed.start);
      for (const [i, { start }] of resumed.generators.entries()) if (start) generators[i].setState(start);
      for (const [i, state] of resumed.samplers.entries()) samplers[i].loadStateDict(state);
    }
    const position = new Position(this.#order);
    // PyTorch's iterator draws a seed for its workers, whether or not there are any: the stream must stand where PyTorch's stands
    const seed = drawSeed(this.#generator ?? defaultGenerator);
    const wanted = this.#batches && this.#indices(position, this.#batches, resumed?.batches ?? 0, resumed?.ahead ?? []);
    let first: IteratorResult<Wanted> | undefined;
    if (resumed) {
      first = wanted?.next();
      if (wanted) defaultGenerator.setState(now);
      for (const [i, state] of (later ?? []).entries()) if (state) generators[i].setState(state);
      position.batches = resumed.batches ?? 0;
      position.ahead = [...resumed.ahead];
      position.workers = [...resumed.workers];
      position.turn = resumed.turn;
      position.over = resumed.over;
    }
    this.#resumed = null;
    this.#position = position;
    return { position, seed, wanted: wanted && startingWith(first, wanted), resumed, now };
  }

  #end({ position }: Pass): void {
    if (this.#position === position) this.#position = null;
  }

  /** The batches that are wanted, checked, behind the first ones and without others that were had. */
  *#indices(
    position: Position,
    batches: Iterable<readonly number[]>,
    from: number,
    ahead: readonly number[],
  ): IterableIterator<Wanted> {
    const length = this.#size ?? 0;
    let number = 0;
    for (const indices of batches) {
      position.asked();
      const at = number++;
      if (at < from || ahead.includes(at)) continue;
      if (!Array.isArray(indices) && !ArrayBuffer.isView(indices))
        throw new ArgumentError("DataLoader", `a batch is a list of indices, the sampler gave ${show(indices)}`);
      for (const i of indices) checkIndex("DataLoader", i, length);
      yield [at, indices];
    }
  }

  *#fetches(pass: Pass): IterableIterator<Batch | Promise<Batch>> {
    const { dataset } = this;
    if (pass.wanted) {
      if (!isIndexed(dataset)) return; // never: batches of indices are made for indexed data sets only
      for (const [, indices] of pass.wanted)
        yield fetchBatch(dataset, this.#collate, indices) as Batch | Promise<Batch>; // the data set's and collate's word for it
      return;
    }
    if (!(Symbol.iterator in dataset)) throw new ArgumentError("DataLoader", "the data set is asynchronous", forAwait);
    let over = this.#passedOver(pass);
    if (pass.position.over) return;
    let samples: Sample[] = [];
    for (const sample of dataset) {
      if (over > 0) {
        if (--over === 0) defaultGenerator.setState(pass.now);
        continue;
      }
      samples.push(sample);
      if (samples.length < this.#batchSize) continue;
      yield this.#together(samples);
      samples = [];
    }
    pass.position.over = true;
    if (samples.length > 0 && !this.#dropLast) yield this.#together(samples);
  }

  async *#stream(pass: Pass, dataset: AsyncIterable<Sample>): AsyncIterableIterator<Batch> {
    let over = this.#passedOver(pass);
    if (pass.position.over) return;
    const source = dataset[Symbol.asyncIterator]();
    let samples: Sample[] = [];
    let waiting = false;
    let ended = false;
    try {
      for (;;) {
        waiting = true;
        const next = await inTime(source.next(), this.#patience);
        waiting = false;
        if (next.done) break;
        if (over > 0) {
          if (--over === 0) defaultGenerator.setState(pass.now);
          continue;
        }
        samples.push(next.value);
        if (samples.length < this.#batchSize) continue;
        await this.#breathe();
        const batch = this.#together(samples);
        samples = [];
        pass.position.had();
        yield batch;
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
    pass.position.over = true;
    if (samples.length > 0 && !this.#dropLast) {
      const batch = this.#together(samples);
      pass.position.had();
      yield batch;
    }
  }

  /** How many samples of a stream are to be read over. One that knows where it stands is put there instead. */
  #passedOver({ resumed, now }: Pass): number {
    const batches = resumed?.over ? 0 : (resumed?.batches ?? 0);
    if (batches > 0 && !isStateful(this.dataset)) return batches * this.#batchSize;
    if (resumed) defaultGenerator.setState(now);
    if (batches > 0 && isStateful(this.dataset)) this.dataset.loadStateDict(resumed?.dataset);
    return 0;
  }

  async *#fromWorkers(pass: Pass, workers: Workers): AsyncIterableIterator<Batch> {
    const { position, seed, resumed, now } = pass;
    if (resumed) defaultGenerator.setState(now);
    const pool = this.#poolOf(workers, seed);
    const { inOrder, prefetchFactor } = workers;
    if (position.workers.length !== workers.count) position.workers = Array.from({ length: workers.count }, () => null);
    const turn = resumed && position.turn < workers.count ? position.turn : 0;
    const keep = { whole: false };
    // a loop that is neither ended nor left, but dropped
    forgotten().register(pass, () => void pool.end(), pool);
    try {
      const running = new WorkerPass(pool, {
        ...{ seed, inOrder, prefetchFactor, turn, batchSize: this.#batchSize, dropLast: this.#dropLast },
        wanted: pass.wanted ?? null,
        patience: this.#patience,
        positions: position.workers,
      });
      await this.#breathe();
      for (;;) {
        keep.whole = false;
        const next = await running.next();
        keep.whole = true;
        if (!next) break;
        position.workers[next.worker] = next.position;
        position.turn = next.turn;
        position.had(this.#batches ? next.number : undefined);
        yield next.batch as Batch; // the worker's collate's word for it
        await this.#breathe();
      }
    } finally {
      forgotten().unregister(pool);
      // a second pass at the same time has workers of its own, which end with it
      if (this.#pool === pool && keep.whole && pool.whole && !this.#patience.signal?.aborted) pool.park();
      else {
        if (this.#pool === pool) this.#pool = null;
        await pool.end();
      }
    }
  }

  /** The workers that wait, or new ones. */
  #poolOf({ source, count, args, persistent }: Workers, seed: bigint): WorkerPool {
    const waiting = this.#pool;
    if (waiting && !waiting.busy && waiting.whole) {
      waiting.busy = true;
      return waiting;
    }
    const pool = new WorkerPool(source, count, { seed, args, length: this.#size });
    if (persistent && (!waiting?.busy || waiting.ended)) {
      if (waiting) void waiting.end();
      this.#pool = pool;
      forgotten().register(this, () => void pool.end());
    }
    return pool;
  }

  /** A turn of the event loop. @throws the signal's reason. */
  async #breathe(): Promise<void> {
    await nextStep();
    this.#patience.signal?.throwIfAborted();
  }

  #together(samples: Sample[]): Batch {
    return together(this.#collate, samples) as Batch; // the default of the type parameter, or collate's word for it
  }
}

const forAwait = "write: for await (const batch of loader)";
