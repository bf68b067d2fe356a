import { ArgumentError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { apartFrom } from "../../door/run.ts";
import { checkIntegers, integersOf } from "../../layout/integers.ts";
import { checkList, countElements, normalizeDim } from "../../layout/shapes.ts";
import { valuesFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import { indexSelect } from "../index/index-along.ts";
import { expand, flatten, reshape } from "./view.ts";

/**
 * `x` repeated along each dimension: `y[i] = x[i mod n]`; more counts than dimensions add leading ones. A copy. As a method it also takes
 * the counts one after another.
 *
 * Shapes: [n, c] and the counts [a, b] give [a n, b c]; [n] gives [a, b n]. Dtype: that of `x`.
 *
 * @throws ShapeError when there are fewer counts than dimensions ({@link tile} takes fewer).
 * @throws ArgumentError when a count is no integer from 0.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
 * @example
 * tensor([1, 2]).repeat(3).tolist(); // [1, 2, 1, 2, 1, 2]
 * repeat(tensor([1, 2]), [2, 2]).tolist(); // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function repeat(x: Tensor, counts: readonly number[]): Tensor {
  checkTensor("repeat", "x", x);
  checkList("repeat", counts);
  const lead = counts.length - x.ndim;
  if (lead < 0)
    throw new ShapeError(
      "repeat",
      `needs a count for each of the ${x.ndim} dimensions of ${showShape(x.shape)}, got [${counts.join(",")}]`,
      [x.shape],
      "tile() repeats the last dimensions",
    );
  checkIntegers("repeat", "counts", counts, 0);
  const sizes = counts.map((_, i) => (i < lead ? 1 : x.shape[i - lead]));
  // each dimension becomes two, [count, size], of which the first one steps by 0
  const apart = reshape(
    x,
    sizes.flatMap((s) => [1, s]),
  );
  const repeated = expand(
    apart,
    sizes.flatMap((s, i) => [counts[i], s]),
  );
  // where nothing moves the last step is a view, too
  const shape = sizes.map((s, i) => counts[i] * s);
  return apartFrom(x, reshape(repeated, shape));
}

/**
 * {@link repeat} of the last dimensions, where missing counts are 1: `y[i, j] = x[i, j mod n]` for one count.
 *
 * @throws ArgumentError when a count is no integer from 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.tile.html
 * @example
 * tensor([[1, 2], [3, 4]]).tile(2).tolist(); // [[1, 2, 1, 2], [3, 4, 3, 4]]
 */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  checkTensor("tile", "x", x);
  checkList("tile", counts);
  return repeat(x, [...new Array<number>(Math.max(0, x.ndim - counts.length)).fill(1), ...counts]);
}

export interface RepeatInterleaveOptions {
  /** The result's size along `dim`, for a check; null (default) for none. */
  readonly outputSize?: number | null | undefined;
}
const repeatKinds: Kinds<RepeatInterleaveOptions> = { outputSize: orNull(number) };
/**
 * Each element repeated in place: `y[i] = x[floor(i / repeats)]`, or `repeats[k]` times `x[k]` where a list or tensor says so, along `dim`
 * (default: of the flattened tensor). A copy.
 *
 * Shape: that of `x`, or without `dim` one dimension, with the size along `dim` times `repeats`, or their sum. Dtype: that of `x`.
 *
 * @throws ShapeError when the repeats are neither one nor as many as the size along `dim`.
 * @throws ArgumentError when one is no integer from 0, or they do not add up to `outputSize`.
 * @throws IndexError when `dim` is out of range.
 * @throws UnavailableError when `repeats` is a tensor on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.repeat_interleave.html
 * @example
 * repeatInterleave(tensor([1, 2]), [1, 3]).tolist(); // [1, 2, 2, 2]
 * tensor([[1, 2], [3, 4]]).repeatInterleave(2, 1).tolist(); // [[1, 1, 2, 2], [3, 3, 4, 4]]
 */
export function repeatInterleave(
  x: Tensor,
  repeats: number | readonly number[] | Tensor,
  dim?: number | null,
  options: RepeatInterleaveOptions = none,
): Tensor {
  if (unscoped()) return scoped(repeatInterleave, x, repeats, dim, options);
  checkOptions("repeatInterleave", repeatKinds, options);
  checkTensor("repeatInterleave", "x", x);
  if (dim === undefined || dim === null) return repeatInterleave(flatten(x), repeats, 0, options);
  const d = normalizeDim("repeatInterleave", dim, x.ndim);
  if (x.ndim === 0) return repeatInterleave(reshape(x, [1]), repeats, 0, options);
  const n = x.shape[d];
  const given = integersOf("repeatInterleave", "repeats", repeats instanceof Tensor ? countsIn(repeats) : repeats, 0);
  if (given.length !== 1 && given.length !== n)
    throw new ShapeError("repeatInterleave", `${given.length} repeats for dimension ${d} of size ${n}`, [x.shape]);
  const size = given.length === 1 ? n * given[0] : given.reduce((a, b) => a + b, 0);
  countElements([size], "repeatInterleave");
  const outputSize = options.outputSize ?? size;
  if (outputSize !== size)
    throw new ArgumentError("repeatInterleave", `outputSize is ${show(outputSize)}, the repeats add up to ${size}`);
  if (given.length === 1) {
    const apart = reshape(x, [...x.shape.slice(0, d + 1), 1, ...x.shape.slice(d + 1)]);
    const repeated = expand(apart, [...x.shape.slice(0, d + 1), given[0], ...x.shape.slice(d + 1)]);
    const shape = x.shape.map((s, i) => (i === d ? size : s));
    return apartFrom(x, reshape(repeated, shape));
  }
  const index = new Int32Array(size);
  let at = 0;
  for (let i = 0; i < n; i++) {
    index.fill(i, at, at + given[i]);
    at += given[i];
  }
  return indexSelect(x, d, fromValues("repeatInterleave", index, [size], { dtype: "int32", device: x.device }));
}
function countsIn(repeats: Tensor): number[] {
  const why = "the size of the result depends on the values";
  const instead = "pass the repeats as numbers, or as a tensor on the cpu";
  return Array.from(valuesFor("repeatInterleave", repeats, why, instead), Number);
}
