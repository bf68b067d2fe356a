import type { DType } from "../../core/dtype.ts";
import { isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { type Dims, reducedDims } from "../../lower/reduce.ts";
import { inFloat32, toDType } from "../create/copy.ts";
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
import { amax, amin, sum } from "./reduction.ts";

// torch.masked: reductions and normalizations of the elements where a mask is true. The others count as the operation's neutral
// element; where nothing is left, that is the result.

export interface MaskedOptions {
  /** True where an element counts; broadcast to the input. Default: everywhere. */
  readonly mask?: Tensor | null;
  readonly dtype?: DType;
}
export interface MaskedReduceOptions extends MaskedOptions {
  readonly keepdim?: boolean;
}
export interface MaskedVarianceOptions extends MaskedReduceOptions {
  readonly correction?: number;
  readonly unbiased?: boolean;
}

const least: { readonly [D in DType]?: number } = {
  uint8: 0,
  int8: -128,
  int16: -32768,
  int32: -(2 ** 31),
  int64: -(2 ** 63),
};
const most: { readonly [D in DType]?: number } = {
  uint8: 255,
  int8: 127,
  int16: 32767,
  int32: 2 ** 31 - 1,
  int64: 2 ** 63,
};
const lowest = (x: Tensor): number => least[x.dtype] ?? -Infinity;
const highest = (x: Tensor): number => most[x.dtype] ?? Infinity;

/** `x` with `neutral` where the mask is false. */
const filled = (x: Tensor, { mask }: MaskedOptions, neutral: number): Tensor => (mask ? where(mask, x, neutral) : x);
const as = (x: Tensor, dtype: DType | undefined): Tensor => (dtype ? toDType(x, dtype) : x);
/** An empty list of dims reduces all of them, as null does. */
const allOf = (x: Tensor, dim: Dims | undefined): Dims => {
  const dims = reducedDims("masked", x, dim);
  return dims.length > 0 ? dims : null;
};

/** Sum over `dim` of the elements where the mask is true. */
export const maskedSum = (x: Tensor, dim?: Dims, options: MaskedReduceOptions = {}): Tensor =>
  sum(filled(x, options, 0), dim, options);
/** Product over `dim` of the elements where the mask is true. */
export function maskedProd(x: Tensor, dim?: Dims, options: MaskedReduceOptions = {}): Tensor {
  const from = as(filled(x, options, 1), options.dtype);
  const dims = reducedDims("maskedProd", x, dim).sort((a, b) => b - a);
  return dims.length === 0
    ? prod(from)
    : dims.reduce((out, d) => prod(out, d, { keepdim: options.keepdim ?? false }), from);
}
/** Largest element over `dim` where the mask is true. */
export const maskedAmax = (x: Tensor, dim?: Dims, options: MaskedReduceOptions = {}): Tensor =>
  as(amax(filled(x, options, lowest(x)), dim, options), options.dtype);
/** Smallest element over `dim` where the mask is true. */
export const maskedAmin = (x: Tensor, dim?: Dims, options: MaskedReduceOptions = {}): Tensor =>
  as(amin(filled(x, options, highest(x)), dim, options), options.dtype);
/** Position of the largest element where the mask is true, in the input's dtype as in PyTorch. */
export const maskedArgmax = (x: Tensor, dim: number | null = null, options: MaskedReduceOptions = {}): Tensor =>
  toDType(argmax(filled(x, options, lowest(x)), dim, options), options.dtype ?? x.dtype);
/** Position of the smallest element where the mask is true, in the input's dtype as in PyTorch. */
export const maskedArgmin = (x: Tensor, dim: number | null = null, options: MaskedReduceOptions = {}): Tensor =>
  toDType(argmin(filled(x, options, highest(x)), dim, options), options.dtype ?? x.dtype);

/** How many elements count, over `dim`. */
const countOf = (x: Tensor, dim: Dims, keepdim: boolean, { mask }: MaskedOptions): Tensor =>
  sum(mask ? broadcastTo(mask, x.shape) : onesLike(x, { dtype: "bool" }), dim, { keepdim });
/** Mean over `dim` of the elements where the mask is true; NaN where there are none. */
export function maskedMean(x: Tensor, dim?: Dims, options: MaskedReduceOptions = {}): Tensor {
  if (!isFloat(options.dtype ?? x.dtype))
    throw new DTypeError(
      "maskedMean",
      `needs a floating-point tensor, got ${x.dtype}`,
      "convert first, or pass { dtype }",
    );
  const dims = allOf(x, dim);
  return div(maskedSum(x, dims, options), countOf(x, dims, options.keepdim ?? false, options));
}
/** Variance over `dim` of the elements where the mask is true. */
export function maskedVar(x: Tensor, dim?: Dims, options: MaskedVarianceOptions = {}): Tensor {
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
/** Standard deviation over `dim` of the elements where the mask is true. */
export const maskedStd = (x: Tensor, dim?: Dims, options: MaskedVarianceOptions = {}): Tensor =>
  sqrt(maskedVar(x, dim, options));
/** The p-norm over `dim` of the elements where the mask is true. */
export const maskedNorm = (x: Tensor, ord = 2, dim?: Dims, options: MaskedReduceOptions = {}): Tensor =>
  vectorNorm(filled(x, options, ord === -Infinity ? Infinity : 0), ord, dim, options);
/** Median along `dim` of the elements where the mask is true; NaN where there are none. */
export function maskedMedian(x: Tensor, dim = -1, options: MaskedReduceOptions = {}): Tensor {
  const from = isFloat(x.dtype) ? x : toDType(x, "float32");
  const { values } = nanmedian(filled(from, options, Number.NaN), dim, { keepdim: options.keepdim ?? false });
  return as(values, options.dtype ?? x.dtype);
}
/** log of the sum of exponentials over `dim` of the elements where the mask is true. */
export const maskedLogsumexp = (x: Tensor, dim: Dims, options: MaskedReduceOptions = {}): Tensor =>
  as(logsumexp(filled(x, options, lowest(x)), dim, options), options.dtype ?? x.dtype);

/** Softmax along `dim` over the elements where the mask is true. */
export const maskedSoftmax = (x: Tensor, dim: number, options: MaskedOptions = {}): Tensor =>
  softmax(filled(x, options, lowest(x)), dim, options);
/** log of softmax along `dim` over the elements where the mask is true. */
export const maskedLogSoftmax = (x: Tensor, dim: number, options: MaskedOptions = {}): Tensor =>
  logSoftmax(filled(x, options, lowest(x)), dim, options);
/** softmax(-x) along `dim` over the elements where the mask is true. */
export const maskedSoftmin = (x: Tensor, dim: number, options: MaskedOptions = {}): Tensor =>
  softmin(filled(x, options, highest(x)), dim, options);
/** x / max(norm(x), eps) along `dim`, of the elements where the mask is true. */
export function maskedNormalize(
  x: Tensor,
  ord: number,
  dim: number,
  options: MaskedOptions & { readonly eps?: number } = {},
): Tensor {
  const d = normalizeDim("maskedNormalize", dim, x.ndim);
  const length = maskedNorm(x, ord, d, { ...options, keepdim: true });
  return div(filled(x, options, 0), maximum(length, options.eps ?? 1e-12));
}
/** Running sum along `dim` of the elements where the mask is true. */
export const maskedCumsum = (x: Tensor, dim: number, options: MaskedOptions = {}): Tensor =>
  cumsum(filled(x, options, 0), dim, { dtype: options.dtype ?? x.dtype });
/** Running product along `dim` of the elements where the mask is true. */
export const maskedCumprod = (x: Tensor, dim: number, options: MaskedOptions = {}): Tensor =>
  cumprod(filled(x, options, 1), dim, { dtype: options.dtype ?? x.dtype });
export interface MaskedPairOptions {
  readonly inputMask?: Tensor | null;
  readonly otherMask?: Tensor | null;
  readonly dtype?: DType;
}
/** log(exp(x) + exp(y)), each where its mask is true. */
export const maskedLogaddexp = (
  x: Tensor,
  y: Tensor,
  { inputMask = null, otherMask = null, dtype }: MaskedPairOptions = {},
): Tensor => as(logaddexp(filled(x, { mask: inputMask }, lowest(x)), filled(y, { mask: otherMask }, lowest(y))), dtype);
