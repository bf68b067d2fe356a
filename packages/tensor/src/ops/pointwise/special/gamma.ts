import { ArgumentError, show } from "../../../core/errors.ts";
import type { Tensor } from "../../../core/tensor.ts";
import { inPlace, pointwiseCall, unary } from "../../../door/calls.ts";
import { pointwise } from "../../../door/pointwise.ts";
import { trigamma } from "../../../expr/derive.ts";
import { where as choose, constant, type Expr, scalar } from "../../../expr/expr.ts";
import { checkInteger } from "../../../layout/integers.ts";
import { PointwiseFamily } from "./family.ts";
import { zetaOf } from "./zeta.ts";

const float = { category: "float" } as const;

export const lgammaOp = pointwise("lgamma", (x) => scalar.lgamma(x), float);
export const digammaOp = pointwise("digamma", (x) => scalar.digamma(x), float);
/**
 * The logarithm of the gamma function's absolute value: `y = log(|gamma(x)|)`; Infinity at 0 and the negative integers.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.gammaln
 * @example
 * tensor([0.5, 1, 5, -1]).lgamma().tolist(); // [0.5724, 0, 3.1781, Infinity]
 */
export const lgamma = (x: Tensor): Tensor => unary(lgammaOp, x);
/** {@link lgamma} under SciPy's name. */
export const gammaln: typeof lgamma = lgamma;
/**
 * The slope of {@link lgamma}: `y = d/dx log(gamma(x)) = gamma'(x) / gamma(x)`; -Infinity at 0, NaN at the negative integers.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.digamma
 * @example
 * tensor([1, 2, 0, -0.5]).digamma().tolist(); // [-0.5772, 0.4228, -Infinity, 0.0365]
 */
export const digamma = (x: Tensor): Tensor => unary(digammaOp, x);
/** {@link digamma} under SciPy's name. */
export const psi: typeof digamma = digamma;
/** In place {@link lgamma}: `x = lgamma(x)`. */
export const lgamma_ = (x: Tensor): Tensor => inPlace(lgammaOp, x);
/** In place {@link digamma}: `x = digamma(x)`. */
export const digamma_ = (x: Tensor): Tensor => inPlace(digammaOp, x);

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** The n-th derivative of cot, as a polynomial of cot, coefficients by rising powers: P' (-(1 + c²)). */
function cotDerivative(n: number): number[] {
  let p = [0, 1];
  for (let i = 0; i < n; i++) {
    const next = new Array<number>(p.length + 1).fill(0);
    for (let k = 1; k < p.length; k++) {
      next[k - 1] -= k * p[k];
      next[k + 1] -= k * p[k];
    }
    p = next;
  }
  return p;
}

/** ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹ n! ζ(n + 1, x), reflected for negative x: ψ⁽ⁿ⁾(x) = (-1)ⁿ ψ⁽ⁿ⁾(1 - x) - π dⁿ/dxⁿ cot(πx). */
function polygammaOf(n: number, x: Expr): Expr {
  if (n === 0) return scalar.digamma(x);
  if (n === 1) return trigamma(x);
  const scale = (n % 2 === 1 ? 1 : -1) * factorial(n);
  const direct = (z: Expr): Expr => zetaOf(constant(n + 1), z).mul(scale);
  const low = x.lt(0);
  const value = direct(choose(low, constant(1).sub(x), x));
  // the distance to the nearest pole is exact
  const angle = x.sub(scalar.round(x)).mul(Math.PI);
  const cot = scalar.recip(scalar.tan(angle));
  const slope = cotDerivative(n).reduceRight((sum: Expr, c) => sum.mul(cot).add(c), constant(0));
  const reflected = (n % 2 === 1 ? value.neg() : value).sub(slope.mul(Math.PI ** (n + 1)));
  // at a pole PyTorch's sum is infinite, with the sign of its factor
  const pole = x.eq(scalar.floor(x)).and(x.le(0));
  return choose(pole, scale * Infinity, choose(low, reflected, value));
}
export const polygammaOp = new PointwiseFamily("polygamma", 2, 0, (n) =>
  pointwise("polygamma", (_, x) => polygammaOf(n, x), {
    category: "float",
    grad: (g, [, x]) => [null, g.mul(polygammaOf(n + 1, x))],
  }),
);
/**
 * The `n`-th derivative of {@link digamma}: `y = d^n/dx^n digamma(x) = (-1)^(n + 1) n! zeta(n + 1, x)` for `n >= 1`; `n = 1` is the
 * trigamma function. As a method it is called `x.polygamma(n)`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws ArgumentError when `n` is no integer from 0.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.polygamma
 * @example
 * polygamma(1, tensor([1, 2])).tolist(); // [1.6449, 0.6449]
 * tensor([1, 2]).polygamma(2).tolist(); // [-2.4041, -0.4041]
 */
export function polygamma(n: number, x: Tensor): Tensor {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new ArgumentError(
      "polygamma",
      `n must be an integer from 0, got ${show(n)}`,
      "the arguments are polygamma(n, x)",
    );
  return pointwiseCall(polygammaOp.member(n), [n, x]);
}

export const mvlgammaOp = new PointwiseFamily("mvlgamma", 2, 1, (p) =>
  pointwise(
    "mvlgamma",
    (x, _) => {
      let sum: Expr = scalar.lgamma(x.add((1 - p) / 2));
      for (let i = p - 2; i >= 0; i--) sum = sum.add(scalar.lgamma(x.sub(i / 2)));
      return sum.add((p * (p - 1) * Math.log(Math.PI)) / 4);
    },
    float,
  ),
);
/**
 * The logarithm of the multivariate gamma function of dimension `p`: `y = p (p - 1) log(pi) / 4 + sum over i < p of lgamma(x - i / 2)`,
 * meant for `x > (p - 1) / 2`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws ArgumentError when `p` is no integer from 1.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.multigammaln
 * @example
 * tensor([2, 3.5]).mvlgamma(2).tolist(); // [0.4516, 2.4665]
 * tensor([2, 3.5]).mvlgamma(1).tolist(); // [0, 1.2010]
 */
export function mvlgamma(x: Tensor, p: number): Tensor {
  checkInteger("mvlgamma", "p", p, 1);
  return pointwiseCall(mvlgammaOp.member(p), [x, p]);
}
/** {@link mvlgamma} under SciPy's name. */
export const multigammaln: typeof mvlgamma = mvlgamma;
