import { arity, type ScalarOp } from "@flambeau/tensor/plugin";
import { digamma, erf, erfc, lgamma } from "./special.ts";

/** What a scalar op computes on floats, in float64. */
export interface FloatCase {
  readonly f: (x: number, y: number) => number | boolean;
  /** Where arguments are drawn. Special values come on top. */
  readonly x: readonly [number, number];
  readonly y?: readonly [number, number];
  /** Units in the last place that a result may be off; 0: rounded once, correctly. */
  readonly ulps: number;
  /** The allowed error is never counted in smaller units than those of this value: functions that cross zero. */
  readonly floor?: number;
}

const all = [-50, 50] as const;
const exact = (f: FloatCase["f"], x: readonly [number, number] = all): FloatCase => ({ f, x, y: all, ulps: 0 });
const near = (f: FloatCase["f"], x: readonly [number, number], ulps = 4, floor = 0): FloatCase => ({
  f,
  x,
  ulps,
  floor,
});

const roundEven = (x: number): number => {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};
// C's answers where JavaScript's power gives NaN
const power = (x: number, y: number): number => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);

/** The scalar ops on floats. `nextafter` depends on the dtype and has a test of its own. */
export const floatCases: { readonly [op in ScalarOp]?: FloatCase } = {
  neg: exact((x) => -x),
  abs: exact(Math.abs),
  sign: exact((x) => Number(x > 0) - Number(x < 0)),
  floor: exact(Math.floor),
  ceil: exact(Math.ceil),
  round: exact(roundEven),
  trunc: exact(Math.trunc),
  sqrt: exact(Math.sqrt, [0, 50]),
  recip: exact((x) => 1 / x),
  add: exact((x, y) => x + y),
  sub: exact((x, y) => x - y),
  mul: exact((x, y) => x * y),
  div: exact((x, y) => x / y),
  rem: exact((x, y) => x % y),
  min: exact(Math.min),
  max: exact(Math.max),
  copysign: exact((x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x))),
  pow: { f: power, x: [0.1, 8], y: [-6, 6], ulps: 4 },
  atan2: { f: Math.atan2, x: all, y: all, ulps: 4 },
  exp: near(Math.exp, [-60, 60]),
  exp2: near((x) => 2 ** x, [-60, 60]),
  expm1: near(Math.expm1, [-5, 5]),
  log: near(Math.log, [1e-3, 50]),
  log2: near(Math.log2, [1e-3, 50]),
  log10: near(Math.log10, [1e-3, 50]),
  log1p: near(Math.log1p, [-0.9, 50]),
  sin: near(Math.sin, all, 4, 0.1),
  cos: near(Math.cos, all, 4, 0.1),
  tan: near(Math.tan, [-1.5, 1.5]),
  asin: near(Math.asin, [-1, 1]),
  acos: near(Math.acos, [-1, 1]),
  atan: near(Math.atan, all),
  sinh: near(Math.sinh, [-20, 20]),
  cosh: near(Math.cosh, [-20, 20]),
  tanh: near(Math.tanh, [-8, 8]),
  asinh: near(Math.asinh, all),
  acosh: near(Math.acosh, [1, 50]),
  atanh: near(Math.atanh, [-0.99, 0.99]),
  sigmoid: near((x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), [-20, 20]),
  erf: near(erf, [-4, 4]),
  erfc: near(erfc, [-4, 4], 16),
  // reflection takes the difference of terms up to 10
  lgamma: near(lgamma, [-9.5, 40], 16, 10),
  digamma: near(digamma, [-9.5, 40], 16, 1),
  eq: exact((x, y) => x === y),
  ne: exact((x, y) => x !== y),
  lt: exact((x, y) => x < y),
  le: exact((x, y) => x <= y),
  gt: exact((x, y) => x > y),
  ge: exact((x, y) => x >= y),
  isnan: exact(Number.isNaN),
};

/** Argument pairs where float ops tend to go wrong, for every op. Infinity and NaN where `f` says so. */
export const floatSpecials: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2.5,
  -2.5,
  3,
  -3,
  1e-30,
  1e30,
  -1e30,
  20.5,
  Infinity,
  -Infinity,
  Number.NaN,
];

/** What a scalar op computes on integers; results wrap to the type. Divisors are not zero, shifts stay within the width. */
export const intCases: { readonly [op in ScalarOp]?: (x: bigint, y: bigint) => bigint | boolean } = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  idiv: (x, y) => x / y,
  rem: (x, y) => x % y,
  min: (x, y) => (x < y ? x : y),
  max: (x, y) => (x > y ? x : y),
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  not: (x) => ~x,
  shl: (x, y) => x << y,
  shr: (x, y) => x >> y,
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};

/** Scalar ops without a case for floats or integers: a test asserts that there are no others. */
export const elsewhere: ReadonlySet<ScalarOp> = new Set(["where", "nextafter"]);

export const allScalarOps = Object.keys(arity) as ScalarOp[]; // keys of that record
