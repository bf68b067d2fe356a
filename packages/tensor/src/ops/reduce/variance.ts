import { isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import { unary } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, input, scalar } from "../../expr/expr.ts";
import { broadcastView } from "../../layout/windows.ts";
import { fillInto } from "../../lower/move.ts";
import { droppedShape, keptShape, reducedDims, reduceKept, squeezeFresh } from "../../lower/reduce.ts";
import { local } from "../../memory/tidy.ts";
import { div, mul, sub } from "../pointwise/arithmetic.ts";
import { type Dims, mean } from "./reduction.ts";
import { restore } from "./restoring.ts";

export interface VarianceOptions {
  /** What is taken from the count of elements in the divisor: 1 (Bessel's correction) unless said. */
  readonly correction?: number;
  /** The older form of `correction`: true is 1, false is 0. */
  readonly unbiased?: boolean;
  readonly keepdim?: boolean;
}
export interface Attrs {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  /** Elements reduced, and the divisor. */
  readonly count: number;
  readonly divisor: number;
}

const squaredDeviation = (() => {
  const d = input(0).sub(input(1));
  return d.mul(d);
})();
const centre = (x: Tensor, { dims, count }: Attrs): Tensor => div(reduceKept("sum", x, dims, x.dtype), count);

export const varOp: Op<Attrs> = {
  name: "var",
  rounds: 1,
  forward([x], attrs) {
    const kept = local(() => {
      if (x.size === 0) return fillInto(empty(x.backend, x.dtype, keptShape(x.shape, attrs.dims)), Number.NaN);
      const middle = centre(x, attrs);
      // the mean is read along the reduced dims as if it had x's shape
      const total = reduceKept("sum", x, attrs.dims, x.dtype, squaredDeviation, [broadcastView(middle, x.shape)]);
      return div(total, attrs.divisor);
    });
    return attrs.keepdim ? kept : squeezeFresh(kept, droppedShape(x.shape, attrs.dims));
  },
  save: ([x]) => [x],
  vjp({ attrs, saved: [x], shapes }, [g]) {
    if (!g) return [null];
    const scaled = mul(restore(g, shapes[0], attrs.dims), 2 / attrs.divisor);
    return [mul(scaled, sub(x, mean(x, attrs.dims.length ? attrs.dims : null, { keepdim: true })))];
  },
};

function attrsOf(
  name: string,
  x: Tensor,
  dim: Dims | undefined,
  { correction, unbiased, keepdim = false }: VarianceOptions,
): Attrs {
  if (!isFloat(x.dtype))
    throw new DTypeError(name, `needs a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  const dims = reducedDims(name, x, dim);
  const count = dims.reduce((n, d) => n * x.shape[d], 1);
  return { dims, keepdim, count, divisor: Math.max(0, count - (correction ?? (unbiased === false ? 0 : 1))) };
}
/**
 * Variance over `dim` (all dimensions by default): sum((x - mean)^2) / (count - correction). NaN where nothing is left to divide by.
 *
 * @throws DTypeError for integers.
 * @example
 * import { tensor, variance } from "@flambeau/tensor";
 * console.log(variance(tensor([1, 2, 3, 4]), 0, { correction: 0 }).item()); // 1.25
 */
export const variance = (x: Tensor, dim?: Dims, options: VarianceOptions = {}): Tensor =>
  applyOne(varOp, [x], attrsOf("var", x, dim, options));

// where the deviation is 0 its slope counts as 0, as in PyTorch
export const stdRootOp = pointwise("stdRoot", (v) => scalar.sqrt(v), {
  title: "std",
  grad: (g, _, out) => [choose(out.eq(0), 0, g.div(out.mul(2)))],
});
/** Standard deviation over `dim`: the square root of {@link variance}. */
export const std = (x: Tensor, dim?: Dims, options: VarianceOptions = {}): Tensor =>
  unary(stdRootOp, applyOne(varOp, [x], attrsOf("std", x, dim, options)));
/** Variance and mean over `dim`. */
export const varMean = (x: Tensor, dim?: Dims, options: VarianceOptions = {}): [Tensor, Tensor] => [
  variance(x, dim, options),
  mean(x, dim, { keepdim: options.keepdim ?? false }),
];
/** Standard deviation and mean over `dim`. */
export const stdMean = (x: Tensor, dim?: Dims, options: VarianceOptions = {}): [Tensor, Tensor] => [
  std(x, dim, options),
  mean(x, dim, { keepdim: options.keepdim ?? false }),
];
// `var` is a reserved word of the language: exported under its name, and as `variance`
export { variance as var };
