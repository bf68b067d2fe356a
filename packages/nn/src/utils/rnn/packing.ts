import { ArgumentError, indexSelect, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  scoped,
  show,
  showShape,
  unscoped,
} from "@flambeau/tensor/plugin";
import {
  gathered,
  integersIn,
  integersOn,
  invertPermutation,
  isPackedSequence,
  lengthsOf,
  PackedSequence,
  scattered,
  sizesOf,
} from "./packed-sequence.ts";
import { padSequence, unpadSequence } from "./padding.ts";

export interface PackSequenceOptions {
  /** Whether the sequences come in falling order of their lengths; otherwise they are sorted here (default true). */
  readonly enforceSorted?: boolean | undefined;
}
const packSequenceKinds: Kinds<PackSequenceOptions> = { enforceSorted: option.boolean };
export interface PackPaddedSequenceOptions extends PackSequenceOptions {
  /** The input is [N, L, ...] instead of [L, N, ...] (default false). */
  readonly batchFirst?: boolean | undefined;
}
const packPaddedKinds: Kinds<PackPaddedSequenceOptions> = { batchFirst: option.boolean, ...packSequenceKinds };
export interface PadPackedSequenceOptions {
  /** The result is [N, L, ...] instead of [L, N, ...] (default false). */
  readonly batchFirst?: boolean | undefined;
  /** What stands behind the ends (default 0). */
  readonly paddingValue?: number | undefined;
  /** The length L to pad to (default: the longest sequence's). */
  readonly totalLength?: number | null | undefined;
}
const padPackedKinds: Kinds<PadPackedSequenceOptions> = {
  batchFirst: option.boolean,
  paddingValue: option.number,
  totalLength: option.orNull(option.number),
};

/**
 * Packs padded sequences: their steps without the padding, the longest sequences first. With `before(t)`, the sum of `batchSizes[0..t]`, it is
 * `data[before(t) + i] = input[t, sortedIndices[i]]`.
 *
 * Shapes: `input` [L, N, ...] ([N, L, ...] with `batchFirst`), `lengths` [N]; what is beyond the longest length is cut off. Dtype: any, lengths are integers.
 *
 * @throws ArgumentError when a length is not positive or beyond L, or lengths rise though the order is enforced.
 * @throws ShapeError when `input` has less than two dimensions or no elements, or lengths are not N.
 * @throws UnavailableError when `lengths` is a tensor that cannot be read synchronously: give a list of numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const padded = tensor([[4, 5, 0], [1, 2, 3]]);
 * const packed = nn.utils.rnn.packPaddedSequence(padded, [2, 3], { batchFirst: true, enforceSorted: false });
 * packed.data.tolist(); // [1, 4, 2, 5, 3]
 * packed.sortedIndices?.tolist(); // [1, 0]
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  options: PackPaddedSequenceOptions = option.none,
): PackedSequence {
  const op = "packPaddedSequence";
  checkOptions(op, packPaddedKinds, options);
  if (unscoped()) return scoped(packPaddedSequence, input, lengths, options);
  const { batchFirst = false, enforceSorted = true } = options;
  checkTensor(op, "input", input);
  const given = integersIn(op, "lengths", lengths);
  if (input.ndim < 2 || input.size === 0)
    throw new ShapeError(
      op,
      `expected a tensor of ${batchFirst ? "[N, L, ...]" : "[L, N, ...]"} with elements, got ${showShape(input.shape)}`,
      [input.shape],
    );
  const [n, steps] = batchFirst ? input.shape : [input.shape[1], input.shape[0]];
  if (given.length !== n)
    throw new ShapeError(op, `there are ${n} sequences and ${given.length} lengths`, [input.shape]);
  if (given.some((l) => l <= 0 || l > steps))
    throw new ArgumentError(op, `each length must be from 1 to ${steps}, the steps of the input, got ${show(given)}`);
  const order = given.map((_, i) => i);
  if (!enforceSorted) order.sort((a, b) => given[b] - given[a]);
  else if (given.some((l, i) => i > 0 && l > given[i - 1]))
    throw new ArgumentError(
      op,
      `lengths must not rise, got ${show(given)}`,
      "sort the sequences by length, longest first, or pass { enforceSorted: false }",
    );
  const longest = given[order[0]];
  const sizes = Array.from({ length: longest }, (_, t) => given.filter((l) => l > t).length);
  const place = (t: number, i: number) => (batchFirst ? order[i] * steps + t : t * n + order[i]);
  const sorted = enforceSorted ? null : integersOn(order, input);
  return new PackedSequence(gathered(input, sizes, place), sizes, sorted, invertPermutation(sorted));
}

/**
 * The way back of {@link packPaddedSequence}: the sequences side by side in their first order, padded, and their lengths. With `before(t)`,
 * the sum of `batchSizes[0..t]`, it is `padded[t, sortedIndices[i]] = data[before(t) + i]`.
 *
 * Shapes: a packed sequence of data [S, ...] gives [L, N, ...] ([N, L, ...] with `batchFirst`) and lengths [N]. Dtypes: that of the data, and int32.
 *
 * @throws ArgumentError when `totalLength` is below the longest length.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_packed_sequence.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const packed = nn.utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5])]);
 * const [padded, lengths] = nn.utils.rnn.padPackedSequence(packed, { batchFirst: true, paddingValue: -1 });
 * padded.tolist(); // [[1, 2, 3], [4, 5, -1]]
 * lengths.tolist(); // [3, 2]
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options: PadPackedSequenceOptions = option.none,
): [padded: Tensor, lengths: Tensor] {
  const op = "padPackedSequence";
  checkOptions(op, padPackedKinds, options);
  if (unscoped()) return scoped(padPackedSequence, sequence, options);
  const { batchFirst = false, paddingValue = 0, totalLength = null } = options;
  checkPacked(op, sequence);
  const sizes = sizesOf(sequence);
  const longest = sizes.length;
  const steps = totalLength ?? longest;
  checkInteger(op, "totalLength", steps);
  if (steps < longest)
    throw new ArgumentError(op, `totalLength ${steps} is below the length ${longest} of the longest sequence`);
  const [n] = sizes;
  const sorted = integersOf(sequence);
  const place = (t: number, i: number) => (batchFirst ? sorted[i] * steps + t : t * n + sorted[i]);
  const shape = batchFirst ? ([n, steps] as const) : ([steps, n] as const);
  const padded = scattered(sequence.data, sizes, shape, place, paddingValue);
  const lengths = new Array<number>(n);
  lengthsOf(sizes).forEach((length, i) => {
    lengths[sorted[i]] = length;
  });
  return [padded, integersOn(lengths, sequence.data)];
}
/** Which sequence stands in each place. */
function integersOf({ sortedIndices, batchSizes }: PackedSequence): readonly number[] {
  if (sortedIndices !== null) return integersIn("PackedSequence", "sortedIndices", sortedIndices);
  return Array.from({ length: integersIn("PackedSequence", "batchSizes", batchSizes)[0] }, (_, i) => i);
}
function checkPacked(op: string, sequence: PackedSequence): void {
  if (!isPackedSequence(sequence))
    throw new ArgumentError(
      op,
      `takes a PackedSequence, got ${show(sequence)}`,
      "packPaddedSequence and packSequence make one",
    );
}

/**
 * Packs a list of sequences: `packPaddedSequence(padSequence(sequences), lengths)`.
 *
 * Shapes: sequences [length, ...] give a packed sequence of data [sum of the lengths, ...]. Dtype: any that they share.
 *
 * @throws ArgumentError when there are none, or lengths rise though the order is enforced.
 * @throws ShapeError when their sizes but the first differ, or one is empty.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_sequence.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const { rnn } = nn.utils;
 * rnn.packSequence([tensor([4, 5]), tensor([1, 2, 3])], { enforceSorted: false }).data.tolist(); // [1, 4, 2, 5, 3]
 */
export function packSequence(sequences: readonly Tensor[], options: PackSequenceOptions = option.none): PackedSequence {
  checkOptions("packSequence", packSequenceKinds, options);
  if (unscoped()) return scoped(packSequence, sequences, options);
  const padded = padSequence(sequences, { batchFirst: true });
  return packPaddedSequence(
    padded,
    sequences.map((s) => s.shape[0]),
    { batchFirst: true, ...options },
  );
}

/**
 * The way back of {@link packSequence}, `unpackSequence(packSequence(x)) = x`: the sequences in their first order, each in memory of its own.
 *
 * Shapes: a packed sequence of data [S, ...] gives N of [length, ...]. Dtype: that of the data.
 *
 * @throws ArgumentError when it is no {@link PackedSequence}.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpack_sequence.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const packed = nn.utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5])]);
 * nn.utils.rnn.unpackSequence(packed).map((s) => s.tolist()); // [[1, 2, 3], [4, 5]]
 */
export function unpackSequence(sequence: PackedSequence): Tensor[] {
  checkPacked("unpackSequence", sequence);
  if (unscoped()) return scoped(unpackSequence, sequence);
  const [padded, lengths] = padPackedSequence(sequence, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}

/** Values of the sequences [..., N, ...] along `dim` in the order in which they are packed, or back in their first one. */
export const inPackedOrder = (x: Tensor, { sortedIndices }: PackedSequence, dim: number): Tensor =>
  sortedIndices === null ? x : indexSelect(x, dim, sortedIndices);
export const inFirstOrder = (x: Tensor, { unsortedIndices }: PackedSequence, dim: number): Tensor =>
  unsortedIndices === null ? x : indexSelect(x, dim, unsortedIndices);
