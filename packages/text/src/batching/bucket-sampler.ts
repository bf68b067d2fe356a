import { ArgumentError, defaultGenerator, Generator } from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkIntegers,
  checkOptions,
  fillRandperm,
  type Kinds,
  option,
  show,
} from "@flambeau/tensor/plugin";

export interface BucketOptions {
  /** Batches whose samples are sorted together: more make them more alike, fewer more random. Default 100. */
  readonly pool?: number | undefined;
  /** Have samples and batches in another random order each time. Default true. */
  readonly shuffle?: boolean | undefined;
  /** Leave out an incomplete batch. Default false. */
  readonly dropLast?: boolean | undefined;
  /** Where the order is drawn from. Default: a generator seeded by the global one. */
  readonly generator?: Generator | undefined;
}
const bucketKinds: Kinds<BucketOptions> = {
  pool: option.number,
  shuffle: option.boolean,
  dropLast: option.boolean,
  generator: option.generator,
};

/**
 * Batches of samples that are about equally long, so that little is padded: samples are shuffled, each `pool * batchSize` of them sorted by length
 * and cut into batches, and the batches shuffled. The `batchSampler` of a `DataLoader`.
 *
 * Shapes: none; each pass gives lists of `batchSize` indices.
 *
 * @throws ArgumentError when lengths are no non-negative integers, or `batchSize` or `pool` no positive ones.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
 * @example
 * const sampler = new BucketBatchSampler([5, 1, 4, 2], 2, { shuffle: false });
 * [...sampler]; // [[1, 3], [2, 0]]
 * sampler.length; // 2
 */
export class BucketBatchSampler implements Iterable<number[]> {
  readonly #lengths: readonly number[];
  readonly #batchSize: number;
  readonly #pool: number;
  readonly #shuffle: boolean;
  readonly #dropLast: boolean;
  readonly #generator: Generator | undefined;

  constructor(lengths: readonly number[], batchSize: number, options: BucketOptions = {}) {
    const op = "BucketBatchSampler";
    checkOptions(op, bucketKinds, options);
    if (!Array.isArray(lengths)) throw new ArgumentError(op, `takes the samples' lengths, got ${show(lengths)}`);
    this.#lengths = [...checkIntegers(op, "lengths", lengths, 0)];
    this.#batchSize = checkInteger(op, "batchSize", batchSize, 1);
    const { pool = 100, shuffle = true, dropLast = false, generator } = options;
    this.#pool = checkInteger(op, "pool", pool, 1);
    this.#shuffle = shuffle;
    this.#dropLast = dropLast;
    this.#generator = generator;
  }
  /** Batches of one pass. */
  get length(): number {
    const whole = this.#lengths.length / this.#batchSize;
    return this.#dropLast ? Math.floor(whole) : Math.ceil(whole);
  }
  *[Symbol.iterator](): IterableIterator<number[]> {
    const generator = this.#generator ?? new Generator(defaultGenerator.random64());
    const order = this.#order(this.#lengths.length, generator);
    const size = this.#batchSize;
    const batches: number[][] = [];
    let rest: number[] = [];
    for (let from = 0; from < order.length; from += size * this.#pool) {
      const bucket = order.slice(from, from + size * this.#pool);
      bucket.sort((a, b) => this.#lengths[a] - this.#lengths[b]); // stable: equally long ones stay in their random order
      for (let i = 0; i < bucket.length; i += size) {
        const batch = bucket.slice(i, i + size);
        if (batch.length === size) batches.push(batch);
        else rest = batch; // of the last bucket alone
      }
    }
    for (const i of this.#order(batches.length, generator)) yield batches[i];
    if (rest.length > 0 && !this.#dropLast) yield rest;
  }
  #order(count: number, generator: Generator): number[] {
    if (!this.#shuffle) return Array.from({ length: count }, (_, i) => i);
    return Array.from(fillRandperm(new Int32Array(count), generator));
  }
}
