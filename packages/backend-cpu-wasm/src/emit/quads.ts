import type { DType } from "@flambeau/tensor";
import { bytesOf, type OperationNode, type Program, type ScalarType, scalarType } from "@flambeau/tensor/plugin";
import { param } from "./arguments.ts";
import type { Graph, Node } from "./graph.ts";
import {
  castLanes,
  type Half,
  isLaneType,
  type LaneSource,
  laneAddress,
  packHalves,
  packLanes,
  storeLanes,
  tailStores,
} from "./lanes.ts";
import { STILL, UNIT } from "./layout.ts";
import { laneLeaf } from "./leaves.ts";
import { type Leaf, lower } from "./lower.ts";
import { Lanes } from "./math/lanes.ts";
import { F64, f64, f64x2, I64, i32x4, i64, V128, v128 } from "./opcodes.ts";
import { erf, erfc } from "./pairs/erf.ts";
import { exp, expm1 } from "./pairs/exp.ts";
import { sigmoid, tanh } from "./pairs/hyperbolic.ts";
import { log, log1p, log2 } from "./pairs/log.ts";
import { Pairs } from "./pairs/pairs.ts";
import { cos, sin, tan } from "./pairs/trig.ts";
import { paramScalar, programConst, scalarOp } from "./scalar.ts";
import { laneConstant, laneOp } from "./vector.ts";
import { narrow, widen } from "./wide.ts";

// Four elements of programs that compute in float64, too: one vector, or for float64 two.

/** float64 elements 0 and 1, and 2 and 3. */
export type Pair = readonly [low: Node, high: Node];
export type Quad = Node | Pair;
const isPair = (x: Quad): x is Pair => Array.isArray(x);
const single = (x: Quad): Node => x as Node; // its type is not float64
const pairOf = (x: Quad): Pair => x as Pair; // its type is float64

/** Whether a program can run four elements at a time: its types are float32, float64, int32 and bool. */
export const fillsQuads = ({ nodes }: Program): boolean =>
  nodes.every((e) => isLaneType(e.type) || e.type === "float64");

/** Both halves of pairs. */
const each = (args: readonly Pair[], body: (...halves: Node[]) => Node): Pair => [
  body(...args.map(([low]) => low)),
  body(...args.map(([, high]) => high)),
];

const [lowLanes, highLanes] = [
  [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7],
  [8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15],
];
const evenWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const upperHalf = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/** A mask of four lanes as masks of pairs, and back. */
const spread = (g: Graph, mask: Node): Pair => [g.shuffle(lowLanes, mask, mask), g.shuffle(highLanes, mask, mask)];
const joined = (g: Graph, [low, high]: Pair): Node => g.shuffle(evenWords, low, high);

function castQuad(g: Graph, x: Quad, from: ScalarType, to: ScalarType): Quad {
  if (from === to) return x;
  if (to === "float64") {
    const lanes = single(x);
    if (from === "float32") return widen(g, lanes);
    if (from === "bool") return each([spread(g, lanes)], (mask) => g.v(v128.and, mask, g.vd(1)));
    return [g.v(f64x2.convertLowI32, lanes), g.v(f64x2.convertLowI32, g.shuffle(upperHalf, lanes, lanes))];
  }
  if (from !== "float64") return castLanes(g, single(x), from, to);
  const [low, high] = pairOf(x);
  if (to === "float32") return narrow(g, low, high);
  if (to === "bool") return joined(g, [g.v(f64x2.ne, low, g.vd(0)), g.v(f64x2.ne, high, g.vd(0))]);
  return g.shuffle(lowHalves, g.v(i32x4.truncF64, low), g.v(i32x4.truncF64, high));
}

/** Lowers a program to nodes of four elements. */
export function lowerQuads(g: Graph, program: Program, leaf: Leaf<Quad>): Quad {
  const [lanes, pairs] = [new Lanes(g), new Pairs(g)];
  return lower<Quad>(program, leaf, {
    constant: (e) => {
      if (e.type !== "float64") return laneConstant(g, e);
      const x = g.v(f64x2.splat, programConst(g, e));
      return [x, x];
    },
    cast: (e, x, from) => castQuad(g, x, from, e.type),
    operation: (e, args, type) => {
      if (type !== "float64") return laneOp(lanes, e, args.map(single), type);
      if (e.op === "where") {
        const [mask, x, y] = [spread(g, single(args[0])), pairOf(args[1]), pairOf(args[2])];
        return each([mask, x, y], (m, a, b) => pairs.select(m, a, b));
      }
      const y = each(args.map(pairOf), (...halves) => pairOp(pairs, e, halves));
      return e.type === "float64" ? y : joined(g, y);
    },
  });
}

/** An operation without a form of its own, on each element's scalar. A bool becomes a mask. */
function byElement(l: Pairs, e: OperationNode, args: readonly Node[]): Node {
  const { g } = l;
  const [low, high] = [0, 1].map((j) =>
    scalarOp(
      g,
      e,
      args.map((a) => g.lane(F64, f64x2.extractLane, j, a)),
      "float64",
    ),
  );
  return g.lane(V128, f64x2.replaceLane, 1, g.v(f64x2.splat, low), high);
}

/** The larger or smaller of two, NaN where one is: `pmax` and `pmin` give x where either is. */
const extreme = (l: Pairs, x: Node, y: Node, pick: Node): Node => l.select(l.nan(y), y, l.select(l.nan(x), x, pick));

/** One operation on pairs. What compares gives masks. */
function pairOp(l: Pairs, e: OperationNode, args: readonly Node[]): Node {
  const { g } = l;
  const [x, y] = args;
  const truth = (a: Node) => l.ne(a, l.c(0));
  const logic = (mask: Node) => l.and(mask, l.c(1));
  switch (e.op) {
    case "neg":
      return l.neg(x);
    case "abs":
      return l.abs(x);
    case "sign":
      return l.or(l.and(l.gt(x, l.c(0)), l.c(1)), l.and(l.lt(x, l.c(0)), l.c(-1)));
    case "floor":
      return g.v(f64x2.floor, x);
    case "ceil":
      return g.v(f64x2.ceil, x);
    case "round":
      return g.v(f64x2.nearest, x);
    case "trunc":
      return g.v(f64x2.trunc, x);
    case "sqrt":
      return g.v(f64x2.sqrt, x);
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
      return g.v(f64x2.trunc, l.div(x, y));
    case "min":
      return extreme(l, x, y, l.min(x, y));
    case "max":
      return extreme(l, x, y, l.max(x, y));
    case "copysign":
      return l.copysign(x, y);
    case "exp":
      return exp(l, x);
    case "expm1":
      return expm1(l, x);
    case "log":
      return log(l, x);
    case "log2":
      return log2(l, x);
    case "log1p":
      return log1p(l, x);
    case "sin":
      return sin(l, x, byElement(l, e, args));
    case "cos":
      return cos(l, x, byElement(l, e, args));
    case "tan":
      return tan(l, x, byElement(l, e, args));
    case "tanh":
      return tanh(l, x);
    case "erf":
      return erf(l, x);
    case "erfc":
      return erfc(l, x);
    case "sigmoid":
      return sigmoid(l, x);
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
      return l.ge(x, y);
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
    default:
      return byElement(l, e, args);
  }
}

/** Four elements at a time, of a program that fills quads. */
export function quadLeaf(g: Graph, program: Program, params: number, source: (view: number) => LaneSource): Leaf<Quad> {
  const lanes = laneLeaf(g, program, params, source);
  return (e) => {
    if (e.op === "input" && program.inputs[e.value] === "float64") {
      const pair = loadPair(g, source(e.value));
      return castQuad(g, pair, "float64", e.type);
    }
    if (e.type !== "float64") return lanes(e);
    if (e.op === "param") {
      const x = g.v(f64x2.splat, paramScalar(g, param(g, params, e.value), "float64"));
      return [x, x];
    }
    if (e.op === "index") return castQuad(g, lanes({ ...e, type: "int32" }), "int32", "float64");
    const natural = scalarType(program.inputs[e.value]);
    if (natural === "int64") return loadWide(g, source(e.value));
    return castQuad(g, lanes({ ...e, type: natural }), natural, "float64");
  };
}

function loadPair(g: Graph, source: LaneSource): Pair {
  const { access, at, first, left } = source;
  if (access === STILL) {
    const x = g.load(V128, v128.load64Splat, at);
    return [x, x];
  }
  // in a tail nothing is read beyond the end: that could be farther than memory goes
  if (access === UNIT && !left)
    return [g.load(V128, v128.load, at, first * 8), g.load(V128, v128.load, at, first * 8 + 16)];
  const lane = (j: number) => laneAddress(g, source, 8, j);
  const two = (j: number) => g.loadLane(v128.load64Lane, lane(j + 1), 0, 1, g.load(V128, v128.load64Zero, lane(j)));
  return [two(0), two(2)];
}

/** int64 elements as float64. */
function loadWide(g: Graph, source: LaneSource): Pair {
  const one = (j: number) =>
    g.d(f64.convertI64, g.load(I64, i64.load, source.access === STILL ? source.at : laneAddress(g, source, 8, j)));
  const two = (j: number) => g.lane(V128, f64x2.replaceLane, 1, g.v(f64x2.splat, one(j)), one(j + 1));
  return [two(0), two(2)];
}

/** Elements of the dtype's type as its bytes in memory. */
export const packQuad = (g: Graph, dtype: DType, x: Quad): Quad => (isPair(x) ? x : packLanes(g, dtype, x));

/** Stores of four packed elements. */
export function storeQuad(g: Graph, dtype: DType, target: LaneSource, packed: Quad): Node[] {
  if (!isPair(packed)) return storeLanes(g, dtype, target, packed);
  if (target.access === UNIT) return packed.map((x, i) => g.store(v128.store, target.at, x, target.first * 8 + 16 * i));
  return [0, 1, 2, 3].map((j) => storeElement(g, target, packed, j));
}
/** The store of eight neighbours of a dtype of half floats. */
export const storeEight = (g: Graph, dtype: Half, { at, first }: LaneSource, low: Quad, high: Quad): Node =>
  g.store(v128.store, at, packHalves(g, dtype, single(low), single(high)), first * 2);
const storeElement = (g: Graph, target: LaneSource, packed: Pair, j: number): Node =>
  g.storeLane(v128.store64Lane, laneAddress(g, target, bytesOf("float64"), j), packed[j >> 1], 0, j & 1);

/** A store for each element that a tail may have. */
export const tailStoresOf = (g: Graph, dtype: DType, target: LaneSource, packed: Quad): Node[] =>
  isPair(packed) ? [0, 1, 2].map((j) => storeElement(g, target, packed, j)) : tailStores(g, dtype, target, packed);

/** The vectors of four elements. */
export const vectorsOf = (x: Quad): readonly Node[] => (isPair(x) ? x : [x]);
