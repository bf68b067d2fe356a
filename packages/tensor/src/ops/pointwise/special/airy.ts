import { checkTensor, type Tensor } from "../../../core/tensor.ts";
import { unary } from "../../../door/calls.ts";
import { pointwise } from "../../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../../expr/expr.ts";
import { polynomial, refuseGradient } from "./series.ts";

// Rational functions after Cephes (Stephen L. Moshier), by falling powers, of 1/ζ above 2.09 and of 1/ζ² below -2.09
// biome-ignore format: a table
const an = [
  0.346538101525629, 12.007595273964581, 76.27960536152345, 168.08922493463058, 159.75639135016442,
  70.53609068404442, 14.026469116338967, 1.0,
];
// biome-ignore format: a table
const ad = [
  0.5675945326387702, 14.75625625848472, 84.51389701414746, 177.31808814540045, 164.2346928715297,
  71.47784008255756, 14.095913560783403, 1.0,
];
// biome-ignore format: a table
const afn = [
  -0.1316963234183318, -0.6264565444319123, -0.6931580360369335, -0.2797799815451191, -0.04919001326095003,
  -0.004062659235948854, -0.0001592764962392621, -2.776491081552329e-6, -1.6778769848911465e-8,
];
// biome-ignore format: a table
const afd = [
  13.356042070655324, 32.682503279522464, 26.736704094149957, 9.187074029072596, 1.4752914677166642,
  0.11568717379518804, 0.004402916416152112, 7.547203482874142e-5, 4.5185009297058035e-7,
];
// biome-ignore format: a table
const agn = [
  0.01973399320916857, 0.39110302961568827, 1.0657989759959559, 0.9391692298166502, 0.35146565610554764,
  0.06338889196289255, 0.005858041130483885, 0.000282851600836737, 6.98793669997261e-6, 8.117892395543892e-8,
  3.415517847659236e-10,
];
// biome-ignore format: a table
const agd = [
  9.30892908077442, 19.835292871831214, 15.564662893286462, 5.476860694229755, 0.9542936116189619,
  0.08645808263523921, 0.004126565238242226, 0.00010125908511650914, 1.1716673321441352e-6, 4.9183457006293e-9,
];

/** Steps of the power series that bring its terms below 1e-17 for |x| <= 2.09. */
const steps = 14;
function powerSeries(x: Expr): Expr {
  const cube = x.square().mul(x);
  let f: Expr = constant(1);
  let g = x;
  let m: Expr = f;
  let n = x;
  for (let k = 3; k <= 3 * steps; k += 3) {
    m = m.mul(cube).mul(1 / ((k - 1) * k));
    n = n.mul(cube).mul(1 / (k * (k + 1)));
    f = f.add(m);
    g = g.add(n);
  }
  return f.mul(0.3550280538878172).sub(g.mul(0.2588194037928068));
}
const airyAiOf = (x: Expr): Expr => {
  const a = scalar.abs(x);
  const zeta = a.mul(scalar.sqrt(a)).mul(2 / 3);
  const z = scalar.recip(zeta);
  const z2 = z.square();
  const root = scalar.sqrt(scalar.sqrt(a));
  const angle = zeta.add(Math.PI / 4);
  const f = z2.mul(polynomial(z2, afn).div(polynomial(z2, afd))).add(1);
  const g = z.mul(polynomial(z2, agn)).div(polynomial(z2, agd));
  const oscillating = scalar.sin(angle).mul(f).sub(scalar.cos(angle).mul(g)).mul(0.5641895835477563).div(root);
  const decaying = polynomial(z, an)
    .div(polynomial(z, ad))
    .mul(0.5641895835477563)
    .div(root.mul(2).mul(scalar.exp(zeta)));
  const value = choose(
    x.lt(-2.09),
    oscillating,
    choose(x.lt(2.09), powerSeries(x), choose(x.gt(103.892), 0, decaying)),
  );
  return choose(a.eq(Infinity), Number.NaN, value);
};
export const airyAiOp = pointwise("airyAi", airyAiOf, { category: "float", differentiable: false });
/**
 * Airy's function Ai, the solution of `y'' = x y` that decays: `y = integral of cos(t^3 / 3 + x t) dt from 0 to Infinity, / pi`. It
 * oscillates for `x < 0`, and is NaN at +-Infinity.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws AutogradError when `x` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.airy_ai
 * @example
 * airyAi(tensor([-2, 0, 2])).tolist(); // [0.2274, 0.3550, 0.0349]
 */
export function airyAi(x: Tensor): Tensor {
  checkTensor("airyAi", "x", x);
  refuseGradient("airyAi", "x", x);
  return unary(airyAiOp, x);
}
