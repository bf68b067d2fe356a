import { ArgumentError, IndexError, showShape } from "../../core/errors.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, input, scalar } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { fillInto } from "../../lower/move.ts";
import { keptShape, reduceKept } from "../../lower/reduce.ts";
import { local } from "../../memory/tidy.ts";
import { ofAll, type PickAttrs, type Picked, pick, picking } from "../index/picking.ts";
import { takeAt } from "../index/scattering.ts";
import { reshape } from "../shape/view.ts";
import type { KeepdimOptions } from "./extreme.ts";
import { sorted } from "./sorting.ts";

const isNan = scalar.isnan(input(0));
const nanCount = choose(isNan, 1, 0);
/** NaNs in each line along `dim` (int32, size 1 at `dim`). */
const nansAlong = (x: Tensor, dim: number): Tensor =>
  reduceKept("sum", x, x.ndim === 0 ? [] : [dim], "int32", nanCount);
const lengthAlong = (x: Tensor, dim: number): number => (x.ndim === 0 ? 1 : x.shape[dim]);

// sorted, the numbers of a line come first: the lower of the middle ones, or the first NaN
export const medianPlaceOp = pointwise(
  "medianPlace",
  (nans, n) => choose(nans.gt(0), n.sub(nans), scalar.idiv(n.sub(1), 2)),
  {
    title: "median",
    differentiable: false,
  },
);
export const nanmedianPlaceOp = pointwise(
  "nanmedianPlace",
  (nans, n) => scalar.max(scalar.idiv(n.sub(nans).sub(1), 2), 0),
  {
    title: "nanmedian",
    differentiable: false,
  },
);
function medianPlaces(x: Tensor, dim: number, ignoreNan: boolean): Tensor {
  return local(() => {
    const places = pointwiseCall(ignoreNan ? nanmedianPlaceOp : medianPlaceOp, [
      nansAlong(x, dim),
      lengthAlong(x, dim),
    ]);
    return takeAt(sorted(x, dim, false)[1], dim, places);
  });
}
export const medianOp: Op<PickAttrs> = picking("median", (x, { dim }) => medianPlaces(x, dim, false));
export const nanmedianOp: Op<PickAttrs> = picking("nanmedian", (x, { dim }) => medianPlaces(x, dim, true));

const overallOp = (title: string, ignoreNan: boolean): Op => ({
  ...ofAll(`${title}OfAll`, (x) =>
    local(() => {
      if (x.size === 0) return fillInto(empty(x.backend, x.dtype, []), Number.NaN);
      const flat = reshape(x, [x.size]);
      return reshape(takeAt(flat, 0, medianPlaces(flat, 0, ignoreNan)), []);
    }),
  ),
  title,
});
export const medianOfAllOp = overallOp("median", false);
export const nanmedianOfAllOp = overallOp("nanmedian", true);

function checkLine(op: string, x: Tensor, dim: number): number {
  const d = normalizeDim(op, dim, x.ndim);
  if (lengthAlong(x, d) === 0) throw new IndexError(op, `dimension ${d} of shape ${showShape(x.shape)} is empty`);
  return d;
}

/** The forms of {@link median} and {@link nanmedian} as methods. */
export interface MedianMethods {
  median(): Tensor;
  median(dim: number, options?: KeepdimOptions): Picked;
  nanmedian(): Tensor;
  nanmedian(dim: number, options?: KeepdimOptions): Picked;
}
/** The median of all elements, or along `dim` with its positions: of an even count the lower middle. NaN if there is one. */
export function median(x: Tensor): Tensor;
export function median(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function median(x: Tensor, dim?: number, { keepdim = false }: KeepdimOptions = {}): Tensor | Picked {
  if (dim === undefined) return applyOne(medianOfAllOp, [x], {});
  return pick(medianOp, x, { dim: checkLine("median", x, dim), keepdim });
}
/** {@link median} of what is not NaN. */
export function nanmedian(x: Tensor): Tensor;
export function nanmedian(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function nanmedian(x: Tensor, dim?: number, { keepdim = false }: KeepdimOptions = {}): Tensor | Picked {
  if (dim === undefined) return applyOne(nanmedianOfAllOp, [x], {});
  return pick(nanmedianOp, x, { dim: checkLine("nanmedian", x, dim), keepdim });
}

export const kthvalueOp: Op<PickAttrs & { readonly k: number }> = picking("kthvalue", (x, { dim, k }) =>
  local(() => {
    const place = fillInto(empty(x.backend, "int32", x.ndim === 0 ? [] : keptShape(x.shape, [dim])), k - 1);
    return takeAt(sorted(x, dim, false)[1], dim, place);
  }),
);
/** The k-th smallest element (from 1) along `dim` and its position. @throws ArgumentError when there are fewer than k. */
export function kthvalue(x: Tensor, k: number, dim = -1, { keepdim = false }: KeepdimOptions = {}): Picked {
  const d = normalizeDim("kthvalue", dim, x.ndim);
  const n = lengthAlong(x, d);
  checkInteger("kthvalue", "k", k);
  if (k < 1 || k > n) throw new ArgumentError("kthvalue", `k = ${k} is not in 1..${n}, the size of dimension ${d}`);
  return pick(kthvalueOp, x, { dim: d, keepdim, k });
}
