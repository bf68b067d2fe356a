import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, oneOf } from "../../core/options.ts";
import { checkTensor, checkTensors, type Tensor } from "../../core/tensor.ts";
import { toDType } from "../../door/convert.ts";
import { checkInteger } from "../../layout/integers.ts";
import { resultType } from "../../layout/promotion.ts";
import { broadcastShapes, maxElements, tooManyElements } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import { zeros } from "../create/creation.ts";
import { indexSelect } from "../index/index-along.ts";
import { cat, stack } from "./joining.ts";
import { constantPadNd } from "./padding.ts";
import { atleast2d } from "./stacking.ts";
import { broadcastTo, expand, flatten, reshape, transpose } from "./view.ts";

/**
 * All tensors expanded to their common shape: `y[i, j] = x[0, j]` where a size of 1 grows. Views.
 *
 * Shapes: each becomes the broadcast shape of all. Dtypes: those of the tensors.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.broadcast_tensors.html
 * @example
 * const [a, b] = broadcastTensors([tensor([1, 2]), tensor([[3], [4]])]);
 * a.tolist(); // [[1, 2], [1, 2]]
 * b.tolist(); // [[3, 3], [4, 4]]
 */
export function broadcastTensors(tensors: readonly Tensor[]): Tensor[] {
  checkTensors("broadcastTensors", "tensors", tensors);
  const shape = tensors.reduce<readonly number[]>((s, x) => broadcastShapes("broadcastTensors", s, x.shape), []);
  return tensors.map((x) => broadcastTo(x, shape));
}

export interface MeshgridOptions {
  /** "ij": result dimension i belongs to axis i (default); "xy": the first two change places, as in plots. */
  readonly indexing?: "ij" | "xy" | undefined;
}
const meshgridKinds: Kinds<MeshgridOptions> = { indexing: oneOf("ij", "xy") };
/**
 * Coordinates of a grid from its axes, result k having axis k's values along dimension k: `y[k][i, j] = axes[k][k == 0 ? i : j]`, repeated
 * along the others. Views.
 *
 * Shapes: axes [n], [m] give two results [n, m], with `indexing: "xy"` [m, n]. Dtype: that of the axes.
 *
 * @throws ShapeError when an axis has more than one dimension.
 * @throws DTypeError when the axes have different dtypes.
 * @throws ArgumentError when there is no axis, or `indexing` is neither "ij" nor "xy".
 * @see https://docs.pytorch.org/docs/stable/generated/torch.meshgrid.html
 * @example
 * import { meshgrid, tensor } from "@flambeau/tensor";
 * const [rows, columns] = meshgrid([tensor([1, 2]), tensor([3, 4, 5])]);
 * console.log(rows.tolist()); // [[1, 1, 1], [2, 2, 2]]
 * console.log(columns.tolist()); // [[3, 4, 5], [3, 4, 5]]
 */
export function meshgrid(axes: readonly Tensor[], options: MeshgridOptions = none): Tensor[] {
  checkOptions("meshgrid", meshgridKinds, options);
  checkTensors("meshgrid", "axes", axes);
  const { indexing = "ij" } = options;
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

/**
 * Every combination of one element from each vector, as rows: `y[i * m + j] = [a[i], b[j]]`; a single vector is given back.
 *
 * Shapes: [n], [m], ... of k vectors give [n m ..., k]. Dtype: that of the vectors.
 *
 * @throws ShapeError when one is no vector.
 * @throws DTypeError when they have different dtypes.
 * @throws ArgumentError when there is none.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cartesian_prod.html
 * @example
 * cartesianProd([tensor([1, 2]), tensor([3, 4])]).tolist(); // [[1, 3], [1, 4], [2, 3], [2, 4]]
 */
export function cartesianProd(vectors: readonly Tensor[]): Tensor {
  if (unscoped()) return scoped(cartesianProd, vectors);
  checkTensors("cartesianProd", "vectors", vectors);
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
  readonly withReplacement?: boolean | undefined;
}
const combinationsKinds: Kinds<CombinationsOptions> = { withReplacement: boolean };
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

/**
 * All choices of `r` elements of a vector, in order, as rows: `y[k] = [x[i], x[j]]` with `i < j`, or `i <= j` with replacement.
 *
 * Shapes: [n] gives [n! / (r! (n - r)!), r], and [0] for `r = 0`. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` is no vector.
 * @throws ArgumentError when `r` is no integer from 0.
 * @throws MemoryError when there are too many.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.combinations.html
 * @example
 * combinations(tensor([1, 2, 3])).tolist(); // [[1, 2], [1, 3], [2, 3]]
 * combinations(tensor([1, 2]), 2, { withReplacement: true }).tolist(); // [[1, 1], [1, 2], [2, 2]]
 */
export function combinations(x: Tensor, r = 2, options: CombinationsOptions = none): Tensor {
  if (unscoped()) return scoped(combinations, x, r, options);
  checkOptions("combinations", combinationsKinds, options);
  checkTensor("combinations", "x", x);
  const { withReplacement = false } = options;
  if (x.ndim !== 1) throw new ShapeError("combinations", `expected a vector, got ${showShape(x.shape)}`, [x.shape]);
  checkInteger("combinations", "r", r, 0);
  if (r === 0) return zeros([0], { dtype: x.dtype, device: x.device });
  const rows = chooseFrom(x.size, r, withReplacement);
  const index = fromValues("combinations", rows, [rows.length], { dtype: "int32", device: x.device });
  return reshape(indexSelect(x, 0, index), [rows.length / r, r]);
}

/**
 * A block-diagonal matrix of matrices: `y[r + i, c + j] = block[i, j]` for the block whose corner is [r, c], and 0 elsewhere. Vectors count
 * as rows, numbers as 1 x 1.
 *
 * Shapes: [a, b], [c, d], ... give [a + c + ..., b + d + ...]. Dtype: the promoted one.
 *
 * @throws ShapeError when a block has more than two dimensions.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.block_diag.html
 * @example
 * blockDiag([tensor([[1, 2]]), tensor([[3], [4]])]).tolist(); // [[1, 2, 0], [0, 0, 3], [0, 0, 4]]
 */
export function blockDiag(blocks: readonly Tensor[]): Tensor {
  if (unscoped()) return scoped(blockDiag, blocks);
  checkTensors("blockDiag", "blocks", blocks);
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
