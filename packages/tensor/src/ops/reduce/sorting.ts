import { ArgumentError } from "../../core/errors.ts";
import { pair } from "../../core/named.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { checkInteger } from "../../layout/integers.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { runFused } from "../../lower/fused.ts";
import { runSort } from "../../lower/machine.ts";
import { fillInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { filledLike } from "../create/allocation.ts";
import { clone } from "../create/copy.ts";
import type { Picked } from "../index/picking.ts";
import { addAt, takeAt } from "../index/scattering.ts";
import { narrow, transpose } from "../shape/view.ts";

export interface SortAttrs {
  readonly dim: number;
  readonly descending: boolean;
}

/** Values and positions sorted along `dim`, outside any graph. The kernel sorts the last dimension of a (strided) view. */
export function sorted(x: Tensor, dim: number, descending: boolean): [Tensor, Tensor] {
  if (x.ndim === 0) return [clone(x), fillInto(empty(x.backend, "int32", []), 0)];
  const last = x.ndim - 1;
  const line = transpose(x, dim, last);
  const values = empty(x.backend, x.dtype, line.shape);
  const indices = empty(x.backend, "int32", line.shape);
  if (x.size > 0) runSort(x, line, values, indices, descending);
  line.dispose();
  if (dim === last) return [values, indices];
  const back = (t: Tensor): Tensor => {
    const out = swapped(t, dim, last);
    t.dispose();
    return out;
  };
  return [back(values), back(indices)];
}
/** A transposed view that stands for itself: its source's handle goes away. */
function swapped(t: Tensor, a: number, b: number): Tensor {
  const at = (list: readonly number[]) => list.map((v, i) => (i === a ? list[b] : i === b ? list[a] : v));
  return viewOf(t, at(t.shape), at(t.strides), t.offset);
}

/** The gradient goes back to where the values came from. */
const toPlaces = (g: Tensor | null, indices: Tensor, dim: number, shape: readonly number[]): Tensor | null =>
  g && addAt(filledLike(g, shape, 0), dim, indices, g);

export const sortOp: Op<SortAttrs> = {
  name: "sort",
  forward: ([x], { dim, descending }) => sorted(x, dim, descending),
  save: (_, [, indices]) => [indices],
  vjp: ({ attrs, saved: [indices], shapes }, [g]) => [toPlaces(g, indices, attrs.dim, shapes[0])],
};
export interface SortOptions {
  /** From the largest to the smallest (default false). */
  readonly descending?: boolean | undefined;
  /** Sorting is always stable here: equal elements keep their order. */
  readonly stable?: boolean | undefined;
}
const sortKinds: Kinds<SortOptions> = { descending: boolean, stable: boolean };
/**
 * Elements in ascending (or descending) order along `dim`, and the positions they came from: `values[i] = x[indices[i]]` with
 * `values[i] <= values[i + 1]`. Equal elements keep their order; NaN counts as largest.
 * Shapes: values and indices are as `x`. Dtype: that of `x`; indices are int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sort.html
 * @example
 * import { tensor } from "flambeau";
 * const { values, indices } = tensor([[3, 1, 2], [0, 5, 4]]).sort(1, { descending: true });
 * values.tolist(); // [[3, 2, 1], [5, 4, 0]]
 * indices.tolist(); // [[0, 2, 1], [1, 2, 0]]
 */
export function sort(x: Tensor, dim = -1, options: SortOptions = none): Picked {
  checkOptions("sort", sortKinds, options);
  checkTensor("sort", "x", x);
  const [values, indices] = applyMany(sortOp, [x], {
    dim: normalizeDim("sort", dim, x.ndim),
    descending: options.descending ?? false,
  });
  return pair({ values, indices });
}
export const argsortOp: Op<SortAttrs> = {
  name: "argsort",
  forward: ([x], { dim, descending }) => sorted(x, dim, descending)[1],
};
/**
 * The positions that put each line along `dim` in order: `x[y[0]] <= x[y[1]] <= x[y[2]]` and so on. Equal elements keep their order; NaN
 * counts as largest.
 * Shape: that of `x`. Dtype: int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.argsort.html
 * @example
 * tensor([30, 10, 20]).argsort().tolist(); // [1, 2, 0]
 * tensor([30, 10, 20]).argsort(0, { descending: true }).tolist(); // [0, 2, 1]
 */
export function argsort(x: Tensor, dim = -1, options: SortOptions = none): Tensor {
  checkOptions("argsort", sortKinds, options);
  checkTensor("argsort", "x", x);
  const { descending = false } = options;
  return applyOne(argsortOp, [x], { dim: normalizeDim("argsort", dim, x.ndim), descending });
}
/**
 * Elements in ascending order along the first dimension: `sort(x, 0).values` of {@link sort}.
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.msort.html
 * @example
 * tensor([[3, 1], [2, 4], [1, 9]]).msort().tolist(); // [[1, 1], [2, 4], [3, 9]]
 */
export const msort = (x: Tensor): Tensor => {
  if (unscoped()) return scoped(msort, x);
  checkTensor("msort", "x", x);
  return sort(x, 0).values;
};

export const topkOp: Op<SortAttrs & { readonly k: number }> = {
  name: "topk",
  forward([x], attrs) {
    const { dim, descending, k } = attrs;
    if (x.size > 0 && k > 0 && x.ndim > 0) {
      const shape = x.shape.map((size, d) => (d === dim ? k : size));
      const places = runFused("topk", [x], () => [empty(x.backend, "int32", shape)], attrs);
      if (places) return [takeAt(x, dim, places[0]), places[0]];
    }
    const [values, indices] = sorted(x, dim, descending);
    if (x.ndim === 0) return [values, indices];
    if (x.size > 0 && k > 0) {
      const shape = x.shape.map((size, d) => (d === dim ? k : size));
      const chosen = runFused("topk", [x, values, indices], () => [empty(x.backend, "int32", shape)], attrs);
      if (chosen) {
        values.dispose();
        indices.dispose();
        return [takeAt(x, dim, chosen[0]), chosen[0]];
      }
    }
    const first = (t: Tensor): Tensor => {
      const out = clone(narrow(t, dim, 0, k));
      t.dispose();
      return out;
    };
    return [first(values), first(indices)];
  },
  save: (_, [, indices]) => [indices],
  vjp: ({ attrs, saved: [indices], shapes }, [g]) => [toPlaces(g, indices, attrs.dim, shapes[0])],
};
export interface TopkOptions {
  /** True (the default) gives the largest, false the smallest. */
  readonly largest?: boolean | undefined;
  /** Results come in order either way. */
  readonly sorted?: boolean | undefined;
}
const topkKinds: Kinds<TopkOptions> = { largest: boolean, sorted: boolean };
/**
 * The `k` largest (or smallest) elements along `dim`, in order, and their positions: `values[i] = x[indices[i]]`, the first `k` of
 * {@link sort}. Of equal elements the CPU names those that PyTorch does, other devices the first.
 * Shapes: values and indices are as `x`, with size `k` at `dim`. Dtype: that of `x`; indices are int32 (PyTorch: int64).
 *
 * @throws ArgumentError when `k` is no integer from 0 to the size of `dim`.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.topk.html
 * @example
 * const { values, indices } = tensor([4, 9, 1, 7]).topk(2);
 * values.tolist(); // [9, 7]
 * indices.tolist(); // [1, 3]
 * tensor([4, 9, 1, 7]).topk(2, 0, { largest: false }).values.tolist(); // [1, 4]
 */
export function topk(x: Tensor, k: number, dim = -1, options: TopkOptions = none): Picked {
  checkOptions("topk", topkKinds, options);
  checkTensor("topk", "x", x);
  const d = normalizeDim("topk", dim, x.ndim);
  const size = x.ndim === 0 ? 1 : x.shape[d];
  checkInteger("topk", "k", k, 0);
  if (k > size) throw new ArgumentError("topk", `k = ${k} does not fit dimension ${d} of size ${size}`);
  const [values, indices] = applyMany(topkOp, [x], { dim: d, descending: options.largest ?? true, k });
  return pair({ values, indices });
}
