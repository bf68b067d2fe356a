import { localResponseNorm, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { real, shown } from "../repr.ts";

export interface CrossMapLRN2dOptions {
  /** Factor of the sum of squares (default 1e-4). */
  readonly alpha?: number | undefined;
  /** Exponent (default 0.75). */
  readonly beta?: number | undefined;
  /** Added to the sum (default 1). */
  readonly k?: number | undefined;
}
const kinds: Kinds<CrossMapLRN2dOptions> = { alpha: option.number, beta: option.number, k: option.number };

/**
 * Local response normalization of images as Torch7 has it: `y[n, c] = x[n, c] / (k + alpha / size * sum of x[n, j]^2)^beta` over the channels
 * j with `|j - c| <= floor((size - 1) / 2)`. For odd sizes it is {@link LocalResponseNorm}; an even `size` looks at one channel less than
 * it divides by.
 *
 * Shape: that of `x`, [N, C, H, W]. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has not four dimensions; ArgumentError when `size` is no positive integer.
 * @see https://github.com/pytorch/pytorch/blob/v2.13.0/torch/nn/modules/normalization.py
 * @see Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012
 * @example
 * const layer = new nn.CrossMapLRN2d(3, { alpha: 3, beta: 1 });
 * layer.forward(tensor([1, 2, 3]).reshape([1, 3, 1, 1])).flatten().tolist(); // [0.1667, 0.1333, 0.2143]
 */
export class CrossMapLRN2d extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
  constructor(size: number, options: CrossMapLRN2dOptions = {}) {
    super();
    checkOptions("CrossMapLRN2d", kinds, options);
    const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
    this.size = checkInteger("CrossMapLRN2d", "size", size, 1);
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }
  forward(x: Tensor): Tensor {
    checkTensor("CrossMapLRN2d", "x", x);
    if (x.ndim !== 4)
      throw new ShapeError("CrossMapLRN2d", `expected input [N, C, H, W], got ${showShape(x.shape)}`, [x.shape]);
    const { size, alpha, beta, k } = this;
    const window = size % 2 === 1 ? size : size - 1;
    return localResponseNorm(x, window, { alpha: (alpha * window) / size, beta, k });
  }
  override extraRepr(): string {
    return shown(this.size, { alpha: real(this.alpha), beta: real(this.beta), k: this.k });
  }
}
