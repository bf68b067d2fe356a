import { cat, full, ShapeError, stack, type Tensor, tensor } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, sameShape, scoped, showShape } from "@flambeau/tensor/plugin";
import { checkSamples, collate } from "./collate.ts";

/** The options of {@link padCollate}: those of `nn.utils.rnn.padSequence`, and whether lengths are wanted. */
export interface PadCollateOptions {
  /** Batches are [N, L, ...] instead of [L, N, ...]. Default false. */
  batchFirst?: boolean | undefined;
  /** What is added. Default 0. */
  paddingValue?: number | undefined;
  /** Where it is added. Default "right": behind the ends. */
  paddingSide?: "right" | "left" | undefined;
  /** Give `{ padded, lengths }` in place of each padded tensor, as `packPaddedSequence` wants them. Default false. */
  lengths?: boolean | undefined;
}
const padCollateKinds: Kinds<PadCollateOptions> = {
  batchFirst: option.boolean,
  paddingValue: option.number,
  paddingSide: option.oneOf("right", "left"),
  lengths: option.boolean,
};

/** A batch of sequences, and how long each is. */
export interface Padded {
  readonly padded: Tensor;
  /** int32 [N]. */
  readonly lengths: Tensor;
}

/**
 * A function that collates as `defaultCollate` does, but pads tensors and typed arrays to the longest of the batch, along their first dimension: `y[t, n] = samples[n][t]`.
 * What has no dimensions is stacked. To be given to a `DataLoader` as its `collate`.
 *
 * Shapes: N sequences [length, ...] give [L, N, ...] ([N, L, ...] with `batchFirst`), and lengths [N].
 *
 * @throws ShapeError from the function it gives, when sequences differ in other sizes than the first, and says where in the samples; ArgumentError as from `defaultCollate`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 * @example
 * const words = [new Int32Array([5, 3, 8]), new Int32Array([2])];
 * const pad = padCollate({ batchFirst: true, lengths: true });
 * const { padded, lengths } = pad(words) as { padded: Tensor; lengths: Tensor };
 * padded.tolist(); // [[5, 3, 8], [2, 0, 0]]
 * lengths.tolist(); // [3, 1]
 */
export function padCollate(options: PadCollateOptions = {}): (samples: readonly unknown[]) => unknown {
  checkOptions("padCollate", padCollateKinds, options);
  const join = (tensors: readonly Tensor[], path: string) => scoped(pad, tensors, path, options);
  return (samples) => collate(checkSamples(samples), "", { table: [], join });
}

function pad(tensors: readonly Tensor[], path: string, options: PadCollateOptions): Tensor | Padded {
  const { batchFirst = false, paddingValue = 0, paddingSide = "right" } = options;
  const [{ shape }] = tensors;
  const other = tensors.find((each) => each.ndim !== shape.length || !sameShape(each.shape.slice(1), shape.slice(1)));
  if (other)
    throw new ShapeError(
      "padCollate",
      `samples${path} may differ in their lengths only, got ${showShape(shape)} and ${showShape(other.shape)}`,
      [shape, other.shape],
    );
  if (shape.length === 0) return stack(tensors, 0);
  const longest = tensors.reduce((most, each) => Math.max(most, each.shape[0]), 0);
  const padded = tensors.map((each) => {
    const missing = longest - each.shape[0];
    if (missing === 0) return each;
    const padding = full([missing, ...shape.slice(1)], paddingValue, { dtype: each.dtype, device: each.device });
    return cat(paddingSide === "left" ? [padding, each] : [each, padding], 0);
  });
  const together = stack(padded, batchFirst ? 0 : 1);
  if (!options.lengths) return together;
  return { padded: together, lengths: tensor(Int32Array.from(tensors, (each) => each.shape[0])) };
}
