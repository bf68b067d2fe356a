import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { runArgReduce, runGather } from "../../lower/machine.ts";
import { dense } from "../../lower/move.ts";
import { takeAt, takeTied } from "../index/scattering.ts";
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
 * Where the maximum of each window of the planes [planes, cells] lies (the first of equals): int32 [planes, count]. The other input
 * holds the windows' positions one after the other: one row for all planes, or one for each.
 */
export const windowArgmaxOp: Op<{ readonly count: number }> = {
  name: "windowArgmax",
  forward([planes, positions], { count }) {
    const [n] = planes.shape;
    const out = empty(planes.backend, "int32", [n, count]);
    if (out.size === 0) return out;
    const width = positions.shape[1];
    const at = dense(expand(positions, [n, width]));
    const rows = (t: Tensor) => viewOf(t, [n * count, width / count], [width / count, 1], t.offset);
    const best = empty(planes.backend, "int32", [n * count, 1]);
    runArgReduce(planes, "max", rows(takeAt(planes, 1, at)), best, 1);
    runGather(planes, rows(at), best, viewOf(out, [n * count, 1], [1, 1], 0), 1);
    return out;
  },
};

/**
 * Maximum of each window of the planes of `x` [N, C, spatial...], and its position in the plane (int32). `positions` are those that
 * {@link windowArgmaxOp} takes.
 */
export function windowMaximum(
  x: Tensor,
  positions: Tensor,
  out: readonly number[],
): { values: Tensor; indices: Tensor } {
  const shape = [x.shape[0], x.shape[1], ...out];
  const planes = reshape(x, [x.shape[0] * x.shape[1], sizeOf(x.shape.slice(2))]);
  const indices = applyOne(windowArgmaxOp, [planes, positions], { count: sizeOf(out) });
  return { values: reshape(takeTied(planes, 1, indices), shape), indices: reshape(indices, shape) };
}
