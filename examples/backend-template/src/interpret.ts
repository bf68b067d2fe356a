import {
  constantValue,
  type OperationNode,
  type Program,
  type ProgramNode,
  type ScalarType,
} from "@flambeau/tensor/plugin";
import { roundEven, type Scalar } from "./elements.ts";
import { digamma, erf, erfc, lgamma } from "./special.ts";

/** A program as a function of one position: the elements of its inputs there, the run-time numbers, the position. */
export type Compiled = (inputs: readonly Scalar[], params: readonly number[], index: number) => Scalar;

/**
 * Turns a program into a function that goes through its nodes. Your backend generates code here instead, once per program:
 * `program.compiled` keeps it, with the backend as its key.
 */
export function compile(program: Program, owner: object): Compiled {
  let done = program.compiled.get(owner) as Compiled | undefined; // only this function stores under that key
  if (!done) program.compiled.set(owner, (done = interpreter(program)));
  return done;
}

function interpreter({ nodes }: Program): Compiled {
  const steps = nodes.map((e) => step(e, nodes));
  const values = new Array<Scalar>(nodes.length);
  return (inputs, params, index) => {
    for (let n = 0; n < steps.length; n++) values[n] = steps[n](values, inputs, params, index);
    return values[nodes.length - 1];
  };
}

/** A node as a function of the values of the nodes before it, and of what the program gets. */
type Step = (values: readonly Scalar[], ...given: Parameters<Compiled>) => Scalar;

function step(e: ProgramNode, nodes: readonly ProgramNode[]): Step {
  const { type } = e;
  const [a, b, c] = e.args;
  switch (e.op) {
    case "input":
      return (_, inputs) => convert(inputs[e.value], type);
    case "param":
      return (_, __, params) => convert(params[e.value], type);
    case "const": {
      const value = constantValue(e);
      return () => value;
    }
    case "index":
      return (_, __, ___, index) => convert(index, type);
    case "cast":
      return (values) => convert(values[a], type);
    case "where":
      return (values) => (values[a] ? values[b] : values[c]);
  }
  // comparisons look at their arguments in the arguments' type and give a bool
  const of = nodes[a].type;
  const f = of === "int32" || of === "int64" || of === "bool" ? whole(e.op, of) : real(e.op, of);
  const give = type === of ? (x: Scalar) => x : (x: Scalar) => convert(x, type);
  return e.args.length === 1 ? (values) => give(f(values[a], 0)) : (values) => give(f(values[a], values[b]));
}

/** A scalar in another type, as PyTorch's casts: to bool by "not 0", to integers by truncation and wrapping. */
export function convert(x: Scalar, type: ScalarType): Scalar {
  switch (type) {
    case "bool":
      return Number(x) !== 0 ? 1 : 0;
    case "int32":
      return typeof x === "bigint" ? Number(BigInt.asIntN(32, x)) : clamp(x, 2 ** 31);
    case "int64":
      return typeof x === "bigint" ? x : BigInt.asIntN(64, BigInt(Number.isFinite(x) ? Math.trunc(x) : 0));
    case "float32":
      return Math.fround(Number(x));
    case "float64":
      return Number(x);
  }
}
/** C leaves conversions out of range open; this one keeps to the nearest integer there is. */
const clamp = (x: number, limit: number): number =>
  Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, -limit), limit - 1)) + 0;

type Function2 = (x: Scalar, y: Scalar) => Scalar;
const truth = (b: boolean): number => (b ? 1 : 0);

/** Comparisons are the same for all types; a NaN is unequal to everything. */
function compare(op: OperationNode["op"]): Function2 | null {
  switch (op) {
    case "eq":
      return (x, y) => truth(x === y);
    case "ne":
      return (x, y) => truth(x !== y);
    case "lt":
      return (x, y) => truth(x < y);
    case "le":
      return (x, y) => truth(x <= y);
    case "gt":
      return (x, y) => truth(x > y);
    case "ge":
      return (x, y) => truth(x >= y);
    case "isnan":
      return (x) => truth(Number.isNaN(x));
    default:
      return null;
  }
}

/** Integer ops, exact and wrapped to the type; bools have logic alone. */
function whole(op: OperationNode["op"], type: "int32" | "int64" | "bool"): Function2 {
  const comparison = compare(op);
  if (comparison) return comparison;
  const bits = type === "int64" ? 64 : 32;
  const exact =
    (f: (x: bigint, y: bigint) => bigint): Function2 =>
    (x, y) => {
      const r = BigInt.asIntN(bits, f(BigInt(x), BigInt(y)));
      return type === "int64" ? r : Number(r);
    };
  switch (op) {
    case "neg":
      return exact((x) => -x);
    case "abs":
      return exact((x) => (x < 0n ? -x : x));
    case "sign":
      return exact((x) => (x > 0n ? 1n : x < 0n ? -1n : 0n));
    case "floor":
    case "ceil":
    case "round":
    case "trunc":
      return (x) => x;
    case "add":
      return exact((x, y) => x + y);
    case "sub":
      return exact((x, y) => x - y);
    case "mul":
      return exact((x, y) => x * y);
    case "idiv":
      return exact((x, y) => (y === 0n ? 0n : x / y));
    case "rem":
      return exact((x, y) => (y === 0n ? 0n : x % y));
    case "pow":
      return exact((x, y) => (y >= 0n ? x ** y : x === 1n ? 1n : x === -1n ? 1n - 2n * (y & 1n) : 0n));
    case "min":
      return (x, y) => (x < y ? x : y);
    case "max":
      return (x, y) => (x > y ? x : y);
    case "and":
      return exact((x, y) => x & y);
    case "or":
      return exact((x, y) => x | y);
    case "xor":
      return exact((x, y) => x ^ y);
    case "not":
      return type === "bool" ? (x) => truth(!x) : exact((x) => ~x);
    case "shl":
      return exact((x, y) => (y >= 0n && y < bits ? x << y : 0n));
    case "shr":
      return exact((x, y) => (y >= 0n && y < bits ? x >> y : x < 0n ? -1n : 0n));
    default: {
      // what integers have no form for is computed in float64 and truncated
      const f = real(op, "float64");
      return (x, y) => convert(f(Number(x), Number(y)), type);
    }
  }
}

/** Float ops, computed in float64 and rounded to the type. */
function real(op: OperationNode["op"], type: "float32" | "float64"): Function2 {
  const comparison = compare(op);
  if (comparison) return comparison;
  if (op === "nextafter") return (x, y) => nextAfter(Number(x), Number(y), type);
  const f = functions[op];
  if (!f) throw new Error(`"${op}" has no meaning for ${type}`);
  return type === "float32"
    ? (x, y) => Math.fround(f(x as number, y as number))
    : (x, y) => f(x as number, y as number); // floats are numbers
}

const functions: { readonly [op in OperationNode["op"]]?: (x: number, y: number) => number } = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => truth(x > 0) - truth(x < 0),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  recip: (x) => 1 / x,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  idiv: (x, y) => Math.trunc(x / y),
  rem: (x, y) => x % y,
  // C: 1 to any power is 1, and so is -1 to an infinite one
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
  min: Math.min,
  max: Math.max,
  atan2: Math.atan2,
  copysign: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf,
  erfc,
  lgamma,
  digamma,
};

/** The next number of the type from x towards y. */
function nextAfter(x: number, y: number, type: "float32" | "float64"): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === y) return y;
  const view = new DataView(new ArrayBuffer(8));
  const up = y > x === x > 0;
  if (type === "float32") {
    if (x === 0) return Math.sign(y) * 2 ** -149;
    view.setFloat32(0, x);
    view.setInt32(0, view.getInt32(0) + (up ? 1 : -1));
    return view.getFloat32(0);
  }
  if (x === 0) return Math.sign(y) * Number.MIN_VALUE;
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (up ? 1n : -1n));
  return view.getFloat64(0);
}
