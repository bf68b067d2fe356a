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

/** {@link polynomial} by Estrin's scheme in pairs and fours: a quarter as many steps wait for each other. */
export function shallowPolynomial(x: Expr, coefficients: readonly number[]): Expr {
  const paired = (terms: readonly Expr[], y: Expr) => {
    const odd = terms.length % 2;
    const pairs = terms.slice(0, odd);
    for (let i = odd; i < terms.length; i += 2) pairs.push(terms[i].mul(y).add(terms[i + 1]));
    return pairs;
  };
  const square = x.square();
  const fourth = square.square();
  const fours = paired(paired(coefficients.map(constant), x), square);
  return fours.reduce((sum, term) => sum.mul(fourth).add(term));
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
