import {
  type CosineSimilarityOptions,
  cosineSimilarity,
  type PairwiseDistanceOptions,
  pairwiseDistance,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkOptions, cosineKinds, pairwiseKinds } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";

/**
 * Cosine of the angle between vectors along `dim`: `y = sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps))`. Options: `dim` (1), `eps`
 * (1e-8). The module of {@link cosineSimilarity}.
 *
 * Shapes: `x1` and `x2` broadcast; the result lacks dimension `dim`. Dtype: that of the inputs, a floating-point one.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DTypeError when the inputs are no floating-point tensors.
 * @throws IndexError when `dim` is out of range.
 * @throws DeviceError when the two live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 * @example
 * new nn.CosineSimilarity().forward(tensor([[1, 0], [1, 1]]), tensor([[0, 2], [3, 3]])).tolist(); // [0, 1.0000]
 */
export class CosineSimilarity extends Module {
  readonly options: CosineSimilarityOptions;
  constructor(options: CosineSimilarityOptions = {}) {
    super();
    checkOptions("CosineSimilarity", cosineKinds, options);
    this.options = options;
  }
  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.options);
  }
}
/**
 * Length of the difference of vectors along the last dimension: `y = sum(|x1 - x2 + eps|^p)^(1 / p)`. Options: `p` (2), `eps` (1e-6),
 * `keepdim` (false). The module of {@link pairwiseDistance}.
 *
 * Shapes: `x1` and `x2` broadcast, to [..., D]; result [...], with `keepdim` [..., 1]. Dtype: that of the inputs; integers give the default
 * floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the two live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
 * @example
 * new nn.PairwiseDistance().forward(tensor([[3, 4], [1, 1]]), tensor([[0, 0], [1, 0]])).tolist(); // [5.0000, 1.0000]
 */
export class PairwiseDistance extends Module {
  readonly options: PairwiseDistanceOptions;
  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    checkOptions("PairwiseDistance", pairwiseKinds, options);
    this.options = options;
  }
  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.options);
  }
}
