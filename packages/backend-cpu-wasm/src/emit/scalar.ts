import {
  type ConstantNode,
  constantValue,
  type OperationNode,
  type Program,
  type ScalarType,
} from "@flambeau/tensor/plugin";
import type { Graph, Node } from "./graph.ts";
import { type Leaf, lower } from "./lower.ts";
import { F32, F64, f32, f64, I32, I64, i32, i64, type ValType } from "./opcodes.ts";

export const valType: { readonly [T in ScalarType]: ValType } = {
  bool: I32,
  int32: I32,
  int64: I64,
  float32: F32,
  float64: F64,
};

/** Converts a scalar as PyTorch's casts do: to bool by "not 0", to integers by truncation (saturating where C leaves it open). */
export function castScalar(g: Graph, x: Node, from: ScalarType, to: ScalarType): Node {
  if (from === to) return x;
  switch (to) {
    case "bool":
      if (from === "int32") return g.i(i32.ne, x, g.ic(0));
      if (from === "int64") return g.i(i64.ne, x, g.lc(0n));
      return from === "float32" ? g.i(f32.ne, x, g.fc(0)) : g.i(f64.ne, x, g.dc(0));
    case "int32":
      if (from === "bool") return x;
      if (from === "int64") return g.i(i32.wrap, x);
      return g.i(from === "float32" ? i32.truncF32 : i32.truncF64, x);
    case "int64":
      if (from === "bool" || from === "int32") return g.l(i64.extendS, x);
      return g.l(from === "float32" ? i64.truncF32 : i64.truncF64, x);
    case "float32":
      if (from === "float64") return g.f(f32.demote, x);
      return g.f(from === "int64" ? f32.convertI64 : f32.convertI32, x);
    case "float64":
      if (from === "float32") return g.d(f64.promote, x);
      return g.d(from === "int64" ? f64.convertI64 : f64.convertI32, x);
  }
}

/** A run-time number as a scalar; numbers beyond int32 wrap, as `| 0` does. */
export function paramScalar(g: Graph, x: Node, type: ScalarType): Node {
  return type === "int32"
    ? castScalar(g, castScalar(g, x, "float64", "int64"), "int64", "int32")
    : castScalar(g, x, "float64", type);
}

export function constScalar(g: Graph, value: number, type: ScalarType): Node {
  switch (type) {
    case "bool":
      return g.ic(value === 0 ? 0 : 1);
    case "int32":
      return g.ic(value);
    case "int64":
      return g.lc(BigInt(value));
    case "float32":
      return g.fc(value);
    case "float64":
      return g.dc(value);
  }
}

/** A program's constant. */
export function programConst(g: Graph, e: ConstantNode): Node {
  const value = constantValue(e);
  return typeof value === "bigint" ? g.lc(value) : constScalar(g, value, e.type);
}

/** Lowers a program to scalar nodes, one element at a time. */
export const lowerScalar = (g: Graph, program: Program, leaf: Leaf): Node =>
  lower(program, leaf, {
    constant: (e) => programConst(g, e),
    cast: (e, x, from) => castScalar(g, x, from, e.type),
    operation: (e, args, type) => scalarOp(g, e, args, type),
  });

/** One operation on scalars of `type` (the last argument's). */
export function scalarOp(g: Graph, e: OperationNode, args: readonly Node[], type: ScalarType): Node {
  switch (type) {
    case "bool":
    case "int32":
    case "int64":
      return intOp(g, e, args, type);
    case "float32":
    case "float64":
      return floatOp(g, e, args, type === "float64");
  }
}

/** Ops that integers have no form of their own for: computed in float64 and truncated. */
function throughFloat64(g: Graph, e: OperationNode, args: readonly Node[], type: ScalarType): Node {
  const wide = args.map((a) => castScalar(g, a, type, "float64"));
  return castScalar(g, floatOp(g, e, wide, true), "float64", type);
}

/** int32, int64, and bools as the integers 0 and 1. */
function intOp(g: Graph, e: OperationNode, args: readonly Node[], type: "bool" | "int32" | "int64"): Node {
  const [x, y, z] = args;
  const wide = type === "int64";
  const w = wide ? i64 : i32;
  const whole = wide ? "int64" : "int32";
  const n = (op: number, ...a: Node[]) => (wide ? g.l(op, ...a) : g.i(op, ...a));
  const c = (value: number) => (wide ? g.lc(BigInt(value)) : g.ic(value));
  switch (e.op) {
    case "neg":
      return n(w.sub, c(0), x);
    case "abs":
      return g.select(g.i(w.ltS, x, c(0)), n(w.sub, c(0), x), x);
    case "sign":
      return castScalar(g, g.i(i32.sub, g.i(w.gtS, x, c(0)), g.i(w.ltS, x, c(0))), "int32", whole);
    case "floor":
    case "ceil":
    case "round":
    case "trunc":
      return x;
    case "add":
      return n(w.add, x, y);
    case "sub":
      return n(w.sub, x, y);
    case "mul":
      return n(w.mul, x, y);
    case "div":
    case "idiv":
      return wide ? divide64(g, x, y) : divide32(g, x, y);
    case "rem": {
      const zero = g.i(w.eqz, y);
      return g.select(zero, c(0), n(w.remS, x, g.select(zero, c(1), y)));
    }
    case "pow": {
      const power = g.call("ipow", I64, castScalar(g, x, whole, "int64"), castScalar(g, y, whole, "int64"));
      return castScalar(g, power, "int64", whole);
    }
    case "min":
      return g.select(g.i(w.ltS, y, x), y, x);
    case "max":
      return g.select(g.i(w.gtS, y, x), y, x);
    case "eq":
      return g.i(w.eq, x, y);
    case "ne":
      return g.i(w.ne, x, y);
    case "lt":
      return g.i(w.ltS, x, y);
    case "le":
      return g.i(w.leS, x, y);
    case "gt":
      return g.i(w.gtS, x, y);
    case "ge":
      return g.i(w.geS, x, y);
    case "isnan":
      return g.ic(0);
    case "and":
      return n(w.and, x, y);
    case "or":
      return n(w.or, x, y);
    case "xor":
      return n(w.xor, x, y);
    case "not":
      return type === "bool" ? g.i(i32.eqz, x) : n(w.xor, x, c(-1));
    case "shl":
      return g.select(isShift(g, y, wide), n(w.shl, x, y), c(0));
    case "shr":
      return n(w.shrS, x, g.select(isShift(g, y, wide), y, c(wide ? 63 : 31)));
    case "where":
      return g.select(x, y, z);
    default:
      return throughFloat64(g, e, args, type);
  }
}

/** In 64 bits neither the smallest integer over -1 nor, with the divisor replaced, a division by zero traps. */
function divide32(g: Graph, x: Node, y: Node): Node {
  const zero = g.i(i32.eqz, y);
  const q = g.l(i64.divS, g.l(i64.extendS, x), g.l(i64.extendS, g.select(zero, g.ic(1), y)));
  return g.select(zero, g.ic(0), g.i(i32.wrap, q));
}

/** A divisor of 0 or -1 could trap: divide by 1 instead and negate or clear the result. */
function divide64(g: Graph, x: Node, y: Node): Node {
  const isZero = g.i(i64.eqz, y);
  const isMinus = g.i(i64.eq, y, g.lc(-1n));
  const q = g.l(i64.divS, x, g.select(g.i(i32.or, isZero, isMinus), g.lc(1n), y));
  return g.select(isZero, g.lc(0n), g.select(isMinus, g.l(i64.sub, g.lc(0n), q), q));
}

/** Whether a count is one that instructions shift by: less than the width. */
const isShift = (g: Graph, count: Node, wide: boolean): Node =>
  wide ? g.i(i64.eqz, g.l(i64.and, count, g.lc(-64n))) : g.i(i32.ltU, count, g.ic(32));

/** float32 (`wide` false) and float64. What WebAssembly has no instruction for is computed in float64 by "math" and rounded. */
function floatOp(g: Graph, e: OperationNode, args: readonly Node[], wide: boolean): Node {
  const [x, y, z] = args;
  const w = wide ? f64 : f32;
  const n = (op: number, ...a: Node[]) => (wide ? g.d(op, ...a) : g.f(op, ...a));
  const c = (value: number) => (wide ? g.dc(value) : g.fc(value));
  const type: ScalarType = wide ? "float64" : "float32";
  const call = (name: string) => {
    const result = g.call(name, F64, ...args.map((a) => castScalar(g, a, type, "float64")));
    return castScalar(g, result, "float64", type);
  };
  const truth = (a: Node) => castScalar(g, a, type, "bool");
  const logic = (op: number, a: Node, b: Node) => castScalar(g, g.i(op, truth(a), truth(b)), "bool", type);
  switch (e.op) {
    case "neg":
      return n(w.neg, x);
    case "abs":
      return n(w.abs, x);
    case "sign":
      return castScalar(g, g.i(i32.sub, g.i(w.gt, x, c(0)), g.i(w.lt, x, c(0))), "int32", type);
    case "floor":
      return n(w.floor, x);
    case "ceil":
      return n(w.ceil, x);
    case "round":
      return n(w.nearest, x);
    case "trunc":
      return n(w.trunc, x);
    case "sqrt":
      return n(w.sqrt, x);
    case "recip":
      return n(w.div, c(1), x);
    case "add":
      return n(w.add, x, y);
    case "sub":
      return n(w.sub, x, y);
    case "mul":
      return n(w.mul, x, y);
    case "div":
      return n(w.div, x, y);
    case "idiv":
      return n(w.trunc, n(w.div, x, y));
    case "rem":
      return call("fmod");
    case "min":
      return n(w.min, x, y);
    case "max":
      return n(w.max, x, y);
    case "copysign":
      return n(w.copysign, x, y);
    case "nextafter":
      return nextAfter(g, x, y, wide);
    case "pow": {
      // C's answers where JavaScript gives NaN: 1 to any power, and -1 to an infinite one
      const one = g.i(
        i32.or,
        g.i(w.eq, x, c(1)),
        g.i(i32.and, g.i(w.eq, n(w.abs, x), c(1)), g.i(w.eq, n(w.abs, y), c(Infinity))),
      );
      return g.select(one, c(1), call("pow"));
    }
    case "sigmoid": {
      // e^x / (1 + e^x) for negative x, where e^-x would overflow
      const d = castScalar(g, x, type, "float64");
      const power = g.call("exp", F64, g.d(f64.neg, g.d(f64.abs, d)));
      const above = g.select(g.i(f64.lt, d, g.dc(0)), power, g.dc(1));
      return castScalar(g, g.d(f64.div, above, g.d(f64.add, g.dc(1), power)), "float64", type);
    }
    case "atan2":
    case "exp":
    case "exp2":
    case "expm1":
    case "log":
    case "log2":
    case "log10":
    case "log1p":
    case "sin":
    case "cos":
    case "tan":
    case "asin":
    case "acos":
    case "atan":
    case "sinh":
    case "cosh":
    case "tanh":
    case "asinh":
    case "acosh":
    case "atanh":
    case "erf":
    case "erfc":
    case "lgamma":
    case "digamma":
      return call(e.op);
    case "eq":
      return g.i(w.eq, x, y);
    case "ne":
      return g.i(w.ne, x, y);
    case "lt":
      return g.i(w.lt, x, y);
    case "le":
      return g.i(w.le, x, y);
    case "gt":
      return g.i(w.gt, x, y);
    case "ge":
      return g.i(w.ge, x, y);
    case "isnan":
      return g.i(w.ne, x, x);
    case "and":
      return logic(i32.and, x, y);
    case "or":
      return logic(i32.or, x, y);
    case "xor":
      return logic(i32.xor, x, y);
    case "not":
      return castScalar(g, g.i(i32.eqz, truth(x)), "bool", type);
    // PyTorch's shifts of floats: times and over a power of two
    case "shl":
      return n(w.mul, x, castScalar(g, g.call("exp2", F64, castScalar(g, y, type, "float64")), "float64", type));
    case "shr":
      return n(w.div, x, castScalar(g, g.call("exp2", F64, castScalar(g, y, type, "float64")), "float64", type));
    case "where":
      return g.select(x, y, z);
  }
}

/** The neighbour of x in y's direction, by stepping the bits. */
function nextAfter(g: Graph, x: Node, y: Node, wide: boolean): Node {
  const w = wide ? f64 : f32;
  const n = (op: number, ...a: Node[]) => (wide ? g.d(op, ...a) : g.f(op, ...a));
  const c = (value: number) => (wide ? g.dc(value) : g.fc(value));
  // away from zero is one bit up
  const up = g.i(i32.eq, g.i(w.lt, x, y), g.i(w.gt, x, c(0)));
  const stepped = wide
    ? g.d(f64.reinterpret, g.l(i64.add, g.l(i64.reinterpret, x), g.select(up, g.lc(1n), g.lc(-1n))))
    : g.f(f32.reinterpret, g.i(i32.add, g.i(i32.reinterpret, x), g.select(up, g.ic(1), g.ic(-1))));
  const smallest = n(w.copysign, c(wide ? Number.MIN_VALUE : 2 ** -149), y);
  const step = g.select(g.i(w.eq, x, c(0)), smallest, stepped);
  const nan = g.i(i32.or, g.i(w.ne, x, x), g.i(w.ne, y, y));
  return g.select(nan, n(w.add, x, y), g.select(g.i(w.eq, x, y), y, step));
}
