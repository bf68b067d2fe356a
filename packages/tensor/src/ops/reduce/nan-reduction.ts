import { isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { unary } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import { pointwise } from "../../door/pointwise.ts";
import { wholeBy } from "../../door/stack.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { reducedDims } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { div } from "../pointwise/arithmetic.ts";
import { type Dims, type ReduceOptions, reduceKinds, sum } from "./reduction.ts";

export const withoutNanOp = pointwise("withoutNan", (x) => choose(scalar.isnan(x), 0, x), {
  title: "nansum",
  grad: (g, [x]) => [choose(scalar.isnan(x), 0, g)],
});
export const isNumberOp = pointwise("isNumber", (x) => scalar.isnan(x).not(), {
  title: "nanmean",
  category: "compare",
});

/**
 * Sum over `dim`, or of all elements, of what is not NaN: `sum(where(isnan(x), 0, x))`.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: as of {@link sum}.
 *
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nansum.html
 * @example
 * tensor([[1, NaN], [3, 4]]).nansum(0).tolist(); // [4, 4]
 */
export function nansum(x: Tensor, dim?: Dims, options: ReduceOptions = none): Tensor {
  const whole = wholeBy("nansum", x);
  if (whole !== null) return whole(nansum, [x, dim, options]);
  if (unscoped()) return scoped(nansum, x, dim, options);
  checkOptions("nansum", reduceKinds, options);
  checkTensor("nansum", "x", x);
  return sum(isFloat(x.dtype) ? unary(withoutNanOp, x) : x, dim, options);
}
/**
 * Mean over `dim`, or of all elements, of what is not NaN: `nansum(x) / n` for the n that are not; NaN where there is nothing else.
 * Shape: `x` without the dimensions reduced (`keepdim`: size 1 there). Dtype: the option `dtype`, else that of `x`.
 *
 * @throws DTypeError for integers and bools.
 * @throws IndexError when a dimension is out of range or named twice.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nanmean.html
 * @example
 * tensor([[1, NaN], [3, 4]]).nanmean(0).tolist(); // [2, 4]
 */
export function nanmean(x: Tensor, dim?: Dims, options: ReduceOptions = none): Tensor {
  if (unscoped()) return scoped(nanmean, x, dim, options);
  checkOptions("nanmean", reduceKinds, options);
  checkTensor("nanmean", "x", x);
  if (!isFloat(x.dtype))
    throw new DTypeError("nanmean", `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  const dims = reducedDims("nanmean", x, dim);
  const count = sum(unary(isNumberOp, x), dims.length > 0 ? dims : null, { keepdim: options.keepdim });
  return div(nansum(x, dim, options), toDType(count, options.dtype ?? x.dtype));
}
