import {
  ArgumentError,
  conv2d,
  div,
  isTensor,
  mul,
  ones,
  onesLike,
  reshape,
  ShapeError,
  select,
  square,
  squeeze,
  sub,
  sum,
  type Tensor,
  threshold,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkInteger, checkNumber, checkOptions, type Kinds, option, show, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer } from "../parameter.ts";
import { shown } from "../repr.ts";
import { safeSqrt } from "./elementwise.ts";
import { checkImage } from "./spatial.ts";
import { whole } from "./table.ts";

/** Means of neighbourhoods over all planes, by a kernel of one or two dimensions. */
abstract class Neighbourhoods extends Module {
  kernel: Buffer;
  readonly nInputPlane: number;
  constructor(name: string, nInputPlane: number, kernel: Tensor | undefined) {
    super();
    checkInteger(name, "nInputPlane", nInputPlane, 1);
    if (kernel !== undefined && !isTensor(kernel))
      throw new ArgumentError(name, `kernel must be a tensor, got ${show(kernel)}`);
    const given = kernel ?? ones([9, 9]);
    if (given.ndim < 1 || given.ndim > 2 || given.shape.some((size) => size % 2 === 0))
      throw new ShapeError(name, `a kernel has one or two dimensions of odd sizes, got ${showShape(given.shape)}`, [
        given.shape,
      ]);
    this.kernel = new Buffer(given);
    if (kernel === undefined) given.dispose();
    this.nInputPlane = nInputPlane;
  }
  forward(x: Tensor): Tensor {
    checkImage(this.constructor.name, x, this.nInputPlane);
    return whole(() => this.normalized(x));
  }
  protected abstract normalized(x: Tensor): Tensor;
  /** The mean of a neighbourhood's elements in all planes, weighted by the kernel; what lies outside of the image counts as 0. */
  protected means(x: Tensor): Tensor {
    const { kernel, nInputPlane } = this;
    const planes = sum(x.ndim === 3 ? unsqueeze(x, 0) : x, 1, { keepdim: true });
    const [kH, kW = kH] = kernel.shape;
    const own = div(kernel, mul(sum(kernel), kernel.ndim === 2 ? nInputPlane : Math.sqrt(nInputPlane)));
    const [half, halfW] = [(kH - 1) / 2, (kW - 1) / 2];
    const y =
      kernel.ndim === 2
        ? conv2d(planes, reshape(own, [1, 1, kH, kW]), null, { padding: [half, halfW] })
        : conv2d(
            conv2d(planes, reshape(own, [1, 1, 1, kH]), null, { padding: [0, half] }),
            reshape(own, [1, 1, kH, 1]),
            null,
            { padding: [half, 0] },
          );
    return x.ndim === 3 ? squeeze(y, 0) : y;
  }
  /** What the means of ones are: less than 1 at the borders. */
  protected coverage(x: Tensor): Tensor {
    return this.means(onesLike(x.ndim === 3 ? x : select(x, 0, 0)));
  }
  override extraRepr(): string {
    return shown(this.nInputPlane, { kernel: this.kernel.shape });
  }
}

/**
 * Takes from each element the mean of its neighbourhood in all planes: `y = x - conv(x, k) / conv(1, k)`, with the kernel k scaled to sum 1
 * over the planes, and the image surrounded by zeros. `nInputPlane` is 1 and the kernel ones of 9 by 9 unless they are given; one of one
 * dimension stands for its product with itself.
 *
 * Shape: [nInputPlane, H, W] or [N, nInputPlane, H, W], and the same. Dtype: that of `x` and of the kernel.
 *
 * @throws ArgumentError when the kernel is no tensor; ShapeError when its sizes are not odd, or `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.SpatialSubtractiveNormalization
 * @example
 * new SpatialSubtractiveNormalization(1, ones([3])).forward(ones([1, 4, 4])).abs().max().item() < 1e-6; // true
 */
export class SpatialSubtractiveNormalization extends Neighbourhoods {
  constructor(nInputPlane = 1, kernel?: Tensor) {
    super("SpatialSubtractiveNormalization", nInputPlane, kernel);
  }
  protected override normalized(x: Tensor): Tensor {
    return sub(x, div(this.means(x), this.coverage(x)));
  }
}

export interface ThresholdOptions {
  /** Deviations at or below it are replaced. Default 1e-4. */
  readonly threshold?: number | undefined;
  /** What takes their place. Default `threshold`. */
  readonly value?: number | undefined;
}
const thresholdKinds: Kinds<ThresholdOptions> = { threshold: option.number, value: option.number };

/**
 * Divides each element by the deviation of its neighbourhood in all planes: `y = x / max(sqrt(conv(x^2, k)) / conv(1, k), threshold)`, with
 * the kernel k scaled to sum 1 over the planes, and the image surrounded by zeros. `nInputPlane` is 1 and the kernel ones of 9 by 9 unless
 * they are given; one of one dimension stands for its product with itself.
 *
 * Shape: [nInputPlane, H, W] or [N, nInputPlane, H, W], and the same. Dtype: that of `x` and of the kernel.
 *
 * @throws ArgumentError when the kernel is no tensor; ShapeError when its sizes are not odd, or `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/SpatialDivisiveNormalization.lua
 * @example
 * new SpatialDivisiveNormalization(1, ones([1])).forward(tensor([[[4, -2]]])).tolist(); // [[[1, -1]]]
 */
export class SpatialDivisiveNormalization extends Neighbourhoods {
  readonly threshold: number;
  readonly value: number;
  constructor(nInputPlane = 1, kernel?: Tensor, options: ThresholdOptions = {}) {
    super("SpatialDivisiveNormalization", nInputPlane, kernel);
    checkOptions("SpatialDivisiveNormalization", thresholdKinds, options);
    this.threshold = checkNumber("SpatialDivisiveNormalization", "threshold", options.threshold ?? 1e-4);
    this.value = checkNumber("SpatialDivisiveNormalization", "value", options.value ?? this.threshold);
  }
  protected override normalized(x: Tensor): Tensor {
    const deviations = div(safeSqrt(this.means(square(x))), this.coverage(x));
    return div(x, threshold(deviations, this.threshold, this.value));
  }
}

/**
 * {@link SpatialSubtractiveNormalization}, and {@link SpatialDivisiveNormalization} of its result, with one kernel:
 * `y = divisive(subtractive(x))`.
 *
 * Shape: [nInputPlane, H, W] or [N, nInputPlane, H, W], and the same. Dtype: that of `x` and of the kernel.
 *
 * @throws ArgumentError when the kernel is no tensor; ShapeError when its sizes are not odd, or `x` does not fit.
 * @see https://github.com/torch/nn/blob/master/doc/convolution.md#nn.SpatialContrastiveNormalization
 * @see Jarrett et al., "What is the best multi-stage architecture for object recognition?", 2009
 * @example
 * new SpatialContrastiveNormalization(3, ones([5])).forward(randn([2, 3, 8, 8])).shape; // [2, 3, 8, 8]
 */
export class SpatialContrastiveNormalization extends Module {
  readonly subtractive: SpatialSubtractiveNormalization;
  readonly divisive: SpatialDivisiveNormalization;
  constructor(nInputPlane = 1, kernel?: Tensor, options: ThresholdOptions = {}) {
    super();
    this.subtractive = new SpatialSubtractiveNormalization(nInputPlane, kernel);
    this.divisive = new SpatialDivisiveNormalization(nInputPlane, kernel, options);
  }
  forward(x: Tensor): Tensor {
    return whole(() => this.divisive.forward(this.subtractive.forward(x)));
  }
}
