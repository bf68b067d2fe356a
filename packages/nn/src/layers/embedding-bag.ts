import {
  type DType,
  type EmbeddingBagOptions,
  embeddingBag,
  empty,
  fill_,
  noGrad,
  select,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkOptions, embeddingBagKinds, type Kinds, option } from "@flambeau/tensor/plugin";
import { normal_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { quoted, real, shown } from "../repr.ts";

export interface EmbeddingBagLayerOptions extends Omit<EmbeddingBagOptions, "perSampleWeights"> {
  /** What the table is made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where it lives (default: the default device). */
  readonly device?: string | undefined;
}
const layerKinds: Kinds<EmbeddingBagLayerOptions> = {
  ...option.without(embeddingBagKinds, "perSampleWeights"),
  dtype: option.dtype,
  device: option.string,
};
/**
 * Sums, means or maxima of bags of vectors from a learned table: `y[b, :] = sum over i in bag b of weight[index[i], :]`, by default the
 * mean of the bag. The module of {@link embeddingBag}.
 *
 * Shapes: index [bags, n], or [n] with `offsets` [bags], each bag's first position; result [bags, embeddingDim]. Parameter: `weight`
 * [numEmbeddings, embeddingDim], standard normal but for a padding row of zeros. Dtype: that of `weight`; the index is int32 or int64.
 *
 * @throws ArgumentError when `offsets` do not fit the index, or `perSampleWeights` come with another mode than "sum".
 * @throws ShapeError when the index has neither one nor two dimensions, or `perSampleWeights` another shape than it.
 * @throws IndexError when an index is not in 0..numEmbeddings-1.
 * @throws DTypeError when the index is not int32 or int64, or `perSampleWeights` have another dtype than the table.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 * @example
 * const bags = new nn.EmbeddingBag(10, 3, { mode: "sum" });
 * bags.forward(tensor([[1, 2], [4, 4]], { dtype: "int32" })).shape; // [2, 3]
 * const [index, offsets] = [tensor([1, 2, 4, 4, 5]), tensor([0, 2, 2])].map((x) => x.to("int32"));
 * bags.forward(index, offsets).select(0, 1).tolist(); // [0, 0, 0]
 */
export class EmbeddingBag extends Module {
  weight: Parameter;
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  private readonly options: EmbeddingBagOptions;
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagLayerOptions = {}) {
    super();
    checkOptions("EmbeddingBag", layerKinds, options);
    const { dtype, device, ...rest } = options;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = rest;
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { dtype, device }));
    normal_(this.weight);
    const padding = options.paddingIdx ?? null;
    if (padding !== null) noGrad(() => fill_(select(this.weight, 0, padding), 0));
  }
  /** Bags [N, L], or one list of indices with the `offsets` at which its bags start. */
  forward(index: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    return embeddingBag(this.weight, index, offsets, { ...this.options, perSampleWeights });
  }
  override extraRepr(): string {
    const { maxNorm, normType = 2, scaleGradByFreq, mode = "mean", paddingIdx } = this.options;
    return shown(this.numEmbeddings, this.embeddingDim, {
      maxNorm: maxNorm ?? undefined,
      normType: normType === 2 ? undefined : real(normType),
      scaleGradByFreq: scaleGradByFreq || undefined,
      mode: quoted(mode),
      paddingIdx: paddingIdx ?? undefined,
    });
  }
}
