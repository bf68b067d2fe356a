import type { Signature } from "./assembler.ts";
import {
  control,
  F32,
  F64,
  f32,
  f32x4,
  f64,
  f64x2,
  I32,
  I64,
  i32,
  i32x4,
  i64,
  V128,
  type ValType,
  VOID,
  v128,
} from "./opcodes.ts";

/**
 * One WebAssembly value (or a store, which has no value). Nodes are hash-consed by {@link Graph}: equal computations are one
 * object. `depth` is the loop it varies in: 0 once per call, 1 once per row, 2 with every step of the inner loop.
 */
export interface Node {
  readonly id: number;
  readonly type: ValType | typeof VOID;
  readonly op: number;
  readonly args: readonly Node[];
  /** Memory offset, lane, local or the value of a constant; the name of a called function. */
  readonly imm: number | bigint | string | Uint8Array | undefined;
  readonly depth: number;
  /** For {@link PATCH}: what to compute instead of args[0] in the lanes that args[1] sets. */
  readonly slow: Node | undefined;
}

/** Pseudo-opcode: args[0], and in the lanes that args[1] sets `slow`, which is computed only if there are any. */
export const PATCH = -1;

/** Loads and stores of whole values. */
const memoryOps: ReadonlySet<number> = new Set<number>([
  i32.load,
  i32.load8s,
  i32.load8u,
  i32.load16s,
  i32.load16u,
  i64.load,
  f32.load,
  f64.load,
  i32.store,
  i32.store8,
  i32.store16,
  i64.store,
  f32.store,
  f64.store,
  v128.load,
  v128.store,
  v128.load8Splat,
  v128.load16Splat,
  v128.load32Splat,
  v128.load64Splat,
  v128.load32Zero,
  v128.load64Zero,
  v128.load8x8S,
  v128.load8x8U,
  v128.load16x4S,
  v128.load16x4U,
]);
const laneOps: ReadonlySet<number> = new Set<number>([
  i32x4.extractLane,
  i32x4.replaceLane,
  f32x4.extractLane,
  f32x4.replaceLane,
  f64x2.extractLane,
  f64x2.replaceLane,
]);
/** A lane memory operation's immediate packs the offset and the lane. */
const laneImm = (offset: number, lane: number): number => offset * 16 + lane;
const memoryLaneOps: ReadonlySet<number> = new Set<number>([
  v128.load8Lane,
  v128.load16Lane,
  v128.load32Lane,
  v128.load64Lane,
  v128.store8Lane,
  v128.store16Lane,
  v128.store32Lane,
  v128.store64Lane,
]);
export const isMemoryOp = (op: number): boolean => memoryOps.has(op);
export const hasLane = (op: number): boolean => laneOps.has(op);
export const isMemoryLaneOp = (op: number): boolean => memoryLaneOps.has(op);

/** Builds nodes. `relaxed` says whether fused multiply-add may be used. */
export class Graph {
  readonly relaxed: boolean;
  /** Functions of "math" that nodes call. */
  readonly math = new Map<string, Signature>();
  private readonly nodes = new Map<string, Node>();
  private count = 0;

  constructor(relaxed: boolean) {
    this.relaxed = relaxed;
  }

  /** How many nodes there are. */
  get size(): number {
    return this.count;
  }

  private make(
    type: Node["type"],
    op: number,
    args: readonly Node[],
    imm: Node["imm"],
    depth: number,
    slow?: Node,
  ): Node {
    let key = `${op} ${typeof imm === "number" && Object.is(imm, -0) ? "-0" : imm} ${depth}`;
    for (const a of args) key += ` ${a.id}`;
    if (slow) key += ` / ${slow.id}`;
    let node = this.nodes.get(key);
    if (!node) this.nodes.set(key, (node = { id: this.count++, type, op, args, imm, depth, slow }));
    return node;
  }
  private pure(type: Node["type"], op: number, args: readonly Node[], imm?: Node["imm"]): Node {
    let depth = 0;
    for (const a of args) if (a.depth > depth) depth = a.depth;
    return this.make(type, op, args, imm, depth);
  }
  i(op: number, ...args: Node[]): Node {
    return this.pure(I32, op, args);
  }
  l(op: number, ...args: Node[]): Node {
    return this.pure(I64, op, args);
  }
  f(op: number, ...args: Node[]): Node {
    return this.pure(F32, op, args);
  }
  d(op: number, ...args: Node[]): Node {
    return this.pure(F64, op, args);
  }
  v(op: number, ...args: Node[]): Node {
    return this.pure(V128, op, args);
  }
  /** An operation on one lane. */
  lane(type: ValType, op: number, lane: number, ...args: Node[]): Node {
    return this.pure(type, op, args, lane);
  }
  shuffle(lanes: readonly number[], x: Node, y: Node): Node {
    return this.pure(V128, v128.shuffle, [x, y], Uint8Array.from(lanes));
  }
  select(condition: Node, x: Node, y: Node): Node {
    return this.pure(x.type, control.select, [x, y, condition]);
  }
  /** A load's value may change between loops: it belongs to its address's depth, or a deeper one when told. */
  load(type: ValType, op: number, address: Node, offset = 0): Node {
    return this.pure(type, op, [address], offset);
  }
  loadLane(op: number, address: Node, offset: number, lane: number, into: Node): Node {
    return this.pure(V128, op, [address, into], laneImm(offset, lane));
  }
  store(op: number, address: Node, value: Node, offset = 0): Node {
    return this.make(VOID, op, [address, value], offset, 2);
  }
  storeLane(op: number, address: Node, value: Node, offset: number, lane: number): Node {
    return this.make(VOID, op, [address, value], laneImm(offset, lane), 2);
  }
  local(type: ValType, local: number, depth: number): Node {
    return this.make(type, control.get, [], local, depth);
  }
  /** Assigns a local. */
  set(local: number, value: Node): Node {
    return this.make(VOID, control.set, [value], local, 2);
  }
  call(name: string, type: ValType, ...args: Node[]): Node {
    if (!this.math.has(name)) this.math.set(name, { params: args.map((a) => a.type as ValType), results: [type] }); // arguments are values
    return this.pure(type, control.call, args, name);
  }
  patch(fast: Node, condition: Node, slow: Node): Node {
    const depth = Math.max(fast.depth, condition.depth, slow.depth);
    return this.make(V128, PATCH, [fast, condition], undefined, depth, slow);
  }

  ic(value: number): Node {
    return this.make(I32, i32.const, [], value | 0, 0);
  }
  lc(value: bigint): Node {
    return this.make(I64, i64.const, [], BigInt.asIntN(64, value), 0);
  }
  fc(value: number): Node {
    return this.make(F32, f32.const, [], Math.fround(value), 0);
  }
  dc(value: number): Node {
    return this.make(F64, f64.const, [], value, 0);
  }
  /** Four int32 lanes. */
  lanes(a: number, b: number, c: number, d: number): Node {
    return this.make(V128, v128.const, [], new Uint8Array(Int32Array.of(a, b, c, d).buffer), 0);
  }
  /** Four equal float32 lanes. */
  vf(value: number): Node {
    return this.v(f32x4.splat, this.fc(value));
  }
  /** Four equal int32 lanes. */
  vi(value: number): Node {
    return this.v(i32x4.splat, this.ic(value));
  }
  /** Two equal float64 lanes. */
  vd(value: number): Node {
    return this.v(f64x2.splat, this.dc(value));
  }
}
