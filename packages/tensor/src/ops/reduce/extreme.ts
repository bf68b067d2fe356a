import { ArgumentError, IndexError } from "../../core/errors.ts";
import { empty, Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { lifted } from "../../layout/windows.ts";
import { runArgReduce } from "../../lower/machine.ts";
import { dense } from "../../lower/move.ts";
import { checkNonEmpty, droppedShape, keptShape, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { ofAll, type PickAttrs, type Picked, pick, picking } from "../index/picking.ts";
import { maximum, minimum } from "../pointwise/arithmetic.ts";
import { amax, amin } from "./reduction.ts";

export interface KeepdimOptions {
  /** Keep the reduced dimension with size 1. */
  readonly keepdim?: boolean;
}

/** Positions (int32, size 1 at `dim`) of the first extremes along `dim`. */
function positionsOf(kind: "max" | "min", x: Tensor, dim: number): Tensor {
  const out = empty(x.backend, "int32", keptShape(x.shape, [dim]));
  if (out.size > 0) runArgReduce(x, kind, lifted(x), lifted(out), dim);
  return out;
}
export const maxOp: Op<PickAttrs> = picking("max", (x, { dim }) => positionsOf("max", x, dim));
export const minOp: Op<PickAttrs> = picking("min", (x, { dim }) => positionsOf("min", x, dim));

const extremeOfAll = (kind: "max" | "min"): Op => ({
  ...ofAll(`${kind}OfAll`, (x) =>
    squeezeFresh(
      reduceKept(
        kind,
        x,
        x.shape.map((_, i) => i),
        x.dtype,
      ),
      [],
    ),
  ),
  title: kind,
});
export const maxOfAllOp = extremeOfAll("max");
export const minOfAllOp = extremeOfAll("min");

/** The forms of {@link max} and {@link min} as methods. */
export interface ExtremeMethods {
  max(): Tensor;
  max(other: Tensor): Tensor;
  max(dim: number, options?: KeepdimOptions): Picked;
  min(): Tensor;
  min(other: Tensor): Tensor;
  min(dim: number, options?: KeepdimOptions): Picked;
}

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
 * The largest element of all; along `dim` the largest and their first positions; of two tensors the larger elements. NaN wins.
 * The gradient of the first form is shared by equal elements, that of the second goes to the element at the position given.
 *
 * @throws ArgumentError for a tensor without elements, IndexError for an empty dimension.
 * @example
 * import { max, tensor } from "@flambeau/tensor";
 * const { values, indices } = max(tensor([[1, 5], [7, 3]]), 1);
 * console.log(values.tolist(), indices.tolist()); // [5, 7] [1, 0]
 */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, other: Tensor): Tensor;
export function max(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function max(x: Tensor, second?: number | Tensor, options: KeepdimOptions = {}): Tensor | Picked {
  if (second instanceof Tensor) return maximum(x, second);
  return second === undefined ? overall("max", x) : along("max", x, second, options);
}
/** The smallest element of all; along `dim` the smallest and their first positions; of two tensors the smaller elements. See {@link max}. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, other: Tensor): Tensor;
export function min(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function min(x: Tensor, second?: number | Tensor, options: KeepdimOptions = {}): Tensor | Picked {
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
function place(op: Op<PlaceAttrs>, x: Tensor, dim: number | null, { keepdim = false }: KeepdimOptions): Tensor {
  const d = dim === null ? null : normalizeDim(op.name, dim, x.ndim);
  if (d !== null) checkNonEmpty(op.name, x, [d]);
  else if (x.size === 0)
    throw new IndexError(op.name, "a tensor without elements has no extreme", "pass a dim of size above 0");
  return applyOne(op, [x], { dim: d, keepdim });
}
/** Position (int32) of the first largest element: in the flattened tensor, or along `dim`. NaN counts as largest. */
export const argmax = (x: Tensor, dim: number | null = null, options: KeepdimOptions = {}): Tensor =>
  place(argmaxOp, x, dim, options);
/** Position (int32) of the first smallest element: in the flattened tensor, or along `dim`. NaN counts as smallest. */
export const argmin = (x: Tensor, dim: number | null = null, options: KeepdimOptions = {}): Tensor =>
  place(argminOp, x, dim, options);

export interface AminmaxOptions extends KeepdimOptions {
  readonly dim?: number | null;
}
/** Smallest and largest element, of all or along `dim`. */
export function aminmax(x: Tensor, { dim = null, keepdim = false }: AminmaxOptions = {}): { min: Tensor; max: Tensor } {
  if (x.size === 0 && dim === null)
    throw new ArgumentError("aminmax", "a tensor without elements has no extremes", "pass a dim of size above 0");
  return { min: amin(x, dim, { keepdim }), max: amax(x, dim, { keepdim }) };
}
