import { isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { unary } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { reducedDims } from "../../lower/reduce.ts";
import { toDType } from "../create/copy.ts";
import { div } from "../pointwise/arithmetic.ts";
import { type Dims, type ReduceOptions, sum } from "./reduction.ts";

export const withoutNanOp = pointwise("withoutNan", (x) => choose(scalar.isnan(x), 0, x), {
  title: "nansum",
  grad: (g, [x]) => [choose(scalar.isnan(x), 0, g)],
});
export const isNumberOp = pointwise("isNumber", (x) => scalar.isnan(x).not(), {
  title: "nanmean",
  category: "compare",
});

/** Sum over `dim` of what is not NaN. */
export function nansum(x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor {
  return sum(isFloat(x.dtype) ? unary(withoutNanOp, x) : x, dim, options);
}
/** Mean over `dim` of what is not NaN; NaN where there is nothing else. @throws DTypeError for integers. */
export function nanmean(x: Tensor, dim?: Dims, options: ReduceOptions = {}): Tensor {
  if (!isFloat(x.dtype))
    throw new DTypeError("nanmean", `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  const dims = reducedDims("nanmean", x, dim);
  const count = sum(unary(isNumberOp, x), dims.length > 0 ? dims : null, { keepdim: options.keepdim ?? false });
  return div(nansum(x, dim, options), toDType(count, options.dtype ?? x.dtype));
}
