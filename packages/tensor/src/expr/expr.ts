// The scalar language of pointwise operations: what is computed for one element. An `Expr` knows no dtype; contract/program.ts gives it
// types, derive.ts differentiates it, backends compile it.

/** Scalar operations and their argument counts. Backends compile each one; the compiler checks that none is forgotten. */
export const arity = {
  // arithmetic
  neg: 1,
  abs: 1,
  sign: 1,
  floor: 1,
  ceil: 1,
  round: 1,
  trunc: 1,
  sqrt: 1,
  recip: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  idiv: 2,
  rem: 2,
  pow: 2,
  min: 2,
  max: 2,
  atan2: 2,
  copysign: 2,
  nextafter: 2,
  // exponentials, trigonometry, special functions
  exp: 1,
  exp2: 1,
  expm1: 1,
  log: 1,
  log2: 1,
  log10: 1,
  log1p: 1,
  sin: 1,
  cos: 1,
  tan: 1,
  asin: 1,
  acos: 1,
  atan: 1,
  sinh: 1,
  cosh: 1,
  tanh: 1,
  asinh: 1,
  acosh: 1,
  atanh: 1,
  sigmoid: 1,
  erf: 1,
  erfc: 1,
  lgamma: 1,
  digamma: 1,
  // comparison: give a bool
  eq: 2,
  ne: 2,
  lt: 2,
  le: 2,
  gt: 2,
  ge: 2,
  isnan: 1,
  // bits of integers, or logic of bools
  and: 2,
  or: 2,
  xor: 2,
  not: 1,
  shl: 2,
  shr: 2,
  // choice: the first argument is a condition
  where: 3,
} as const;
export type ScalarOp = keyof typeof arity;

/** The types in which scalars are computed. Narrow integers compute as int32 and wrap when stored, half floats as float32. */
export type ScalarType = "bool" | "int32" | "int64" | "float32" | "float64";

export type ExprOp = ScalarOp | "input" | "param" | "const" | "index" | "cast";
export type Operand = Expr | number;

export class Expr {
  readonly op: ExprOp;
  readonly args: readonly Expr[];
  /** The constant's value, or the number of the input or param. */
  readonly value: number;
  /** The type a "cast" computes its argument in. */
  readonly type: ScalarType | undefined;

  constructor(op: ExprOp, args: readonly Expr[], value = 0, type?: ScalarType) {
    this.op = op;
    this.args = args;
    this.value = value;
    this.type = type;
  }

  add(y: Operand): Expr {
    const e = of(y);
    if (isConst(e, 0)) return this;
    if (isConst(this, 0)) return e;
    return new Expr("add", [this, e]);
  }
  sub(y: Operand): Expr {
    const e = of(y);
    return isConst(e, 0) ? this : new Expr("sub", [this, e]);
  }
  mul(y: Operand): Expr {
    const e = of(y);
    if (isConst(e, 1)) return this;
    if (isConst(this, 1)) return e;
    return new Expr("mul", [this, e]);
  }
  div(y: Operand): Expr {
    const e = of(y);
    return isConst(e, 1) ? this : new Expr("div", [this, e]);
  }
  neg(): Expr {
    return new Expr("neg", [this]);
  }
  square(): Expr {
    return new Expr("mul", [this, this]);
  }
  eq(y: Operand): Expr {
    return new Expr("eq", [this, of(y)]);
  }
  ne(y: Operand): Expr {
    return new Expr("ne", [this, of(y)]);
  }
  lt(y: Operand): Expr {
    return new Expr("lt", [this, of(y)]);
  }
  le(y: Operand): Expr {
    return new Expr("le", [this, of(y)]);
  }
  gt(y: Operand): Expr {
    return new Expr("gt", [this, of(y)]);
  }
  ge(y: Operand): Expr {
    return new Expr("ge", [this, of(y)]);
  }
  and(y: Operand): Expr {
    return new Expr("and", [this, of(y)]);
  }
  or(y: Operand): Expr {
    return new Expr("or", [this, of(y)]);
  }
  not(): Expr {
    return new Expr("not", [this]);
  }
}

const of = (x: Operand): Expr => (typeof x === "number" ? constant(x) : x);
export const isConst = (e: Expr, value: number): boolean => e.op === "const" && e.value === value;

/** The i-th input tensor's element. */
export const input = (i: number): Expr => new Expr("input", [], i);
/** The i-th run-time number of the call. */
export const param = (i: number): Expr => new Expr("param", [], i);
export const constant = (value: number): Expr => new Expr("const", [], value);
/** The element's position in row-major order of the output. */
export const index = (): Expr => new Expr("index", []);
/** Computes `x` in `type`, whatever the rest computes in. */
export const cast = (x: Expr, type: ScalarType): Expr => new Expr("cast", [x], 0, type);

/** `where(condition, x, y)`: x where the condition is not 0, else y. Only the chosen side's NaN or gradient counts. */
export const where = (condition: Expr, x: Operand, y: Operand): Expr => new Expr("where", [condition, of(x), of(y)]);

/**
 * `value` where the condition holds, else x. Unlike that of {@link where} the slope of x is multiplied by 0 there, as PyTorch's is that fills
 * a mask: an infinite one gives NaN.
 */
export const masked = (condition: Expr, x: Expr, value = 0): Expr =>
  new Expr("where", [condition, constant(value), x], filled);
/**
 * As {@link where}, but the slope of the side that is not taken is 0 times what comes back: NaN where that is not finite. So PyTorch's are
 * that multiply by a mask.
 */
export const weighed = (condition: Expr, x: Operand, y: Operand): Expr =>
  new Expr("where", [condition, of(x), of(y)], multiplied);
/** The values of {@link masked} and {@link weighed} nodes, which derivation alone looks at. */
const filled = 1;
const multiplied = 2;
/** Whether the slope of a "where" is a choice of slopes. */
export const isChoice = (e: Expr): boolean => e.op === "where" && e.value === 0;
export const isWeighed = (e: Expr): boolean => e.value === multiplied;

type Builder<N extends number> = N extends 1 ? (x: Operand) => Expr : (x: Operand, y: Operand) => Expr;
type Builders = { readonly [K in Exclude<ScalarOp, "where">]: Builder<(typeof arity)[K]> };

/** A builder for each scalar operation: `scalar.exp(x)`, `scalar.max(x, y)`. */
export const scalar: Builders = Object.fromEntries(
  (Object.keys(arity) as ScalarOp[]).map((op) => [op, (...args: Operand[]) => new Expr(op, args.map(of))]),
) as unknown as Builders; // fromEntries forgets the keys
