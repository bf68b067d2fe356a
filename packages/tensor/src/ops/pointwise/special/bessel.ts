import type { Tensor } from "../../../core/tensor.ts";
import { unary } from "../../../door/calls.ts";
import { pointwise } from "../../../door/pointwise.ts";
import { where as choose, type Expr, scalar } from "../../../expr/expr.ts";
import { polynomial } from "./series.ts";

// Rational functions after Cephes (Stephen L. Moshier), by falling powers: of x² up to 5, of 25/x² beyond. As in PyTorch the
// denominators lack Cephes' leading 1, which moves J just beyond 5 by up to 4e-7.
// biome-ignore format: a table
const pp0 = [
  0.0007969367292973471, 0.08283523921074408, 1.239533716464143, 5.447250030587687, 8.74716500199817,
  5.303240382353949, 1.0,
];
// biome-ignore format: a table
const pq0 = [
  0.0009244088105588637, 0.08562884743544745, 1.2535274390105895, 5.470977403304171, 8.761908832370695,
  5.306052882353947, 1.0,
];
// biome-ignore format: a table
const qp0 = [
  -0.011366383889846916, -1.2825271867050931, -19.553954425773597, -93.20601521237683, -177.68116798048806,
  -147.07750515495118, -51.41053267665993, -6.050143506007285,
];
// biome-ignore format: a table
const qq0 = [
  64.3178256118178, 856.4300259769806, 3882.4018360540163, 7240.467741956525, 5930.727011873169,
  2062.0933166032783, 242.0057402402914,
];
const rp0 = [-4794432209.782018, 1956174919465.5657, -249248344360967.72, 9708622510473064];
// biome-ignore format: a table
const rq0 = [
  499.563147152651, 173785.4016763747, 48440965.83399621, 11185553704.535683, 2112775201154.892,
  310518229857422.56, 3.1812195594320496e16, 1.7108629408104315e18,
];
// biome-ignore format: a table
const yp0 = [
  15592.436785523574, -14663929.59039716, 5435264770.518765, -982136065717.9115, 87590639439536.7,
  -3466283033847297, 4.4273326857256984e16, -1.8495080043698668e16,
];
// biome-ignore format: a table
const yq0 = [
  1041.2835366425984, 626107.330137135, 268919633.39381415, 86400248710.3935, 20297961275010.555,
  3171577528429750.5, 2.5059625617265306e17,
];
// biome-ignore format: a table
const pp1 = [
  0.0007621256162081731, 0.07313970569409176, 1.1271960812968493, 5.112079511468076, 8.424045901417724,
  5.214515986823615, 1.0,
];
// biome-ignore format: a table
const pq1 = [
  0.0005713231280725487, 0.06884559087544954, 1.105142326340617, 5.073863861286015, 8.399855543276042,
  5.209828486823619, 1.0,
];
// biome-ignore format: a table
const qp1 = [
  0.05108625947501766, 4.982138729512334, 75.82382841325453, 366.7796093601508, 710.8563049989261,
  597.4896124006136, 211.68875710057213, 25.207020585802372,
];
// biome-ignore format: a table
const qq1 = [
  74.23732770356752, 1056.4488603826283, 4986.410583376536, 9562.318924047562, 7997.041604473507,
  2826.1927851763908, 336.0936078106983,
];
const rp1 = [-899971225.7055594, 452228297998.19403, -72749424522181.83, 3682957328638529];
// biome-ignore format: a table
const rq1 = [
  620.8364781180543, 256987.25675774884, 83514679.14319493, 22151159547.97925, 4749141220799.914,
  784369607876235.9, 8.952223361846274e16, 5.322786203326801e18,
];
// biome-ignore format: a table
const yp1 = [
  1263204747.9017804, -647355876379.1603, 114509511541823.73, -8127702555013251, 2.024394757135949e17,
  -7.788771962659501e17,
];
// biome-ignore format: a table
const yq1 = [
  594.3015923461282, 235564.09294306856, 73481194.44597217, 18760131610.870617, 3882312774962.3857,
  620557727146953.8, 6.871410873553005e16, 3.9727060811656064e18,
];

const rational = (z: Expr, top: readonly number[], bottom: readonly number[]): Expr =>
  polynomial(z, top).div(polynomial(z, bottom));
const phase = [Math.PI / 4, (3 * Math.PI) / 4] as const;
/** Amplitude and angle beyond 5: J = p cos - q sin, Y = p sin + q cos. */
function wave(x: Expr, order: 0 | 1) {
  const z = scalar.recip(x.square()).mul(25);
  const p = order === 0 ? rational(z, pp0, pq0) : rational(z, pp1, pq1);
  const q = scalar
    .recip(x)
    .mul(5)
    .mul(order === 0 ? rational(z, qp0, qq0) : rational(z, qp1, qq1));
  const angle = x.sub(phase[order]);
  const scaled = (value: Expr): Expr => value.mul(Math.sqrt(2 / Math.PI)).div(scalar.sqrt(x));
  const [sin, cos] = [scalar.sin(angle), scalar.cos(angle)];
  return { j: scaled(p.mul(cos).sub(q.mul(sin))), y: scaled(p.mul(sin).add(q.mul(cos))) };
}
const j0Of = (x: Expr): Expr => {
  const a = scalar.abs(x);
  const z = a.square();
  const low = z
    .sub(5.783185962946784)
    .mul(z.sub(30.471262343662087))
    .mul(rational(z, rp0, rq0));
  return choose(a.le(5), choose(a.lt(1e-5), z.mul(-0.25).add(1), low), wave(a, 0).j);
};
const j1Of = (x: Expr): Expr => {
  const a = scalar.abs(x);
  const z = a.square();
  const low = rational(z, rp1, rq1).mul(a).mul(z.sub(14.681970642123893)).mul(z.sub(49.2184563216946));
  const value = choose(a.le(5), low, wave(a, 1).j);
  return choose(x.lt(0), value.neg(), value);
};
const domain = (x: Expr, value: Expr): Expr => choose(x.eq(0), -Infinity, choose(x.lt(0), Number.NaN, value));
const y0Of = (x: Expr): Expr => {
  const low = rational(x.square(), yp0, yq0).add(
    scalar
      .log(x)
      .mul(2 / Math.PI)
      .mul(j0Of(x)),
  );
  return domain(x, choose(x.le(5), low, wave(x, 0).y));
};
const y1Of = (x: Expr): Expr => {
  const low = x.mul(rational(x.square(), yp1, yq1)).add(
    j1Of(x)
      .mul(scalar.log(x))
      .sub(scalar.recip(x))
      .mul(2 / Math.PI),
  );
  return domain(x, choose(x.le(5), low, wave(x, 1).y));
};
export const j0Op = pointwise("besselJ0", j0Of, { category: "float", grad: (g, [x]) => [g.mul(j1Of(x)).neg()] });
export const j1Op = pointwise("besselJ1", j1Of, {
  category: "float",
  grad: (g, [x], out) => [g.mul(j0Of(x).sub(choose(x.eq(0), 0.5, out.div(x))))],
});
export const y0Op = pointwise("besselY0", y0Of, { category: "float", grad: (g, [x]) => [g.mul(y1Of(x)).neg()] });
export const y1Op = pointwise("besselY1", y1Of, {
  category: "float",
  grad: (g, [x], out) => [g.mul(y0Of(x).sub(out.div(x)))],
});
/**
 * The Bessel function of the first kind and order 0: `y = J0(x) = integral of cos(x sin(t)) dt from 0 to pi, / pi`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.bessel_j0
 * @example
 * besselJ0(tensor([0, 1, 2.5, -1])).tolist(); // [1, 0.7652, -0.0484, 0.7652]
 */
export const besselJ0 = (x: Tensor): Tensor => unary(j0Op, x);
/**
 * The Bessel function of the first kind and order 1: `y = J1(x) = integral of cos(t - x sin(t)) dt from 0 to pi, / pi`. It is odd, and
 * minus the slope of {@link besselJ0}.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.bessel_j1
 * @example
 * besselJ1(tensor([0, 1, -1, 5])).tolist(); // [0, 0.4401, -0.4401, -0.3276]
 */
export const besselJ1 = (x: Tensor): Tensor => unary(j1Op, x);
/**
 * The Bessel function of the second kind and order 0: `y = Y0(x) = -2 / pi * integral of cos(x cosh(t)) dt from 0 to Infinity`; -Infinity
 * at 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.bessel_y0
 * @example
 * besselY0(tensor([-1, 0, 1, 5])).tolist(); // [NaN, -Infinity, 0.0883, -0.3085]
 */
export const besselY0 = (x: Tensor): Tensor => unary(y0Op, x);
/**
 * The Bessel function of the second kind and order 1: `y = Y1(x) = -d/dx Y0(x)`; -Infinity at 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.bessel_y1
 * @example
 * besselY1(tensor([-1, 0, 1, 5])).tolist(); // [NaN, -Infinity, -0.7812, 0.1479]
 */
export const besselY1 = (x: Tensor): Tensor => unary(y1Op, x);

// sin(x) / x, by its Taylor series where x is small
const taylor = [1 / 6227020800, -1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1];
export const sphericalOp = pointwise(
  "sphericalBesselJ0",
  (x) =>
    choose(
      scalar.abs(x).eq(Infinity),
      0,
      choose(scalar.abs(x).lt(0.5), polynomial(x.square(), taylor), scalar.sin(x).div(x)),
    ),
  { category: "float", grad: (g, [x], out) => [choose(x.eq(0), 0, g.mul(scalar.cos(x).sub(out).div(x)))] },
);
/**
 * The spherical Bessel function of the first kind and order 0: `y = sin(x) / x`, 1 at 0 and 0 at +-Infinity.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.spherical_bessel_j0
 * @example
 * sphericalBesselJ0(tensor([0, 1, 5])).tolist(); // [1, 0.8415, -0.1918]
 */
export const sphericalBesselJ0 = (x: Tensor): Tensor => unary(sphericalOp, x);
