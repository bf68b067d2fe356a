import type { DType, Tensor } from "@flambeau/tensor";
import * as f from "@flambeau/tensor/functional";

/**
 * How an op that writes into its first argument is tried when others show the same memory. `a` and `b` are operands; `at` holds
 * positions of the target's first dimension.
 */
export interface InPlaceOp {
  readonly call: (x: Tensor, a: Tensor, b: Tensor, at: Tensor) => Tensor;
  /** Default: float32 and float64. */
  readonly dtypes?: readonly DType[];
  /** The operands must have the target's own shape. */
  readonly sameShape?: true;
  /** The op reads values, which not every device gives at once. */
  readonly reads?: true;
}

const numbers: readonly DType[] = ["float32", "float64", "int32", "int64", "uint8", "float16"];
const integers: readonly DType[] = ["int32", "int64", "uint8"];

const each = (names: readonly string[], op: Omit<InPlaceOp, "call">): { [name: string]: InPlaceOp } =>
  Object.fromEntries(names.map((name) => [name, { ...op, call: (x, a) => functionOf(name)(x, a) }]));
const functionOf = (name: string) =>
  (f as unknown as { readonly [name: string]: (...args: unknown[]) => Tensor })[name]; // by name, from a list of names

/** Ops in place that take tensors beside their target. */
export const withOperands: { readonly [name: string]: InPlaceOp } = {
  ...each(["add_", "sub_", "subtract_", "mul_", "multiply_", "copy_"], { dtypes: [...numbers, "bfloat16"] }),
  ...each(["eq_", "ne_", "lt_", "le_", "gt_", "ge_", "remainder_", "fmod_"], { dtypes: numbers }),
  ...each(["notEqual_", "less_", "lessEqual_", "greater_", "greaterEqual_"], { dtypes: numbers }),
  ...each(["bitwiseAnd_", "bitwiseOr_", "bitwiseXor_", "bitwiseLeftShift_", "bitwiseRightShift_"], {
    dtypes: integers,
  }),
  ...each(["logicalAnd_", "logicalOr_", "logicalXor_"], { dtypes: ["bool", "int32", "float32"] }),
  ...each(
    [
      "div_",
      "divide_",
      "trueDivide_",
      "floorDivide_",
      "pow_",
      "arctan2_",
      "atan2_",
      "copysign_",
      "hypot_",
      "nextafter_",
      "xlogy_",
    ],
    {},
  ),
  ...each(["heaviside_", "ldexp_", "clampMax_", "clampMin_"], {}),
  clamp_: { call: (x, a, b) => f.clamp_(x, a, b) },
  clip_: { call: (x, a, b) => f.clip_(x, a, b) },
  addcmul_: { call: (x, a, b) => f.addcmul_(x, a, b, { value: 0.5 }) },
  addcdiv_: { call: (x, a, b) => f.addcdiv_(x, a, b, { value: 0.5 }) },
  lerp_: { call: (x, a, b) => f.lerp_(x, a, b) },
  // float64 probabilities are read, which not all devices can
  bernoulli_: { call: (x, a) => f.bernoulli_(x, a.mul(0.5).to("float32")), sameShape: true },
  setAt_: { call: (x, a) => f.setAt_(x, a, "...") },
  maskedFill_: { call: (x, a) => f.maskedFill_(x, a, 1), dtypes: ["bool"] },
  maskedScatter_: { call: (x, a) => f.maskedScatter_(x, x.gt(1), a), sameShape: true, reads: true },
  indexAdd_: { call: (x, a, _, at) => f.indexAdd_(x, 0, at, a, { alpha: 2 }), sameShape: true },
  indexCopy_: { call: (x, a, _, at) => f.indexCopy_(x, 0, at, a), sameShape: true },
  indexReduce_: { call: (x, a, _, at) => f.indexReduce_(x, 0, at, a, "amax"), sameShape: true },
  indexFill_: { call: (x, a, _, at) => f.indexFill_(x, 0, at.slice(0, 0, 1), a.flatten().select(0, -1)) },
  indexPut_: { call: (x, a, _, at) => f.indexPut_(x, [at], a) },
  put_: { call: (x, a) => f.put_(x, turned(x), a), sameShape: true },
  scatter_: { call: (x, a) => f.scatter_(x, 0, along(x), a), sameShape: true },
  scatterAdd_: { call: (x, a) => f.scatterAdd_(x, 0, along(x), a), sameShape: true },
  scatterReduce_: { call: (x, a) => f.scatterReduce_(x, 0, along(x), a, "prod"), sameShape: true },
};

/** Ops whose positions may be the target's own elements: `a` holds integers from 0 up to the target's first size. */
export const withPositions: { readonly [name: string]: (x: Tensor, a: Tensor, source: Tensor) => Tensor } = {
  scatter_: (x, a, source) => f.scatter_(x, 0, a, source),
  scatterAdd_: (x, a, source) => f.scatterAdd_(x, 0, a, source),
  scatterReduce_: (x, a, source) => f.scatterReduce_(x, 0, a, source, "amin"),
  put_: (x, a, source) => f.put_(x, a, source, { accumulate: true }),
  indexCopy_: (x, a, source) => f.indexCopy_(x, 0, a.select(0, 0), source),
  indexAdd_: (x, a, source) => f.indexAdd_(x, 0, a.select(1, 0), source),
  indexReduce_: (x, a, source) => f.indexReduce_(x, 0, a.select(0, 0), source, "mean"),
  indexFill_: (x, a) => f.indexFill_(x, 1, a.select(1, 1), 7),
  indexPut_: (x, a, source) => f.indexPut_(x, [a.select(1, 0), a.select(0, 0)], source.select(0, 0)),
  setAt_: (x, a, source) => f.setAt_(x, source, a.select(1, 1)),
};

/** Ops in place that read nothing but their target. */
export const alone: readonly string[] = (
  "abs_ absolute_ acos_ acosh_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ atan_ atanh_ bitwiseNot_ " +
  "cauchy_ ceil_ celu_ cos_ cosh_ deg2rad_ digamma_ dropout_ elu_ erf_ erfc_ erfinv_ exp2_ exp_ expm1_ exponential_ fill_ fix_ " +
  "floor_ frac_ gelu_ geometric_ hardsigmoid_ hardswish_ hardtanh_ i0_ leakyRelu_ lgamma_ log10_ log1p_ log2_ logNormal_ log_ " +
  "logicalNot_ logit_ mish_ nanToNum_ neg_ negative_ normal_ rad2deg_ random_ reciprocal_ relu6_ relu_ round_ rrelu_ rsqrt_ " +
  "selu_ sgn_ sigmoid_ sign_ silu_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ threshold_ tril_ triu_ truncNormal_ trunc_ " +
  "uniform_ zero_"
).split(" ");

/** Every op in place that the package exports. */
export const exported = (): string[] =>
  Object.entries(f).flatMap(([name, value]) => (name.endsWith("_") && typeof value === "function" ? [name] : []));

/** Calls an op of {@link alone} with arguments that it accepts. */
export function callAlone(name: string, x: Tensor): Tensor {
  const more: { readonly [name: string]: readonly unknown[] } = {
    fill_: [1],
    geometric_: [0.5],
    threshold_: [0.5, 1],
  };
  return functionOf(name)(name === "bitwiseNot_" ? x.to("int32") : x, ...(more[name] ?? []));
}

/** Positions that turn the elements of `x` around. */
const turned = (x: Tensor): Tensor =>
  f.reshape(f.sub(x.size - 1, f.arange(x.size, { dtype: "int32", device: x.device })), x.shape);
/** Positions along the first dimension, of `x`'s shape, in each column another turn. */
const along = (x: Tensor): Tensor =>
  f.reshape(f.remainder(f.mul(f.arange(x.size, { dtype: "int32", device: x.device }), 7), x.shape[0]), x.shape);
