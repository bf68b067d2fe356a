import { checkTensor, type Tensor } from "../../../core/tensor.ts";
import { binary } from "../../../door/calls.ts";
import { type Operand, pointwise } from "../../../door/pointwise.ts";
import { where as choose, type Expr, scalar } from "../../../expr/expr.ts";
import { refuseGradient } from "./series.ts";

// (2k)! / B_2k, as in Cephes' zeta (Stephen L. Moshier)
const factors = [
  12, -720, 30240, -1209600, 47900160, -1892437580.3183792, 7.47242496e10, -2950130727918.164, 116467828143500.67,
  -4597978722407473, 1.8152105401943546e17, -7.166165256175667e18,
];
/** Summands taken one by one: enough to bring q from -15 beyond 9, where the series of Euler and Maclaurin takes over. */
const direct = 25;

/** ζ(x, q) for q > -15. */
export function zetaOf(x: Expr, q: Expr): Expr {
  const power = (a: Expr): Expr => scalar.pow(a, x.neg());
  let a = q;
  let last = power(q);
  let sum = last;
  for (let i = 0; i < direct; i++) {
    const next = a.add(1);
    const goes = a.le(9);
    const term = power(next);
    last = i < 9 ? term : choose(goes, term, last);
    sum = i < 9 ? sum.add(term) : choose(goes, sum.add(term), sum);
    a = i < 9 ? next : choose(goes, next, a);
  }
  const summed = sum;
  sum = sum.add(last.mul(a).div(x.sub(1))).sub(last.mul(0.5));
  let term = last;
  for (let i = 0; i < factors.length; i++) {
    term = term.mul(x.add(2 * i)).div(a);
    sum = sum.add(term.div(factors[i]));
    term = term.mul(x.add(2 * i + 1)).div(a);
  }
  // what is left of the series is 0 where its first term underflows, also for infinite x
  sum = choose(last.eq(0), summed, sum);
  const whole = (y: Expr): Expr => y.eq(scalar.floor(y));
  const value = choose(q.le(0), choose(whole(q), Infinity, choose(whole(x).and(q.gt(-15)), sum, Number.NaN)), sum);
  return choose(x.eq(1), Infinity, choose(x.lt(1), Number.NaN, value));
}
export const zetaOp = pointwise("zeta", zetaOf, {
  category: "float",
  grad: (g, [x, q]) => [null, g.mul(x.neg().mul(zetaOf(x.add(1), q)))],
});
/**
 * Hurwitz's zeta function: `y = sum over k = 0, 1, ... of (q + k)^-x`; Infinity at `x = 1`, NaN for `x < 1`. For `q <= 0` it is Infinity at
 * whole `q`, else NaN for fractional `x` and for `q <= -15`. It has a gradient with respect to `q` only.
 *
 * Shapes: `x` and `q` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.zeta
 * @example
 * zeta(tensor([2, 4]), 1).tolist(); // [1.6449, 1.0823]
 * zeta(2, tensor([1, 2, 0])).tolist(); // [1.6449, 0.6449, Infinity]
 */
export function zeta(x: Operand, q: Operand): Tensor {
  if (typeof x !== "number") checkTensor("zeta", "x", x);
  refuseGradient("zeta", "x", x);
  return binary(zetaOp, x, q);
}
