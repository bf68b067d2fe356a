import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkInteger } from "../../layout/integers.ts";
import { countElements } from "../../layout/shapes.ts";
import { fromValues } from "../create/allocation.ts";
import { inFloat32, toDType } from "../create/copy.ts";
import { squeeze, unsqueeze } from "../shape/view.ts";
import * as pooling from "./pooling.ts";
import { resample } from "./resampling.ts";
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
    return resample(y, x.ndim - n + i, rows);
  }, x);
}
/** Mean over `outputSize` windows that share the last dimension of [N, C, L] (or [C, L]) as evenly as they can. */
export const adaptiveAvgPool1d = (x: Tensor, outputSize: OutputSize): Tensor =>
  adaptiveAvg("adaptiveAvgPool1d", 1, x, outputSize);
/**
 * Mean over windows of [N, C, H, W] (or [C, H, W]) that give a result of `outputSize`: window i of o covers floor(i H / o) to
 * ceil((i + 1) H / o).
 *
 * @throws ShapeError, ArgumentError when the sizes do not fit.
 * @example
 * import { adaptiveAvgPool2d, tensor } from "@flambeau/tensor";
 * console.log(adaptiveAvgPool2d(tensor([[[1, 2, 3]]]), [1, 2]).tolist()); // [[[1.5, 2.5]]]
 */
export const adaptiveAvgPool2d = (x: Tensor, outputSize: OutputSize): Tensor =>
  adaptiveAvg("adaptiveAvgPool2d", 2, x, outputSize);
/** {@link adaptiveAvgPool2d} of [N, C, D, H, W]. */
export const adaptiveAvgPool3d = (x: Tensor, outputSize: OutputSize): Tensor =>
  adaptiveAvg("adaptiveAvgPool3d", 3, x, outputSize);

function adaptiveMax(op: string, n: number, x: Tensor, outputSize: OutputSize): { values: Tensor; indices: Tensor } {
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
/** Maximum over `outputSize` windows that share the last dimension of [N, C, L] as evenly as they can. */
export const adaptiveMaxPool1d = (x: Tensor, outputSize: OutputSize): Tensor =>
  valuesOf(adaptiveMax("adaptiveMaxPool1d", 1, x, outputSize));
/** Maximum over the windows of {@link adaptiveAvgPool2d}. */
export const adaptiveMaxPool2d = (x: Tensor, outputSize: OutputSize): Tensor =>
  valuesOf(adaptiveMax("adaptiveMaxPool2d", 2, x, outputSize));
/** Maximum over the windows of {@link adaptiveAvgPool3d}. */
export const adaptiveMaxPool3d = (x: Tensor, outputSize: OutputSize): Tensor =>
  valuesOf(adaptiveMax("adaptiveMaxPool3d", 3, x, outputSize));
/** {@link adaptiveMaxPool1d} with the positions (within each plane, int32) of the maxima. */
export const adaptiveMaxPool1dWithIndices = (x: Tensor, outputSize: OutputSize) =>
  adaptiveMax("adaptiveMaxPool1d", 1, x, outputSize);
/** {@link adaptiveMaxPool2d} with the positions (within each plane, int32) of the maxima. */
export const adaptiveMaxPool2dWithIndices = (x: Tensor, outputSize: OutputSize) =>
  adaptiveMax("adaptiveMaxPool2d", 2, x, outputSize);
/** {@link adaptiveMaxPool3d} with the positions (within each plane, int32) of the maxima. */
export const adaptiveMaxPool3dWithIndices = (x: Tensor, outputSize: OutputSize) =>
  adaptiveMax("adaptiveMaxPool3d", 3, x, outputSize);
