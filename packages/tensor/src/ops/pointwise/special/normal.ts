import type { Tensor } from "../../../core/tensor.ts";
import { unary } from "../../../door/calls.ts";
import { pointwise } from "../../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../../expr/expr.ts";
import { erfcxOf } from "./error-function.ts";
import { polynomial } from "./series.ts";

const normalPdf = (x: Expr): Expr => scalar.exp(x.square().mul(-0.5)).mul(1 / Math.sqrt(2 * Math.PI));
const ndtrOf = (x: Expr): Expr => {
  const t = x.mul(Math.SQRT1_2);
  return choose(t.lt(-1), scalar.erfc(t.neg()), scalar.erf(t).add(1)).mul(0.5);
};
export const ndtrOp = pointwise("ndtr", ndtrOf, { category: "float", grad: (g, [x]) => [g.mul(normalPdf(x))] });
/**
 * The standard normal distribution's cumulative function: `y = (1 + erf(x / sqrt(2))) / 2`, the probability of a draw up to `x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.ndtr
 * @example
 * ndtr(tensor([-1.96, 0, 1.96])).tolist(); // [0.0250, 0.5, 0.9750]
 */
export const ndtr = (x: Tensor): Tensor => unary(ndtrOp, x);

const logNdtrOf = (x: Expr): Expr => {
  const t = x.mul(Math.SQRT1_2);
  const low = scalar.log(erfcxOf(t.neg()).mul(0.5)).sub(t.square());
  return choose(x.lt(-1), low, scalar.log1p(scalar.erfc(t).mul(-0.5)));
};
export const logNdtrOp = pointwise("logNdtr", logNdtrOf, {
  category: "float",
  grad: (g, [x]) => [g.mul(Math.sqrt(2 / Math.PI)).div(erfcxOf(x.mul(-Math.SQRT1_2)))],
});
/**
 * The logarithm of {@link ndtr}: `y = log(ndtr(x))`, without underflow for large negative `x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.log_ndtr
 * @example
 * logNdtr(tensor([-20, -1, 0])).tolist(); // [-203.9172, -1.8410, -0.6931]
 * ndtr(tensor([-20])).log().tolist(); // [-Infinity]
 */
export const logNdtr = (x: Tensor): Tensor => unary(logNdtrOp, x);

// Cephes' ndtri (Stephen L. Moshier), by falling powers: for |y - 1/2| <= 3/8, and for z = sqrt(-2 log y) in [2, 8] and [8, 64]
const p0 = [-59.96335010141079, 98.00107541859997, -56.67628574690703, 13.931260938727968, -1.2391658386738125];
// biome-ignore format: a table
const q0 = [
  1.0, 1.9544885833814176, 4.676279128988815, 86.36024213908905, -225.46268785411937, 200.26021238006066,
  -82.03722561683334, 15.90562251262117, -1.1833162112133,
];
// biome-ignore format: a table
const p1 = [
  4.0554489230596245, 31.525109459989388, 57.16281922464213, 44.08050738932008, 14.684956192885803,
  2.1866330685079025, -0.1402560791713545, -0.03504246268278482, -0.0008574567851546854,
];
// biome-ignore format: a table
const q1 = [
  1.0, 15.779988325646675, 45.39076351288792, 41.3172038254672, 15.04253856929075, 2.504649462083094,
  -0.14218292285478779, -0.03808064076915783, -0.0009332594808954574,
];
// biome-ignore format: a table
const p2 = [
  3.2377489177694603, 6.915228890689842, 3.9388102529247444, 1.3330346081580755, 0.20148538954917908,
  0.012371663481782003, 0.00030158155350823543, 2.6580697468673755e-6, 6.239745391849833e-9,
];
// biome-ignore format: a table
const q2 = [
  1.0, 6.02427039364742, 3.6798356385616087, 1.3770209948908132, 0.21623699359449663, 0.013420400608854318,
  0.00032801446468212774, 2.8924786474538068e-6, 6.790194080099813e-9,
];
const expMinus2 = 0.1353352832366127;
const ndtriOf = (y0: Expr): Expr => {
  const upper = y0.gt(1 - expMinus2);
  const y = choose(upper, constant(1).sub(y0), y0);
  const d = y.sub(0.5);
  const d2 = d.square();
  const centre = d.add(d.mul(d2.mul(polynomial(d2, p0)).div(polynomial(d2, q0)))).mul(Math.sqrt(2 * Math.PI));
  const x = scalar.sqrt(scalar.log(y).mul(-2));
  const z = scalar.recip(x);
  const correction = choose(
    x.lt(8),
    polynomial(z, p1).div(polynomial(z, q1)),
    polynomial(z, p2).div(polynomial(z, q2)),
  );
  const outer = x.sub(scalar.log(x).div(x)).sub(z.mul(correction));
  const inside = choose(y.gt(expMinus2), centre, choose(upper, outer, outer.neg()));
  return choose(y0.eq(0), -Infinity, choose(y0.eq(1), Infinity, choose(y0.lt(0).or(y0.gt(1)), Number.NaN, inside)));
};
export const ndtriOp = pointwise("ndtri", ndtriOf, {
  category: "float",
  grad: (g, _, out) => [g.mul(Math.sqrt(2 * Math.PI)).mul(scalar.exp(out.square().mul(0.5)))],
});
/**
 * The quantiles of the standard normal distribution, {@link ndtr} inverted: `y` with `ndtr(y) = x`; +-Infinity at 1 and 0, NaN beyond.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.ndtri
 * @example
 * ndtri(tensor([0, 0.025, 0.5, 0.975])).tolist(); // [-Infinity, -1.9600, 0, 1.9600]
 */
export const ndtri = (x: Tensor): Tensor => unary(ndtriOp, x);

export const entrOp = pointwise(
  "entr",
  (x) => choose(scalar.isnan(x), x, choose(x.gt(0), x.mul(scalar.log(x)).neg(), choose(x.eq(0), 0, -Infinity))),
  { category: "float", grad: (g, [x]) => [g.mul(scalar.log(x).add(1).neg())] },
);
/**
 * The entropy of each element: `y = -x log(x)`, 0 at 0 and -Infinity below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.entr
 * @example
 * entr(tensor([-1, 0, 0.5, 1])).tolist(); // [-Infinity, 0, 0.3466, 0]
 * entr(tensor([0.25, 0.75])).sum().item(); // 0.5623
 */
export const entr = (x: Tensor): Tensor => unary(entrOp, x);
