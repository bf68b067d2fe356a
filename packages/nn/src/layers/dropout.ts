import {
  ArgumentError,
  alphaDropout,
  copy_,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";

export interface DropoutOptions {
  /** Whether the result is written over the input. Default false. */
  readonly inplace?: boolean | undefined;
}
const dropoutKinds: Kinds<DropoutOptions> = { inplace: option.boolean };

abstract class AnyDropout extends Module {
  readonly p: number;
  readonly inplace: boolean;
  constructor(p = 0.5, options: DropoutOptions = {}) {
    super();
    checkOptions(this.constructor.name, dropoutKinds, options);
    if (!(p >= 0 && p <= 1)) throw new ArgumentError("Dropout", `the probability must be between 0 and 1, got ${p}`);
    this.p = p;
    this.inplace = options.inplace ?? false;
  }
  /** The function that a subclass is the module of. */
  protected abstract readonly drop: (x: Tensor, p: number, training: boolean) => Tensor;
  forward(x: Tensor): Tensor {
    const out = this.drop(x, this.p, this.training);
    return this.inplace ? copy_(x, out) : out;
  }
  override extraRepr(): string {
    return shown({ p: this.p, inplace: this.inplace });
  }
}
/**
 * Sets each element to 0 with probability `p` (0.5 unless it is given) and scales the others: `y = x * kept / (1 - p)`, in training; in
 * evaluation `y = x`. The module of {@link dropout}.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is no probability in [0, 1].
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 * @see Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014
 * @example
 * const layer = new nn.Dropout(0.75);
 * layer.forward(ones([1000])).max().item(); // 4
 * layer.eval().forward(ones([3])).tolist(); // [1, 1, 1]
 */
export class Dropout extends AnyDropout {
  protected readonly drop = dropout;
}
/**
 * Sets whole channels to 0 with probability `p` (0.5 unless it is given) and scales the others: `y[n, c] = x[n, c] * kept[n, c] / (1 - p)`,
 * in training; in evaluation `y = x`. The module of {@link dropout1d}.
 *
 * Shape: that of `x`, [N, C, L] or [C, L]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is no probability in [0, 1].
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @throws ShapeError when `x` has neither two nor three dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
 * @example
 * new nn.Dropout1d().forward(ones([8, 16, 5])).sum(2).unique().tolist(); // [0, 10]
 */
export class Dropout1d extends AnyDropout {
  protected readonly drop = dropout1d;
}
/**
 * Sets whole channels to 0 with probability `p` (0.5 unless it is given) and scales the others: `y[n, c] = x[n, c] * kept[n, c] / (1 - p)`,
 * in training; in evaluation `y = x`. The module of {@link dropout2d}.
 *
 * Shape: that of `x`, [N, C, H, W] (or [N, C, L]). Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is no probability in [0, 1].
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @throws ShapeError when `x` has fewer than two dimensions (in training).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 * @example
 * new nn.Dropout2d().forward(ones([8, 16, 2, 2])).sum([2, 3]).unique().tolist(); // [0, 8]
 */
export class Dropout2d extends AnyDropout {
  protected readonly drop = dropout2d;
}
/**
 * Sets whole channels to 0 with probability `p` (0.5 unless it is given) and scales the others: `y[n, c] = x[n, c] * kept[n, c] / (1 - p)`,
 * in training; in evaluation `y = x`. The module of {@link dropout3d}.
 *
 * Shape: that of `x`, [N, C, D, H, W] or [C, D, H, W]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is no probability in [0, 1].
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @throws ShapeError when `x` has neither four nor five dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
 * @example
 * new nn.Dropout3d().forward(ones([8, 16, 2, 2, 2])).sum([2, 3, 4]).unique().tolist(); // [0, 16]
 */
export class Dropout3d extends AnyDropout {
  protected readonly drop = dropout3d;
}
/**
 * Dropout for networks of `SELU`: each element becomes selu's lower limit with probability `p` (0.5 unless it is given), and all are scaled
 * and shifted to keep mean and variance: `y = a * (x or -s) + a * s * p` with `s = 1.7581` and `a = 1 / sqrt((1 - p) * (1 + p * s^2))`, in
 * training; in evaluation `y = x`. The module of {@link alphaDropout}.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is no probability in [0, 1].
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 * @see Klambauer et al., "Self-Normalizing Neural Networks", 2017, https://arxiv.org/abs/1706.02515
 * @example
 * new nn.AlphaDropout().forward(zeros([100])).unique().tolist(); // [-0.7792, 0.7792]
 */
export class AlphaDropout extends AnyDropout {
  protected readonly drop = alphaDropout;
}
/**
 * Whole channels of [N, C, ...] dropped as {@link AlphaDropout} drops elements: `y[n, c] = a * (x[n, c] or -s) + a * s * p`, in training.
 * The module of {@link featureAlphaDropout}.
 *
 * Shape: that of `x`, which has at least two dimensions. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `p` is no probability in [0, 1].
 * @throws DTypeError in training when `x` is no floating-point tensor.
 * @throws ShapeError in training when `x` has fewer than two dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
 * @example
 * const y = new nn.FeatureAlphaDropout().forward(zeros([8, 16, 5]));
 * y.amax(2).equal(y.amin(2)); // true
 */
export class FeatureAlphaDropout extends AnyDropout {
  protected readonly drop = featureAlphaDropout;
}
