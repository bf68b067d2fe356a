import { context } from "../../../core/context.ts";
import { AutogradError } from "../../../core/errors.ts";
import type { Operand } from "../../../door/pointwise.ts";
import { constant, type Expr } from "../../../expr/expr.ts";

/** The polynomial with `coefficients` of falling powers, by Horner's rule. */
export function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  let sum: Expr = constant(coefficients[0]);
  for (let i = 1; i < coefficients.length; i++) sum = sum.mul(x).add(coefficients[i]);
  return sum;
}

/** {@link polynomial} as its even and odd halves in x^2: half as many steps wait for each other. */
export function halvedPolynomial(x: Expr, coefficients: readonly number[]): Expr {
  const square = x.square();
  const half = (odd: number) =>
    polynomial(
      square,
      coefficients.filter((_, i) => (coefficients.length - 1 - i) % 2 === odd),
    );
  return half(1).mul(x).add(half(0));
}

/** sum of coefficients[n - 1 - i] T_i(y / 2), the constant term halved, by Clenshaw's rule: Cephes' chbevl. */
export function chebyshev(y: Expr, coefficients: readonly number[]): Expr {
  let high: Expr = constant(0);
  let low: Expr = constant(coefficients[0]);
  let before: Expr = high;
  for (let i = 1; i < coefficients.length; i++) {
    before = high;
    high = low;
    low = y.mul(high).sub(before).add(coefficients[i]);
  }
  return low.sub(before).mul(0.5);
}

/** Refuses to record a function whose derivative with respect to `argument` is not known here (nor in PyTorch). */
export function refuseGradient(op: string, argument: string, x: Operand): void {
  if (typeof x === "object" && x.requiresGrad && context.gradEnabled)
    throw new AutogradError(
      `${op}: there is no gradient with respect to ${argument}`,
      "detach() it, or compute inside noGrad(() => ...)",
    );
}
