import type { LeafNode, Program, ProgramNode } from "@flambeau/tensor";
import type { Code } from "./assembler.ts";
import { elementBytes, elementType, loadElement, storeElement } from "./elements.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, DESC, END, START, type Target } from "./kernel.ts";
import { type LaneSource, type LaneType, loadLanes, packLanes, splat, storeLanes, tailStore } from "./lanes.ts";
import { type Access, type ArgumentLayout, argumentLayout, STILL, STRIDED, UNIT } from "./layout.ts";
import { addressLocals, argument, type Walk, writeLoops, writeWhile } from "./loops.ts";
import { F64, f64, I32, i32, i32x4 } from "./opcodes.ts";
import { castScalar, lowerScalar, paramScalar } from "./scalar.ts";
import type { Schedule } from "./schedule.ts";
import { fillsLanes, lowerVector } from "./vector.ts";

/** Which kernel of a program: how many loops, and how each view (output first) moves along the innermost one. */
export interface MapVariant {
  readonly loops: number;
  readonly access: readonly Access[];
}

/** Whether the element's position takes part. */
export const usesIndex = ({ nodes }: Program): boolean => nodes.some((e) => e.op === "index");

/** Views of a program's kernel: output, inputs, and a position where the program uses it. */
export const mapViews = (program: Program): number => 1 + program.inputs.length + (usesIndex(program) ? 1 : 0);

/** Bytes of view `v` of a program's kernel; positions are counted in elements. */
export const viewBytes = (program: Program, v: number): number =>
  v === 0 ? elementBytes[program.output] : v <= program.inputs.length ? elementBytes[program.inputs[v - 1]] : 1;

function paramNode(g: Graph, layout: ArgumentLayout, number: number): Node {
  return g.load(F64, f64.load, g.local(I32, DESC, 0), layout.params + 8 * number);
}

/** Writes `at += elements * step` for each view that moves. */
function advance(code: Code, walk: Walk, program: Program, variant: MapVariant, elements: number): void {
  walk.at.forEach((local, v) => {
    if (variant.access[v] === STILL) return;
    code.get(local);
    if (variant.access[v] === UNIT) code.i32(elements * viewBytes(program, v));
    else {
      argument(code, walk.step(0, v));
      code.i32(elements);
      code.op(i32.mul);
    }
    code.op(i32.add);
    code.set(local);
  });
}

/** The loops over a map's views, which start at the addresses in the arguments. */
function makeWalk(code: Code, layout: ArgumentLayout): Walk {
  const row = addressLocals(code, layout.views);
  row.forEach((local, v) => {
    argument(code, 4 * v);
    code.set(local);
  });
  const at = addressLocals(code, layout.views);
  const { loops, step, size } = layout;
  return { loops, step, size, base: addressLocals(code, 0), row, at, left: code.local(I32), start: START, end: END };
}

/** Compiles a program to a kernel that handles one element at a time, in any type; neighbours four to an iteration. */
function scalarMap(target: Target, program: Program, variant: MapVariant): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code: Code, schedule: Schedule) => {
    const { access, loops } = variant;
    const layout = argumentLayout(mapViews(program), loops, program.params);
    const walk = makeWalk(code, layout);
    const address = (v: number) => g.local(I32, walk.at[v], access[v] === STILL ? 1 : 2);
    const offset = (v: number, first: number) => (access[v] === UNIT ? first * viewBytes(program, v) : 0);
    const leaf = (first: number) => (e: LeafNode) => {
      if (e.op === "param") return paramScalar(g, paramNode(g, layout, e.value), e.type);
      const v = e.op === "index" ? program.inputs.length + 1 : e.value + 1;
      if (e.op === "index") return access[v] === UNIT && first > 0 ? g.i(i32.add, address(v), g.ic(first)) : address(v);
      const dtype = program.inputs[e.value];
      return castScalar(g, loadElement(g, dtype, address(v), offset(v, first)), elementType[dtype], e.type);
    };
    const store = (first: number) =>
      storeElement(g, program.output, address(0), lowerScalar(g, program, leaf(first)), offset(0, first));
    const one = [store(0)];
    const together = access.every((a) => a !== STRIDED) && g.size <= 40 ? 4 : 1;
    const many = Array.from({ length: together }, (_, k) => store(k));
    const loop = (elements: number, body: readonly Node[]) =>
      writeWhile(code, walk.left, elements, () => {
        schedule.run(body);
        advance(code, walk, program, variant, elements);
      });
    schedule.hoist(many, 0);
    writeLoops(code, walk, () => {
      schedule.hoist(many, 1);
      if (together > 1) loop(together, many);
      loop(1, one);
    });
  });
}

/** How many vectors an iteration handles: several where each is little work. */
const unrollFor = (nodes: number): number => (nodes <= 12 ? 4 : nodes <= 40 ? 2 : 1);

/** Compiles a program of float32, int32 and bool to a kernel that handles four elements at a time. */
function vectorMap(target: Target, program: Program, variant: MapVariant): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code: Code, schedule: Schedule) => {
    const layout = argumentLayout(mapViews(program), variant.loops, program.params);
    const walk = makeWalk(code, layout);
    const left = g.local(I32, walk.left, 2);
    const source = (v: number, first: number, tail: boolean): LaneSource => ({
      access: variant.access[v],
      at: g.local(I32, walk.at[v], variant.access[v] === STILL ? 1 : 2),
      step: g.load(I32, i32.load, g.local(I32, DESC, 0), layout.step(0, v)),
      first,
      left: tail ? left : undefined,
    });
    const leaf =
      (first: number, tail: boolean) =>
      (e: LeafNode): Node => {
        const type = e.type as LaneType; // the program fills lanes
        if (e.op === "param") return splat(g, paramScalar(g, paramNode(g, layout, e.value), type), type);
        if (e.op === "index") return positions(g, source(program.inputs.length + 1, first, false));
        return loadLanes(g, program.inputs[e.value], type, source(e.value + 1, first, tail));
      };
    const value = (first: number, tail: boolean) =>
      packLanes(g, program.output, lowerVector(g, program, leaf(first, tail)));
    const single = value(0, false);
    const unroll = unrollFor(g.size);
    const stores = (first: number) =>
      storeLanes(g, program.output, source(0, first, false), first ? value(first, false) : single);
    const one = stores(0);
    const many = Array.from({ length: unroll }, (_, u) => stores(4 * u)).flat();
    const last = value(0, true);
    const lastStores = [0, 1, 2].map((j) => tailStore(g, program.output, source(0, 0, false), last, j));
    const roots = [...many, ...lastStores];
    const loop = (elements: number, body: readonly Node[]) =>
      writeWhile(code, walk.left, elements, () => {
        schedule.run(body);
        advance(code, walk, program, variant, elements);
      });
    schedule.hoist(roots, 0);
    writeLoops(code, walk, () => {
      schedule.hoist(roots, 1);
      if (unroll > 1) loop(4 * unroll, many);
      loop(4, one);
      code.get(walk.left);
      code.if();
      schedule.scoped(() => {
        schedule.keep(last);
        schedule.run([lastStores[0]]);
        for (const j of [1, 2]) {
          code.get(walk.left);
          code.i32(j);
          code.op(i32.gtS);
          code.if();
          schedule.run([lastStores[j]]);
          code.end();
        }
      });
      code.end();
    });
  });
}

/** Positions of four elements in row-major order. */
export function positions(g: Graph, source: LaneSource): Node {
  const offsets = g.lanes(source.first, source.first + 1, source.first + 2, source.first + 3);
  const steps = source.access === UNIT ? offsets : g.v(i32x4.mul, offsets, g.v(i32x4.splat, source.step));
  return g.v(i32x4.add, g.v(i32x4.splat, source.at), steps);
}

/** About how many additions a program's work for one element amounts to. */
export function workOf(program: Program): number {
  let work = 0;
  for (const { op, args } of program.nodes) if (args.length > 0) work += cheap.has(op) ? 1 : 8;
  return Math.max(1, fillsLanes(program) ? work : 4 * work);
}

const cheap: ReadonlySet<ProgramNode["op"]> = new Set([
  "neg",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "trunc",
  "add",
  "sub",
  "mul",
  "min",
  "max",
  "copysign",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "isnan",
  "and",
  "or",
  "xor",
  "not",
  "shl",
  "shr",
  "where",
  "cast",
]);

/** Compiles the kernel of a program for one way of walking over its views. */
export function compileMap(target: Target, program: Program, variant: MapVariant): Uint8Array {
  return fillsLanes(program) ? vectorMap(target, program, variant) : scalarMap(target, program, variant);
}
