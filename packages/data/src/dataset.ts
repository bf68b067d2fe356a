import {
  ArgumentError,
  defaultGenerator,
  type Generator,
  IndexError,
  indexSelect,
  ShapeError,
  select,
  type Tensor,
  tensor,
} from "@flambeau/tensor/functional";
import { checkOptions, checkTensors, fillRandperm, option, show } from "@flambeau/tensor/plugin";

/** Samples by number. `get` may answer at once or with a promise; a `DataLoader` takes an array of samples in its place, too. */
export interface Dataset<Sample> {
  /** How many samples there are. */
  readonly length: number;
  /** The sample of number `index`, from 0. */
  get(index: number): Sample | Promise<Sample>;
  /** Several samples already collated into a batch; a `DataLoader` without a `collate` of its own uses it where it is there. */
  getBatch?(indices: readonly number[]): unknown;
}

/** Samples by number, or in an array. */
export type Samples<Sample> = Dataset<Sample> | readonly Sample[];

/** Samples in the only order that their source gives them: a stream. */
export type SampleStream<Sample> = Iterable<Sample> | AsyncIterable<Sample>;

/** The sample of number `index`, which is there. */
export const sampleAt = <Sample>(dataset: Samples<Sample>, index: number): Sample | Promise<Sample> =>
  "get" in dataset ? dataset.get(index) : dataset[index];

/** @throws IndexError unless `index` is an integer in [0, length). */
export function checkIndex(op: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new IndexError(op, `index ${index} is out of range for ${length} samples`);
  }
}

/** @throws ArgumentError unless `list` is an array or a typed array. */
export function checkList(op: string, name: string, list: ArrayLike<number>): void {
  if (!Array.isArray(list) && !(ArrayBuffer.isView(list) && "length" in list))
    throw new ArgumentError(op, `${name} must be a list of numbers, got ${show(list)}`);
}

/** @throws ArgumentError unless `indices` is a list, IndexError unless it holds integers in [0, length). */
export function checkIndices(op: string, indices: ArrayLike<number>, length: number): void {
  checkList(op, "indices", indices);
  for (let i = 0; i < indices.length; i++) checkIndex(op, indices[i], length);
}

/** @throws ArgumentError for what has no samples by number. */
export function checkDataset(op: string, dataset: Samples<unknown>): void {
  if (Array.isArray(dataset)) return;
  const given = dataset as Partial<Dataset<unknown>> | null; // no array, by the check before
  if (typeof given !== "object" || given === null || typeof given.get !== "function")
    throw new ArgumentError(op, `a data set has a length and get(index), or is an array, got ${show(dataset)}`);
  if (!Number.isSafeInteger(given.length) || Number(given.length) < 0)
    throw new ArgumentError(op, `the data set's length must be a whole number, got ${show(given.length)}`);
}

/** The tensors' types forgotten, their number kept. */
export type TensorsOf<T extends readonly Tensor[]> = { [K in keyof T]: Tensor };

/**
 * Samples from tensors: sample i holds the i-th slice of each along the first dimension. The slices share the tensors' memory.
 *
 * Shapes: tensors [N, d...] give N samples of tensors [d...], and batches of tensors [B, d...].
 *
 * @throws ShapeError when the first dimensions differ, ArgumentError without tensors; IndexError from `get` and `getBatch` for a sample
 * that is not there.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset
 * @example
 * const xy = new TensorDataset(tensor([[1, 2], [3, 4]]), tensor([0, 1], { dtype: "int32" }));
 * xy.get(1)[0]; // tensor([3., 4.])
 * xy.getBatch([1, 0])[1].tolist(); // [1, 0]
 */
export class TensorDataset<T extends readonly Tensor[]> implements Dataset<TensorsOf<T>> {
  readonly tensors: T;
  readonly length: number;

  constructor(...tensors: T) {
    if (tensors.length === 0) throw new ArgumentError("TensorDataset", "needs at least one tensor");
    checkTensors("TensorDataset", "tensors", tensors);
    const shapes = tensors.map(({ shape }) => shape);
    if (shapes.some((shape) => shape.length === 0 || shape[0] !== shapes[0][0])) {
      throw new ShapeError("TensorDataset", "the first dimensions must be equal", shapes);
    }
    this.tensors = tensors;
    this.length = shapes[0][0];
  }
  get(index: number): TensorsOf<T> {
    checkIndex("TensorDataset.get", index, this.length);
    return this.#each((t) => select(t, 0, index));
  }
  /** The samples as one batch: a single index select per tensor. */
  getBatch(indices: readonly number[]): TensorsOf<T> {
    checkIndices("TensorDataset.getBatch", indices, this.length);
    const rows = Int32Array.from(indices);
    return this.#each((t) => {
      const at = tensor(rows, { device: t.device });
      const batch = indexSelect(t, 0, at);
      at.dispose();
      return batch;
    });
  }
  #each(op: (t: Tensor) => Tensor): TensorsOf<T> {
    return this.tensors.map(op) as TensorsOf<T>; // map forgets a tuple's length
  }
}

/**
 * Some samples of another data set, in the order of `indices`; one may stand there several times.
 *
 * @throws ArgumentError when `dataset` is none, or `indices` no list.
 * @throws IndexError from `get` beyond the indices; what the other data set throws for an index that it does not have.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Subset
 * @example
 * const all = new TensorDataset(tensor([10, 20, 30]));
 * const some = new Subset(all, [2, 0]);
 * some.length; // 2
 * (await some.get(0))[0].item(); // 30
 */
export class Subset<Sample> implements Dataset<Sample> {
  readonly dataset: Samples<Sample>;
  readonly indices: readonly number[];
  readonly getBatch?: (indices: readonly number[]) => unknown;

  constructor(dataset: Samples<Sample>, indices: readonly number[]) {
    checkDataset("Subset", dataset);
    checkList("Subset", "indices", indices);
    this.dataset = dataset;
    this.indices = indices;
    if ("getBatch" in dataset && dataset.getBatch)
      this.getBatch = (at) => dataset.getBatch?.(at.map((i) => this.#at(i)));
  }
  get length(): number {
    return this.indices.length;
  }
  get(index: number): Sample | Promise<Sample> {
    return sampleAt(this.dataset, this.#at(index));
  }
  #at(index: number): number {
    checkIndex("Subset.get", index, this.indices.length);
    const at = this.indices[index];
    // other data sets see to that themselves
    if (Array.isArray(this.dataset)) checkIndex("Subset.get", at, this.dataset.length);
    return at;
  }
}

/**
 * Split a data set at random into parts that do not overlap: of the given lengths, or fractions that sum to 1 (what rounding
 * leaves goes to the first parts in turn). The split is PyTorch's for the same seed.
 *
 * @throws ArgumentError when the lengths do not sum to that of the data set, or a fraction is negative.
 * @see https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 * @example
 * const [train, validation] = randomSplit(new TensorDataset(zeros([11])), [0.8, 0.2]);
 * [train.length, validation.length]; // [9, 2]
 */
export function randomSplit<Sample>(
  dataset: Samples<Sample>,
  lengths: readonly number[],
  options: { generator?: Generator | undefined } = {},
): Subset<Sample>[] {
  checkOptions("randomSplit", { generator: option.generator }, options);
  checkDataset("randomSplit", dataset);
  checkList("randomSplit", "lengths", lengths);
  const parts = partLengths(dataset.length, lengths);
  const order = fillRandperm(new Int32Array(dataset.length), options.generator ?? defaultGenerator);
  let from = 0;
  return parts.map((length) => {
    const part = new Subset(dataset, Array.from(order.subarray(from, from + length)));
    from += length;
    return part;
  });
}

function partLengths(total: number, lengths: readonly number[]): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  const parts = [...lengths];
  // as in PyTorch: [1] is a fraction, and so is a sum that rounding has left just under 1
  if (sum <= 1 && 1 - sum <= 1e-9) {
    lengths.forEach((fraction, i) => {
      if (!(fraction >= 0))
        throw new ArgumentError("randomSplit", `fraction ${i} is ${fraction}, must be between 0 and 1`);
      parts[i] = Math.floor(total * fraction);
    });
    const left = total - parts.reduce((a, b) => a + b, 0);
    for (let i = 0; i < left; i++) parts[i % parts.length]++;
  }
  if (parts.some((n) => !Number.isInteger(n) || n < 0) || parts.reduce((a, b) => a + b, 0) !== total) {
    throw new ArgumentError(
      "randomSplit",
      `the parts [${lengths.join(", ")}] do not make up the ${total} samples`,
      "pass lengths that sum to the data set's, or fractions that sum to 1",
    );
  }
  return parts;
}
