import type { Rows } from "../call.ts";
import { aliases, named, words } from "./rows.ts";

const unary = words(`
  abs acos acosh angle asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor
  frac isfinite isinf isnan isneginf isposinf isreal lgamma log log10 log1p log2 logical_not neg positive
  rad2deg reciprocal rsqrt sgn sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc i0 special.i0e
  special.i1 special.i1e special.entr special.erfcx special.log_ndtr special.ndtr special.ndtri special.airy_ai
  special.bessel_j0 special.bessel_j1 special.bessel_y0 special.bessel_y1 special.modified_bessel_i0
  special.modified_bessel_i1 special.modified_bessel_k0 special.modified_bessel_k1
  special.scaled_modified_bessel_k0 special.scaled_modified_bessel_k1 special.spherical_bessel_j0 real conj
  conj_physical resolve_conj resolve_neg frexp bitwise_not relu
`);
const binary = words(`
  atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor copysign eq float_power
  floor_divide fmax fmin fmod gcd ge gt heaviside hypot igamma igammac lcm ldexp le logaddexp logaddexp2
  logical_and logical_or logical_xor lt maximum minimum mul ne nextafter remainder xlogy
  special.xlog1py special.zeta special.chebyshev_polynomial_t special.chebyshev_polynomial_u
  special.chebyshev_polynomial_v special.chebyshev_polynomial_w special.hermite_polynomial_h
  special.hermite_polynomial_he special.laguerre_polynomial_l special.legendre_polynomial_p
  special.shifted_chebyshev_polynomial_t special.shifted_chebyshev_polynomial_u
  special.shifted_chebyshev_polynomial_v special.shifted_chebyshev_polynomial_w
`);

export const pointwiseRows: Rows = aliases(
  {
    ...named(unary, "(input)"),
    ...named(binary, "(input!, other!)"),
    add: "add(input!, other!, { alpha })",
    sub: "sub(input!, other!, { alpha })",
    rsub: "rsub(input, other!, { alpha })",
    div: "div(input!, other!, { rounding_mode })",
    pow: "pow(input!, exponent!)",
    __radd__: "add(other, input!)",
    __rmul__: "mul(other, input!)",
    __rsub__: "rsub(input, other!)",
    __rdiv__: (c) => c.f("div")(c.operand(c.args[1]), c.args[0]),
    __rpow__: (c) => c.f("pow")(c.operand(c.args[1]), c.args[0]),
    __rmod__: (c) => c.f("remainder")(c.operand(c.args[1]), c.args[0]),
    __rand__: (c) => c.f("bitwiseAnd")(c.operand(c.args[1]), c.args[0]),
    __ror__: (c) => c.f("bitwiseOr")(c.operand(c.args[1]), c.args[0]),
    __rxor__: (c) => c.f("bitwiseXor")(c.operand(c.args[1]), c.args[0]),
    // our item gives a bool as 0 or 1
    item: (c) => (c.every((t) => t.dtype === "bool") ? c.f("item")(c.args[0]) === 1 : c.f("item")(c.args[0])),
    __rmatmul__: (c) => c.f("matmul")(c.args[1], c.args[0]),
    addcmul: "addcmul(input, tensor1!, tensor2!, { value })",
    addcdiv: "addcdiv(input, tensor1!, tensor2!, { value })",
    clamp: "clamp(input, min!, max!)",
    clamp_min: "clampMin(input, min!)",
    clamp_max: "clampMax(input, max!)",
    lerp: "lerp(input, end, weight!)",
    logit: "logit(input, eps)",
    isclose: "isclose(input, other, { rtol, atol, equal_nan })",
    allclose: "allclose(input, other, { rtol, atol, equal_nan })",
    equal: "equal(input, other)",
    nan_to_num: "nanToNum(input, nan, posinf, neginf)",
    round: "round(input, { decimals })",
    // the recorded call has the tensor first
    polygamma: (c) => c.f("polygamma")(c.args[1], c.args[0]),
    mvlgamma: "mvlgamma(input, p)",
    where: (c) => c.f("where")(c.args[1], c.operand(c.args[0]), c.operand(c.args[2])),
    complex: "complex(real, imag)",
    polar: "polar(abs, angle)",
  },
  { max__binary: "maximum", min__binary: "minimum", true_divide: "div", "special.polygamma": "polygamma" },
);
