import { ArgumentError } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { defaultCollate } from "./collate.ts";
import { checkDataset, checkIndex, checkIndices, type Dataset, type Samples, sampleAt } from "./dataset.ts";

/** What a data set, or an array, holds. */
export type SampleOf<D> =
  D extends Dataset<infer Sample> ? Sample : D extends readonly (infer Sample)[] ? Sample : never;

/**
 * The samples of several data sets, one after the other.
 *
 * @throws ArgumentError without data sets, or for what is none; IndexError from `get` for a sample that is not there.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
 * @example
 * const both = new ConcatDataset([["a", "b"], ["c"]]);
 * both.length; // 3
 * both.get(2); // "c"
 * both.cumulativeSizes; // [2, 3]
 */
export class ConcatDataset<Sample> implements Dataset<Sample> {
  readonly datasets: readonly Samples<Sample>[];
  /** How many samples there are in the first data set, the first two, and so on. */
  readonly cumulativeSizes: readonly number[];

  constructor(datasets: readonly Samples<Sample>[]) {
    if (!Array.isArray(datasets) || datasets.length === 0)
      throw new ArgumentError("ConcatDataset", `needs an array of at least one data set, got ${show(datasets)}`);
    for (const dataset of datasets) checkDataset("ConcatDataset", dataset);
    this.datasets = datasets;
    let sum = 0;
    this.cumulativeSizes = datasets.map(({ length }) => {
      sum += length;
      return sum;
    });
  }
  get length(): number {
    return this.cumulativeSizes[this.cumulativeSizes.length - 1];
  }
  get(index: number): Sample | Promise<Sample> {
    checkIndex("ConcatDataset.get", index, this.length);
    // by halves: there may be thousands of files
    let [low, high] = [0, this.cumulativeSizes.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cumulativeSizes[middle] > index) high = middle;
      else low = middle + 1;
    }
    return sampleAt(this.datasets[low], index - (low === 0 ? 0 : this.cumulativeSizes[low - 1]));
  }
}

/** Data sets by name. */
type Named = { readonly [name: string]: Samples<unknown> };
/** What a {@link StackDataset} is made of: data sets, or one object with data sets by name. */
type Stack = readonly Samples<unknown>[] | readonly [Named];

/** A sample of a {@link StackDataset}: a tuple of the data sets' samples, or an object of them. */
export type StackedSample<D extends Stack> = D extends readonly [Named]
  ? { [K in keyof D[0]]: SampleOf<D[0][K]> }
  : { -readonly [K in keyof D]: SampleOf<D[K]> };

/**
 * Data sets of equal length side by side: sample i is a tuple of their samples i; or an object of them, when they are given by name.
 *
 * Batches are theirs, too: a data set that has `getBatch` makes its part of one.
 *
 * @throws ArgumentError without data sets, for what is none, or when their lengths differ; IndexError from `get` and `getBatch` for a sample that is not there.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.StackDataset
 * @example
 * const pairs = new StackDataset([1, 2, 3], ["one", "two", "three"]);
 * await pairs.get(1); // [2, "two"]
 * const named = new StackDataset({ value: [1, 2, 3], word: ["one", "two", "three"] });
 * (await named.get(0)).word; // "one"
 * const batch = [...new DataLoader(named, { batchSize: 3 })][0];
 * batch.value; // tensor([1., 2., 3.])
 */
export class StackDataset<const D extends Stack> implements Dataset<StackedSample<D>> {
  readonly datasets: D[0] extends Named ? D[0] : D;
  readonly length: number;
  /** Undefined for a tuple. */
  readonly #names: readonly string[] | undefined;
  readonly #parts: readonly Samples<unknown>[];

  constructor(...datasets: D) {
    const [first] = datasets;
    const named = datasets.length === 1 && isNamed(first);
    this.#names = named ? Object.keys(first) : undefined;
    this.#parts = named ? Object.values(first) : (datasets as readonly Samples<unknown>[]);
    this.datasets = (named ? first : datasets) as typeof this.datasets; // the type says the same
    if (this.#parts.length === 0) throw new ArgumentError("StackDataset", "needs at least one data set");
    for (const part of this.#parts) checkDataset("StackDataset", part);
    const lengths = this.#parts.map(({ length }) => length);
    this.length = lengths[0];
    if (lengths.some((length) => length !== this.length))
      throw new ArgumentError("StackDataset", `the data sets are of different lengths: ${lengths.join(", ")}`);
  }
  get(index: number): StackedSample<D> | Promise<StackedSample<D>> {
    checkIndex("StackDataset.get", index, this.length);
    return this.#together(this.#parts.map((part) => sampleAt(part, index))) as StackedSample<D>; // or a promise of it
  }
  /** The data sets' batches, in a tuple or an object. */
  getBatch(indices: readonly number[]): unknown {
    checkIndices("StackDataset.getBatch", indices, this.length);
    return this.#together(
      this.#parts.map((part) => {
        if ("getBatch" in part && part.getBatch) return part.getBatch(indices);
        const samples = Array.from(indices, (i) => sampleAt(part, i));
        return samples.some((sample) => sample instanceof Promise)
          ? Promise.all(samples).then((all) => defaultCollate(all))
          : defaultCollate(samples);
      }),
    );
  }
  #together(parts: readonly unknown[]): unknown {
    const named = (values: readonly unknown[]) =>
      this.#names ? Object.fromEntries(this.#names.map((name, i) => [name, values[i]])) : values;
    return parts.some((part) => part instanceof Promise) ? Promise.all(parts).then(named) : named(parts);
  }
}

const isNamed = (value: unknown): value is Named =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value)) &&
  typeof (value as { get?: unknown }).get !== "function";

/**
 * The samples of another data set, each changed by a function when it is asked for: `get(i) = change(dataset.get(i), i)`. The function may answer with a promise.
 *
 * @throws ArgumentError for what is no data set or no function; IndexError from `get` for a sample that is not there; what the function throws.
 * @example
 * const doubled = new MapDataset([1, 2, 3], (x) => 2 * x);
 * doubled.get(2); // 6
 * doubled.length; // 3
 */
export class MapDataset<Sample, Result> implements Dataset<Result> {
  readonly dataset: Samples<Sample>;
  readonly #change: (sample: Sample, index: number) => Result | Promise<Result>;

  constructor(dataset: Samples<Sample>, change: (sample: Sample, index: number) => Result | Promise<Result>) {
    checkDataset("MapDataset", dataset);
    if (typeof change !== "function")
      throw new ArgumentError("MapDataset", `what changes a sample must be a function, got ${show(change)}`);
    this.dataset = dataset;
    this.#change = change;
  }
  get length(): number {
    return this.dataset.length;
  }
  get(index: number): Result | Promise<Result> {
    checkIndex("MapDataset.get", index, this.length);
    const sample = sampleAt(this.dataset, index);
    return sample instanceof Promise ? sample.then((each) => this.#change(each, index)) : this.#change(sample, index);
  }
}
