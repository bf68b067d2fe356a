import { ArgumentError, defaultGenerator, type Generator } from "@flambeau/tensor/functional";
import { checkOptions, fillRandint, option, show } from "@flambeau/tensor/plugin";
import type { SampleStream } from "./dataset.ts";
import { requirePositive } from "./sampler.ts";

/**
 * Samples in the only order that their source gives them: a base for classes of one's own, which write `async *[Symbol.asyncIterator]()`. Each
 * iteration starts anew.
 *
 * A `DataLoader` takes any other iterable, too; what this adds are `map`, `filter`, `take` and `shuffle`, which read no further ahead than they must.
 * A subclass that knows how many samples there are overrides `length`.
 *
 * @throws ArgumentError from the methods, for what is no function or no positive integer.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset
 * @example
 * class Squares extends IterableDataset<number> {
 *   async *[Symbol.asyncIterator]() {
 *     for (let i = 0; ; i++) yield i * i;
 *   }
 * }
 * const even = new Squares().filter((x) => x % 2 === 0).map((x) => x / 2).take(3);
 * await Array.fromAsync(even); // [0, 2, 8]
 * for await (const batch of new DataLoader(even, { batchSize: 2 })) console.log(String(batch));
 */
export abstract class IterableDataset<Sample> implements AsyncIterable<Sample> {
  abstract [Symbol.asyncIterator](): AsyncIterator<Sample>;
  /** How many samples there are, where that is known: a subclass that knows it overrides this. */
  get length(): number | undefined {
    return undefined;
  }

  /** Each sample changed by a function, which may answer with a promise: `change(sample, index)`. */
  map<Result>(change: (sample: Sample, index: number) => Result | Promise<Result>): IterableDataset<Result> {
    checkFunction("IterableDataset.map", change);
    const source = this;
    return new Generated(async function* () {
      let index = 0;
      for await (const sample of source) yield await change(sample, index++);
    }, this.length);
  }

  /** The samples for which a function gives true, or a promise of it: `keep(sample, index)`. */
  filter(keep: (sample: Sample, index: number) => boolean | Promise<boolean>): IterableDataset<Sample> {
    checkFunction("IterableDataset.filter", keep);
    const source = this;
    return new Generated(async function* () {
      let index = 0;
      for await (const sample of source) if (await keep(sample, index++)) yield sample;
    });
  }

  /** The first `count` samples, or all when there are fewer. */
  take(count: number): IterableDataset<Sample> {
    requirePositive("IterableDataset.take", "count", count);
    const source = this;
    const length = this.length === undefined ? undefined : Math.min(count, this.length);
    return new Generated(async function* () {
      let left = count;
      for await (const sample of source) {
        yield sample;
        if (--left === 0) return; // before the next one is read
      }
    }, length);
  }

  /**
   * The samples in random order, as far as `bufferSize` of them held at a time allow: each one that comes takes the place of one that is drawn and given.
   * With a buffer for all of them every order is equally likely.
   */
  shuffle(bufferSize: number, options: { generator?: Generator | undefined } = {}): IterableDataset<Sample> {
    checkOptions("IterableDataset.shuffle", { generator: option.generator }, options);
    requirePositive("IterableDataset.shuffle", "bufferSize", bufferSize);
    const source = this;
    return new Generated(async function* () {
      const generator = options.generator ?? defaultGenerator;
      const draw = (below: number): number => fillRandint(new Int32Array(1), generator, 0, below)[0];
      const held: Sample[] = [];
      for await (const sample of source) {
        if (held.length < bufferSize) {
          held.push(sample);
          continue;
        }
        const at = draw(bufferSize);
        yield held[at];
        held[at] = sample;
      }
      while (held.length > 0) {
        const at = draw(held.length);
        yield held[at];
        held[at] = held[held.length - 1];
        held.pop();
      }
    }, this.length);
  }
}

/** A stream that a function makes anew for each iteration. */
class Generated<Sample> extends IterableDataset<Sample> {
  readonly #length: number | undefined;
  readonly #make: () => AsyncIterator<Sample>;

  constructor(make: () => AsyncIterator<Sample>, length?: number) {
    super();
    this.#make = make;
    this.#length = length;
  }
  override get length(): number | undefined {
    return this.#length;
  }
  [Symbol.asyncIterator](): AsyncIterator<Sample> {
    return this.#make();
  }
}

/**
 * Streams one after the other: each is opened when the one before it has ended.
 *
 * It has a `length` when all of them have one.
 *
 * @throws ArgumentError without streams, or for what is no iterable.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.ChainDataset
 * @example
 * const chain = new ChainDataset([new Set([1, 2]), new Set([3])]);
 * await Array.fromAsync(chain); // [1, 2, 3]
 */
export class ChainDataset<Sample> extends IterableDataset<Sample> {
  readonly datasets: readonly SampleStream<Sample>[];

  constructor(datasets: readonly SampleStream<Sample>[]) {
    super();
    if (!Array.isArray(datasets) || datasets.length === 0)
      throw new ArgumentError("ChainDataset", `needs an array of at least one stream, got ${show(datasets)}`);
    for (const dataset of datasets as readonly unknown[])
      if (
        typeof dataset !== "object" ||
        dataset === null ||
        !(Symbol.iterator in dataset || Symbol.asyncIterator in dataset)
      )
        throw new ArgumentError("ChainDataset", `a stream is an iterable, got ${show(dataset)}`);
    this.datasets = datasets;
  }
  override get length(): number | undefined {
    const lengths = this.datasets.map((dataset) => ("length" in dataset ? dataset.length : undefined));
    return lengths.every((length) => typeof length === "number") ? lengths.reduce((a, b) => a + b, 0) : undefined;
  }
  async *[Symbol.asyncIterator](): AsyncIterator<Sample> {
    for (const dataset of this.datasets) yield* dataset;
  }
}

/** @throws ArgumentError for what is no function. */
function checkFunction(op: string, value: unknown): void {
  if (typeof value !== "function") throw new ArgumentError(op, `needs a function, got ${show(value)}`);
}
