import type { ReduceKind, ScalarType } from "@flambeau/tensor/plugin";
import { compare } from "./compare.ts";
import type { Graph, Node } from "./graph.ts";
import { type LaneType, splat } from "./lanes.ts";
import { Lanes } from "./math/lanes.ts";
import { f32, f32x4, f64, i32, i32x4, i64, v128 } from "./opcodes.ts";
import { castScalar, constScalar, valType } from "./scalar.ts";

/** What reducing nothing gives; extremes start from the other end. */
export function neutral(kind: ReduceKind, type: ScalarType): number | bigint {
  switch (kind) {
    case "sum":
    case "any":
      return 0;
    case "prod":
    case "all":
      return 1;
    case "max":
      return type === "bool" ? 0 : type === "int32" ? -(2 ** 31) : type === "int64" ? -(2n ** 63n) : -Infinity;
    case "min":
      return type === "bool" ? 1 : type === "int32" ? 2 ** 31 - 1 : type === "int64" ? 2n ** 63n - 1n : Infinity;
  }
}

export function neutralScalar(g: Graph, kind: ReduceKind, type: ScalarType): Node {
  const value = neutral(kind, type);
  return typeof value === "bigint" ? g.lc(value) : constScalar(g, value, type);
}
export const neutralLanes = (g: Graph, kind: ReduceKind, type: LaneType): Node =>
  splat(g, neutralScalar(g, kind, type), type);

/** Among bools a sum or maximum is "or", a product or minimum "and". */
const isOr = (kind: ReduceKind): boolean => kind === "sum" || kind === "max" || kind === "any";

/** a and one more element. */
export function combineScalar(g: Graph, kind: ReduceKind, type: ScalarType, a: Node, x: Node): Node {
  if (type === "bool") return g.i(isOr(kind) ? i32.or : i32.and, a, x);
  const truth = () => castScalar(g, x, type, "bool");
  const wide = type === "float64" || type === "int64";
  const whole = type === "int32" || type === "int64";
  switch (kind) {
    case "any":
      return g.select(truth(), constScalar(g, 1, type), a);
    case "all":
      return g.select(truth(), a, constScalar(g, 0, type));
    case "sum":
    case "prod": {
      const op = kind === "sum" ? "add" : "mul";
      if (whole) return wide ? g.l(i64[op], a, x) : g.i(i32[op], a, x);
      return wide ? g.d(f64[op], a, x) : g.f(f32[op], a, x);
    }
    case "max":
    case "min": {
      if (!whole) return wide ? g.d(f64[kind], a, x) : g.f(f32[kind], a, x);
      return g.select(compare(g, type, kind === "max" ? "gt" : "lt", x, a), x, a);
    }
  }
}

/** The same for four lanes. */
export function combineLanes(g: Graph, kind: ReduceKind, type: LaneType, a: Node, x: Node): Node {
  const l = new Lanes(g);
  if (type === "bool") return g.v(isOr(kind) ? v128.or : v128.and, a, x);
  const float = type === "float32";
  const zero = g.v(float ? f32x4.eq : i32x4.eq, x, float ? l.c(0) : l.bits(0));
  switch (kind) {
    case "any":
      return l.select(zero, a, splat(g, constScalar(g, 1, type), type));
    case "all":
      return l.and(a, l.not(zero));
    case "sum":
      return float ? l.add(a, x) : l.iadd(a, x);
    case "prod":
      return g.v(float ? f32x4.mul : i32x4.mul, a, x);
    case "max":
    case "min":
      if (!float) return g.v(kind === "max" ? i32x4.maxS : i32x4.minS, a, x);
      // pmax and pmin keep a NaN in a; one in x has to be put in
      return l.select(l.nan(x), x, kind === "max" ? l.max(a, x) : l.min(a, x));
  }
}

/** The four lanes' combination as a scalar. */
export function foldLanes(g: Graph, kind: ReduceKind, type: LaneType, lanes: Node): Node {
  if (type === "bool") return g.i(isOr(kind) ? v128.anyTrue : i32x4.allTrue, lanes);
  const x = (j: number) => g.lane(valType[type], type === "float32" ? f32x4.extractLane : i32x4.extractLane, j, lanes);
  const both = (a: Node, b: Node) => combineScalar(g, kind, type, a, b);
  return both(both(x(0), x(2)), both(x(1), x(3)));
}
