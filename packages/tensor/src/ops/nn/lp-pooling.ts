import type { Tensor } from "../../core/tensor.ts";
import { relu } from "../pointwise/activation.ts";
import { abs, mul, pow, sign } from "../pointwise/arithmetic.ts";
import { type Spatial, spatial } from "./conv.ts";
import { avgPool1d, avgPool2d, avgPool3d } from "./pooling.ts";

export interface LpPoolOptions {
  /** Default: the kernel size. */
  readonly stride?: Spatial | null;
  readonly ceilMode?: boolean;
}
function lpPool(
  op: string,
  n: number,
  x: Tensor,
  normType: number,
  kernelSize: Spatial,
  { stride = null, ceilMode = false }: LpPoolOptions,
): Tensor {
  const area = spatial(op, "kernelSize", kernelSize, n, 1).reduce((a, k) => a * k, 1);
  const mean = [avgPool1d, avgPool2d, avgPool3d][n - 1](pow(x, normType), kernelSize, { stride, ceilMode });
  // the power of a negative sum is that of 0, as in PyTorch
  return pow(mul(mul(sign(mean), relu(abs(mean))), area), 1 / normType);
}
/** (sum of x^normType)^(1 / normType) over windows of the last dimension of [N, C, L]. */
export const lpPool1d = (x: Tensor, normType: number, kernelSize: Spatial, options: LpPoolOptions = {}): Tensor =>
  lpPool("lpPool1d", 1, x, normType, kernelSize, options);
/** (sum of x^normType)^(1 / normType) over windows of [N, C, H, W]. */
export const lpPool2d = (x: Tensor, normType: number, kernelSize: Spatial, options: LpPoolOptions = {}): Tensor =>
  lpPool("lpPool2d", 2, x, normType, kernelSize, options);
/** (sum of x^normType)^(1 / normType) over windows of [N, C, D, H, W]. */
export const lpPool3d = (x: Tensor, normType: number, kernelSize: Spatial, options: LpPoolOptions = {}): Tensor =>
  lpPool("lpPool3d", 3, x, normType, kernelSize, options);
