import { ArgumentError, arange, ge, lt, ones, type Tensor, tensor, tril, unsqueeze } from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkIntegers,
  checkOptions,
  type Kinds,
  option,
  scoped,
  show,
  unscoped,
} from "@flambeau/tensor/plugin";

export interface MaskOptions {
  /** Where the mask lives (default: the default device). */
  readonly device?: string | undefined;
}
export interface CausalMaskOptions extends MaskOptions {
  /** Positions that were there before. Default 0. */
  readonly past?: number | undefined;
}
export interface PaddingMaskOptions extends MaskOptions {
  /** Positions of a row. Default: those of the longest. */
  readonly length?: number | undefined;
  /** Where the padding stands. Default "right". */
  readonly side?: "left" | "right" | undefined;
}
const maskKinds: Kinds<MaskOptions> = { device: option.string };
const causalKinds: Kinds<CausalMaskOptions> = { past: option.number, ...maskKinds };
const paddingKinds: Kinds<PaddingMaskOptions> = {
  length: option.number,
  side: option.oneOf("left", "right"),
  ...maskKinds,
};

/**
 * Who may attend to whom where nobody sees what comes after: `mask[i, j] = j <= past + i`, true as in `scaledDotProductAttention`.
 *
 * Shape: [length, past + length]. Dtype: bool.
 *
 * @throws ArgumentError when a length is no integer, or negative.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 * @example
 * causalMask(2, { past: 1 }).tolist(); // [[true, true, false], [true, true, true]]
 */
export function causalMask(length: number, options: CausalMaskOptions = option.none): Tensor {
  checkOptions("causalMask", causalKinds, options);
  checkInteger("causalMask", "length", length, 1);
  const past = checkInteger("causalMask", "past", options.past ?? 0, 0);
  const run = () => tril(ones([length, past + length], { dtype: "bool", device: options.device }), past);
  return unscoped() ? scoped(run) : run();
}

/**
 * Where rows of several lengths have tokens, and no padding: `mask[b, t] = t < lengths[b]`, or `t >= length - lengths[b]` with padding on the left.
 *
 * Shape: [B, length]. Dtype: bool.
 *
 * @throws ArgumentError when lengths are no integers from 0 to `length`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 * @example
 * paddingMask([2, 3]).tolist(); // [[true, true, false], [true, true, true]]
 * paddingMask([2, 3], { side: "left" }).tolist(); // [[false, true, true], [true, true, true]]
 */
export function paddingMask(lengths: readonly number[], options: PaddingMaskOptions = option.none): Tensor {
  const op = "paddingMask";
  checkOptions(op, paddingKinds, options);
  checkIntegers(op, "lengths", lengths, 0);
  const { side = "right", device } = options;
  const longest = Math.max(1, ...lengths);
  const length = checkInteger(op, "length", options.length ?? longest, longest);
  const run = () => {
    const places = unsqueeze(arange(length, { dtype: "int32", device }), 0);
    const bound = side === "right" ? lengths : lengths.map((n) => length - n);
    const bounds = unsqueeze(tensor(bound, { dtype: "int32", device }), 1);
    return side === "right" ? lt(places, bounds) : ge(places, bounds);
  };
  return unscoped() ? scoped(run) : run();
}

export interface PadOptions {
  /** The token that fills up. Default 0. */
  readonly value?: number | undefined;
  /** Where it stands. Default "right". */
  readonly side?: "left" | "right" | undefined;
  /** Positions of a row; longer ones lose their end (with "left" their beginning). Default: those of the longest. */
  readonly length?: number | undefined;
  /** Where the tensors live (default: the default device). */
  readonly device?: string | undefined;
}
const padKinds: Kinds<PadOptions> = {
  value: option.number,
  side: option.oneOf("left", "right"),
  length: option.number,
  device: option.string,
};
/**
 * Lists of tokens as one batch: `ids[b, t] = sequences[b][t]`, and `value` where there is none; `mask` says where there is one.
 *
 * Shapes: `ids` [B, length], int32, and `mask` [B, length], bool.
 *
 * @throws ArgumentError when there are no sequences, or one is no list of tokens.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 * @example
 * const { ids, mask } = padTokens([[5, 6], [7]], { side: "left" });
 * ids.tolist(); // [[5, 6], [0, 7]]
 * mask.tolist(); // [[true, true], [false, true]]
 */
export function padTokens(
  sequences: readonly (readonly number[])[],
  options: PadOptions = option.none,
): { ids: Tensor; mask: Tensor } {
  const op = "padTokens";
  checkOptions(op, padKinds, options);
  if (!Array.isArray(sequences) || sequences.length === 0)
    throw new ArgumentError(op, `takes lists of tokens, got ${show(sequences)}`);
  for (const tokens of sequences) checkIntegers(op, "sequences", tokens, 0);
  const { value = 0, side = "right", device } = options;
  checkInteger(op, "value", value);
  const longest = Math.max(1, ...sequences.map((tokens) => tokens.length));
  const length = checkInteger(op, "length", options.length ?? longest, 1);
  const shown = sequences.map((tokens) => (side === "left" ? tokens.slice(-length) : tokens.slice(0, length)));
  const ids = shown.map((tokens) => {
    const filling = new Array<number>(length - tokens.length).fill(value);
    return side === "left" ? [...filling, ...tokens] : [...tokens, ...filling];
  });
  const lengths = shown.map((tokens) => tokens.length);
  return { ids: tensor(ids, { dtype: "int32", device }), mask: paddingMask(lengths, { length, side, device }) };
}
