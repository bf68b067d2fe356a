import { constant, type Expr, type ExprOp, isChoice, isWeighed, masked, scalar, where } from "./expr.ts";

type Rule = (g: Expr, args: readonly Expr[], out: Expr) => readonly (Expr | null)[];

const TWO_OVER_SQRT_PI = 1.1283791670955126;

/** Whether an expression is made of the call's numbers alone. */
const isNumber = (e: Expr): boolean => e.op !== "input" && e.args.every(isNumber);

/** Each scalar op's gradient: cotangent `g` of the result to cotangents of the arguments. Ops that are absent have gradient zero. */
const rules: { readonly [K in ExprOp]?: Rule } = {
  neg: (g) => [g.neg()],
  abs: (g, [x]) => [g.mul(scalar.sign(x))],
  sqrt: (g, _, y) => [g.div(y.mul(2))],
  recip: (g, _, y) => [g.mul(y.square()).neg()],
  add: (g) => [g, g],
  sub: (g) => [g, g.neg()],
  mul: (g, [x, y]) => [g.mul(y), g.mul(x)],
  div: (g, [x, y]) => [g.div(y), g.mul(x).div(y.square()).neg()],
  rem: (g, [x, y]) => [g, g.mul(scalar.trunc(x.div(y))).neg()],
  // where the exponent is 0 every slope is 0, also for a base of 0; where the base is 0 and the exponent >= 0 the log's slope is 0
  pow: (g, [x, y], out) => [
    isNumber(y) // its case is decided once for all elements
      ? where(y.eq(0), 0, g.mul(y.mul(scalar.pow(x, where(y.eq(0), 0, y.sub(1))))))
      : masked(y.eq(0), g.mul(y.mul(scalar.pow(x, y.sub(1))))),
    g.mul(masked(x.eq(0).and(y.ge(0)), out.mul(scalar.log(x)))),
  ],
  // as PyTorch's maximum and minimum: ties share the gradient equally, and where a NaN makes them unordered both have it
  min: (g, [x, y]) => [
    where(x.eq(y), g.mul(0.5), where(x.gt(y), 0, g)),
    where(x.eq(y), g.mul(0.5), where(y.gt(x), 0, g)),
  ],
  max: (g, [x, y]) => [
    where(x.eq(y), g.mul(0.5), where(x.lt(y), 0, g)),
    where(x.eq(y), g.mul(0.5), where(y.lt(x), 0, g)),
  ],
  atan2: (g, [y, x]) => {
    const r2 = x.square().add(y.square());
    return [g.mul(x.div(r2)), g.mul(y.neg().div(r2))];
  },
  copysign: (g, [x], out) => [g.mul(masked(x.eq(0), out.div(x))), null],
  exp: (g, _, y) => [g.mul(y)],
  exp2: (g, _, y) => [g.mul(y).mul(Math.LN2)],
  expm1: (g, _, y) => [g.mul(y.add(1))],
  log: (g, [x]) => [g.div(x)],
  log2: (g, [x]) => [g.div(x.mul(Math.LN2))],
  log10: (g, [x]) => [g.div(x.mul(Math.LN10))],
  log1p: (g, [x]) => [g.div(x.add(1))],
  sin: (g, [x]) => [g.mul(scalar.cos(x))],
  cos: (g, [x]) => [g.mul(scalar.sin(x)).neg()],
  tan: (g, _, y) => [g.mul(y.square().add(1))],
  asin: (g, [x]) => [g.div(scalar.sqrt(constant(1).sub(x.square())))],
  acos: (g, [x]) => [g.div(scalar.sqrt(constant(1).sub(x.square()))).neg()],
  atan: (g, [x]) => [g.div(x.square().add(1))],
  sinh: (g, [x]) => [g.mul(scalar.cosh(x))],
  cosh: (g, [x]) => [g.mul(scalar.sinh(x))],
  tanh: (g, _, y) => [g.mul(constant(1).sub(y.square()))],
  asinh: (g, [x]) => [g.div(scalar.sqrt(x.square().add(1)))],
  acosh: (g, [x]) => [g.div(scalar.sqrt(x.square().sub(1)))],
  atanh: (g, [x]) => [g.div(constant(1).sub(x.square()))],
  sigmoid: (g, _, y) => [g.mul(y.mul(constant(1).sub(y)))],
  erf: (g, [x]) => [g.mul(scalar.exp(x.square().neg()).mul(TWO_OVER_SQRT_PI))],
  erfc: (g, [x]) => [g.mul(scalar.exp(x.square().neg()).mul(-TWO_OVER_SQRT_PI))],
  lgamma: (g, [x]) => [g.mul(scalar.digamma(x))],
  digamma: (g, [x]) => [g.mul(trigamma(x))],
  where: (g, [c], out) =>
    isWeighed(out) ? [null, g.mul(where(c, 1, 0)), g.mul(where(c, 0, 1))] : [null, where(c, g, 0), where(c, 0, g)],
};

/**
 * Trigamma, the slope of digamma: reflection for x < 0.5, seven steps of recurrence, then the asymptotic series
 * 1/x + 1/2x^2 + sum B_2k / x^(2k+1) (Abramowitz & Stegun 6.4.12). At the poles its slope is PyTorch's, -Infinity: that of -sqrt at 0.
 */
export function trigamma(at: Expr): Expr {
  const below = scalar.floor(at);
  const pole = at.le(0).and(at.eq(below));
  const x = where(pole, below, at); // has no slope there
  const value = trigammaOf(x);
  return value.sub(where(pole, scalar.sqrt(where(pole, at.sub(below), 1)), 0));
}
function trigammaOf(x: Expr): Expr {
  const small = x.lt(0.5);
  const s = scalar.sin(x.mul(Math.PI));
  let z = where(small, constant(1).sub(x), x);
  let sum: Expr = constant(0);
  for (let i = 0; i < 7; i++) {
    sum = sum.add(scalar.recip(z.square()));
    z = z.add(1);
  }
  const r = scalar.recip(z.square());
  const series = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6].reduceRight(
    (acc: Expr, b) => acc.mul(r).add(b),
    constant(0),
  );
  sum = sum.add(scalar.recip(z)).add(r.mul(0.5)).add(series.mul(r).div(z));
  return where(
    small,
    constant(Math.PI * Math.PI)
      .div(s.square())
      .sub(sum),
    sum,
  );
}

/**
 * Reverse-mode differentiation of `expr`: for each of `wrt` (input nodes of that expression) the cotangent when the result's is `g`.
 * Null means that the gradient is zero everywhere.
 */
export function derive(expr: Expr, g: Expr, wrt: readonly Expr[]): (Expr | null)[] {
  if (isChoice(expr)) {
    // the choice of the gradients, not the gradients of a choice: 0 times an infinite slope of the other side would be NaN
    const [c, x, y] = expr.args;
    const ofX = derive(x, g, wrt);
    const ofY = derive(y, g, wrt);
    return wrt.map((_, i) => (ofX[i] || ofY[i] ? where(c, ofX[i] ?? 0, ofY[i] ?? 0) : null));
  }
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const visit = (e: Expr) => {
    if (seen.has(e)) return;
    seen.add(e);
    e.args.forEach(visit);
    order.push(e);
  };
  visit(expr);
  const reaches = new Set<Expr>(wrt);
  for (const e of order) if (e.args.some((a) => reaches.has(a))) reaches.add(e);
  const adjoint = new Map<Expr, Expr>([[expr, g]]);
  for (let i = order.length - 1; i >= 0; i--) {
    const e = order[i];
    const a = adjoint.get(e);
    const rule = rules[e.op];
    if (!a || !rule || !reaches.has(e)) continue;
    const parts = rule(a, e.args, e);
    for (let k = 0; k < e.args.length; k++) {
      const part = parts[k];
      const arg = e.args[k];
      if (!part || !reaches.has(arg)) continue;
      const before = adjoint.get(arg);
      adjoint.set(arg, before ? before.add(part) : part);
    }
  }
  return wrt.map((e) => adjoint.get(e) ?? null);
}
