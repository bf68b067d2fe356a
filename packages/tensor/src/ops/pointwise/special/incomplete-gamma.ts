import { checkTensor, type Tensor } from "../../../core/tensor.ts";
import { binary } from "../../../door/calls.ts";
import { type Operand, pointwise } from "../../../door/pointwise.ts";
import { where as choose, constant, type Expr, scalar } from "../../../expr/expr.ts";
import { polynomial, refuseGradient } from "./series.ts";

// After SciPy's gammainc and Cephes' igam (Stephen L. Moshier), with Boost's Lanczos sums (John Maddock, 2006), in fixed numbers
// of steps. Equation numbers are those of the Digital Library of Mathematical Functions.
const seriesSteps = 100;
const fractionSteps = 80;
const smallSteps = 25;

// falling powers
// biome-ignore format: a table
const lanczosTop = [
  0.006061842346248907, 0.5098416655656676, 19.519927882476175, 449.9445569063168, 6955.999602515376,
  75999.29304014542, 601859.6171681099, 3481712.154980646, 14605578.087685067, 43338889.32467614,
  86363131.2881386, 103794043.11634454, 56906521.913471565,
];
// biome-ignore format: a table
const lanczosBottom = [
  1.0, 66.0, 1925.0, 32670.0, 357423.0, 2637558.0, 13339535.0, 45995730.0, 105258076.0, 150917976.0,
  120543840.0, 39916800.0, 0.0,
];
const lanczosG = 6.02468004077673;
/** Boost's Lanczos sum, scaled by exp(g); as a rational function of 1/a where a is above 1, so that it does not overflow. */
function lanczos(a: Expr): Expr {
  const y = scalar.recip(a);
  const [top, bottom] = [[...lanczosTop].reverse(), [...lanczosBottom].reverse()];
  return choose(
    a.gt(1),
    polynomial(y, top).div(polynomial(y, bottom)),
    polynomial(a, lanczosTop).div(polynomial(a, lanczosBottom)),
  );
}
/** x^a exp(-x) / Γ(a). */
function prefactor(a: Expr, x: Expr): Expr {
  const apart = scalar.exp(a.mul(scalar.log(x)).sub(x).sub(scalar.lgamma(a)));
  const fac = a.add(lanczosG - 0.5);
  const scale = scalar.sqrt(fac.mul(1 / Math.E)).div(lanczos(a));
  const ratio = x
    .sub(a)
    .sub(lanczosG - 0.5)
    .div(fac);
  const large = scalar.exp(a.mul(scalar.log1p(ratio).sub(ratio)).add(x.mul(0.5 - lanczosG).div(fac)));
  const small = scalar.exp(a.sub(x)).mul(scalar.pow(x.div(fac), a));
  const close = scale.mul(choose(a.lt(200).and(x.lt(200)), small, large));
  return choose(scalar.abs(a.sub(x)).gt(scalar.abs(a).mul(0.4)), apart, close);
}
/** The lower function by its power series (8.11.4). */
function lowerSeries(a: Expr, x: Expr, factor: Expr): Expr {
  let term: Expr = constant(1);
  let sum = term;
  for (let k = 1; k <= seriesSteps; k++) {
    term = term.mul(x).div(a.add(k));
    sum = sum.add(term);
  }
  return sum.mul(factor).div(a);
}
/** The upper function for small x (8.7.3). */
function upperSeries(a: Expr, x: Expr): Expr {
  let power: Expr = constant(1);
  let sum: Expr = constant(0);
  for (let n = 1; n <= smallSteps; n++) {
    power = power.mul(x).mul(-1 / n);
    sum = sum.add(power.div(a.add(n)));
  }
  const logs = a.mul(scalar.log(x));
  const first = scalar.expm1(logs.sub(scalar.lgamma(a.add(1)))).neg();
  return first.sub(scalar.exp(logs.sub(scalar.lgamma(a))).mul(sum));
}
/** The upper function by its continued fraction (8.9.2), from the end: x + 1 - a - 1 (1 - a) / (x + 3 - a - ...). */
function upperFraction(a: Expr, x: Expr, factor: Expr): Expr {
  const base = x.sub(a);
  let below = base.add(2 * fractionSteps + 1);
  for (let k = fractionSteps; k > 0; k--) below = base.add(2 * k - 1).sub(constant(k).sub(a).mul(k).div(below));
  return factor.div(below);
}
// Temme's coefficients by powers of 1/a and of eta, as far as they count (above 2e-17) where a > 20 and |x - a| < 0.3 a
// biome-ignore format: a table
const uniform = [
  [
    -0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073,
    0.0003527336860670194, -0.0001787551440329218, 3.919263178522438e-5, -2.1854485106799924e-6,
    -1.85406221071516e-6, 8.296711340953087e-7, -1.7665952736826078e-7, 6.707853543401498e-9,
    1.0261809784240309e-8, -4.382036018453353e-9, 9.14769958223679e-10,
  ],
  [
    -0.001851851851851852, -0.003472222222222222, 0.0026455026455026454, -0.0009902263374485596,
    0.00020576131687242798, -4.018775720164609e-7, -1.8098550334489977e-5, 7.64916091608111e-6,
    -1.6120900894563446e-6, 4.647127802807434e-9, 1.378633446915721e-7, -5.752545603517705e-8,
    1.1951628599778148e-8,
  ],
  [
    0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-6,
    -0.00010736653226365161, 5.2923448829120125e-5, -1.2760635188618728e-5, 3.423578734096138e-8,
    1.3721957309062932e-6, -6.298992138380055e-7, 1.4280614206064242e-7, -2.0477098421990866e-10,
    -1.409252991086752e-8,
  ],
  [
    0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557, 0.00026772063206283885,
    -7.561801671883977e-5, -2.396505113867297e-7, 1.1082654115347302e-5, -5.6749528269915965e-6,
    1.4230900732435883e-6, -2.7861080291528143e-11, -1.6958404091930278e-7, 8.099464905388083e-8,
  ],
  [
    -0.0008618882909167117, 0.0007840392217200666, -0.0002990724803031902, -1.4638452578843418e-6,
    6.641498215465122e-5, -3.968365047179435e-5, 1.1375726970678419e-5, 2.507497226237533e-10,
    -1.6954149536558305e-6, 8.907507532205309e-7, -2.292934834000805e-7,
  ],
  [
    -0.00033679855336635813, -6.972813758365858e-5, 0.0002772753244959392, -0.00019932570516188847,
    6.797780477937208e-5, 1.419062920643967e-7, -1.3594048189768693e-5, 8.018470256334202e-6,
    -2.291481176508095e-6,
  ],
  [
    0.0005313079364639922, -0.0005921664373536939, 0.0002708782096718045, 7.902353232660328e-7,
    -8.153969367561969e-5, 5.61168275310625e-5, -1.8329116582843375e-5,
  ],
  [
    0.00034436760689237765, 5.171790908260592e-5, -0.00033493161081142234, 0.0002812695154763237,
    -0.00010976582244684731, -1.2741009095484485e-7, 2.7744451511563645e-5,
  ],
  [
    -0.0006526239185953094, 0.0008394987206720873, -0.000438297098541721, -6.969091458420552e-7,
    0.00016644846642067547, -0.00012783517679769218,
  ],
  [-0.0005967612901927463, -7.204895416020011e-5, 0.0006782308837667328, -0.0006401475260262758],
  [0.0013324454494800656, -0.0019144384985654776],
];
/** Either function where a is large and near x, by Temme's uniform expansion (8.12.3, 8.12.4). */
function uniformExpansion(a: Expr, x: Expr, upper: boolean): Expr {
  const sigma = x.sub(a).div(a);
  const square = scalar.max(scalar.log1p(sigma).sub(sigma).mul(-2), 0);
  const eta = scalar.copysign(scalar.sqrt(square), sigma);
  const r = scalar.recip(a);
  let sum: Expr = constant(0);
  for (let k = uniform.length - 1; k >= 0; k--) sum = sum.mul(r).add(polynomial(eta, [...uniform[k]].reverse()));
  const rest = scalar
    .exp(a.mul(square).mul(-0.5))
    .mul(sum)
    .div(scalar.sqrt(a.mul(2 * Math.PI)));
  const signed = upper ? eta : eta.neg();
  const main = scalar.erfc(signed.mul(scalar.sqrt(a.mul(0.5)))).mul(0.5);
  return upper ? main.add(rest) : main.sub(rest);
}

function edges(a: Expr, x: Expr, atZero: number, inside: Expr): Expr {
  const atInfinity = 1 - atZero;
  const infinite = choose(
    a.eq(Infinity),
    choose(x.eq(Infinity), Number.NaN, atZero),
    choose(x.eq(Infinity), atInfinity, inside),
  );
  const zero = choose(a.eq(0), choose(x.gt(0), atInfinity, Number.NaN), choose(x.eq(0), atZero, infinite));
  return choose(x.lt(0).or(a.lt(0)).or(scalar.isnan(x)).or(scalar.isnan(a)), Number.NaN, zero);
}
const nearDiagonal = (a: Expr, x: Expr): Expr => a.gt(20).and(scalar.abs(x.sub(a)).lt(a.mul(0.3)));
function upperOf(a: Expr, x: Expr): Expr {
  const factor = prefactor(a, x);
  const complement = constant(1).sub(lowerSeries(a, x, factor));
  const small = upperSeries(a, x);
  const inside = choose(
    x.gt(1.1),
    choose(x.lt(a), complement, upperFraction(a, x, factor)),
    choose(choose(x.le(0.5), constant(-0.4).div(scalar.log(x)).lt(a), x.mul(1.1).lt(a)), complement, small),
  );
  return edges(a, x, 1, choose(nearDiagonal(a, x), uniformExpansion(a, x, true), inside));
}
function lowerOf(a: Expr, x: Expr): Expr {
  const inside = choose(x.gt(1).and(x.gt(a)), constant(1).sub(upperOf(a, x)), lowerSeries(a, x, prefactor(a, x)));
  return edges(a, x, 0, choose(nearDiagonal(a, x), uniformExpansion(a, x, false), inside));
}
/** x^(a-1) exp(-x) / Γ(a), the slope along x. */
const density = (a: Expr, x: Expr): Expr => scalar.exp(a.sub(1).mul(scalar.log(x)).sub(x).sub(scalar.lgamma(a)));
export const igammaOp = pointwise("igamma", lowerOf, {
  category: "float",
  grad: (g, [a, x]) => [null, g.mul(density(a, x))],
});
export const igammacOp = pointwise("igammac", upperOf, {
  category: "float",
  grad: (g, [a, x]) => [null, g.mul(density(a, x)).neg()],
});
/**
 * The regularized lower incomplete gamma function: `y = integral of t^(a - 1) exp(-t) dt from 0 to x, / gamma(a)`. It has a gradient with
 * respect to `x` only; NaN where `a` or `x` is negative.
 *
 * Shapes: `a` and `x` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `a` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.gammainc
 * @example
 * igamma(tensor([1, 2]), tensor([[1], [3]])).tolist(); // [[0.6321, 0.2642], [0.9502, 0.8009]]
 * igamma(2, tensor([0, Infinity])).tolist(); // [0, 1]
 */
export function igamma(a: Operand, x: Operand): Tensor {
  if (typeof a !== "number") checkTensor("igamma", "a", a);
  refuseGradient("igamma", "a", a);
  return binary(igammaOp, a, x);
}
/**
 * The regularized upper incomplete gamma function:
 * `y = integral of t^(a - 1) exp(-t) dt from x to Infinity, / gamma(a) = 1 - igamma(a, x)`, precise where that is small. It has a gradient
 * with respect to `x` only; NaN where `a` or `x` is negative.
 *
 * Shapes: `a` and `x` broadcast together; one of the two may be a number. Dtype: the promoted one; integers and bools give the default
 * floating dtype.
 *
 * @throws AutogradError when `a` requires a gradient and recording is on: there is none, nor in PyTorch.
 * @throws ShapeError when the shapes do not broadcast.
 * @throws DeviceError when the tensors live on different devices.
 * @throws DTypeError when both are numbers.
 * @see https://docs.pytorch.org/docs/stable/special.html#torch.special.gammaincc
 * @example
 * igammac(tensor([1, 2]), 20).tolist(); // [2.061e-9, 4.328e-8]
 * igammac(tensor([4]), tensor([3, 4, 5])).tolist(); // [0.6472, 0.4335, 0.2650]
 */
export function igammac(a: Operand, x: Operand): Tensor {
  if (typeof a !== "number") checkTensor("igammac", "a", a);
  refuseGradient("igammac", "a", a);
  return binary(igammacOp, a, x);
}
/** {@link igamma} under SciPy's name. */
export const gammainc: typeof igamma = igamma;
/** {@link igammac} under SciPy's name. */
export const gammaincc: typeof igammac = igammac;
