import { boolean, checkOptions, type Kinds, none, numbers, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { relu } from "../pointwise/activation.ts";
import { abs, mul, pow, sign } from "../pointwise/arithmetic.ts";
import { type Spatial, spatial } from "./conv.ts";
import { avgPool1d, avgPool2d, avgPool3d } from "./pooling.ts";

export interface LpPoolOptions {
  /** Steps between windows (default: the kernel size). */
  readonly stride?: Spatial | null | undefined;
  /** Round sizes up: a last window may hang over the end (default false). */
  readonly ceilMode?: boolean | undefined;
}
export const lpPoolKinds: Kinds<LpPoolOptions> = { stride: orNull(numbers), ceilMode: boolean };
function lpPool(
  op: string,
  n: number,
  x: Tensor,
  normType: number,
  kernelSize: Spatial,
  options: LpPoolOptions,
): Tensor {
  checkOptions(op, lpPoolKinds, options);
  checkTensor(op, "x", x);
  const { stride = null, ceilMode = false } = options;
  const area = spatial(op, "kernelSize", kernelSize, n, 1).reduce((a, k) => a * k, 1);
  const mean = [avgPool1d, avgPool2d, avgPool3d][n - 1](pow(x, normType), kernelSize, { stride, ceilMode });
  // the power of a negative sum is that of 0, as in PyTorch
  return pow(mul(mul(sign(mean), relu(abs(mean))), area), 1 / normType);
}
/**
 * Root of the sum of powers over sliding windows in one dimension: `y = sum(x^p)^(1 / p)` with p = `normType`. Order 1 gives sums, 2
 * lengths, and a large one comes near to the maximum; a negative sum gives 0.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L - kernelSize) / stride) + 1`; `ceilMode` rounds up instead.
 * Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit it.
 * @throws ArgumentError when `kernelSize` or `stride` is not positive.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool1d.html
 * @example
 * lpPool1d(tensor([[[3, 4, 6, 8]]]), 2, 2).tolist(); // [[[5, 10]]]
 * lpPool1d(tensor([[[3, 4, 6, 8]]]), 2, 2, { stride: 1 }).tolist(); // [[[5.0000, 7.2111, 10.0000]]]
 */
export const lpPool1d = (x: Tensor, normType: number, kernelSize: Spatial, options: LpPoolOptions = none): Tensor =>
  unscoped()
    ? scoped(lpPool1d, x, normType, kernelSize, options)
    : lpPool("lpPool1d", 1, x, normType, kernelSize, options);
/**
 * Root of the sum of powers over sliding windows in two dimensions: `y = sum(x^p)^(1 / p)` with p = `normType`. Order 1 gives sums, 2
 * lengths, and a large one comes near to the maximum; a negative sum gives 0.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with `H' = floor((H - kernelSize) / stride) + 1`, W' likewise;
 * `ceilMode` rounds up instead. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit it.
 * @throws ArgumentError when `kernelSize` or `stride` is not positive.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html
 * @example
 * lpPool2d(tensor([[[1, 1, 3, 0], [1, 1, 0, 4]]]), 2, 2).tolist(); // [[[2, 5]]]
 */
export const lpPool2d = (x: Tensor, normType: number, kernelSize: Spatial, options: LpPoolOptions = none): Tensor =>
  unscoped()
    ? scoped(lpPool2d, x, normType, kernelSize, options)
    : lpPool("lpPool2d", 2, x, normType, kernelSize, options);
/**
 * Root of the sum of powers over sliding windows in three dimensions: `y = sum(x^p)^(1 / p)` with p = `normType`. Order 1 gives sums, 2
 * lengths, and a large one comes near to the maximum; a negative sum gives 0.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with `D' = floor((D - kernelSize) / stride) + 1`, H' and
 * W' likewise; `ceilMode` rounds up instead. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit it.
 * @throws ArgumentError when `kernelSize` or `stride` is not positive.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool3d.html
 * @example
 * lpPool3d(ones([1, 2, 2, 1]), 2, [2, 2, 1]).tolist(); // [[[[2]]]]
 */
export const lpPool3d = (x: Tensor, normType: number, kernelSize: Spatial, options: LpPoolOptions = none): Tensor =>
  unscoped()
    ? scoped(lpPool3d, x, normType, kernelSize, options)
    : lpPool("lpPool3d", 3, x, normType, kernelSize, options);
