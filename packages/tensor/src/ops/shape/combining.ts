import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkInteger } from "../../layout/integers.ts";
import { resultType } from "../../layout/promotion.ts";
import { broadcastShapes, maxElements, tooManyElements } from "../../layout/shapes.ts";
import { fromValues } from "../create/allocation.ts";
import { toDType } from "../create/copy.ts";
import { zeros } from "../create/creation.ts";
import { indexSelect } from "../index/index-along.ts";
import { cat, stack } from "./joining.ts";
import { constantPadNd } from "./padding.ts";
import { atleast2d } from "./stacking.ts";
import { broadcastTo, expand, flatten, reshape, transpose } from "./view.ts";

/** All tensors expanded to their common shape. Views. */
export function broadcastTensors(tensors: readonly Tensor[]): Tensor[] {
  const shape = tensors.reduce<readonly number[]>((s, x) => broadcastShapes("broadcastTensors", s, x.shape), []);
  return tensors.map((x) => broadcastTo(x, shape));
}

export interface MeshgridOptions {
  /** "ij": result dimension i belongs to axis i (default); "xy": the first two change places, as in plots. */
  readonly indexing?: "ij" | "xy";
}
/**
 * Coordinates of a grid from its axes: result k has axis k's values along dimension k, repeated along the others. Views.
 *
 * @example
 * import { meshgrid, tensor } from "@flambeau/tensor";
 * const [rows, columns] = meshgrid([tensor([1, 2]), tensor([3, 4, 5])]);
 * console.log(rows.tolist()); // [[1, 1, 1], [2, 2, 2]]
 * console.log(columns.shape); // [2, 3]
 */
export function meshgrid(axes: readonly Tensor[], options: MeshgridOptions = {}): Tensor[] {
  const { indexing = "ij" } = options;
  if (indexing !== "ij" && indexing !== "xy")
    throw new ArgumentError("meshgrid", `indexing must be "ij" or "xy", got ${JSON.stringify(indexing)}`);
  if (axes.length === 0) throw new ArgumentError("meshgrid", "expected at least one axis");
  for (const x of axes) {
    if (x.ndim > 1)
      throw new ShapeError("meshgrid", `axes have at most one dimension, got ${showShape(x.shape)}`, [x.shape]);
    if (x.dtype !== axes[0].dtype)
      throw new DTypeError("meshgrid", `axes have different dtypes: ${axes[0].dtype} and ${x.dtype}`);
  }
  const shape = axes.map((x) => x.size);
  const grid = axes.map((x, k) =>
    expand(
      reshape(
        x,
        shape.map((_, i) => (i === k ? x.size : 1)),
      ),
      shape,
    ),
  );
  return indexing === "xy" && axes.length > 1 ? grid.map((g) => transpose(g, 0, 1)) : grid;
}

/** Every combination of one element from each vector, as rows; a single vector is given back. */
export function cartesianProd(vectors: readonly Tensor[]): Tensor {
  if (vectors.length === 0) throw new ArgumentError("cartesianProd", "expected at least one vector");
  for (const x of vectors)
    if (x.ndim !== 1) throw new ShapeError("cartesianProd", `expected vectors, got ${showShape(x.shape)}`, [x.shape]);
  if (vectors.length === 1) return vectors[0];
  return stack(
    meshgrid(vectors).map((g) => flatten(g)),
    1,
  );
}

export interface CombinationsOptions {
  /** Whether an element may come more than once (default false). */
  readonly withReplacement?: boolean;
}
/** All choices of `r` positions below `n`, in order, one after another. */
function chooseFrom(n: number, r: number, withReplacement: boolean): number[] {
  const next = withReplacement ? 0 : 1;
  const pool = withReplacement ? n + r - 1 : n;
  if (n === 0 || r > pool) return [];
  let count = 1;
  for (let i = 0; i < Math.min(r, pool - r) && count < maxElements; i++) count *= (pool - i) / (i + 1);
  if (count * r > maxElements) throw tooManyElements("combinations", [count, r]);
  const chosen: number[] = [];
  const row = Array.from({ length: r }, (_, i) => i * next);
  for (;;) {
    for (const i of row) chosen.push(i);
    let k = r - 1;
    while (k >= 0 && row[k] === n - 1 - (r - 1 - k) * next) k--;
    if (k < 0) return chosen;
    row[k]++;
    for (let i = k + 1; i < r; i++) row[i] = row[i - 1] + next;
  }
}

/** All choices of `r` elements of a vector, in order, as rows. */
export function combinations(x: Tensor, r = 2, options: CombinationsOptions = {}): Tensor {
  const { withReplacement = false } = options;
  if (x.ndim !== 1) throw new ShapeError("combinations", `expected a vector, got ${showShape(x.shape)}`, [x.shape]);
  checkInteger("combinations", "r", r, 0);
  if (r === 0) return zeros([0], { dtype: x.dtype, device: x.device });
  const rows = chooseFrom(x.size, r, withReplacement);
  const index = fromValues("combinations", rows, [rows.length], { dtype: "int32", device: x.device });
  return reshape(indexSelect(x, 0, index), [rows.length / r, r]);
}

/** A block-diagonal matrix of matrices (vectors count as rows, numbers as 1 × 1); 0 elsewhere. */
export function blockDiag(blocks: readonly Tensor[]): Tensor {
  if (blocks.length === 0) return zeros([1, 0]);
  for (const x of blocks)
    if (x.ndim > 2)
      throw new ShapeError("blockDiag", `blocks have at most two dimensions, got ${showShape(x.shape)}`, [x.shape]);
  const dtype = resultType(blocks);
  const parts = atleast2d(blocks).map((x) => toDType(x, dtype));
  const width = parts.reduce((n, x) => n + x.shape[1], 0);
  let at = 0;
  const rows = parts.map((x) => {
    at += x.shape[1];
    return constantPadNd(x, [at - x.shape[1], width - at]);
  });
  return cat(rows, 0);
}
