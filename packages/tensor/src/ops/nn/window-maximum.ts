import { noGrad } from "../../core/modes.ts";
import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { dense } from "../../lower/move.ts";
import { fromValues } from "../create/allocation.ts";
import { takeAt } from "../index/scattering.ts";
import { expand, reshape } from "../shape/view.ts";

/** For one dimension: each window's positions, all windows of one length (a shorter one repeats its last position). */
export type Windows = readonly (readonly number[])[];

/** Makes windows of one length. */
export function evened(windows: Windows): Windows {
  const length = Math.max(...windows.map((w) => w.length));
  return windows.map((w) => Array.from({ length }, (_, i) => w[Math.min(i, w.length - 1)]));
}

/** Flat positions in a plane of `size` for every window of it, row-major: the product of the dimensions' windows. */
export function planePositions(size: readonly number[], windows: readonly Windows[]): number[] {
  let flat: { readonly window: readonly number[] }[] = [{ window: [0] }];
  windows.forEach((along, i) => {
    flat = flat.flatMap(({ window }) =>
      along.map((w) => ({ window: window.flatMap((p) => w.map((v) => p * size[i] + v)) })),
    );
  });
  return flat.flatMap(({ window }) => window);
}

/**
 * Maximum of each window of the planes of `x` [N, C, spatial...], and its position in the plane (the first of equals; int32).
 * `positions` holds the windows of one plane, used for all, or of each plane.
 */
export function windowMaximum(
  x: Tensor,
  positions: readonly number[],
  out: readonly number[],
  perPlane = false,
): { values: Tensor; indices: Tensor } {
  const planes = x.shape[0] * x.shape[1];
  const shape = [x.shape[0], x.shape[1], ...out];
  const plane = sizeOf(x.shape.slice(2));
  const count = sizeOf(out);
  if (planes * count === 0)
    return {
      values: reshape(takeAt(reshape(x, [planes, plane]), 1, empty(x.backend, "int32", [planes, count])), shape),
      indices: empty(x.backend, "int32", shape),
    };
  const width = positions.length / (perPlane ? planes : 1);
  const indices = noGrad(() => {
    const table = fromValues("maxPool", positions, [perPlane ? planes : 1, width], {
      dtype: "int32",
      device: x.device,
    });
    const at = dense(expand(table, [planes, width]));
    const found = takeAt(reshape(x, [planes, plane]), 1, at);
    const rows = (t: Tensor) => viewOf(t, [planes * count, width / count], [width / count, 1], t.offset);
    const best = empty(x.backend, "int32", [planes * count, 1]);
    x.backend.kernels.argReduce("max", rows(found), best, 1);
    const picked = empty(x.backend, "int32", [planes, count]);
    x.backend.kernels.gather(rows(at), best, viewOf(picked, [planes * count, 1], [1, 1], 0), 1);
    for (const t of [table, at, found, best]) t.dispose();
    return picked;
  });
  const values = reshape(takeAt(reshape(x, [planes, plane]), 1, indices), shape);
  return { values, indices: reshape(indices, shape) };
}
