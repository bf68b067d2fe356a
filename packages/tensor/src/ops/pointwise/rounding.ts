import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { inPlace, pointwiseCall, unary } from "../../door/calls.ts";
import { type Pointwise, pointwise } from "../../door/pointwise.ts";
import { constant, type Expr, scalar } from "../../expr/expr.ts";
import { checkInteger } from "../../layout/integers.ts";

const noBool = (dtype: DType): boolean => dtype === "bool";
// steps have slope 0 wherever they have one
const step = (name: string, f: (x: Expr) => Expr): Pointwise =>
  pointwise(name, f, { refuses: noBool, grad: () => [constant(0)] });
export const floorOp = step("floor", (x) => scalar.floor(x));
export const ceilOp = step("ceil", (x) => scalar.ceil(x));
export const truncOp = step("trunc", (x) => scalar.trunc(x));
export const roundOp = step("round", (x) => scalar.round(x));
export const fracOp = pointwise("frac", (x) => x.sub(scalar.trunc(x)), {
  refuses: (d) => !isFloat(d),
  grad: (g) => [g],
});
export const roundDecimalsOp = pointwise("roundDecimals", (x, scale) => scalar.round(x.mul(scale)).div(scale), {
  title: "round",
  grad: () => [constant(0)],
});
export const roundTensOp = pointwise("roundTens", (x, scale) => scalar.round(x.div(scale)).mul(scale), {
  title: "round",
  grad: () => [constant(0)],
});

/** The largest integer not above x. */
export const floor = (x: Tensor): Tensor => unary(floorOp, x);
/** The smallest integer not below x. */
export const ceil = (x: Tensor): Tensor => unary(ceilOp, x);
/** x without its fraction: rounded towards 0. */
export const trunc = (x: Tensor): Tensor => unary(truncOp, x);
/** {@link trunc} under NumPy's name. */
export const fix: typeof trunc = trunc;
/** x - trunc(x). @throws DTypeError for integers. */
export const frac = (x: Tensor): Tensor => unary(fracOp, x);

export interface RoundOptions {
  /** Digits kept behind the point; negative: before it. */
  readonly decimals?: number;
}
function rounding(x: Tensor, { decimals = 0 }: RoundOptions): readonly [Pointwise, ...number[]] {
  checkInteger("round", "decimals", decimals);
  if (decimals === 0) return [roundOp];
  if (!isFloat(x.dtype))
    throw new DTypeError(
      "round",
      `decimals need a floating-point tensor, got ${x.dtype}`,
      'convert first: x.to("float32")',
    );
  return [decimals > 0 ? roundDecimalsOp : roundTensOp, 10 ** Math.abs(decimals)];
}
/** The nearest integer, halves to even; or the nearest multiple of 10^-decimals. */
export function round(x: Tensor, options: RoundOptions = {}): Tensor {
  const [op, ...scale] = rounding(x, options);
  return pointwiseCall(op, [x, ...scale]);
}

/** x = floor(x). */
export const floor_ = (x: Tensor): Tensor => inPlace(floorOp, x);
/** x = ceil(x). */
export const ceil_ = (x: Tensor): Tensor => inPlace(ceilOp, x);
/** x = trunc(x). */
export const trunc_ = (x: Tensor): Tensor => inPlace(truncOp, x);
/** x = trunc(x), under NumPy's name. */
export const fix_: typeof trunc_ = trunc_;
/** x = x - trunc(x). */
export const frac_ = (x: Tensor): Tensor => inPlace(fracOp, x);
/** x = round(x, options). */
export function round_(x: Tensor, options: RoundOptions = {}): Tensor {
  const [op, ...scale] = rounding(x, options);
  return inPlace(op, x, ...scale);
}
