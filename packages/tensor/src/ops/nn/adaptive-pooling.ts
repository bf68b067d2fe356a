import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, elsewhere, ShapeError, show, showShape } from "../../core/errors.ts";
import { pair } from "../../core/named.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkInteger } from "../../layout/integers.ts";
import { countElements } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import type { Picked } from "../index/picking.ts";
import { squeeze, unsqueeze } from "../shape/view.ts";
import * as pooling from "./pooling.ts";
import { resample, tiedResampleOp } from "./resampling.ts";
import { evened, planePositions, type Windows, windowMaximum } from "./window-maximum.ts";

/** A size for all dimensions, or one for each; null keeps the input's. */
export type OutputSize = number | null | readonly (number | null)[];

function outputOf(op: string, n: number, x: Tensor, outputSize: OutputSize): number[] {
  if (x.ndim !== n + 1 && x.ndim !== n + 2)
    throw new ShapeError(op, `expected input with ${n + 1} or ${n + 2} dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  const size = x.shape.slice(x.ndim - n);
  if (size.some((s) => s === 0))
    throw new ShapeError(op, `expected spatial dimensions that are not empty, got ${showShape(x.shape)}`, [x.shape]);
  const list: readonly (number | null)[] = Array.isArray(outputSize) ? outputSize : [outputSize];
  if (list.length !== 1 && list.length !== n)
    throw new ArgumentError(op, `outputSize needs one or ${n} entries, got ${show(list)}`);
  const out = size.map((s, i) => {
    const o = list.length === 1 ? list[0] : list[i];
    return o === null ? s : checkInteger(op, "outputSize", o, 0);
  });
  countElements([...x.shape.slice(0, x.ndim - n), ...out], op);
  return out;
}

/** The cells that window `o` of `out` covers: from floor(o size / out) to ceil((o + 1) size / out). */
function windowsOf(size: number, out: number): Windows {
  return Array.from({ length: out }, (_, o) => {
    const start = Math.floor((o * size) / out);
    return Array.from({ length: Math.ceil(((o + 1) * size) / out) - start }, (_, i) => start + i);
  });
}
const even = (size: readonly number[], out: readonly number[]): boolean =>
  out.every((o, i) => o > 0 && size[i] % o === 0);

function adaptiveAvg(op: string, n: number, x: Tensor, outputSize: OutputSize): Tensor {
  const whole = wholeBy(op, x);
  if (whole !== null) return whole(adaptiveAvg, [op, n, x, outputSize]);
  const out = outputOf(op, n, x, outputSize);
  if (!isFloat(x.dtype)) throw new DTypeError(op, `needs a floating-point tensor, got ${x.dtype}`);
  const size = x.shape.slice(x.ndim - n);
  if (even(size, out)) {
    const mean = [pooling.avgPool1d, pooling.avgPool2d, pooling.avgPool3d][n - 1];
    return mean(
      x,
      size.map((s, i) => s / out[i]),
    );
  }
  const wide = inFloat32(x);
  if (wide) return toDType(adaptiveAvg(op, n, wide[0], outputSize), x.dtype);
  return out.reduce((y, o, i) => {
    const rows = windowsOf(size[i], o).map((w) => w.map((from) => ({ from, weight: 1 / w.length })));
    return resample(y, { dim: x.ndim - n + i, rows }, tiedResampleOp);
  }, x);
}
/**
 * Mean over windows that share one dimension as evenly as they can:
 * `y[n, c, i] = mean(x[n, c, floor(i * L / o) .. ceil((i + 1) * L / o) - 1])` for a size of o. Windows overlap by an element where the size
 * does not divide. For `outputSize` give one size; null keeps the input's.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, o] or [C, o]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html
 * @example
 * adaptiveAvgPool1d(tensor([[[1, 2, 3, 4, 5]]]), 2).tolist(); // [[[2, 4]]]
 */
export const adaptiveAvgPool1d = (x: Tensor, outputSize: OutputSize): Tensor => {
  if (unscoped()) return scoped(adaptiveAvgPool1d, x, outputSize);
  checkTensor("adaptiveAvgPool1d", "x", x);
  return adaptiveAvg("adaptiveAvgPool1d", 1, x, outputSize);
};
/**
 * Mean over windows that share two dimensions as evenly as they can:
 * `y[n, c, i, j] = mean(x[n, c, floor(i * H / o) .. ceil((i + 1) * H / o) - 1, ...])` for a size of o, and likewise along W. Windows
 * overlap by an element where the size does not divide. For `outputSize` give one size for all or 2 sizes; null keeps the input's.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, oh, ow] or [C, oh, ow]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 * @example
 * import { adaptiveAvgPool2d, ones, tensor } from "@flambeau/tensor";
 * adaptiveAvgPool2d(tensor([[[1, 2, 3]]]), [1, 2]).tolist(); // [[[1.5, 2.5]]]
 * adaptiveAvgPool2d(ones([8, 64, 7, 9]), [null, 1]).shape; // [8, 64, 7, 1]
 */
export const adaptiveAvgPool2d = (x: Tensor, outputSize: OutputSize): Tensor => {
  if (unscoped()) return scoped(adaptiveAvgPool2d, x, outputSize);
  checkTensor("adaptiveAvgPool2d", "x", x);
  return adaptiveAvg("adaptiveAvgPool2d", 2, x, outputSize);
};
/**
 * Mean over windows that share three dimensions as evenly as they can:
 * `y[n, c, i, j, k] = mean(x[n, c, floor(i * D / o) .. ceil((i + 1) * D / o) - 1, ...])` for a size of o, and likewise along H and W.
 * Windows overlap by an element where the size does not divide. For `outputSize` give one size for all or 3 sizes; null keeps the input's.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, od, oh, ow] or [C, od, oh, ow]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool3d.html
 * @example
 * adaptiveAvgPool3d(tensor([[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]]), [1, 1, 2]).tolist(); // [[[[3, 4]]]]
 * adaptiveAvgPool3d(ones([1, 4, 5, 6, 7]), 2).shape; // [1, 4, 2, 2, 2]
 */
export const adaptiveAvgPool3d = (x: Tensor, outputSize: OutputSize): Tensor => {
  if (unscoped()) return scoped(adaptiveAvgPool3d, x, outputSize);
  checkTensor("adaptiveAvgPool3d", "x", x);
  return adaptiveAvg("adaptiveAvgPool3d", 3, x, outputSize);
};

function adaptiveMax(op: string, n: number, x: Tensor, outputSize: OutputSize): { values: Tensor; indices: Tensor } {
  const whole = wholeBy(op, x);
  if (whole !== null) return whole(adaptiveMax, [op, n, x, outputSize]);
  if (unscoped()) return scoped(adaptiveMax, op, n, x, outputSize);
  const out = outputOf(op, n, x, outputSize);
  const size = x.shape.slice(x.ndim - n);
  if (even(size, out)) {
    const maximum = [pooling.maxPool1dWithIndices, pooling.maxPool2dWithIndices, pooling.maxPool3dWithIndices][n - 1];
    return maximum(
      x,
      size.map((s, i) => s / out[i]),
    );
  }
  const batched = x.ndim === n + 1 ? unsqueeze(x, 0) : x;
  const positions = planePositions(
    size,
    out.map((o, i) => (o === 0 ? [] : evened(windowsOf(size[i], o)))),
  );
  const made = { dtype: "int32", device: x.device } as const;
  const table = fromValues(op, positions, [1, positions.length], made);
  const { values, indices } = windowMaximum(batched, table, out);
  table.dispose();
  return x.ndim === n + 1 ? { values: squeeze(values, 0), indices: squeeze(indices, 0) } : { values, indices };
}
function valuesOf({ values, indices }: { values: Tensor; indices: Tensor }): Tensor {
  indices.dispose(); // the graph, if there is one, holds them
  return values;
}
const withIndices = (op: string): ArgumentError => elsewhere(op, "returnIndices", `${op}WithIndices(x, outputSize)`);
/**
 * Maximum over windows that share one dimension as evenly as they can:
 * `y[n, c, i] = max(x[n, c, floor(i * L / o) .. ceil((i + 1) * L / o) - 1])` for a size of o. For `outputSize` give one size; null keeps
 * the input's.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, o] or [C, o]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
 * @example
 * adaptiveMaxPool1d(tensor([[[5, 1, 2, 4, 3]]]), 2).tolist(); // [[[5, 4]]]
 */
export const adaptiveMaxPool1d: (x: Tensor, outputSize: OutputSize) => Tensor = (
  x: Tensor,
  outputSize: OutputSize,
  returnIndices?: unknown,
) => {
  if (returnIndices === true) throw withIndices("adaptiveMaxPool1d");
  if (unscoped()) return scoped(adaptiveMaxPool1d, x, outputSize);
  checkTensor("adaptiveMaxPool1d", "x", x);
  return valuesOf(adaptiveMax("adaptiveMaxPool1d", 1, x, outputSize));
};
/**
 * Maximum over windows that share two dimensions as evenly as they can:
 * `y[n, c, i, j] = max(x[n, c, floor(i * H / o) .. ceil((i + 1) * H / o) - 1, ...])` for a size of o, and likewise along W. For
 * `outputSize` give one size for all or 2 sizes; null keeps the input's.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, oh, ow] or [C, oh, ow]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
 * @example
 * adaptiveMaxPool2d(tensor([[[1, 7, 3], [4, 5, 6]]]), [1, 2]).tolist(); // [[[7, 7]]]
 */
export const adaptiveMaxPool2d: (x: Tensor, outputSize: OutputSize) => Tensor = (
  x: Tensor,
  outputSize: OutputSize,
  returnIndices?: unknown,
) => {
  if (returnIndices === true) throw withIndices("adaptiveMaxPool2d");
  if (unscoped()) return scoped(adaptiveMaxPool2d, x, outputSize);
  checkTensor("adaptiveMaxPool2d", "x", x);
  return valuesOf(adaptiveMax("adaptiveMaxPool2d", 2, x, outputSize));
};
/**
 * Maximum over windows that share three dimensions as evenly as they can:
 * `y[n, c, i, j, k] = max(x[n, c, floor(i * D / o) .. ceil((i + 1) * D / o) - 1, ...])` for a size of o, and likewise along H and W. For
 * `outputSize` give one size for all or 3 sizes; null keeps the input's.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, od, oh, ow] or [C, od, oh, ow]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or a dimension of size 0.
 * @throws ArgumentError when `outputSize` has another length or holds anything but non-negative integers and null.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
 * @example
 * adaptiveMaxPool3d(arange(8).reshape([1, 2, 2, 2]), [1, 1, 2]).tolist(); // [[[[6, 7]]]]
 */
export const adaptiveMaxPool3d: (x: Tensor, outputSize: OutputSize) => Tensor = (
  x: Tensor,
  outputSize: OutputSize,
  returnIndices?: unknown,
) => {
  if (returnIndices === true) throw withIndices("adaptiveMaxPool3d");
  if (unscoped()) return scoped(adaptiveMaxPool3d, x, outputSize);
  checkTensor("adaptiveMaxPool3d", "x", x);
  return valuesOf(adaptiveMax("adaptiveMaxPool3d", 3, x, outputSize));
};
/**
 * {@link adaptiveMaxPool1d} with the positions of the maxima: `x.flatten(-1)[indices] = values` in each plane.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link adaptiveMaxPool1d}. Dtype: that of `x`, and int32 for the
 * positions (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError when {@link adaptiveMaxPool1d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
 * @example
 * const { values, indices } = adaptiveMaxPool1dWithIndices(tensor([[[5, 1, 2, 4, 3]]]), 2);
 * values.tolist(); // [[[5, 4]]]
 * indices.tolist(); // [[[0, 3]]]
 */
export const adaptiveMaxPool1dWithIndices = (x: Tensor, outputSize: OutputSize): Picked => {
  checkTensor("adaptiveMaxPool1dWithIndices", "x", x);
  return pair(adaptiveMax("adaptiveMaxPool1d", 1, x, outputSize));
};
/**
 * {@link adaptiveMaxPool2d} with the positions of the maxima: `x.flatten(-2)[indices] = values` in each plane.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link adaptiveMaxPool2d}. Dtype: that of `x`, and int32 for the
 * positions (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError when {@link adaptiveMaxPool2d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
 * @example
 * const { values, indices } = adaptiveMaxPool2dWithIndices(tensor([[[1, 2, 3], [7, 5, 6]]]), [1, 2]);
 * values.tolist(); // [[[7, 6]]]
 * indices.tolist(); // [[[3, 5]]]
 */
export const adaptiveMaxPool2dWithIndices = (x: Tensor, outputSize: OutputSize): Picked => {
  checkTensor("adaptiveMaxPool2dWithIndices", "x", x);
  return pair(adaptiveMax("adaptiveMaxPool2d", 2, x, outputSize));
};
/**
 * {@link adaptiveMaxPool3d} with the positions of the maxima: `x.flatten(-3)[indices] = values` in each plane.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link adaptiveMaxPool3d}. Dtype: that of `x`, and int32 for the
 * positions (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError when {@link adaptiveMaxPool3d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
 * @example
 * const { indices } = adaptiveMaxPool3dWithIndices(arange(8).reshape([1, 2, 2, 2]), [2, 1, 1]);
 * indices.tolist(); // [[[[3]], [[7]]]]
 */
export const adaptiveMaxPool3dWithIndices = (x: Tensor, outputSize: OutputSize): Picked => {
  checkTensor("adaptiveMaxPool3dWithIndices", "x", x);
  return pair(adaptiveMax("adaptiveMaxPool3d", 3, x, outputSize));
};
