import type { ConstantNode, OperationNode, Program, ScalarType } from "@flambeau/tensor/plugin";
import type { Graph, Node } from "./graph.ts";
import { castLanes, fromScalars, isLaneType, type LaneType, splat } from "./lanes.ts";
import { type Leaf, lower } from "./lower.ts";
import { erf, erfc } from "./math/erf.ts";
import { exp, exp2, expm1 } from "./math/exp.ts";
import { lgamma } from "./math/gamma.ts";
import { acosh, asinh, atanh, cosh, sigmoid, sinh, tanh } from "./math/hyperbolic.ts";
import { Lanes } from "./math/lanes.ts";
import { log, log1p, log2, log10 } from "./math/log.ts";
import { pow } from "./math/pow.ts";
import { nextAfter, remainder } from "./math/remainder.ts";
import { acos, asin, atan, atan2, cos, sin, tan } from "./math/trig.ts";
import { F32, f32, f32x4, I32, i32, i32x4 } from "./opcodes.ts";
import { programConst, scalarOp } from "./scalar.ts";

/** Whether a program can run four elements at a time: all of it is float32, int32 and bool. */
export const fillsLanes = ({ nodes }: Program): boolean => nodes.every((e) => isLaneType(e.type));

/** Lowers a program to nodes of four lanes. */
export function lowerVector(g: Graph, program: Program, leaf: Leaf): Node {
  const lanes = new Lanes(g);
  return lower(program, leaf, {
    constant: (e) => laneConstant(g, e),
    cast: (e, x, from) => castLanes(g, x, from, e.type),
    operation: (e, args, type) => laneOp(lanes, e, args, type),
  });
}

/** A program's constant, of a type that fills lanes. */
export const laneConstant = (g: Graph, e: ConstantNode): Node => splat(g, programConst(g, e), e.type as LaneType);

/** One operation on lanes of `type` (the last argument's). */
export function laneOp(l: Lanes, e: OperationNode, args: readonly Node[], type: ScalarType): Node {
  if (e.op === "where") return l.select(args[0], args[1], args[2]);
  return (type === "float32" ? floatOp : type === "bool" ? boolOp : intOp)(l, e, args);
}

/** An operation without a form of its own, on each lane's scalar. */
function byLane(l: Lanes, e: OperationNode, args: readonly Node[], from: "float32" | "int32"): Node {
  const { g } = l;
  const results = [0, 1, 2, 3].map((j) => {
    const scalars = args.map((a) =>
      g.lane(from === "float32" ? F32 : I32, from === "float32" ? f32x4.extractLane : i32x4.extractLane, j, a),
    );
    return scalarOp(g, e, scalars, from);
  });
  return fromScalars(g, results, e.type as LaneType); // fillsLanes has looked
}

function boolOp(l: Lanes, e: OperationNode, args: readonly Node[]): Node {
  const [x, y] = args;
  switch (e.op) {
    case "and":
      return l.and(x, y);
    case "or":
      return l.or(x, y);
    case "xor":
    case "ne":
      return l.xor(x, y);
    case "eq":
      return l.not(l.xor(x, y));
    case "not":
      return l.not(x);
    case "isnan":
      return l.bits(0);
    default: {
      const numbers = args.map((a) => castLanes(l.g, a, "bool", "int32"));
      const compares = e.op === "lt" || e.op === "le" || e.op === "gt" || e.op === "ge";
      const result = intOp(l, { ...e, type: compares ? "bool" : "int32" }, numbers);
      return compares ? result : castLanes(l.g, result, "int32", "bool");
    }
  }
}

function intOp(l: Lanes, e: OperationNode, args: readonly Node[]): Node {
  const { g } = l;
  const [x, y] = args;
  const zero = l.bits(0);
  switch (e.op) {
    case "neg":
      return g.v(i32x4.neg, x);
    case "abs":
      return g.v(i32x4.abs, x);
    case "sign":
      return l.isub(g.v(i32x4.ltS, x, zero), g.v(i32x4.gtS, x, zero));
    case "floor":
    case "ceil":
    case "round":
    case "trunc":
      return x;
    case "add":
      return l.iadd(x, y);
    case "sub":
      return l.isub(x, y);
    case "mul":
      return g.v(i32x4.mul, x, y);
    case "min":
      return g.v(i32x4.minS, x, y);
    case "max":
      return g.v(i32x4.maxS, x, y);
    case "eq":
      return g.v(i32x4.eq, x, y);
    case "ne":
      return g.v(i32x4.ne, x, y);
    case "lt":
      return g.v(i32x4.ltS, x, y);
    case "le":
      return g.v(i32x4.leS, x, y);
    case "gt":
      return g.v(i32x4.gtS, x, y);
    case "ge":
      return g.v(i32x4.geS, x, y);
    case "isnan":
      return zero;
    case "and":
      return l.and(x, y);
    case "or":
      return l.or(x, y);
    case "xor":
      return l.xor(x, y);
    case "not":
      return l.not(x);
    case "shl":
    case "shr": {
      if (y.op !== i32x4.splat) return byLane(l, e, args, "int32");
      // one count for all lanes
      const count = y.args[0];
      const inside = g.i(i32.ltU, count, g.ic(32));
      if (e.op === "shr") return g.v(i32x4.shrS, x, g.select(inside, count, g.ic(31)));
      return l.and(g.v(i32x4.shl, x, count), g.v(i32x4.splat, g.i(i32.sub, g.ic(0), inside)));
    }
    default:
      return byLane(l, e, args, "int32");
  }
}

/** The larger or smaller of two, NaN where one is. `pmax` and `pmin` give x where either is NaN, so only a NaN in y needs care. */
function extreme(l: Lanes, x: Node, y: Node, pick: (x: Node, y: Node) => Node): Node {
  const isNumber = (n: Node) => n.op === f32x4.splat && n.args[0].op === f32.const && !Number.isNaN(n.args[0].imm);
  if (isNumber(y)) return pick(x, y);
  if (isNumber(x)) return pick(y, x);
  return l.select(l.nan(y), y, pick(x, y));
}

function floatOp(l: Lanes, e: OperationNode, args: readonly Node[]): Node {
  const { g } = l;
  const [x, y] = args;
  const truth = (a: Node) => castLanes(g, a, "float32", "bool");
  const logic = (mask: Node) => castLanes(g, mask, "bool", "float32");
  switch (e.op) {
    case "neg":
      return l.neg(x);
    case "abs":
      return l.abs(x);
    case "sign":
      return l.or(l.and(l.gt(x, l.c(0)), l.c(1)), l.and(l.lt(x, l.c(0)), l.c(-1)));
    case "floor":
      return g.v(f32x4.floor, x);
    case "ceil":
      return g.v(f32x4.ceil, x);
    case "round":
      return g.v(f32x4.nearest, x);
    case "trunc":
      return g.v(f32x4.trunc, x);
    case "sqrt":
      return l.sqrt(x);
    case "recip":
      return l.div(l.c(1), x);
    case "add":
      return l.add(x, y);
    case "sub":
      return l.sub(x, y);
    case "mul":
      return l.mul(x, y);
    case "div":
      return l.div(x, y);
    case "idiv":
      return g.v(f32x4.trunc, l.div(x, y));
    case "rem":
      return remainder(l, x, y, byLane(l, e, args, "float32"));
    case "pow":
      return pow(l, x, y, byLane(l, e, args, "float32"));
    case "min":
      return extreme(l, x, y, (a, b) => l.min(a, b));
    case "max":
      return extreme(l, x, y, (a, b) => l.max(a, b));
    case "atan2":
      return atan2(l, x, y);
    case "copysign":
      return l.copysign(x, y);
    case "nextafter":
      return nextAfter(l, x, y);
    case "exp":
      return exp(l, x);
    case "exp2":
      return exp2(l, x);
    case "expm1":
      return expm1(l, x);
    case "log":
      return log(l, x);
    case "log2":
      return log2(l, x);
    case "log10":
      return log10(l, x);
    case "log1p":
      return log1p(l, x);
    case "sin":
      return sin(l, x, byLane(l, e, args, "float32"));
    case "cos":
      return cos(l, x, byLane(l, e, args, "float32"));
    case "tan":
      return tan(l, x, byLane(l, e, args, "float32"));
    case "asin":
      return asin(l, x);
    case "acos":
      return acos(l, x);
    case "atan":
      return atan(l, x);
    case "sinh":
      return sinh(l, x);
    case "cosh":
      return cosh(l, x);
    case "tanh":
      return tanh(l, x);
    case "asinh":
      return asinh(l, x);
    case "acosh":
      return acosh(l, x);
    case "atanh":
      return atanh(l, x);
    case "sigmoid":
      return sigmoid(l, x);
    case "erf":
      return erf(l, x);
    case "erfc":
      return erfc(l, x);
    case "lgamma":
      return lgamma(l, x, byLane(l, e, args, "float32"));
    case "digamma":
    case "shl":
    case "shr":
      return byLane(l, e, args, "float32");
    case "eq":
      return l.eq(x, y);
    case "ne":
      return l.ne(x, y);
    case "lt":
      return l.lt(x, y);
    case "le":
      return l.le(x, y);
    case "gt":
      return l.gt(x, y);
    case "ge":
      return g.v(f32x4.ge, x, y);
    case "isnan":
      return l.nan(x);
    case "and":
      return logic(l.and(truth(x), truth(y)));
    case "or":
      return logic(l.or(truth(x), truth(y)));
    case "xor":
      return logic(l.xor(truth(x), truth(y)));
    case "not":
      return logic(l.not(truth(x)));
    case "where":
      throw new Error("laneOp handles where");
  }
}
