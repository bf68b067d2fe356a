import { type DType, embedding, empty, fill_, noGrad, select, type Tensor } from "@flambeau/tensor/functional";
import { normal_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

export interface EmbeddingOptions {
  /** This row starts at zero and gets no gradient. */
  readonly paddingIdx?: number | null;
  readonly maxNorm?: number | null;
  readonly normType?: number;
  readonly scaleGradByFreq?: boolean;
  readonly dtype?: DType;
  readonly device?: string;
}
/** A table of vectors looked up by integers: [...] to [..., embeddingDim]; weight [numEmbeddings, embeddingDim], standard normal. */
export class Embedding extends Module {
  readonly weight: Parameter;
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  private readonly options: EmbeddingOptions;
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
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
  forward(index: Tensor): Tensor {
    return embedding(this.weight, index, this.options);
  }
  override extraRepr(): string {
    const padding = this.options.paddingIdx ?? null;
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding === null ? "" : `, paddingIdx=${padding}`}`;
  }
}
