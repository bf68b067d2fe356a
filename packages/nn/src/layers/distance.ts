import {
  type CosineSimilarityOptions,
  cosineSimilarity,
  type PairwiseDistanceOptions,
  pairwiseDistance,
  type Tensor,
} from "@flambeau/tensor/functional";
import { Module } from "../module.ts";

/** Cosine of the angle between vectors along `dim` (1); see {@link cosineSimilarity}. */
export class CosineSimilarity extends Module {
  readonly options: CosineSimilarityOptions;
  constructor(options: CosineSimilarityOptions = {}) {
    super();
    this.options = options;
  }
  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.options);
  }
  override extraRepr(): string {
    return `dim=${this.options.dim ?? 1}, eps=${this.options.eps ?? 1e-8}`;
  }
}
/** Length of the difference of vectors along the last dimension; see {@link pairwiseDistance}. */
export class PairwiseDistance extends Module {
  readonly options: PairwiseDistanceOptions;
  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    this.options = options;
  }
  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.options);
  }
  override extraRepr(): string {
    return `p=${this.options.p ?? 2}, eps=${this.options.eps ?? 1e-6}`;
  }
}
