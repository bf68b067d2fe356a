import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { broadcastShapes, normalizeDim } from "../../layout/shapes.ts";
import { broadcastTo, flatten } from "../shape/view.ts";
import { checkAlong, sourceAt } from "./along.ts";
import { wrapIndex } from "./index-values.ts";
import { type ScatterReduction, scatterReduce, scatterReduce_ } from "./scatter-reduce.ts";
import { adding, setting, takeAt, writeAt, writeInto } from "./scattering.ts";

/**
 * Picks along `dim`: out[i][j][k] = x[i][index[i][j][k]][k] for dim 1, and so on. The result has the index's shape, which
 * in every dimension but `dim` is at most the tensor's.
 *
 * @throws IndexError for index values outside the dimension (negative ones too, as in PyTorch).
 * @example
 * import { gather, tensor } from "@flambeau/tensor";
 * const index = tensor([[0, 0], [1, 0]], { dtype: "int32" });
 * console.log(gather(tensor([[1, 2], [3, 4]]), 1, index).tolist()); // [[1, 1], [4, 3]]
 */
export const gather = (x: Tensor, dim: number, index: Tensor): Tensor =>
  takeAt(x, checkAlong("gather", x, dim, index), index);

/** {@link gather} with the other dimensions of `x` and `indices` broadcast; without `dim`, picks from the flattened tensor. Negative indices count from the end. */
export function takeAlongDim(x: Tensor, indices: Tensor, dim?: number): Tensor {
  if (dim === undefined) return takeAlongDim(flatten(x), flatten(indices), 0);
  const d = normalizeDim("takeAlongDim", dim, x.ndim);
  if (indices.ndim !== x.ndim)
    throw new ShapeError(
      "takeAlongDim",
      `x and indices need the same number of dimensions, got ${showShape(x.shape)} and ${showShape(indices.shape)}`,
      [x.shape, indices.shape],
    );
  const at = (shape: readonly number[], size: number) => shape.map((s, i) => (i === d ? size : s));
  const shape = broadcastShapes("takeAlongDim", at(x.shape, 1), at(indices.shape, 1));
  const index = broadcastTo(wrapIndex("takeAlongDim", indices, x.shape[d]), at(shape, indices.shape[d]));
  return takeAt(broadcastTo(x, at(shape, x.shape[d])), d, index);
}

export interface ScatterOptions {
  /** How a value joins what is there: "add" or "multiply"; left out, it replaces it. */
  readonly reduce?: "add" | "multiply";
}
function reductionOf(options: ScatterOptions): ScatterReduction | null {
  const { reduce } = options;
  if (reduce === undefined) return null;
  if (reduce === "add") return "sum";
  if (reduce === "multiply") return "prod";
  throw new ArgumentError(
    "scatter",
    `reduce must be "add" or "multiply", got ${JSON.stringify(reduce)}`,
    "scatterReduce has mean, amax and amin",
  );
}
/**
 * A copy of `x` with `source` (a tensor, or one number) written along `dim`: out[i][index[i][j][k]][k] = source[i][j][k] for
 * dim 1, and so on. Where several values meet, the last one stays.
 *
 * @throws IndexError for index values outside the dimension.
 * @example
 * import { scatter, tensor, zeros } from "@flambeau/tensor";
 * const index = tensor([[2], [0]], { dtype: "int32" });
 * console.log(scatter(zeros([2, 3]), 1, index, 1).tolist()); // [[0, 0, 1], [1, 0, 0]]
 */
export function scatter(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | number,
  options: ScatterOptions = {},
): Tensor {
  const reduce = reductionOf(options);
  const d = checkAlong("scatter", x, dim, index);
  const from = sourceAt("scatter", x, index, source);
  return reduce === null ? writeAt(setting, x, d, index, from) : scatterReduce(x, d, index, from, reduce);
}
/** {@link scatter} in place. */
export function scatter_(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | number,
  options: ScatterOptions = {},
): Tensor {
  const reduce = reductionOf(options);
  const d = checkAlong("scatter_", x, dim, index);
  const from = sourceAt("scatter_", x, index, source);
  return reduce === null ? writeInto(setting, x, d, index, from) : scatterReduce_(x, d, index, from, reduce);
}

/** A copy of `x` with `source` added along `dim`: out[i][index[i][j][k]][k] += source[i][j][k] for dim 1, and so on. */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const d = checkAlong("scatterAdd", x, dim, index);
  return writeAt(adding, x, d, index, sourceAt("scatterAdd", x, index, source));
}
/** {@link scatterAdd} in place. */
export function scatterAdd_(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const d = checkAlong("scatterAdd_", x, dim, index);
  return writeInto(adding, x, d, index, sourceAt("scatterAdd_", x, index, source));
}
