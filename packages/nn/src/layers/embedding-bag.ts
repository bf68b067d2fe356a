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
import { normal_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

export interface EmbeddingBagLayerOptions extends Omit<EmbeddingBagOptions, "perSampleWeights"> {
  readonly dtype?: DType;
  readonly device?: string;
}
/** Sums, means or maxima of bags of embeddings; weight [numEmbeddings, embeddingDim], standard normal. See {@link embeddingBag}. */
export class EmbeddingBag extends Module {
  readonly weight: Parameter;
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  private readonly options: EmbeddingBagOptions;
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagLayerOptions = {}) {
    super();
    const { dtype, device, ...rest } = options;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = rest;
    this.weight = new Parameter(
      empty([numEmbeddings, embeddingDim], { ...(dtype && { dtype }), ...(device && { device }) }),
    );
    normal_(this.weight);
    const padding = options.paddingIdx ?? null;
    if (padding !== null) noGrad(() => fill_(select(this.weight, 0, padding), 0));
  }
  /** Bags [N, L], or one list of indices with the `offsets` at which its bags start. */
  forward(index: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    return embeddingBag(this.weight, index, offsets, { ...this.options, perSampleWeights });
  }
  override extraRepr(): string {
    return `${this.numEmbeddings}, ${this.embeddingDim}, mode=${this.options.mode ?? "mean"}`;
  }
}
