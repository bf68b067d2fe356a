import {
  ArgumentError,
  arange,
  full,
  indexCopy,
  indexSelect,
  type Placement,
  reshape,
  ShapeError,
  scatter,
  type Tensor,
  tensor,
  to,
  zerosLike,
} from "@flambeau/tensor/functional";
import {
  checkIntegers,
  checkSameDevice,
  checkTensor,
  hasStorage,
  named,
  scoped,
  show,
  showShape,
  unscoped,
  valuesFor,
} from "@flambeau/tensor/plugin";

/** Integers that were made into a tensor here, or were read from one: as long as it is what it was, nobody need read it again. */
const known = new WeakMap<Tensor, { readonly version: number; readonly values: readonly number[] }>();
const remember = (t: Tensor, values: readonly number[]): Tensor => {
  known.set(t, { version: t.storage.version, values });
  return t;
};
/** An integer tensor on the device of `like`. */
export const integersOn = (values: readonly number[], like: Tensor): Tensor =>
  remember(tensor(values, { dtype: "int32", device: like.device }), values);
/** The values of a list of integers. */
export function integersIn(op: string, name: string, x: Tensor | readonly number[]): readonly number[] {
  if (!hasStorage(x)) return checkIntegers(op, name, x);
  checkTensor(op, name, x);
  const found = known.get(x);
  if (found !== undefined && found.version === x.storage.version) return found.values;
  if (x.ndim !== 1) throw new ShapeError(op, `${name} must have one dimension, got ${showShape(x.shape)}`, [x.shape]);
  const read = valuesFor(op, x, `${name} lay out the sequences on the host`, `give ${name} as a list of numbers`);
  const values = checkIntegers(op, name, Array.from(read, Number));
  remember(x, values);
  return values;
}

/**
 * The permutation that undoes `permutation`: `y[permutation[i]] = i`. Of null, null.
 *
 * Shapes: [N], the result, too. Dtype: int32 or int64, as is the result.
 *
 * @throws ShapeError when it has not one dimension.
 * @throws DTypeError when it is neither int32 nor int64.
 * @throws IndexError when an element is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.invert_permutation.html
 * @example
 * import { nn, tensor } from "flambeau";
 * nn.utils.rnn.invertPermutation(tensor([2, 0, 1], { dtype: "int32" }))?.tolist(); // [1, 2, 0]
 */
export function invertPermutation(permutation: Tensor): Tensor;
export function invertPermutation(permutation: null): null;
export function invertPermutation(permutation: Tensor | null): Tensor | null;
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  if (permutation === null) return null;
  if (unscoped()) return scoped(invertPermutation, permutation);
  checkTensor("invertPermutation", "permutation", permutation);
  const { dtype, device, shape } = permutation;
  if (shape.length !== 1)
    throw new ShapeError("invertPermutation", `expected one dimension, got ${showShape(shape)}`, [shape]);
  return scatter(zerosLike(permutation), 0, permutation, arange(0, shape[0], { dtype, device }));
}

/**
 * Whether a value is a {@link PackedSequence}, be it of another copy of this package: `isPackedSequence(x)`.
 *
 * Shape: none; anything goes in, a bool comes out.
 *
 * @throws nothing, whatever it is given.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 * @example
 * import { nn, ones } from "flambeau";
 * const { isPackedSequence, packSequence } = nn.utils.rnn;
 * isPackedSequence(packSequence([ones([2])])); // true
 * isPackedSequence(ones([2])); // false
 */
export const isPackedSequence = (x: unknown): x is PackedSequence =>
  typeof x === "object" && x !== null && "isPackedSequence" in x;

/**
 * Sequences of several lengths without padding: first the first steps of all, then the second ones of those that have one, and so on,
 * `data = [x0[0], x1[0], ..., x0[1], x1[1], ...]`.
 * {@link packPaddedSequence} and {@link packSequence} make them, recurrent layers take and give them, {@link padPackedSequence} and
 * {@link unpackSequence} lead back.
 *
 * Shapes: `data` [sum of the lengths, ...], `batchSizes` [L], how many sequences have each step, in falling order; `sortedIndices` and
 * `unsortedIndices` [N], which sequence stands in each place and where each stands, null where they were given in the order of their lengths.
 * Dtype: any, and int32 for the others.
 *
 * @throws ArgumentError when the sizes rise, or one is not positive.
 * @throws ShapeError when they do not add up to the steps of `data`, or indices are not as many as sequences.
 * @throws UnavailableError when `batchSizes` lives on a device that cannot be read synchronously: give a list of numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const packed = nn.utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5])]);
 * packed.data.tolist(); // [1, 4, 2, 5, 3]
 * packed.batchSizes.tolist(); // [2, 2, 1]
 */
export class PackedSequence {
  readonly data: Tensor;
  readonly batchSizes: Tensor;
  readonly sortedIndices: Tensor | null;
  readonly unsortedIndices: Tensor | null;

  constructor(
    data: Tensor,
    batchSizes: Tensor | readonly number[],
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
  ) {
    const op = "PackedSequence";
    checkTensor(op, "data", data);
    const sizes = integersIn(op, "batchSizes", batchSizes);
    sizes.forEach((size, t) => {
      if (!(size > 0 && (t === 0 || size <= sizes[t - 1])))
        throw new ArgumentError(op, `batchSizes must be positive and must not rise, got ${show(sizes)}`);
    });
    const total = sizes.reduce((a, b) => a + b, 0);
    if (sizes.length === 0 || data.ndim === 0 || data.shape[0] !== total)
      throw new ShapeError(op, `data has shape ${showShape(data.shape)}, the sizes add up to ${total} steps`, [
        data.shape,
      ]);
    for (const [name, indices] of Object.entries({ sortedIndices, unsortedIndices })) {
      if (indices === null) continue;
      checkTensor(op, name, indices);
      checkSameDevice(op, data, indices);
      if (indices.ndim !== 1 || indices.shape[0] !== sizes[0])
        throw new ShapeError(op, `${name} must have shape [${sizes[0]}], got ${showShape(indices.shape)}`, [
          indices.shape,
        ]);
    }
    this.data = data;
    this.batchSizes = hasStorage(batchSizes) ? batchSizes : integersOn(sizes, data);
    this.sortedIndices = sortedIndices ?? (unsortedIndices && invertPermutation(unsortedIndices));
    this.unsortedIndices = unsortedIndices ?? (sortedIndices && invertPermutation(sortedIndices));
  }

  get isPackedSequence(): true {
    return true;
  }
  /** Its tensors are the results of who gives it: scopes and transforms see them. */
  get [named](): true {
    return true;
  }

  /** The same with the data on another device, or in another dtype; itself where it is there already. */
  to(target: Placement): PackedSequence {
    const data = to(this.data, target);
    if (data === this.data) return this;
    const elsewhere = (t: Tensor | null): Tensor | null => t && to(t, { device: data.device });
    const sizes = sizesOf(this);
    const moved = data.device === this.data.device ? this.batchSizes : sizes;
    return new PackedSequence(data, moved, elsewhere(this.sortedIndices), elsewhere(this.unsortedIndices));
  }
}

/** How many sequences have each step. */
export const sizesOf = ({ batchSizes }: PackedSequence): readonly number[] =>
  integersIn("PackedSequence", "batchSizes", batchSizes);
/** The lengths of the sequences, longest first. */
export function lengthsOf(sizes: readonly number[]): number[] {
  const lengths = new Array<number>(sizes[0]).fill(0);
  for (const size of sizes) for (let i = 0; i < size; i++) lengths[i]++;
  return lengths;
}
/** The same sequences with other data for each step. */
export const withData = (data: Tensor, like: PackedSequence): PackedSequence =>
  new PackedSequence(data, like.batchSizes, like.sortedIndices, like.unsortedIndices);

/** For each step of packed sequences its row in a table of `steps` rows of all sequences: [L, N] as one dimension. */
function rowsIn(sizes: readonly number[], place: (step: number, sequence: number) => number): number[] {
  const rows: number[] = [];
  sizes.forEach((size, t) => {
    for (let i = 0; i < size; i++) rows.push(place(t, i));
  });
  return rows;
}
const flat = (x: Tensor): Tensor => reshape(x, [x.shape[0] * x.shape[1], ...x.shape.slice(2)]);

/** The steps that packed sequences have, out of x [A, B, ...]; `place` says in which row of it, counted through both, a step stands. */
export const gathered = (
  x: Tensor,
  sizes: readonly number[],
  place: (step: number, sequence: number) => number,
): Tensor => indexSelect(flat(x), 0, integersOn(rowsIn(sizes, place), x));
/** The way back: a table [A, B, ...] of `padding` with the steps in their places. */
export function scattered(
  data: Tensor,
  sizes: readonly number[],
  shape: readonly [number, number],
  place: (step: number, sequence: number) => number,
  padding: number,
): Tensor {
  const rest = data.shape.slice(1);
  const { dtype, device } = data;
  const table = full([shape[0] * shape[1], ...rest], padding, { dtype, device });
  return reshape(indexCopy(table, 0, integersOn(rowsIn(sizes, place), data), data), [...shape, ...rest]);
}

/** Sequences one after the other, as a table for recurrent layers: [L, N, ...], longest first, and zeros. */
export function tableOf(data: Tensor, sizes: readonly number[]): Tensor {
  const [n] = sizes;
  // where all have all steps, that is what they are
  if (sizes[sizes.length - 1] === n) return reshape(data, [sizes.length, n, ...data.shape.slice(1)]);
  return scattered(data, sizes, [sizes.length, n], (t, i) => t * n + i, 0);
}
/** The way back of {@link tableOf}. */
export function dataOf(table: Tensor, sizes: readonly number[]): Tensor {
  const [n] = sizes;
  if (sizes[sizes.length - 1] === n) return flat(table);
  return gathered(table, sizes, (t, i) => t * n + i);
}
