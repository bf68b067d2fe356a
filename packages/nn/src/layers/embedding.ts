import { type DType, embedding, empty, fill_, noGrad, select, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, embeddingKinds, type Kinds, option } from "@flambeau/tensor/plugin";
import { normal_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { real, shown } from "../repr.ts";

export interface EmbeddingOptions {
  /** This row starts at zero and gets no gradient; negative counts from the end. Default: none. */
  readonly paddingIdx?: number | null | undefined;
  /** Rows that are looked up are first scaled down, in place, to this norm. Default: none. */
  readonly maxNorm?: number | null | undefined;
  /** The p of that norm (default 2). */
  readonly normType?: number | undefined;
  /** Divide each gradient by how often its row occurs in the index (default false). */
  readonly scaleGradByFreq?: boolean | undefined;
  /** What the table is made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where it lives (default: the default device). */
  readonly device?: string | undefined;
}
const layerKinds: Kinds<EmbeddingOptions> = { ...embeddingKinds, dtype: option.dtype, device: option.string };
/**
 * A learned table of vectors that are looked up by number: `y[..., :] = weight[index[...], :]`. The module of {@link embedding}.
 *
 * Shape: [...] -> [..., embeddingDim]. Parameter: `weight` [numEmbeddings, embeddingDim], standard normal but for a padding row of zeros.
 * Dtype: that of `weight`; the index is int32 or int64.
 *
 * @throws IndexError when an index is not in 0..numEmbeddings-1, or from the constructor when `paddingIdx` is no row.
 * @throws DTypeError when the index is not int32 or int64.
 * @throws DeviceError when the index lives on another device than the table.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 * @example
 * import { nn, tensor } from "flambeau";
 * const table = new nn.Embedding(10, 3, { paddingIdx: 0 });
 * table.forward(tensor([[1, 2], [4, 0]], { dtype: "int32" })).shape; // [2, 2, 3]
 * table.forward(tensor([0], { dtype: "int32" })).tolist(); // [[0, 0, 0]]
 */
export class Embedding extends Module {
  weight: Parameter;
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  private readonly options: EmbeddingOptions;
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions("Embedding", layerKinds, options);
    const { dtype, device, ...rest } = options;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = rest;
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { dtype, device }));
    normal_(this.weight);
    const padding = options.paddingIdx ?? null;
    if (padding !== null) noGrad(() => fill_(select(this.weight, 0, padding), 0));
  }
  forward(index: Tensor): Tensor {
    return embedding(this.weight, index, this.options);
  }
  override extraRepr(): string {
    const { paddingIdx, maxNorm, normType = 2, scaleGradByFreq } = this.options;
    return shown(this.numEmbeddings, this.embeddingDim, {
      paddingIdx: paddingIdx ?? undefined,
      maxNorm: maxNorm ?? undefined,
      normType: normType === 2 ? undefined : real(normType),
      scaleGradByFreq: scaleGradByFreq || undefined,
    });
  }
}
