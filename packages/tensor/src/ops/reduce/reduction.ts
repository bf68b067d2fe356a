import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, dtype, type Kinds, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { apartFrom, applyOne } from "../../door/run.ts";
import { constant, input } from "../../expr/expr.ts";
import { sumType } from "../../layout/promotion.ts";
import { broadcastShapes, checkShape, sameShape } from "../../layout/shapes.ts";
import type { Dims } from "../../lower/reduce.ts";
import { checkNonEmpty, reducedDims, reduceKept } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { div, mul } from "../pointwise/arithmetic.ts";
import { eq } from "../pointwise/comparison.ts";
import { broadcastTo } from "../shape/view.ts";
import { asAsked } from "./as-asked.ts";
import { restore } from "./restoring.ts";
import { finish, type SumAttrs, sumOp, unbroadcast } from "./unbroadcast.ts";

export type { Dims } from "../../lower/reduce.ts";

export interface KeepdimOptions {
  /** Keep reduced dimensions with size 1 (default false). */
  readonly keepdim?: boolean | undefined;
}
export const keepdimKinds: Kinds<KeepdimOptions> = { keepdim: boolean };
export interface ReduceOptions extends KeepdimOptions {
  /** Convert to this dtype before reducing. */
  readonly dtype?: DType | undefined;
}
export const reduceKinds: Kinds<ReduceOptions> = { ...keepdimKinds, dtype };

/**
 * Sum over `dim`, or of all elements: `y[i] = x[i, 0] + x[i, 1] + ...` for `dim` 1.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`, where bools and
 * integers below 32 bits give int32 (PyTorch: int64).
 *
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.sum.html
 * @example
 * import { tensor } from "flambeau";
 * const x = tensor([[1, 2], [3, 4]]);
 * x.sum().item(); // 10
 * x.sum(0).tolist(); // [4, 6]
 * x.sum(1, { keepdim: true }).tolist(); // [[3], [7]]
 */
export function sum(x: Tensor, dim?: Dims, options: ReduceOptions = none): Tensor {
  checkOptions("sum", reduceKinds, options);
  checkTensor("sum", "x", x);
  if (options.dtype && unscoped()) return scoped(sum, x, dim, options);
  const input = options.dtype ? toDType(x, options.dtype) : x;
  return asAsked(
    applyOne(sumOp, [input], { dims: reducedDims("sum", x, dim), keepdim: options.keepdim ?? false }),
    options.dtype,
  );
}

/**
 * `x` summed to a shape that broadcasts to its own, as a new tensor: what broadcasting repeated is added up, as `[2, 3] -> [1, 3]`.
 * Shapes: `x` any, the result `shape`. Dtype: as of {@link sum}; `x` itself is copied where nothing is to add.
 *
 * @throws ShapeError when `shape` does not broadcast to that of `x`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.sum_to_size.html
 * @example
 * import { ones } from "flambeau";
 * ones([2, 3]).sumTo([1, 3]).tolist(); // [[2, 2, 2]]
 * ones([2, 3]).sumTo([]).item(); // 6
 */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (unscoped()) return scoped(sumTo, x, shape);
  checkTensor("sumTo", "x", x);
  checkShape("sumTo", shape);
  if (!sameShape(broadcastShapes("sumTo", x.shape, shape), x.shape))
    throw new ShapeError("sumTo", `${showShape(shape)} does not broadcast to ${showShape(x.shape)}`, [x.shape, shape]);
  // to a 0-d tensor it is always a sum, also of one element
  return apartFrom(x, unbroadcast(shape.length > 0 ? x : toDType(x, sumType(x.dtype)), shape));
}

/**
 * Mean over `dim`, or of all elements: `sum(x) / n`, where n counts the elements that are reduced to one; NaN of none.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
 *
 * @throws DTypeError for integers and bools, as in PyTorch: convert first, or pass a floating `dtype`.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.mean.html
 * @example
 * tensor([[1, 2], [3, 6]]).mean().item(); // 3
 * tensor([[1, 2], [3, 6]]).mean(0).tolist(); // [2, 4]
 * tensor([true, false]).mean(null, { dtype: "float32" }).item(); // 0.5
 */
export function mean(x: Tensor, dim?: Dims, options: ReduceOptions = none): Tensor {
  if (unscoped()) return scoped(mean, x, dim, options);
  checkOptions("mean", reduceKinds, options);
  checkTensor("mean", "x", x);
  const input = options.dtype ? toDType(x, options.dtype) : x;
  if (!isFloat(input.dtype))
    throw new DTypeError(
      "mean",
      `needs a floating-point tensor, got ${input.dtype}`,
      'convert first: x.to("float32"), or pass { dtype }',
    );
  const wide = inFloat32(input);
  if (wide) return toDType(mean(...wide, dim, { keepdim: options.keepdim }), input.dtype);
  const dims = reducedDims("mean", x, dim);
  let count = 1;
  for (const d of dims) count *= x.shape[d];
  return div(sum(input, dims.length ? dims : null, { keepdim: options.keepdim }), count);
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
/**
 * Largest element over `dim`, or of all: `y[i] = max(x[i, 0], x[i, 1], ...)` for `dim` 1. NaN wins; equal ones share the gradient.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
 *
 * @throws IndexError when a dimension that is reduced has size 0, is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.amax.html
 * @example
 * tensor([[1, 5], [7, 3]]).amax(1).tolist(); // [5, 7]
 * tensor([[1, 5], [7, 3]]).amax([0, 1]).item(); // 7
 */
export function amax(x: Tensor, dim?: Dims, options: KeepdimOptions = none): Tensor {
  checkOptions("amax", keepdimKinds, options);
  checkTensor("amax", "x", x);
  const dims = reducedDims("amax", x, dim);
  checkNonEmpty("amax", x, dims);
  return applyOne(amaxOp, [x], { dims, keepdim: options.keepdim ?? false });
}
/**
 * Smallest element over `dim`, or of all: `y[i] = min(x[i, 0], x[i, 1], ...)` for `dim` 1. NaN wins; equal ones share the gradient.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: that of `x`.
 *
 * @throws IndexError when a dimension that is reduced has size 0, is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.amin.html
 * @example
 * tensor([[1, 5], [7, 3]]).amin(0, { keepdim: true }).tolist(); // [[1, 3]]
 */
export function amin(x: Tensor, dim?: Dims, options: KeepdimOptions = none): Tensor {
  checkOptions("amin", keepdimKinds, options);
  checkTensor("amin", "x", x);
  const dims = reducedDims("amin", x, dim);
  checkNonEmpty("amin", x, dims);
  return applyOne(aminOp, [x], { dims, keepdim: options.keepdim ?? false });
}

const truth = (kind: "any" | "all"): Op<SumAttrs> => ({
  name: kind,
  forward([x], attrs) {
    const out = finish(reduceKept(kind, x, attrs.dims, "bool"), x, attrs);
    return x.dtype === "uint8" ? toDType(out, "uint8") : out; // masks of PyTorch's first years were bytes
  },
});
export const anyOp = truth("any");
export const allOp = truth("all");
/**
 * Whether any element is not zero, over `dim` or of all: `y[i] = x[i, 0] != 0 or x[i, 1] != 0 or ...` for `dim` 1. Of none it is false.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: bool, of uint8 uint8.
 *
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.any.html
 * @example
 * tensor([[0, 2], [0, 0]]).any(1).tolist(); // [true, false]
 */
export const any = (x: Tensor, dim?: Dims, options: KeepdimOptions = none): Tensor => truthOf(anyOp, x, dim, options);
function truthOf(op: Op<SumAttrs>, x: Tensor, dim: Dims | undefined, options: KeepdimOptions): Tensor {
  checkOptions(op.name, keepdimKinds, options);
  checkTensor(op.name, "x", x);
  return applyOne(op, [x], { dims: reducedDims(op.name, x, dim), keepdim: options.keepdim ?? false });
}
/**
 * Whether all elements are not zero, over `dim` or of all: `y[i] = x[i, 0] != 0 and x[i, 1] != 0 and ...` for `dim` 1. Of none it is true.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: bool, of uint8 uint8.
 *
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.all.html
 * @example
 * tensor([[1, 2], [0, 3]]).all(1).tolist(); // [true, false]
 */
export const all = (x: Tensor, dim?: Dims, options: KeepdimOptions = none): Tensor => truthOf(allOp, x, dim, options);

const notZero = input(0).ne(constant(0));
export const countNonzeroOp: Op<SumAttrs> = {
  name: "countNonzero",
  forward: ([x], attrs) => finish(reduceKept("sum", x, attrs.dims, "int32", notZero), x, attrs),
};
/**
 * Number of elements that are not zero, over `dim` or of all: `sum(x != 0)`. NaN is not zero.
 * Shape: `x` without the dimensions reduced. Dtype: int32 (PyTorch: int64).
 *
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.count_nonzero.html
 * @example
 * tensor([[0, 2], [5, -1]]).countNonzero().item(); // 3
 * tensor([[0, 2], [5, -1]]).countNonzero(0).tolist(); // [1, 2]
 */
export const countNonzero = (x: Tensor, dim?: Dims): Tensor => {
  checkTensor("countNonzero", "x", x);
  return applyOne(countNonzeroOp, [x], { dims: reducedDims("countNonzero", x, dim), keepdim: false });
};
