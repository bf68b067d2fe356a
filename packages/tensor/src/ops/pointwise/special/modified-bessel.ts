import type { Tensor } from "../../../core/tensor.ts";
import { inPlace, unary } from "../../../door/calls.ts";
import { pointwise } from "../../../door/pointwise.ts";
import { where as choose, type Expr, scalar } from "../../../expr/expr.ts";
import { chebyshev } from "./series.ts";

// Cephes' Chebyshev series (Stephen L. Moshier): of exp(-x) I(x) on [0, 8] and exp(-x) sqrt(x) I(x) beyond, of K(x) plus its
// logarithm on [0, 2] and exp(x) sqrt(x) K(x) beyond
// biome-ignore format: a table
const i0Near = [
  -4.4153416464793395e-18, 3.3307945188222384e-17, -2.431279846547955e-16, 1.715391285555133e-15,
  -1.1685332877993451e-14, 7.676185498604936e-14, -4.856446783111929e-13, 2.95505266312964e-12,
  -1.726826291441556e-11, 9.675809035373237e-11, -5.189795601635263e-10, 2.6598237246823866e-9,
  -1.300025009986248e-8, 6.046995022541919e-8, -2.670793853940612e-7, 1.1173875391201037e-6,
  -4.4167383584587505e-6, 1.6448448070728896e-5, -5.754195010082104e-5, 0.00018850288509584165,
  -0.0005763755745385824, 0.0016394756169413357, -0.004324309995050576, 0.010546460394594998,
  -0.02373741480589947, 0.04930528423967071, -0.09490109704804764, 0.17162090152220877, -0.3046826723431984,
  0.6767952744094761,
];
// biome-ignore format: a table
const i0Far = [
  -7.233180487874754e-18, -4.830504485944182e-18, 4.46562142029676e-17, 3.461222867697461e-17,
  -2.8276239805165836e-16, -3.425485619677219e-16, 1.7725601330565263e-15, 3.8116806693526224e-15,
  -9.554846698828307e-15, -4.150569347287222e-14, 1.54008621752141e-14, 3.8527783827421426e-13,
  7.180124451383666e-13, -1.7941785315068062e-12, -1.3215811840447713e-11, -3.1499165279632416e-11,
  1.1889147107846439e-11, 4.94060238822497e-10, 3.3962320257083865e-9, 2.266668990498178e-8,
  2.0489185894690638e-7, 2.8913705208347567e-6, 6.889758346916825e-5, 0.0033691164782556943,
  0.8044904110141088,
];
// biome-ignore format: a table
const i1Near = [
  2.7779141127610464e-18, -2.111421214358166e-17, 1.5536319577362005e-16, -1.1055969477353862e-15,
  7.600684294735408e-15, -5.042185504727912e-14, 3.223793365945575e-13, -1.9839743977649436e-12,
  1.1736186298890901e-11, -6.663489723502027e-11, 3.625590281552117e-10, -1.8872497517228294e-9,
  9.381537386495773e-9, -4.445059128796328e-8, 2.0032947535521353e-7, -8.568720264695455e-7,
  3.4702513081376785e-6, -1.3273163656039436e-5, 4.781565107550054e-5, -0.00016176081582589674,
  0.0005122859561685758, -0.0015135724506312532, 0.004156422944312888, -0.010564084894626197,
  0.024726449030626516, -0.05294598120809499, 0.1026436586898471, -0.17641651835783406, 0.25258718644363365,
];
// biome-ignore format: a table
const i1Far = [
  7.517296310842105e-18, 4.414348323071708e-18, -4.6503053684893586e-17, -3.209525921993424e-17,
  2.96262899764595e-16, 3.3082023109209285e-16, -1.8803547755107825e-15, -3.8144030724370075e-15,
  1.0420276984128802e-14, 4.272440016711951e-14, -2.1015418427726643e-14, -4.0835511110921974e-13,
  -7.198551776245908e-13, 2.0356285441470896e-12, 1.4125807436613782e-11, 3.2526035830154884e-11,
  -1.8974958123505413e-11, -5.589743462196584e-10, -3.835380385964237e-9, -2.6314688468895196e-8,
  -2.512236237870209e-7, -3.882564808877691e-6, -0.00011058893876262371, -0.009761097491361469,
  0.7785762350182801,
];
// biome-ignore format: a table
const k0Near = [
  1.374465435613523e-16, 4.25981614279661e-14, 1.0349695257633842e-11, 1.904516377220209e-9,
  2.5347910790261494e-7, 2.286212103119452e-5, 0.001264615411446926, 0.0359799365153615, 0.3442898999246285,
  -0.5353273932339028,
];
// biome-ignore format: a table
const k0Far = [
  5.300433772686263e-18, -1.6475804301524212e-17, 5.2103915050390274e-17, -1.678231096805412e-16,
  5.512055978524319e-16, -1.848593377343779e-15, 6.3400764774050706e-15, -2.2275133269916698e-14,
  8.032890775363575e-14, -2.9800969231727303e-13, 1.140340588208475e-12, -4.514597883373944e-12,
  1.8559491149547177e-11, -7.957489244477107e-11, 3.577397281400301e-10, -1.69753450938906e-9,
  8.574034017414225e-9, -4.660489897687948e-8, 2.766813639445015e-7, -1.8317555227191195e-6,
  1.39498137188765e-5, -0.00012849549581627802, 0.0015698838857300533, -0.0314481013119645, 2.4403030820659555,
];
// biome-ignore format: a table
const k1Near = [
  -7.023863479386288e-18, -2.427449850519366e-15, -6.666901694199329e-13, -1.4114883926335278e-10,
  -2.213387630734726e-8, -2.4334061415659684e-6, -0.0001730288957513052, -0.006975723859639864,
  -0.12261118082265715, -0.3531559607765449, 1.5253002273389478,
];
// biome-ignore format: a table
const k1Far = [
  -5.756744483665017e-18, 1.7940508731475592e-17, -5.689462558442859e-17, 1.838093544366639e-16,
  -6.057047248373319e-16, 2.038703165624334e-15, -7.019837090418314e-15, 2.4771544244813043e-14,
  -8.976705182324994e-14, 3.3484196660784293e-13, -1.2891739609510289e-12, 5.13963967348173e-12,
  -2.1299678384275683e-11, 9.218315187605006e-11, -4.1903547593418965e-10, 2.015049755197033e-9,
  -1.0345762465678097e-8, 5.7410841254500495e-8, -3.5019606030878126e-7, 2.406484947837217e-6,
  -1.936197974166083e-5, 0.00019521551847135162, -0.002857816859622779, 0.10392373657681724,
  2.7206261904844427,
];

const nearSeries = (a: Expr, coefficients: readonly number[]): Expr => chebyshev(a.mul(0.5).sub(2), coefficients);
// the form for large a, kept away from 0, where its slope would turn the other form's into NaN
const farSeries = (a: Expr, coefficients: readonly number[]): Expr => {
  const b = choose(a.le(8), 8, a);
  return chebyshev(scalar.recip(b).mul(32).sub(2), coefficients).div(scalar.sqrt(b));
};
const i0eOf = (x: Expr): Expr => {
  const a = scalar.abs(x);
  return choose(a.le(8), nearSeries(a, i0Near), farSeries(a, i0Far));
};
// odd through the factor x, which has a slope at 0, rather than through the sign
const i1eOf = (x: Expr): Expr => {
  const a = scalar.abs(x);
  const far = farSeries(a, i1Far);
  return choose(a.le(8), nearSeries(a, i1Near).mul(x), choose(x.lt(0), far.neg(), far));
};
const growth = (x: Expr): Expr => scalar.exp(scalar.abs(x));
const i0Of = (x: Expr): Expr => i0eOf(x).mul(growth(x));
const i1Of = (x: Expr): Expr => i1eOf(x).mul(growth(x));
// I1(x) / x is 1/2 at 0
const overX = (i1: Expr, x: Expr): Expr => choose(x.eq(0), 0.5, i1.div(choose(x.eq(0), 1, x)));

export const i0Op = pointwise("i0", i0Of, { category: "float", grad: (g, [x]) => [g.mul(i1Of(x))] });
export const i1Op = pointwise("i1", i1Of, {
  category: "float",
  grad: (g, [x], out) => [g.mul(i0Of(x).sub(overX(out, x)))],
});
export const i0eOp = pointwise("i0e", i0eOf, {
  category: "float",
  grad: (g, [x], out) => [g.mul(i1eOf(x).sub(scalar.sign(x).mul(out)))],
});
export const i1eOp = pointwise("i1e", i1eOf, {
  category: "float",
  grad: (g, [x], out) => [g.mul(i0eOf(x).sub(overX(out, x)).sub(scalar.sign(x).mul(out)))],
});
/**
 * The modified Bessel function of the first kind and order 0: `y = I0(x) = integral of exp(x cos(t)) dt from 0 to pi, / pi`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.i0
 * @example
 * tensor([0, 1, -1, 5]).i0().tolist(); // [1.0000, 1.2661, 1.2661, 27.2399]
 */
export const i0 = (x: Tensor): Tensor => unary(i0Op, x);
/**
 * The modified Bessel function of the first kind and order 1: `y = I1(x) = integral of exp(x cos(t)) cos(t) dt from 0 to pi, / pi`. It is
 * odd, and the slope of {@link i0}.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.i1
 * @example
 * i1(tensor([0, 1, -1, 5])).tolist(); // [0, 0.5652, -0.5652, 24.3356]
 */
export const i1 = (x: Tensor): Tensor => unary(i1Op, x);
/**
 * The exponentially scaled {@link i0}: `y = exp(-|x|) i0(x)`, without overflow for large `x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.i0e
 * @example
 * i0e(tensor([0, 1, -1, 1000])).tolist(); // [1.0000, 0.4658, 0.4658, 0.01262]
 * i0(tensor([1000])).tolist(); // [Infinity]
 */
export const i0e = (x: Tensor): Tensor => unary(i0eOp, x);
/**
 * The exponentially scaled {@link i1}: `y = exp(-|x|) i1(x)`, without overflow for large `x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.i1e
 * @example
 * i1e(tensor([0, 1, -1, 1000])).tolist(); // [0, 0.2079, -0.2079, 0.01261]
 */
export const i1e = (x: Tensor): Tensor => unary(i1eOp, x);
/** {@link i0} under its longer name. */
export const modifiedBesselI0: typeof i0 = i0;
/** {@link i1} under its longer name. */
export const modifiedBesselI1: typeof i1 = i1;
/** In place {@link i0}: `x = i0(x)`. */
export const i0_ = (x: Tensor): Tensor => inPlace(i0Op, x);

const atAndBelowZero = (x: Expr, value: Expr): Expr => choose(x.eq(0), Infinity, choose(x.lt(0), Number.NaN, value));
const halfLog = (x: Expr): Expr => scalar.log(x.mul(0.5));
const k0Low = (x: Expr): Expr => chebyshev(x.square().sub(2), k0Near).sub(halfLog(x).mul(i0Of(x)));
const k1Low = (x: Expr): Expr =>
  halfLog(x)
    .mul(i1Of(x))
    .add(chebyshev(x.square().sub(2), k1Near).div(x));
const kHigh = (x: Expr, far: readonly number[]): Expr =>
  chebyshev(scalar.recip(x).mul(8).sub(2), far).div(scalar.sqrt(x));
const kOf =
  (low: (x: Expr) => Expr, far: readonly number[]) =>
  (x: Expr): Expr =>
    atAndBelowZero(x, choose(x.le(2), low(x), scalar.exp(x.neg()).mul(kHigh(x, far))));
const keOf =
  (low: (x: Expr) => Expr, far: readonly number[]) =>
  (x: Expr): Expr =>
    atAndBelowZero(x, choose(x.le(2), low(x).mul(scalar.exp(x)), kHigh(x, far)));
const k0Of = kOf(k0Low, k0Far);
const k1Of = kOf(k1Low, k1Far);
const k0eOf = keOf(k0Low, k0Far);
const k1eOf = keOf(k1Low, k1Far);
export const k0Op = pointwise("modifiedBesselK0", k0Of, {
  category: "float",
  grad: (g, [x]) => [g.mul(k1Of(x)).neg()],
});
export const k1Op = pointwise("modifiedBesselK1", k1Of, {
  category: "float",
  grad: (g, [x], out) => [g.mul(k0Of(x).add(out.div(x))).neg()],
});
export const k0eOp = pointwise("scaledModifiedBesselK0", k0eOf, {
  category: "float",
  grad: (g, [x], out) => [g.mul(out.sub(k1eOf(x)))],
});
export const k1eOp = pointwise("scaledModifiedBesselK1", k1eOf, {
  category: "float",
  grad: (g, [x], out) => [g.mul(out.sub(k0eOf(x)).sub(out.div(x)))],
});
/**
 * The modified Bessel function of the second kind and order 0: `y = K0(x) = integral of exp(-x cosh(t)) dt from 0 to Infinity`; Infinity at
 * 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.modified_bessel_k0
 * @example
 * modifiedBesselK0(tensor([-1, 0, 1, 5])).tolist(); // [NaN, Infinity, 0.4210, 0.003691]
 */
export const modifiedBesselK0 = (x: Tensor): Tensor => unary(k0Op, x);
/**
 * The modified Bessel function of the second kind and order 1: `y = K1(x) = integral of exp(-x cosh(t)) cosh(t) dt from 0 to Infinity`;
 * Infinity at 0, NaN below.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.modified_bessel_k1
 * @example
 * modifiedBesselK1(tensor([-1, 0, 1, 5])).tolist(); // [NaN, Infinity, 0.6019, 0.004045]
 */
export const modifiedBesselK1 = (x: Tensor): Tensor => unary(k1Op, x);
/**
 * The exponentially scaled {@link modifiedBesselK0}: `y = exp(x) modifiedBesselK0(x)`, without underflow for large `x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.scaled_modified_bessel_k0
 * @example
 * scaledModifiedBesselK0(tensor([0, 1, 1000])).tolist(); // [Infinity, 1.1445, 0.03963]
 * modifiedBesselK0(tensor([1000])).tolist(); // [0]
 */
export const scaledModifiedBesselK0 = (x: Tensor): Tensor => unary(k0eOp, x);
/**
 * The exponentially scaled {@link modifiedBesselK1}: `y = exp(x) modifiedBesselK1(x)`, without underflow for large `x`.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.scaled_modified_bessel_k1
 * @example
 * scaledModifiedBesselK1(tensor([0, 1, 1000])).tolist(); // [Infinity, 1.6362, 0.03965]
 */
export const scaledModifiedBesselK1 = (x: Tensor): Tensor => unary(k1eOp, x);
