import { ArgumentError, IndexError } from "../../core/errors.ts";
import { type Pair, pair } from "../../core/named.ts";
import { checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, empty, Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { lifted } from "../../layout/windows.ts";
import { runArgReduce } from "../../lower/machine.ts";
import { dense } from "../../lower/move.ts";
import { checkNonEmpty, droppedShape, keptShape, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { type OfAllAttrs, ofAll, type PickAttrs, type Picked, pick, picking } from "../index/picking.ts";
import { maximum, minimum } from "../pointwise/arithmetic.ts";
import { amax, amin, type KeepdimOptions, keepdimKinds } from "./reduction.ts";

/** Positions (int32, size 1 at `dim`) of the first extremes along `dim`. */
function positionsOf(kind: "max" | "min", x: Tensor, dim: number): Tensor {
  const out = empty(x.backend, "int32", keptShape(x.shape, [dim]));
  if (out.size > 0) runArgReduce(x, kind, lifted(x), lifted(out), dim);
  return out;
}
export const maxOp: Op<PickAttrs> = picking("max", (x, { dim }) => positionsOf("max", x, dim));
export const minOp: Op<PickAttrs> = picking("min", (x, { dim }) => positionsOf("min", x, dim));

const extremeOfAll = (kind: "max" | "min"): Op<OfAllAttrs> => ({
  ...ofAll(`${kind}OfAll`, (x, rows) => {
    const dims = rows ? [1] : x.shape.map((_, i) => i);
    return squeezeFresh(reduceKept(kind, x, dims, x.dtype), droppedShape(x.shape, dims));
  }),
  title: kind,
});
export const maxOfAllOp = extremeOfAll("max");
export const minOfAllOp = extremeOfAll("min");

function along(kind: "max" | "min", x: Tensor, dim: number, { keepdim = false }: KeepdimOptions): Picked {
  const d = normalizeDim(kind, dim, x.ndim);
  checkNonEmpty(kind, x, [d]);
  return pick(kind === "max" ? maxOp : minOp, x, { dim: d, keepdim });
}
function overall(kind: "max" | "min", x: Tensor): Tensor {
  if (x.size === 0)
    throw new ArgumentError(kind, `a tensor without elements has no ${kind}`, "pass a dim of size above 0");
  return applyOne(kind === "max" ? maxOfAllOp : minOfAllOp, [x], {});
}

/**
 * The largest element of all, `y >= x[i]` for all i; along `dim` the largest ones and their first positions; of two tensors the larger
 * elements, as {@link maximum}. NaN wins. The gradient of the first form is shared by equal elements, that of the second goes to the
 * element at the position given.
 * Shapes: of all elements 0-d; along `dim` both results are `x` without `dim` (`keepdim`: size 1 there), the indices int32 (PyTorch:
 * int64); of two tensors their common broadcast shape. Dtype: that of `x`.
 *
 * @throws ArgumentError when all elements are asked and there are none.
 * @throws IndexError when `dim` is out of range or has size 0.
 * @throws ShapeError when two tensors do not broadcast; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.max.html
 * @example
 * import { tensor } from "flambeau";
 * const x = tensor([[1, 5], [7, 3]]);
 * x.max().item(); // 7
 * const { values, indices } = x.max(1);
 * values.tolist(); // [5, 7]
 * indices.tolist(); // [1, 0]
 * x.max(tensor([4, 4])).tolist(); // [[4, 5], [7, 4]]
 */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, other: Tensor): Tensor;
export function max(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function max(x: Tensor, second?: number | Tensor, options: KeepdimOptions = none): Tensor | Picked {
  checkOptions("max", keepdimKinds, options);
  checkTensor("max", "x", x);
  if (second instanceof Tensor) return maximum(x, second);
  return second === undefined ? overall("max", x) : along("max", x, second, options);
}
/**
 * The smallest element of all, `y <= x[i]` for all i; along `dim` the smallest ones and their first positions; of two tensors the smaller
 * elements, as {@link minimum}. NaN wins.
 * Shapes: as of {@link max}, as are the gradient and the errors.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.min.html
 * @example
 * const x = tensor([[1, 5], [7, 3]]);
 * x.min().item(); // 1
 * x.min(0, { keepdim: true }).indices.tolist(); // [[0, 1]]
 * x.min(tensor([4, 4])).tolist(); // [[1, 4], [4, 3]]
 */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, other: Tensor): Tensor;
export function min(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function min(x: Tensor, second?: number | Tensor, options: KeepdimOptions = none): Tensor | Picked {
  checkOptions("min", keepdimKinds, options);
  checkTensor("min", "x", x);
  if (second instanceof Tensor) return minimum(x, second);
  return second === undefined ? overall("min", x) : along("min", x, second, options);
}

export interface PlaceAttrs {
  /** null: of all elements, counted in row-major order. */
  readonly dim: number | null;
  readonly keepdim: boolean;
}
const placing = (name: string, kind: "max" | "min"): Op<PlaceAttrs> => ({
  name,
  forward([x], { dim, keepdim }) {
    if (dim !== null) {
      const kept = positionsOf(kind, x, dim);
      return keepdim ? kept : squeezeFresh(kept, droppedShape(x.shape, [dim]));
    }
    const source = dense(x);
    const flat = viewOf(source, [x.size], [1], source.offset);
    const found = positionsOf(kind, flat, 0);
    flat.dispose();
    if (source !== x) source.dispose();
    return squeezeFresh(found, keepdim ? x.shape.map(() => 1) : []);
  },
});
export const argmaxOp = placing("argmax", "max");
export const argminOp = placing("argmin", "min");
function place(op: Op<PlaceAttrs>, x: Tensor, dim: number | null, options: KeepdimOptions): Tensor {
  checkOptions(op.name, keepdimKinds, options);
  checkTensor(op.name, "x", x);
  const { keepdim = false } = options;
  const d = dim === null ? null : normalizeDim(op.name, dim, x.ndim);
  if (d !== null) checkNonEmpty(op.name, x, [d]);
  else if (x.size === 0)
    throw new IndexError(op.name, "a tensor without elements has no extreme", "pass a dim of size above 0");
  return applyOne(op, [x], { dim: d, keepdim });
}
/**
 * Position of the first largest element, in the flattened tensor or along `dim`: the least i with `x[i] = max(x)`. NaN counts as largest.
 * Shape: 0-d, or `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range or has size 0, or when `x` has no elements.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.argmax.html
 * @example
 * const x = tensor([[1, 9, 9], [4, 2, 0]]);
 * x.argmax().item(); // 1
 * x.argmax(1).tolist(); // [1, 0]
 */
export const argmax = (x: Tensor, dim: number | null = null, options: KeepdimOptions = none): Tensor =>
  place(argmaxOp, x, dim, options);
/**
 * Position of the first smallest element, in the flattened tensor or along `dim`: the least i with `x[i] = min(x)`. NaN counts as smallest.
 * Shape: 0-d, or `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range or has size 0, or when `x` has no elements.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.argmin.html
 * @example
 * const x = tensor([[1, 9, 9], [4, 2, 0]]);
 * x.argmin().item(); // 5
 * x.argmin(0, { keepdim: true }).tolist(); // [[0, 1, 1]]
 */
export const argmin = (x: Tensor, dim: number | null = null, options: KeepdimOptions = none): Tensor =>
  place(argminOp, x, dim, options);

export interface AminmaxOptions extends KeepdimOptions {
  /** The dimension to reduce; null (the default) reduces all. */
  readonly dim?: number | null | undefined;
}
const aminmaxKinds: Kinds<AminmaxOptions> = { dim: orNull(number), ...keepdimKinds };
/**
 * Smallest and largest element, of all or along `dim`: `{ min: amin(x, dim), max: amax(x, dim) }`. NaN wins.
 * Shapes: both 0-d, or `x` without `dim` (`keepdim`: size 1 for what is reduced). Dtype: that of `x`.
 *
 * @throws ArgumentError when `x` has no elements and no `dim` is given.
 * @throws IndexError when `dim` is out of range, or a dimension that is reduced has size 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.aminmax.html
 * @example
 * const { min, max } = tensor([[1, 5], [7, 3]]).aminmax({ dim: 0 });
 * min.tolist(); // [1, 3]
 * max.tolist(); // [7, 5]
 */
export function aminmax(x: Tensor, options: AminmaxOptions = none): Pair & { min: Tensor; max: Tensor } {
  if (unscoped()) return scoped(aminmax, x, options);
  checkOptions("aminmax", aminmaxKinds, options);
  checkTensor("aminmax", "x", x);
  const { dim = null, keepdim = false } = options;
  if (x.size === 0 && dim === null)
    throw new ArgumentError("aminmax", "a tensor without elements has no extremes", "pass a dim of size above 0");
  return pair({ min: amin(x, dim, { keepdim }), max: amax(x, dim, { keepdim }) });
}
