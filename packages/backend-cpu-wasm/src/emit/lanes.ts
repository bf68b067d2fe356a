import type { DType } from "@flambeau/tensor";
import { bytesOf, type ScalarType, scalarType } from "@flambeau/tensor/plugin";
import { loadElement } from "./elements.ts";
import type { Graph, Node } from "./graph.ts";
import { brainsToFloats, floatsToBrains, floatsToHalves, halvesToFloats } from "./half.ts";
import { type Access, STILL, UNIT } from "./layout.ts";
import { f32x4, i8x16, i16x8, i32, i32x4, V128, v128 } from "./opcodes.ts";
import { castScalar } from "./scalar.ts";

/** Types that fill four lanes: float32 and int32 as themselves, bool as a mask of all ones or zeros. */
export type LaneType = "float32" | "int32" | "bool";
export const isLaneType = (type: ScalarType): type is LaneType =>
  type === "float32" || type === "int32" || type === "bool";

/** Dtypes of 16 bits whose elements are float32 when they are computed with. */
export type Half = "float16" | "bfloat16";
export const isHalf = (dtype: DType): dtype is Half => dtype === "float16" || dtype === "bfloat16";

/** Where four consecutive elements of a view come from. */
export interface LaneSource {
  readonly access: Access;
  /** Address of the view in the inner loop. */
  readonly at: Node;
  /** Bytes from one element to the next, where access is STRIDED. */
  readonly step: Node;
  /** The four elements' position from `at`, a multiple of 4. */
  readonly first: number;
  /** In a tail: how many of the four exist, 1 to 3. Strided lanes beyond re-read the last one; unit ones read what follows. */
  readonly left: Node | undefined;
  /** Whether all eight exist that begin at a multiple of 8. */
  readonly eight?: boolean;
}

/** Neighbours in memory, from the one `first` elements beyond an address on. */
export const neighbours = (g: Graph, at: Node, first = 0): LaneSource => ({
  access: UNIT,
  at,
  step: g.ic(0), // goes without saying
  first,
  left: undefined,
});

/** In a tail: the lanes whose elements exist, as a mask. */
export const existing = (g: Graph, left: Node): Node => g.v(i32x4.gtS, g.v(i32x4.splat, left), g.lanes(0, 1, 2, 3));

export function castLanes(g: Graph, x: Node, from: ScalarType, to: ScalarType): Node {
  if (from === to) return x;
  if (to === "bool") return from === "int32" ? g.v(i32x4.ne, x, g.vi(0)) : g.v(f32x4.ne, x, g.vf(0));
  if (to === "int32") return from === "bool" ? g.v(v128.and, x, g.vi(1)) : g.v(i32x4.truncF32, x);
  return from === "bool" ? g.v(v128.and, x, g.vf(1)) : g.v(f32x4.convertI32, x);
}

/** Four equal lanes from a scalar of that type. */
export function splat(g: Graph, x: Node, type: LaneType): Node {
  if (type === "float32") return g.v(f32x4.splat, x);
  return g.v(i32x4.splat, type === "bool" ? g.i(i32.sub, g.ic(0), x) : x);
}

export function fromScalars(g: Graph, scalars: readonly Node[], type: LaneType): Node {
  let lanes = splat(g, scalars[0], type);
  for (let j = 1; j < 4; j++) {
    const x = type === "bool" ? g.i(i32.sub, g.ic(0), scalars[j]) : scalars[j];
    lanes = g.lane(V128, type === "float32" ? f32x4.replaceLane : i32x4.replaceLane, j, lanes, x);
  }
  return lanes;
}

/** Address of lane `j`. */
export function laneAddress(g: Graph, source: LaneSource, bytes: number, j: number): Node {
  const { at, step, first, left, access } = source;
  const by = access === UNIT ? g.ic(bytes) : step;
  const k = first + j;
  if (k === 0) return at;
  if (!left) return g.i(i32.add, at, access === UNIT ? g.ic(k * bytes) : g.i(i32.mul, by, g.ic(k)));
  const last = g.i(i32.sub, left, g.ic(1));
  return g.i(i32.add, at, g.i(i32.mul, by, g.select(g.i(i32.ltU, last, g.ic(k)), last, g.ic(k))));
}

/** Four elements of a view of `dtype` as lanes of `type`. */
export function loadLanes(g: Graph, dtype: DType, type: LaneType, source: LaneSource): Node {
  const { access, at, first } = source;
  const bytes = bytesOf(dtype);
  const natural = scalarType(dtype);
  const scalar = (address: Node) => castScalar(g, loadElement(g, dtype, address), natural, type);
  if (access === STILL) return splat(g, scalar(at), type);
  const lane = (j: number) => laneAddress(g, source, bytes, j);
  if (access === UNIT && isHalf(dtype)) {
    const from = source.eight ? first & ~7 : first;
    const halves = g.load(V128, source.eight ? v128.load : v128.load64Zero, at, from * bytes);
    const floats = (dtype === "float16" ? halvesToFloats : brainsToFloats)(g, halves, first > from);
    return castLanes(g, floats, natural, type);
  }
  if (access === UNIT && isLaneType(natural)) return castLanes(g, loadUnit(g, dtype, at, first * bytes), natural, type);
  if (bytes !== 4)
    return fromScalars(
      g,
      [0, 1, 2, 3].map((j) => scalar(lane(j))),
      type,
    );
  let lanes = g.load(V128, v128.load32Zero, lane(0));
  for (let j = 1; j < 4; j++) lanes = g.loadLane(v128.load32Lane, lane(j), 0, j, lanes);
  return castLanes(g, lanes, natural, type);
}

/** Four neighbours, as lanes of the dtype's element type. */
function loadUnit(g: Graph, dtype: DType, at: Node, offset: number): Node {
  const load = (op: number) => g.load(V128, op, at, offset);
  switch (dtype) {
    case "bool":
      return g.v(i32x4.ne, g.v(i32x4.extendLowU, load(v128.load8x8U)), g.vi(0));
    case "uint8":
      return g.v(i32x4.extendLowU, load(v128.load8x8U));
    case "int8":
      return g.v(i32x4.extendLowS, load(v128.load8x8S));
    case "int16":
      return load(v128.load16x4S);
    case "int32":
    case "float32":
      return load(v128.load);
    case "float16":
    case "bfloat16":
    case "int64":
    case "float64":
      throw new Error(`${dtype} is not loaded as lanes`); // loadLanes has a way of its own
  }
}

/** Lanes of the dtype's element type as its bytes in memory, packed from the low end. */
export function packLanes(g: Graph, dtype: DType, value: Node): Node {
  const narrow16 = (x: Node) => g.v(i16x8.narrowU, x, x);
  const narrow8 = (x: Node) => g.v(i8x16.narrowU, narrow16(x), narrow16(x));
  switch (dtype) {
    case "bool":
      return narrow8(g.v(v128.and, value, g.vi(1)));
    case "uint8":
    case "int8":
      return narrow8(g.v(v128.and, value, g.vi(0xff)));
    case "int16":
      return narrow16(g.v(v128.and, value, g.vi(0xffff)));
    case "float16":
    case "bfloat16":
      return packHalves(g, dtype, value, value);
    case "int32":
    case "float32":
      return value;
    case "int64":
    case "float64":
      throw new Error(`${dtype} does not fill four lanes`); // such programs are compiled element by element
  }
}

/** The same of eight lanes, of a dtype of half floats. */
export const packHalves = (g: Graph, dtype: Half, low: Node, high: Node): Node =>
  (dtype === "float16" ? floatsToHalves : floatsToBrains)(g, low, high);

/** Stores one lane of packed lanes. */
function storePackedLane(g: Graph, dtype: DType, address: Node, packed: Node, lane: number, offset = 0): Node {
  const bytes = bytesOf(dtype);
  const op = bytes === 4 ? v128.store32Lane : bytes === 2 ? v128.store16Lane : v128.store8Lane;
  return g.storeLane(op, address, packed, offset, lane);
}

/** Stores of four packed lanes: to neighbours in one piece, else lane by lane. */
export function storeLanes(g: Graph, dtype: DType, target: LaneSource, packed: Node): Node[] {
  const bytes = bytesOf(dtype);
  const { access, at, first } = target;
  if (access === UNIT) {
    const offset = first * bytes;
    if (bytes === 4) return [g.store(v128.store, at, packed, offset)];
    return [g.storeLane(bytes === 2 ? v128.store64Lane : v128.store32Lane, at, packed, offset, 0)];
  }
  return [0, 1, 2, 3].map((j) => storePackedLane(g, dtype, laneAddress(g, target, bytes, j), packed, j));
}

/** A store for each lane that a tail may have; `writeTail` has those run whose elements exist. */
export const tailStores = (g: Graph, dtype: DType, target: LaneSource, packed: Node): Node[] =>
  [0, 1, 2].map((j) => storePackedLane(g, dtype, laneAddress(g, target, bytesOf(dtype), j), packed, j));
