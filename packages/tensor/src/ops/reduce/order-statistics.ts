import type { DType } from "../../core/dtype.ts";
import { ArgumentError, IndexError, showShape } from "../../core/errors.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, input, scalar } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { runFused } from "../../lower/fused.ts";
import { fillInto } from "../../lower/move.ts";
import { keptShape, reduceKept } from "../../lower/reduce.ts";
import { local } from "../../memory/tidy.ts";
import { type OfAllAttrs, ofAll, type PickAttrs, type Picked, pick, picking } from "../index/picking.ts";
import { takeAt } from "../index/scattering.ts";
import { reshape } from "../shape/view.ts";
import { type KeepdimOptions, keepdimKinds } from "./reduction.ts";
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
    const quick =
      x.ndim > 0 && x.size > 0
        ? runFused("median", [x, places], () => [empty(x.backend, "int32", places.shape)], { dim })
        : null;
    return quick ? quick[0] : takeAt(sorted(x, dim, false)[1], dim, places);
  });
}
export const medianOp: Op<PickAttrs> = picking("median", (x, { dim }) => medianPlaces(x, dim, false));
export const nanmedianOp: Op<PickAttrs> = picking("nanmedian", (x, { dim }) => medianPlaces(x, dim, true));

/** The median of no elements, in integers what the processor makes of NaN in PyTorch. */
const nothing: { readonly [D in DType]?: number | bigint } = { int32: -(2 ** 31), int64: -(2n ** 63n) };
const overallOp = (title: string, ignoreNan: boolean): Op<OfAllAttrs> => ({
  ...ofAll(`${title}OfAll`, (x, rows) =>
    local(() => {
      const lines = rows ? x : reshape(x, [1, x.size]);
      const shape = rows ? [x.shape[0]] : [];
      if (x.size === 0) return fillInto(empty(x.backend, x.dtype, shape), nothing[x.dtype] ?? Number.NaN);
      return reshape(takeAt(lines, 1, medianPlaces(lines, 1, ignoreNan)), shape);
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

/**
 * The median of all elements, or along `dim` with its positions: `sort(x)[floor((n - 1) / 2)]`, so of an even count the lower middle, and
 * NaN if there is one. The gradient of the first form is shared by equal elements.
 * Shapes: of all elements 0-d; along `dim` values and indices are `x` without `dim` (`keepdim`: size 1 there). Dtype: that of `x`; indices
 * are int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range or has size 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.median.html
 * @example
 * tensor([7, 1, 4, 3]).median().item(); // 3
 * const { values, indices } = tensor([[5, 1, 3], [9, 9, 0]]).median(1);
 * values.tolist(); // [3, 9]
 * indices.tolist(); // [2, 0]
 */
export function median(x: Tensor): Tensor;
export function median(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function median(x: Tensor, dim?: number, options: KeepdimOptions = none): Tensor | Picked {
  checkOptions("median", keepdimKinds, options);
  checkTensor("median", "x", x);
  if (dim === undefined) return applyOne(medianOfAllOp, [x], {});
  return pick(medianOp, x, { dim: checkLine("median", x, dim), keepdim: options.keepdim ?? false });
}
/**
 * {@link median} of what is not NaN: `median(x[~isnan(x)])`; NaN where there is nothing else.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nanmedian.html
 * @example
 * tensor([7, NaN, 4]).nanmedian().item(); // 4
 */
export function nanmedian(x: Tensor): Tensor;
export function nanmedian(x: Tensor, dim: number, options?: KeepdimOptions): Picked;
export function nanmedian(x: Tensor, dim?: number, options: KeepdimOptions = none): Tensor | Picked {
  checkOptions("nanmedian", keepdimKinds, options);
  if (dim === undefined) return applyOne(nanmedianOfAllOp, [x], {});
  return pick(nanmedianOp, x, { dim: checkLine("nanmedian", x, dim), keepdim: options.keepdim ?? false });
}

export const kthvalueOp: Op<PickAttrs & { readonly k: number }> = picking("kthvalue", (x, attrs) =>
  local(() => {
    const { dim, k } = attrs;
    const ordered = sorted(x, dim, false);
    const position = () => [empty(x.backend, "int32", keptShape(x.shape, [dim]))];
    const chosen = x.ndim > 0 && x.size > 0 ? runFused("kthvalue", ordered, position, attrs) : null;
    if (chosen) return chosen[0];
    const place = fillInto(empty(x.backend, "int32", x.ndim === 0 ? [] : keptShape(x.shape, [dim])), k - 1);
    return takeAt(ordered[1], dim, place);
  }),
);
/**
 * The k-th smallest element along `dim`, counted from 1, and its position: `values = sort(x)[k - 1]`. NaN counts as largest; of equal
 * elements the CPU names the one that PyTorch does, other devices the k-th as sorted.
 * Shapes: values and indices are `x` without `dim` (`keepdim`: size 1 there). Dtype: that of `x`; indices are int32 (PyTorch: int64).
 *
 * @throws ArgumentError when `k` is no integer from 1 to the size of `dim`.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.kthvalue.html
 * @example
 * const { values, indices } = tensor([40, 10, 30, 20]).kthvalue(2);
 * values.item(); // 20
 * indices.item(); // 3
 */
export function kthvalue(x: Tensor, k: number, dim = -1, options: KeepdimOptions = none): Picked {
  checkOptions("kthvalue", keepdimKinds, options);
  checkTensor("kthvalue", "x", x);
  const d = normalizeDim("kthvalue", dim, x.ndim);
  const n = lengthAlong(x, d);
  checkInteger("kthvalue", "k", k);
  if (k < 1 || k > n) throw new ArgumentError("kthvalue", `k = ${k} is not in 1..${n}, the size of dimension ${d}`);
  return pick(kthvalueOp, x, { dim: d, keepdim: options.keepdim ?? false, k });
}
