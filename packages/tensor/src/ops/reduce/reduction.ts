export type { Dims } from "../../lower/reduce.ts";

import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { apartFrom, applyOne } from "../../door/run.ts";
import { constant, input } from "../../expr/expr.ts";
import { broadcastShapes, checkShape, sameShape } from "../../layout/shapes.ts";
import type { Dims } from "../../lower/reduce.ts";
import { checkNonEmpty, reducedDims, reduceKept } from "../../lower/reduce.ts";
import { inFloat32, toDType } from "../create/copy.ts";
import { div, mul } from "../pointwise/arithmetic.ts";
import { eq } from "../pointwise/comparison.ts";
import { broadcastTo } from "../shape/view.ts";
import { restore } from "./restoring.ts";
import { finish, type SumAttrs, sumOp, unbroadcast } from "./unbroadcast.ts";

export interface ReduceOptions {
  /** Keep reduced dimensions with size 1. */
  readonly keepdim?: boolean;
  /** Convert to this dtype before reducing. */
  readonly dtype?: DType;
}

/**
 * Sum over `dim` (all dimensions by default). Sums of bools and integers are int32 (int64 for int64).
 *
 * @example
 * import { sum, tensor } from "@flambeau/tensor";
 * console.log(sum(tensor([[1, 2], [3, 4]]), 0).tolist()); // [4, 6]
 */
export function sum(x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor {
  const input = options.dtype ? toDType(x, options.dtype) : x;
  return applyOne(sumOp, [input], { dims: reducedDims("sum", x, dim), keepdim: options.keepdim ?? false });
}

/**
 * `x` summed to a shape that broadcasts to its own, as a new tensor: what broadcasting repeated is added up.
 *
 * @throws ShapeError when `shape` does not broadcast to that of `x`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.sum_to_size.html
 * @example
 * import { ones, sumTo } from "@flambeau/tensor";
 * console.log(sumTo(ones([2, 3]), [1, 3]).tolist()); // [[2, 2, 2]]
 */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  checkShape("sumTo", shape);
  if (!sameShape(broadcastShapes("sumTo", x.shape, shape), x.shape))
    throw new ShapeError("sumTo", `${showShape(shape)} does not broadcast to ${showShape(x.shape)}`, [x.shape, shape]);
  return apartFrom(x, unbroadcast(x, shape));
}

/** Mean over `dim`. @throws DTypeError for integers, as in PyTorch: convert first. */
export function mean(x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor {
  const input = options.dtype ? toDType(x, options.dtype) : x;
  if (!isFloat(input.dtype))
    throw new DTypeError(
      "mean",
      `needs a floating-point tensor, got ${input.dtype}`,
      'convert first: x.to("float32"), or pass { dtype }',
    );
  const wide = inFloat32(input);
  if (wide) return toDType(mean(...wide, dim, { keepdim: options.keepdim ?? false }), input.dtype);
  const dims = reducedDims("mean", x, dim);
  let count = 1;
  for (const d of dims) count *= x.shape[d];
  return div(sum(input, dims.length ? dims : null, { keepdim: options.keepdim ?? false }), count);
}

const extreme = (kind: "max" | "min", name: string): Op<SumAttrs> => ({
  name,
  forward: ([x], attrs) => finish(reduceKept(kind, x, attrs.dims, x.dtype), x, attrs),
  save: ([x], [out]) => [x, out],
  // every element that equals the extreme gets an equal share, as PyTorch's amax and amin do
  vjp({ attrs, saved: [x, out], shapes }, [g]) {
    if (!g) return [null];
    const mask = toDType(eq(x, restore(out, shapes[0], attrs.dims)), g.dtype);
    const count = sum(mask, attrs.dims.length ? attrs.dims : null, { keepdim: true });
    return [
      mul(mask, div(restore(g, shapes[0], attrs.dims), attrs.dims.length ? count : broadcastTo(count, mask.shape))),
    ];
  },
});
export const amaxOp = extreme("max", "amax");
export const aminOp = extreme("min", "amin");
/** Largest element over `dim`; equal ones share the gradient. NaN wins. */
export function amax(x: Tensor, dim?: Dims, options: { readonly keepdim?: boolean } = {}): Tensor {
  const dims = reducedDims("amax", x, dim);
  checkNonEmpty("amax", x, dims);
  return applyOne(amaxOp, [x], { dims, keepdim: options.keepdim ?? false });
}
/** Smallest element over `dim`; equal ones share the gradient. NaN wins. */
export function amin(x: Tensor, dim?: Dims, options: { readonly keepdim?: boolean } = {}): Tensor {
  const dims = reducedDims("amin", x, dim);
  checkNonEmpty("amin", x, dims);
  return applyOne(aminOp, [x], { dims, keepdim: options.keepdim ?? false });
}

const truth = (kind: "any" | "all"): Op<SumAttrs> => ({
  name: kind,
  forward: ([x], attrs) => finish(reduceKept(kind, x, attrs.dims, "bool"), x, attrs),
});
export const anyOp = truth("any");
export const allOp = truth("all");
/** Whether any element is not zero, over `dim`. */
export const any = (x: Tensor, dim?: Dims, options: { readonly keepdim?: boolean } = {}): Tensor =>
  applyOne(anyOp, [x], { dims: reducedDims("any", x, dim), keepdim: options.keepdim ?? false });
/** Whether all elements are not zero, over `dim`. */
export const all = (x: Tensor, dim?: Dims, options: { readonly keepdim?: boolean } = {}): Tensor =>
  applyOne(allOp, [x], { dims: reducedDims("all", x, dim), keepdim: options.keepdim ?? false });

const notZero = input(0).ne(constant(0));
export const countNonzeroOp: Op<SumAttrs> = {
  name: "countNonzero",
  forward: ([x], attrs) => finish(reduceKept("sum", x, attrs.dims, "int32", notZero), x, attrs),
};
/** Number of elements that are not zero, over `dim`, as int32. */
export const countNonzero = (x: Tensor, dim?: Dims): Tensor =>
  applyOne(countNonzeroOp, [x], { dims: reducedDims("countNonzero", x, dim), keepdim: false });
