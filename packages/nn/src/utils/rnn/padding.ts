import {
  ArgumentError,
  cat,
  clone,
  full,
  isTensor,
  narrow,
  ShapeError,
  select,
  stack,
  type Tensor,
  unbind,
} from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  checkTensors,
  type Kinds,
  option,
  sameShape,
  scoped,
  show,
  showShape,
  unscoped,
} from "@flambeau/tensor/plugin";
import { integersIn } from "./packed-sequence.ts";

export interface PadSequenceOptions {
  /** The result is [N, L, ...] instead of [L, N, ...] (default false). */
  readonly batchFirst?: boolean | undefined;
  /** What is added (default 0). */
  readonly paddingValue?: number | undefined;
  /** Where it is added (default "right": behind the ends). */
  readonly paddingSide?: "right" | "left" | undefined;
}
const padSequenceKinds: Kinds<PadSequenceOptions> = {
  batchFirst: option.boolean,
  paddingValue: option.number,
  paddingSide: option.oneOf("right", "left"),
};

/**
 * Sequences side by side, the shorter ones padded to the length L of the longest: `y[t, n] = sequences[n][t]`.
 *
 * Shapes: N sequences [length, ...] give [L, N, ...] ([N, L, ...] with `batchFirst`). Dtype: that of the sequences.
 *
 * @throws ArgumentError when there are no sequences.
 * @throws ShapeError when their sizes but the first differ, or one has no dimensions.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const { padSequence } = nn.utils.rnn;
 * const sequences = [tensor([1, 2, 3]), tensor([4])];
 * padSequence(sequences, { batchFirst: true }).tolist(); // [[1, 2, 3], [4, 0, 0]]
 * padSequence(sequences, { batchFirst: true, paddingSide: "left", paddingValue: -1 }).tolist(); // [[1, 2, 3], [-1, -1, 4]]
 */
export function padSequence(sequences: readonly Tensor[] | Tensor, options: PadSequenceOptions = option.none): Tensor {
  const op = "padSequence";
  checkOptions(op, padSequenceKinds, options);
  if (unscoped()) return scoped(padSequence, sequences, options);
  const { batchFirst = false, paddingValue = 0, paddingSide = "right" } = options;
  const list = isTensor(sequences) ? unbind(sequences) : sequences;
  checkTensors(op, "sequences", list);
  if (list.length === 0) throw new ArgumentError(op, "there are no sequences");
  const rest = list[0].shape.slice(1);
  for (const s of list)
    if (s.ndim === 0 || !sameShape(s.shape.slice(1), rest))
      throw new ShapeError(
        op,
        `sequences must be [length, ...] and differ in their lengths only, got ${showShape(list[0].shape)} and ${showShape(s.shape)}`,
        [list[0].shape, s.shape],
      );
  const longest = Math.max(...list.map((s) => s.shape[0]));
  const padded = list.map((s) => {
    const missing = longest - s.shape[0];
    if (missing === 0) return s;
    const padding = full([missing, ...rest], paddingValue, { dtype: s.dtype, device: s.device });
    return cat(paddingSide === "left" ? [padding, s] : [s, padding], 0);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

export interface UnpadSequenceOptions {
  /** The input is [N, L, ...] instead of [L, N, ...] (default false). */
  readonly batchFirst?: boolean | undefined;
}
const unpadSequenceKinds: Kinds<UnpadSequenceOptions> = { batchFirst: option.boolean };

/**
 * The way back of {@link padSequence}: of each sequence as many steps as its length says, in memory of their own: `y[n][t] = padded[t, n]`.
 *
 * Shapes: [L, N, ...] ([N, L, ...] with `batchFirst`) and `lengths` [N] give N sequences [length, ...]. Dtype: that of the input.
 *
 * @throws ArgumentError when a length is negative or beyond L.
 * @throws ShapeError when the input has less than two dimensions, or lengths are not N.
 * @throws UnavailableError when `lengths` is a tensor that cannot be read synchronously: give a list of numbers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpad_sequence.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const padded = tensor([[1, 2, 3], [4, 0, 0]]);
 * nn.utils.rnn.unpadSequence(padded, [3, 1], { batchFirst: true }).map((s) => s.tolist()); // [[1, 2, 3], [4]]
 */
export function unpadSequence(
  paddedSequences: Tensor,
  lengths: Tensor | readonly number[],
  options: UnpadSequenceOptions = option.none,
): Tensor[] {
  const op = "unpadSequence";
  checkOptions(op, unpadSequenceKinds, options);
  if (unscoped()) return scoped(unpadSequence, paddedSequences, lengths, options);
  const { batchFirst = false } = options;
  checkTensor(op, "paddedSequences", paddedSequences);
  const { shape } = paddedSequences;
  const given = integersIn(op, "lengths", lengths);
  if (shape.length < 2 || given.length !== shape[batchFirst ? 0 : 1])
    throw new ShapeError(op, `${given.length} lengths do not fit sequences of ${showShape(shape)}`, [shape]);
  const steps = shape[batchFirst ? 1 : 0];
  if (given.some((l) => l < 0 || l > steps))
    throw new ArgumentError(op, `each length must be from 0 to ${steps}, got ${show(given)}`);
  return given.map((length, i) => clone(narrow(select(paddedSequences, batchFirst ? 0 : 1, i), 0, 0, length)));
}
