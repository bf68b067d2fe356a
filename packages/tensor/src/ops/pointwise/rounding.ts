import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { checkOptions, type Kinds, none, number } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
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

/**
 * The largest integer not above x, `y = floor(x)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers are copied.
 *
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.floor.html
 * @example
 * tensor([1.5, -1.5, 2]).floor().tolist(); // [1, -2, 2]
 */
export const floor = (x: Tensor): Tensor => unary(floorOp, x);
/**
 * The smallest integer not below x, `y = ceil(x)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers are copied.
 *
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.ceil.html
 * @example
 * tensor([1.5, -1.5, 2]).ceil().tolist(); // [2, -1, 2]
 */
export const ceil = (x: Tensor): Tensor => unary(ceilOp, x);
/**
 * x without its fraction, rounded towards 0: `y = sign(x) * floor(|x|)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers are copied.
 *
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.trunc.html
 * @example
 * tensor([1.5, -1.5, 2]).trunc().tolist(); // [1, -1, 2]
 */
export const trunc = (x: Tensor): Tensor => unary(truncOp, x);
/** {@link trunc} under NumPy's name. */
export const fix: typeof trunc = trunc;
/**
 * The fraction of x, with its sign: `y = x - trunc(x)`.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.frac.html
 * @example
 * tensor([1.5, -1.25, 2]).frac().tolist(); // [0.5, -0.25, 0]
 */
export const frac = (x: Tensor): Tensor => unary(fracOp, x);

export interface RoundOptions {
  /** Digits kept behind the point (default 0); negative: places before it that become 0. */
  readonly decimals?: number | undefined;
}
const roundKinds: Kinds<RoundOptions> = { decimals: number };
function rounding(op: string, x: Tensor, options: RoundOptions): readonly [Pointwise, ...number[]] {
  checkOptions(op, roundKinds, options);
  checkTensor(op, "x", x);
  const { decimals = 0 } = options;
  checkInteger(op, "decimals", decimals);
  if (decimals === 0) return [roundOp];
  if (!isFloat(x.dtype))
    throw new DTypeError(op, `decimals need a floating-point tensor, got ${x.dtype}`, 'convert first: x.to("float32")');
  return [decimals > 0 ? roundDecimalsOp : roundTensOp, 10 ** Math.abs(decimals)];
}
/**
 * The nearest integer, halves to even; with `decimals` the nearest multiple of 10^-decimals, `y = round(x * 10^decimals) / 10^decimals`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers are copied.
 *
 * @throws DTypeError for bools, and for integers when `decimals` is not 0.
 * @throws ArgumentError when `decimals` is no integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.round.html
 * @example
 * tensor([0.5, 1.5, 2.5, -1.7]).round().tolist(); // [0, 2, 2, -2]
 * tensor([3.14159]).round({ decimals: 2 }).tolist(); // [3.1400]
 * tensor([1250, 1350]).round({ decimals: -2 }).tolist(); // [1200, 1400]
 */
export function round(x: Tensor, options: RoundOptions = none): Tensor {
  const [op, ...scale] = rounding("round", x, options);
  return pointwiseCall(op, [x, ...scale]);
}

/** In place {@link floor}: `x = floor(x)`. */
export const floor_ = (x: Tensor): Tensor => inPlace(floorOp, x);
/** In place {@link ceil}: `x = ceil(x)`. */
export const ceil_ = (x: Tensor): Tensor => inPlace(ceilOp, x);
/** In place {@link trunc}: `x = trunc(x)`. */
export const trunc_ = (x: Tensor): Tensor => inPlace(truncOp, x);
/** {@link trunc_} under NumPy's name. */
export const fix_: typeof trunc_ = trunc_;
/** In place {@link frac}: `x = x - trunc(x)`. */
export const frac_ = (x: Tensor): Tensor => inPlace(fracOp, x);
/** In place {@link round}: `x = round(x)`. */
export function round_(x: Tensor, options: RoundOptions = none): Tensor {
  const [op, ...scale] = rounding("round_", x, options);
  return inPlace(op, x, ...scale);
}
