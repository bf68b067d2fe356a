import { type DType, isFloat, isInt, rangeOf } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import {
  tensor as aTensor,
  boolean,
  checkOptions,
  dtype,
  type Kinds,
  none,
  number,
  orNull,
} from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { type Dims, reducedDims } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { onesLike } from "../create/creation.ts";
import { logSoftmax, softmax, softmin } from "../nn/softmax.ts";
import { div, maximum, mul, sub } from "../pointwise/arithmetic.ts";
import { clamp } from "../pointwise/clamp.ts";
import { where } from "../pointwise/comparison.ts";
import { logaddexp, sqrt } from "../pointwise/exponential.ts";
import { broadcastTo } from "../shape/view.ts";
import { cumprod, cumsum } from "./cumulative.ts";
import { argmax, argmin } from "./extreme.ts";
import { logsumexp } from "./logsumexp.ts";
import { vectorNorm } from "./norm.ts";
import { nanmedian } from "./order-statistics.ts";
import { prod } from "./product.ts";
import { amax, amin, type KeepdimOptions, keepdimKinds, sum } from "./reduction.ts";

// torch.masked: reductions and normalizations of the elements where a mask is true. The others count as the operation's neutral
// element; where nothing is left, that is the result.

export interface MaskedOptions {
  /** True where an element counts; broadcast to the input. Default: everywhere. */
  readonly mask?: Tensor | null | undefined;
  /** Convert to this dtype. */
  readonly dtype?: DType | undefined;
}
const maskedKinds: Kinds<MaskedOptions> = { dtype, mask: orNull(aTensor) };
export interface MaskedReduceOptions extends MaskedOptions, KeepdimOptions {}
const maskedReduceKinds: Kinds<MaskedReduceOptions> = { ...keepdimKinds, ...maskedKinds };
export interface MaskedVarianceOptions extends MaskedReduceOptions {
  /** What is taken from the count of elements in the divisor (default 1). */
  readonly correction?: number | undefined;
  /** The older form of `correction`: true is 1, false is 0. */
  readonly unbiased?: boolean | undefined;
}
const maskedVarianceKinds: Kinds<MaskedVarianceOptions> = {
  unbiased: boolean,
  correction: number,
  ...maskedReduceKinds,
};

const lowest = (x: Tensor): number | bigint => (isInt(x.dtype) ? rangeOf(x.dtype)[0] : -Infinity);
const highest = (x: Tensor): number | bigint => (isInt(x.dtype) ? rangeOf(x.dtype)[1] : Infinity);

/** `x` with `neutral` where the mask is false. */
const filled = (x: Tensor, { mask }: MaskedOptions, neutral: number | bigint): Tensor =>
  mask ? where(mask, x, neutral) : x;
const as = (x: Tensor, dtype: DType | undefined): Tensor => (dtype ? toDType(x, dtype) : x);
/** An empty list of dims reduces all of them, as null does. */
const allOf = (x: Tensor, dim: Dims | undefined): Dims => {
  const dims = reducedDims("masked", x, dim);
  return dims.length > 0 ? dims : null;
};

/**
 * Sum over `dim` of the elements where the mask is true, 0 where there are none: `sum(where(mask, x, 0))`.
 * Shape: `x` without the dimensions reduced, all by default (`keepdim`: size 1 there); `mask` broadcasts to `x`. Dtype: as of {@link sum}.
 *
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when a dimension is out of range or named twice.
 * @throws DeviceError when `mask` lives on another device.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false], [true, true]]);
 * maskedSum(tensor([[1, 2], [3, 4]]), 1, { mask }).tolist(); // [1, 7]
 */
export function maskedSum(x: Tensor, dim?: Dims, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedSum, x, dim, options);
  checkOptions("maskedSum", maskedReduceKinds, options);
  const { keepdim, dtype } = options;
  return sum(filled(x, options, 0), dim, { keepdim, dtype });
}
/**
 * Product over `dim` of the elements where the mask is true, 1 where there are none: `prod(where(mask, x, 1))`.
 * Shape: as of {@link maskedSum}, as are the errors; `dim` may name several dimensions. Dtype: as of {@link prod}.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false], [true, true]]);
 * maskedProd(tensor([[1, 2], [3, 4]]), 1, { mask }).tolist(); // [1, 12]
 */
export function maskedProd(x: Tensor, dim?: Dims, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedProd, x, dim, options);
  checkOptions("maskedProd", maskedReduceKinds, options);
  const wide = options.dtype ? null : inFloat32(x);
  if (wide) return toDType(maskedProd(...wide, dim, options), x.dtype);
  const from = as(filled(x, options, 1), options.dtype);
  const dims = reducedDims("maskedProd", x, dim).sort((a, b) => b - a);
  return dims.length === 0 ? prod(from) : dims.reduce((out, d) => prod(out, d, { keepdim: options.keepdim }), from);
}
/**
 * Largest element over `dim` where the mask is true: `amax(where(mask, x, -Infinity))`, so -Infinity (of integers the least) where there
 * are none.
 * Shape: as of {@link maskedSum}. Dtype: the option `dtype`, else that of `x`.
 *
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when a dimension is out of range, named twice or has size 0.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false], [true, true]]);
 * maskedAmax(tensor([[1, 2], [3, 4]]), 1, { mask }).tolist(); // [1, 4]
 */
export function maskedAmax(x: Tensor, dim?: Dims, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedAmax, x, dim, options);
  checkOptions("maskedAmax", maskedReduceKinds, options);
  checkTensor("maskedAmax", "x", x);
  const { keepdim, dtype } = options;
  return as(amax(filled(x, options, lowest(x)), dim, { keepdim }), dtype);
}
/**
 * Smallest element over `dim` where the mask is true: `amin(where(mask, x, Infinity))`, so Infinity (of integers the greatest) where there
 * are none.
 * Shape: as of {@link maskedAmax}, as are the dtype and the errors.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[false, true], [true, true]]);
 * maskedAmin(tensor([[1, 2], [3, 4]]), 1, { mask }).tolist(); // [2, 3]
 */
export function maskedAmin(x: Tensor, dim?: Dims, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedAmin, x, dim, options);
  checkOptions("maskedAmin", maskedReduceKinds, options);
  checkTensor("maskedAmin", "x", x);
  const { keepdim, dtype } = options;
  return as(amin(filled(x, options, highest(x)), dim, { keepdim }), dtype);
}
/**
 * Position of the first largest element where the mask is true, in the flattened tensor or along `dim`:
 * `argmax(where(mask, x, -Infinity))`.
 * Shape: 0-d, or `x` without `dim` (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`, as in PyTorch.
 *
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when `dim` is out of range or has size 0, or when `x` has no elements.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false], [true, true]]);
 * maskedArgmax(tensor([[1, 2], [3, 4]]), 1, { mask, dtype: "int32" }).tolist(); // [0, 1]
 */
export function maskedArgmax(x: Tensor, dim: number | null = null, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedArgmax, x, dim, options);
  checkOptions("maskedArgmax", maskedReduceKinds, options);
  checkTensor("maskedArgmax", "x", x);
  const { keepdim, dtype = x.dtype } = options;
  return toDType(argmax(filled(x, options, lowest(x)), dim, { keepdim }), dtype);
}
/**
 * Position of the first smallest element where the mask is true, in the flattened tensor or along `dim`:
 * `argmin(where(mask, x, Infinity))`.
 * Shape: as of {@link maskedArgmax}, as are the dtype and the errors.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[false, true], [true, true]]);
 * maskedArgmin(tensor([[1, 2], [3, 4]]), 1, { mask, dtype: "int32" }).tolist(); // [1, 0]
 */
export function maskedArgmin(x: Tensor, dim: number | null = null, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedArgmin, x, dim, options);
  checkOptions("maskedArgmin", maskedReduceKinds, options);
  checkTensor("maskedArgmin", "x", x);
  const { keepdim, dtype = x.dtype } = options;
  return toDType(argmin(filled(x, options, highest(x)), dim, { keepdim }), dtype);
}

/** How many elements count, over `dim`. */
const countOf = (x: Tensor, dim: Dims, keepdim: boolean, { mask }: MaskedOptions): Tensor =>
  sum(mask ? broadcastTo(mask, x.shape) : onesLike(x, { dtype: "bool" }), dim, { keepdim });
/**
 * Mean over `dim` of the elements where the mask is true: `sum(where(mask, x, 0)) / sum(mask)`, NaN where there are none.
 * Shape: as of {@link maskedSum}. Dtype: the option `dtype`, else that of `x`.
 *
 * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
 * @throws ShapeError when `mask` does not broadcast to `x`.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false], [true, true]]);
 * maskedMean(tensor([[1, 2], [3, 4]]), 1, { mask }).tolist(); // [1, 3.5]
 */
export function maskedMean(x: Tensor, dim?: Dims, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedMean, x, dim, options);
  checkOptions("maskedMean", maskedReduceKinds, options);
  checkTensor("maskedMean", "x", x);
  if (!isFloat(options.dtype ?? x.dtype))
    throw new DTypeError(
      "maskedMean",
      `needs a floating-point tensor, got ${x.dtype}`,
      "convert first, or pass { dtype }",
    );
  const dims = allOf(x, dim);
  return div(maskedSum(x, dims, options), countOf(x, dims, options.keepdim ?? false, options));
}
/**
 * Variance over `dim` of the elements where the mask is true: `sum((x - mean)^2) / (n - correction)` over those n elements, NaN where
 * nothing is left to divide by.
 * Shape: as of {@link maskedSum}. Dtype: the option `dtype`, else that of `x`; integers and bools give float32.
 *
 * @throws ShapeError when `mask` does not broadcast to `x`.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false, true], [true, true, true]]);
 * maskedVar(tensor([[1, 9, 3], [4, 5, 6]]), 1, { mask }).tolist(); // [2, 1]
 */
export function maskedVar(x: Tensor, dim?: Dims, options: MaskedVarianceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedVar, x, dim, options);
  checkOptions("maskedVar", maskedVarianceKinds, options);
  checkTensor("maskedVar", "x", x);
  const stand = inFloat32(x);
  if (stand) return toDType(maskedVar(...stand, dim, options), x.dtype);
  const correction = options.correction ?? (options.unbiased === false ? 0 : 1);
  const dims = allOf(x, dim);
  const from = as(x, options.dtype ?? (isFloat(x.dtype) ? x.dtype : "float32"));
  const mask = { mask: options.mask ?? null };
  const middle = div(maskedSum(from, dims, { ...mask, keepdim: true }), countOf(x, dims, true, mask));
  const apart = sub(from, middle);
  const keepdim = options.keepdim ?? false;
  const total = maskedSum(mul(apart, apart), dims, { ...mask, keepdim });
  return div(total, clamp(sub(toDType(countOf(x, dims, keepdim, mask), from.dtype), correction), 0));
}
/**
 * Standard deviation over `dim` of the elements where the mask is true: `sqrt(maskedVar(x, dim, options))`, of {@link maskedVar}.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false, true], [true, true, true]]);
 * maskedStd(tensor([[1, 9, 3], [4, 5, 6]]), 1, { mask }).tolist(); // [1.4142, 1]
 */
export function maskedStd(x: Tensor, dim?: Dims, options: MaskedVarianceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedStd, x, dim, options);
  checkOptions("maskedStd", maskedVarianceKinds, options);
  checkTensor("maskedStd", "x", x);
  return sqrt(maskedVar(x, dim, options));
}
/**
 * The p-norm over `dim` of the elements where the mask is true: `sum(|where(mask, x, 0)|^ord)^(1 / ord)`.
 * Shape: as of {@link maskedSum}. Dtype: the option `dtype`, else that of `x`.
 *
 * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false], [true, true]]);
 * maskedNorm(tensor([[1, 2], [3, 4]]), 2, 1, { mask }).tolist(); // [1, 5]
 */
export function maskedNorm(x: Tensor, ord = 2, dim?: Dims, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedNorm, x, ord, dim, options);
  checkOptions("maskedNorm", maskedReduceKinds, options);
  const { keepdim, dtype } = options;
  return vectorNorm(filled(x, options, ord === -Infinity ? Infinity : 0), ord, dim, { keepdim, dtype });
}
/**
 * Median along `dim` of the elements where the mask is true: `nanmedian(where(mask, x, NaN))`, of an even count the lower middle; NaN where
 * there are none.
 * Shape: `x` without `dim` (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
 *
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when `dim` is out of range or has size 0.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, true, true], [false, true, true]]);
 * maskedMedian(tensor([[3, 1, 2], [0, 7, 5]]), 1, { mask }).tolist(); // [2, 5]
 */
export function maskedMedian(x: Tensor, dim = -1, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedMedian, x, dim, options);
  checkOptions("maskedMedian", maskedReduceKinds, options);
  checkTensor("maskedMedian", "x", x);
  const from = isFloat(x.dtype) ? x : toDType(x, "float32");
  const { values } = nanmedian(filled(from, options, Number.NaN), dim, { keepdim: options.keepdim });
  return as(values, options.dtype ?? x.dtype);
}
/**
 * Logarithm of the sum of exponentials over `dim` of the elements where the mask is true: `logsumexp(where(mask, x, -Infinity))`, so
 * -Infinity where there are none.
 * Shape: as of {@link maskedSum}, as are the errors. Dtype: the option `dtype`, else that of `x`.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([[true, false], [true, true]]);
 * maskedLogsumexp(tensor([[1, 2], [0, 0]]), 1, { mask }).tolist(); // [1, 0.6931]
 */
export function maskedLogsumexp(x: Tensor, dim: Dims, options: MaskedReduceOptions = none): Tensor {
  if (unscoped()) return scoped(maskedLogsumexp, x, dim, options);
  checkOptions("maskedLogsumexp", maskedReduceKinds, options);
  checkTensor("maskedLogsumexp", "x", x);
  const { keepdim, dtype = x.dtype } = options;
  return as(logsumexp(filled(x, options, lowest(x)), dim, { keepdim }), dtype);
}

/**
 * Softmax along `dim` over the elements where the mask is true: `softmax(where(mask, x, -Infinity))`, 0 for the others.
 * Shape: that of `x`; a line without any true element is NaN. Dtype: the option `dtype`, else that of `x`.
 *
 * @throws DTypeError when neither `x` nor the option `dtype` is floating-point.
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([true, false, true]);
 * maskedSoftmax(tensor([0, 5, 0]), 0, { mask }).tolist(); // [0.5, 0, 0.5]
 */
export function maskedSoftmax(x: Tensor, dim: number, options: MaskedOptions = none): Tensor {
  if (unscoped()) return scoped(maskedSoftmax, x, dim, options);
  checkOptions("maskedSoftmax", maskedKinds, options);
  checkTensor("maskedSoftmax", "x", x);
  return softmax(filled(x, options, lowest(x)), dim, { dtype: options.dtype });
}
/**
 * Logarithm of {@link maskedSoftmax} along `dim`: `logSoftmax(where(mask, x, -Infinity))`, -Infinity where the mask is false.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([true, false, true]);
 * maskedLogSoftmax(tensor([0, 5, 0]), 0, { mask }).tolist(); // [-0.6931, -Infinity, -0.6931]
 */
export function maskedLogSoftmax(x: Tensor, dim: number, options: MaskedOptions = none): Tensor {
  if (unscoped()) return scoped(maskedLogSoftmax, x, dim, options);
  checkOptions("maskedLogSoftmax", maskedKinds, options);
  checkTensor("maskedLogSoftmax", "x", x);
  return logSoftmax(filled(x, options, lowest(x)), dim, { dtype: options.dtype });
}
/**
 * Softmax of -x along `dim` over the elements where the mask is true: `softmin(where(mask, x, Infinity))`, 0 for the others, as
 * {@link maskedSoftmax}.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([true, false, true]);
 * maskedSoftmin(tensor([0, 5, 1]), 0, { mask }).tolist(); // [0.7311, 0, 0.2689]
 */
export function maskedSoftmin(x: Tensor, dim: number, options: MaskedOptions = none): Tensor {
  if (unscoped()) return scoped(maskedSoftmin, x, dim, options);
  checkOptions("maskedSoftmin", maskedKinds, options);
  checkTensor("maskedSoftmin", "x", x);
  return softmin(filled(x, options, highest(x)), dim, { dtype: options.dtype });
}
export interface MaskedNormalizeOptions extends MaskedOptions {
  /** The least norm that is divided by (default 1e-12). */
  readonly eps?: number | undefined;
}
const maskedNormalizeKinds: Kinds<MaskedNormalizeOptions> = { eps: number, ...maskedKinds };
/**
 * Vectors along `dim` scaled to length 1 in the p-norm `ord` of the elements where the mask is true: `where(mask, x, 0) / max(norm, eps)`,
 * with `eps` 1e-12 by default.
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws DTypeError when `x` is not floating-point.
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([true, false, true]);
 * maskedNormalize(tensor([3, 9, 4]), 2, 0, { mask }).tolist(); // [0.6, 0, 0.8]
 */
export function maskedNormalize(x: Tensor, ord: number, dim: number, options: MaskedNormalizeOptions = none): Tensor {
  if (unscoped()) return scoped(maskedNormalize, x, ord, dim, options);
  checkOptions("maskedNormalize", maskedNormalizeKinds, options);
  checkTensor("maskedNormalize", "x", x);
  const { mask, dtype, eps = 1e-12 } = options;
  const wide = dtype ? null : inFloat32(x);
  if (wide) return toDType(maskedNormalize(...wide, ord, dim, options), x.dtype);
  const d = normalizeDim("maskedNormalize", dim, x.ndim);
  const length = maskedNorm(x, ord, d, { mask, dtype, keepdim: true });
  return div(filled(x, options, 0), maximum(length, eps));
}
/**
 * Running sum along `dim` of the elements where the mask is true: `cumsum(where(mask, x, 0))`.
 * Shape: that of `x`. Dtype: the option `dtype`, else that of `x`.
 *
 * @throws ShapeError when `mask` does not broadcast with `x`.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([true, false, true]);
 * maskedCumsum(tensor([1, 2, 3]), 0, { mask }).tolist(); // [1, 1, 4]
 */
export function maskedCumsum(x: Tensor, dim: number, options: MaskedOptions = none): Tensor {
  if (unscoped()) return scoped(maskedCumsum, x, dim, options);
  checkOptions("maskedCumsum", maskedKinds, options);
  return cumsum(filled(x, options, 0), dim, { dtype: options.dtype ?? x.dtype });
}
/**
 * Running product along `dim` of the elements where the mask is true: `cumprod(where(mask, x, 1))`.
 * Shape: as of {@link maskedCumsum}, as are the dtype and the errors.
 *
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const mask = tensor([true, false, true]);
 * maskedCumprod(tensor([2, 5, 3]), 0, { mask }).tolist(); // [2, 2, 6]
 */
export function maskedCumprod(x: Tensor, dim: number, options: MaskedOptions = none): Tensor {
  if (unscoped()) return scoped(maskedCumprod, x, dim, options);
  checkOptions("maskedCumprod", maskedKinds, options);
  return cumprod(filled(x, options, 1), dim, { dtype: options.dtype ?? x.dtype });
}

export interface MaskedPairOptions {
  /** True where an element of the first tensor counts. Default: everywhere. */
  readonly inputMask?: Tensor | null | undefined;
  /** True where an element of the second tensor counts. Default: everywhere. */
  readonly otherMask?: Tensor | null | undefined;
  /** Convert the result to this dtype. */
  readonly dtype?: DType | undefined;
}
const maskedPairKinds: Kinds<MaskedPairOptions> = {
  dtype,
  inputMask: orNull(aTensor),
  otherMask: orNull(aTensor),
};
/**
 * Logarithm of the sum of two exponentials, each counted where its mask is true: `log(exp(x) + exp(y))`, -Infinity where neither is.
 * Shapes: all four broadcast. Dtype: the option `dtype`, else as of {@link logaddexp}.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/masked.html
 * @example
 * const inputMask = tensor([true, false]);
 * maskedLogaddexp(tensor([0, 0]), tensor([0, 2]), { inputMask }).tolist(); // [0.6931, 2]
 */
export function maskedLogaddexp(x: Tensor, y: Tensor, options: MaskedPairOptions = none): Tensor {
  if (unscoped()) return scoped(maskedLogaddexp, x, y, options);
  checkOptions("maskedLogaddexp", maskedPairKinds, options);
  checkTensor("maskedLogaddexp", "x", x);
  checkTensor("maskedLogaddexp", "y", y);
  const { inputMask, otherMask, dtype } = options;
  return as(logaddexp(filled(x, { mask: inputMask }, lowest(x)), filled(y, { mask: otherMask }, lowest(y))), dtype);
}
