import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { tensor as aTensor, boolean, checkOptions, type Kinds, none, oneOf, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { sameShape } from "../../layout/shapes.ts";
import { valuesFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import { zeros } from "../create/creation.ts";
import { indexAdd, indexSelect } from "../index/index-along.ts";
import { paddingRow } from "../index/index-values.ts";
import { scatterReduce } from "../index/scatter-reduce.ts";
import { div, mul } from "../pointwise/arithmetic.ts";
import { expand, flatten, unsqueeze } from "../shape/view.ts";
import { type EmbeddingOptions, embedding, embeddingKinds } from "./embedding.ts";

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** How the rows of a bag become one (default "mean"). Rows of `paddingIdx` do not count. */
  readonly mode?: "sum" | "mean" | "max" | undefined;
  /** A factor for each row, for mode "sum": of the index's shape. Default: none. */
  readonly perSampleWeights?: Tensor | null | undefined;
  /** The last offset is the end of the last bag, not the start of another (default false). */
  readonly includeLastOffset?: boolean | undefined;
}
export const embeddingBagKinds: Kinds<EmbeddingBagOptions> = {
  maxNorm: embeddingKinds.maxNorm,
  normType: embeddingKinds.normType,
  scaleGradByFreq: embeddingKinds.scaleGradByFreq,
  mode: oneOf("sum", "mean", "max"),
  perSampleWeights: orNull(aTensor),
  includeLastOffset: boolean,
  paddingIdx: embeddingKinds.paddingIdx,
};

/** Starts and end of the bags. */
function boundaries(index: Tensor, offsets: Tensor | null | undefined, includeLast: boolean): number[] {
  if (index.ndim === 2) {
    if (offsets)
      throw new ArgumentError("embeddingBag", "a two-dimensional index has one bag in each row: it takes no offsets");
    return Array.from({ length: index.shape[0] + 1 }, (_, i) => i * index.shape[1]);
  }
  if (index.ndim !== 1)
    throw new ShapeError("embeddingBag", `the index must have one or two dimensions, got ${showShape(index.shape)}`, [
      index.shape,
    ]);
  if (offsets?.ndim !== 1)
    throw new ArgumentError(
      "embeddingBag",
      "a one-dimensional index needs one-dimensional offsets: the bags' first positions",
    );
  const starts = Array.from(
    valuesFor("embeddingBag", offsets, "where the bags end is known on the host", "keep the offsets on the cpu"),
    Number,
  );
  if (includeLast && starts.length === 0)
    throw new ArgumentError("embeddingBag", "includeLastOffset needs at least one offset");
  if (starts.length > 0 && starts[0] !== 0)
    throw new ArgumentError("embeddingBag", `the first offset must be 0, got ${starts[0]}`);
  if (starts.some((s, i) => s > index.size || (i > 0 && s < starts[i - 1])))
    throw new ArgumentError(
      "embeddingBag",
      `offsets must rise and stay below the index's ${index.size} elements, got [${starts.join(",")}]`,
    );
  return includeLast ? starts : [...starts, index.size];
}

/**
 * Looks up rows of `weight` as {@link embedding} does and joins them bag by bag: `y[b, :] = sum over i in bag b of weight[index[i], :]`, or
 * their mean or maximum. An empty bag gives 0.
 *
 * Shapes: `weight` [rows, features]; `index` [bags, n], or [n] with `offsets` [bags], each bag's first position; result [bags, features].
 * Dtype: that of `weight`, a floating-point one; `index` is int32 or int64.
 *
 * @throws ArgumentError when `offsets` do not fit the index (they start at 0 and do not fall), `mode` is none of the three, or
 * `perSampleWeights` come with another mode than "sum".
 * @throws ShapeError when `index` has neither one nor two dimensions, or `perSampleWeights` another shape than it.
 * @throws IndexError when an index is no row of the weight.
 * @throws DTypeError when `index` is not int32 or int64, or `perSampleWeights` have another dtype than `weight`.
 * @throws UnavailableError when `offsets` (with `paddingIdx` also `index`) are on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 * @example
 * import { embeddingBag, tensor } from "@flambeau/tensor";
 * const weight = tensor([[1, 2], [3, 4], [5, 6]]);
 * const index = tensor([0, 1, 2, 2], { dtype: "int32" });
 * const offsets = tensor([0, 3], { dtype: "int32" }); // bags of three and of one
 * embeddingBag(weight, index, offsets, { mode: "sum" }).tolist(); // [[9, 12], [5, 6]]
 * embeddingBag(weight, index.reshape([2, 2])).tolist(); // [[2, 3], [5, 6]]
 */
export function embeddingBag(
  weight: Tensor,
  index: Tensor,
  offsets?: Tensor | null,
  options: EmbeddingBagOptions = none,
): Tensor {
  if (unscoped()) return scoped(embeddingBag, weight, index, offsets, options);
  checkOptions("embeddingBag", embeddingBagKinds, options);
  checkTensor("embeddingBag", "weight", weight);
  checkTensor("embeddingBag", "index", index);
  // maxNorm changes the weight itself, which a stand-in would keep from it
  const wide = (options.maxNorm ?? null) === null ? inFloat32(weight, options.perSampleWeights) : null;
  if (wide)
    return toDType(
      embeddingBag(wide[0], index, offsets, { ...options, perSampleWeights: wide[1] ?? null }),
      weight.dtype,
    );
  const { mode = "mean", perSampleWeights = null, includeLastOffset = false, paddingIdx = null, ...rest } = options;
  if (perSampleWeights !== null) {
    if (mode !== "sum") throw new ArgumentError("embeddingBag", `perSampleWeights go with mode "sum", got "${mode}"`);
    if (!sameShape(perSampleWeights.shape, index.shape))
      throw new ShapeError(
        "embeddingBag",
        `perSampleWeights ${showShape(perSampleWeights.shape)} must have the index's shape ${showShape(index.shape)}`,
        [index.shape],
      );
    if (perSampleWeights.dtype !== weight.dtype)
      throw new DTypeError(
        "embeddingBag",
        `perSampleWeights are ${perSampleWeights.dtype}, the weight is ${weight.dtype}`,
      );
  }
  const ends = boundaries(index, offsets, includeLastOffset);
  const bags = Math.max(0, ends.length - 1);
  const row = paddingRow("embeddingBag", paddingIdx, weight.shape[0]);
  const skipped =
    row === null ? null : valuesFor("embeddingBag", index, "paddingIdx leaves out positions by their values");
  const kept: number[] = [];
  const bagOf: number[] = [];
  for (let bag = 0; bag < bags; bag++)
    for (let i = ends[bag]; i < ends[bag + 1]; i++)
      if (skipped === null || Number(skipped[i]) !== row) {
        kept.push(i);
        bagOf.push(bag);
      }
  const options32 = { dtype: "int32", device: weight.device } as const;
  const positions = fromValues("embeddingBag", kept, [kept.length], options32);
  const bagIndex = fromValues("embeddingBag", bagOf, [kept.length], options32);
  const rows = embedding(weight, indexSelect(flatten(index), 0, positions), rest);
  const start = zeros([bags, weight.shape[1]], { dtype: weight.dtype, device: weight.device });
  if (mode === "max")
    return scatterReduce(start, 0, expand(unsqueeze(bagIndex, 1), rows.shape), rows, "amax", { includeSelf: false });
  const weighted =
    perSampleWeights === null ? rows : mul(rows, unsqueeze(indexSelect(flatten(perSampleWeights), 0, positions), 1));
  const sums = indexAdd(start, 0, bagIndex, weighted);
  if (mode === "sum") return sums;
  const counts = new Array<number>(bags).fill(0);
  for (const bag of bagOf) counts[bag]++;
  const divisor = fromValues(
    "embeddingBag",
    counts.map((n) => Math.max(n, 1)),
    [bags, 1],
    { dtype: weight.dtype, device: weight.device },
  );
  return div(sums, divisor);
}
