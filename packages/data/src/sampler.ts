import { ArgumentError, defaultGenerator, Generator } from "@flambeau/tensor/functional";
import {
  checkOptions,
  drawCategories,
  fillRandint,
  fillRandperm,
  type Kinds,
  option,
  show,
} from "@flambeau/tensor/plugin";
import { checkList } from "./dataset.ts";

/** An order of sample indices, made anew each time it is iterated. Any iterable of integers will do for a `DataLoader`. */
export interface Sampler<Item = number> extends Iterable<Item> {
  /** How many items one pass gives. */
  readonly length: number;
}

/** The generator of one pass: the given one, or a new one whose seed the global generator draws, as PyTorch's samplers do. */
const generatorOf = (given: Generator | undefined): Generator => given ?? new Generator(drawSeed(defaultGenerator));

/** A 63-bit seed, `torch.empty((), dtype=torch.int64).random_()`. */
export const drawSeed = (generator: Generator): bigint => generator.random64() & (2n ** 63n - 1n);

/** The indices below `length`, shuffled. */
const shuffled = (length: number, generator: Generator): Int32Array => fillRandperm(new Int32Array(length), generator);

/**
 * The indices 0, 1, 2... of a data source in order; without samples it is empty.
 *
 * @throws ArgumentError when the source has no length.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.SequentialSampler
 * @example
 * [...new SequentialSampler({ length: 3 })]; // [0, 1, 2]
 */
export class SequentialSampler implements Sampler {
  readonly #source: { readonly length: number };

  constructor(source: { readonly length: number }) {
    checkSource("SequentialSampler", source);
    this.#source = source;
  }
  get length(): number {
    return this.#source.length;
  }
  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = 0; i < this.#source.length; i++) yield i;
  }
}

/**
 * Indices in random order, each once; or `numSamples` drawn with replacement. The order is PyTorch's for the same seed.
 *
 * @throws ArgumentError when there is nothing to draw from or `numSamples` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.RandomSampler
 * @example
 * [...new RandomSampler({ length: 7 }, { generator: new Generator(5) })]; // [1, 0, 4, 2, 6, 5, 3]
 * [...new RandomSampler({ length: 7 }, { replacement: true, numSamples: 20 })].length; // 20
 */
export class RandomSampler implements Sampler {
  readonly #source: { readonly length: number };
  readonly #replacement: boolean;
  readonly #numSamples: number | undefined;
  readonly generator: Generator | undefined;

  constructor(
    source: { readonly length: number },
    options: {
      replacement?: boolean | undefined;
      numSamples?: number | undefined;
      generator?: Generator | undefined;
    } = {},
  ) {
    const kinds = { replacement: option.boolean, numSamples: option.number, generator: option.generator };
    checkOptions("RandomSampler", kinds, options);
    checkSource("RandomSampler", source);
    this.#source = source;
    this.#replacement = options.replacement ?? false;
    this.#numSamples = options.numSamples;
    this.generator = options.generator;
    requirePositive(
      "RandomSampler",
      options.numSamples === undefined ? "the data source's length" : "numSamples",
      this.length,
    );
  }
  get length(): number {
    return this.#numSamples ?? this.#source.length;
  }
  *[Symbol.iterator](): IterableIterator<number> {
    const n = this.#source.length;
    const generator = generatorOf(this.generator);
    let left = this.length;
    if (this.#replacement) {
      // PyTorch draws 32 at a time, and what is drawn but not used is gone
      for (; left >= 32; left -= 32) yield* fillRandint(new Int32Array(32), generator, 0, n);
      yield* fillRandint(new Int32Array(left), generator, 0, n);
      return;
    }
    for (; left >= n; left -= n) yield* shuffled(n, generator);
    // drawn even when nothing of it is used, as in PyTorch: a shared generator must stand where PyTorch's stands
    yield* shuffled(n, generator).subarray(0, left);
  }
}

/**
 * Given indices in random order, each once; without indices it is empty.
 *
 * @throws ArgumentError when the indices are no list.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.SubsetRandomSampler
 * @example
 * [...new SubsetRandomSampler([10, 20, 30])].sort(); // [10, 20, 30]
 */
export class SubsetRandomSampler implements Sampler {
  readonly #indices: ArrayLike<number>;
  readonly generator: Generator | undefined;

  constructor(indices: ArrayLike<number>, options: { generator?: Generator | undefined } = {}) {
    checkOptions("SubsetRandomSampler", { generator: option.generator }, options);
    checkList("SubsetRandomSampler", "indices", indices);
    this.#indices = indices;
    this.generator = options.generator;
  }
  get length(): number {
    return this.#indices.length;
  }
  *[Symbol.iterator](): IterableIterator<number> {
    // unlike RandomSampler, PyTorch's draws from the global generator itself
    for (const i of shuffled(this.#indices.length, this.generator ?? defaultGenerator)) yield this.#indices[i];
  }
}

/**
 * `numSamples` indices drawn with probabilities in proportion to `weights`, with replacement by default.
 *
 * @throws ArgumentError when `numSamples` is no positive integer, a weight is negative or not finite, all are 0, or more samples are wanted
 * without replacement than there are.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
 * @example
 * [...new WeightedRandomSampler([0, 1, 0], 3)]; // [1, 1, 1]
 */
export class WeightedRandomSampler implements Sampler {
  readonly length: number;
  readonly #weights: Float64Array;
  readonly #replacement: boolean;
  readonly generator: Generator | undefined;

  constructor(
    weights: ArrayLike<number>,
    numSamples: number,
    options: { replacement?: boolean | undefined; generator?: Generator | undefined } = {},
  ) {
    checkOptions("WeightedRandomSampler", { replacement: option.boolean, generator: option.generator }, options);
    checkList("WeightedRandomSampler", "weights", weights);
    requirePositive("WeightedRandomSampler", "numSamples", numSamples);
    this.length = numSamples;
    this.#weights = Float64Array.from(weights);
    this.#replacement = options.replacement ?? true;
    this.generator = options.generator;
    const wrong = this.#weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
    if (wrong >= 0) {
      const problem = `weights must be finite and at least 0, got ${this.#weights[wrong]} at ${wrong}`;
      throw new ArgumentError("WeightedRandomSampler", problem);
    }
    if (!this.#weights.some((weight) => weight > 0))
      throw new ArgumentError("WeightedRandomSampler", "the weights sum to 0: there is nothing to draw");
    if (!this.#replacement && numSamples > weights.length) {
      throw new ArgumentError(
        "WeightedRandomSampler",
        `cannot draw ${numSamples} of ${weights.length} indices without replacement`,
        "pass { replacement: true } or fewer samples",
      );
    }
  }
  *[Symbol.iterator](): IterableIterator<number> {
    yield* drawCategories(this.generator ?? defaultGenerator, this.#weights, {
      categories: this.#weights.length,
      samples: this.length,
      replacement: this.#replacement,
    });
  }
}

/** The options of a {@link DistributedSampler}, with PyTorch's names and defaults. */
export interface DistributedSamplerOptions {
  /** How many processes there are. */
  numReplicas: number;
  /** Which of them this is, from 0. */
  rank: number;
  /** Have the samples in another order in each epoch. Default true. */
  shuffle?: boolean | undefined;
  /** Of the order; the same in all processes. Default 0. */
  seed?: number | undefined;
  /** Leave out what does not go round, instead of giving samples of the start twice. Default false. */
  dropLast?: boolean | undefined;
}
const distributedKinds: Kinds<DistributedSamplerOptions> = {
  numReplicas: option.number,
  rank: option.number,
  shuffle: option.boolean,
  seed: option.number,
  dropLast: option.boolean,
};

/**
 * The share of one process in the samples, for several that train together: of an order that all of them make alike, the entries `rank`, `rank + numReplicas`...
 * Every process gets as many; where the samples do not go round, those of the start come once more, or with `dropLast` the last ones are left out.
 *
 * The order follows from `seed` and the epoch: call `setEpoch` before each pass, or all of them have the same. It is PyTorch's.
 *
 * @throws ArgumentError when the source has no length, `numReplicas` is no positive integer, `rank` none below it, or the seed or an epoch no integer of at least 0.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
 * @example
 * const share = new DistributedSampler({ length: 5 }, { numReplicas: 2, rank: 1, shuffle: false });
 * [...share]; // [1, 3, 0]
 * const mixed = new DistributedSampler({ length: 5 }, { numReplicas: 2, rank: 1 });
 * mixed.setEpoch(3);
 * mixed.length; // 3
 */
export class DistributedSampler implements Sampler {
  readonly numReplicas: number;
  readonly rank: number;
  readonly length: number;
  readonly #source: { readonly length: number };
  readonly #shuffle: boolean;
  readonly #seed: number;
  #epoch = 0;

  constructor(source: { readonly length: number }, options: DistributedSamplerOptions) {
    const op = "DistributedSampler";
    checkOptions(op, distributedKinds, options);
    checkSource(op, source);
    const { numReplicas, rank, shuffle = true, seed = 0, dropLast = false } = options;
    requirePositive(op, "numReplicas", numReplicas);
    if (!Number.isInteger(rank) || rank < 0 || rank >= numReplicas)
      throw new ArgumentError(op, `rank must be an integer from 0 to ${numReplicas - 1}, got ${show(rank)}`);
    requireCount(op, "seed", seed);
    this.numReplicas = numReplicas;
    this.rank = rank;
    this.#source = source;
    this.#shuffle = shuffle;
    this.#seed = seed;
    this.length = dropLast ? Math.floor(source.length / numReplicas) : Math.ceil(source.length / numReplicas);
  }
  /** The epoch whose order the next pass has. */
  get epoch(): number {
    return this.#epoch;
  }
  setEpoch(epoch: number): void {
    requireCount("DistributedSampler.setEpoch", "epoch", epoch);
    this.#epoch = epoch;
  }
  *[Symbol.iterator](): IterableIterator<number> {
    const n = this.#source.length;
    const order = this.#shuffle ? shuffled(n, new Generator(this.#seed + this.#epoch)) : undefined;
    for (let i = 0, at = this.rank; i < this.length; i++, at += this.numReplicas) yield order ? order[at % n] : at % n;
  }
}

/**
 * Another sampler's indices in groups of `batchSize`; with `dropLast` an incomplete last group is left out.
 *
 * @throws ArgumentError when the sampler is no iterable, `batchSize` no positive integer or `dropLast` no boolean; from `length`, when the sampler does not know its own.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
 * @example
 * [...new BatchSampler(new SequentialSampler({ length: 5 }), 2, false)]; // [[0, 1], [2, 3], [4]]
 * new BatchSampler(new SequentialSampler({ length: 5 }), 2, true).length; // 2
 */
export class BatchSampler implements Sampler<number[]> {
  readonly sampler: Iterable<number> & { readonly length?: number };
  readonly #batchSize: number;
  readonly #dropLast: boolean;

  constructor(sampler: Iterable<number> & { readonly length?: number }, batchSize: number, dropLast: boolean) {
    if (!option.iterable.takes(sampler))
      throw new ArgumentError("BatchSampler", `the sampler must be an iterable of indices, got ${show(sampler)}`);
    requirePositive("BatchSampler", "batchSize", batchSize);
    if (typeof dropLast !== "boolean")
      throw new ArgumentError("BatchSampler", `dropLast must be a boolean, got ${show(dropLast)}`);
    this.sampler = sampler;
    this.#batchSize = batchSize;
    this.#dropLast = dropLast;
  }
  /** @throws ArgumentError when the sampler does not know its own length. */
  get length(): number {
    const { length } = this.sampler;
    if (length === undefined) throw new ArgumentError("BatchSampler.length", "the sampler has no length");
    return this.#dropLast ? Math.floor(length / this.#batchSize) : Math.ceil(length / this.#batchSize);
  }
  *[Symbol.iterator](): IterableIterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length === this.#batchSize) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0 && !this.#dropLast) yield batch;
  }
}

/** @throws ArgumentError for what has no length. */
function checkSource(op: string, source: { readonly length: number }): void {
  if (typeof source !== "object" || source === null || !(Number.isSafeInteger(source.length) && source.length >= 0))
    throw new ArgumentError(op, `the source of the samples must have a length, got ${show(source)}`);
}

/** @throws ArgumentError unless `value` is a positive integer. */
export function requirePositive(op: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value <= 0) {
    throw new ArgumentError(op, `${name} must be a positive integer, got ${show(value)}`);
  }
}

/** @throws ArgumentError unless `value` is an integer of at least 0. */
function requireCount(op: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new ArgumentError(op, `${name} must be an integer of at least 0, got ${show(value)}`);
}
