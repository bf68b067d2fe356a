import type { Program, ProgramNode } from "@flambeau/tensor/plugin";
import { word } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { storeElement } from "./elements.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, type Target } from "./kernel.ts";
import { isHalf, type LaneSource } from "./lanes.ts";
import { type Access, argumentLayout, STILL, STRIDED, UNIT } from "./layout.ts";
import { type Place, scalarLeaf } from "./leaves.ts";
import { writeIf, writeLoops, writeTail, writeWhile } from "./loops.ts";
import { I32 } from "./opcodes.ts";
import { fillsQuads, lowerQuads, packQuad, quadLeaf, storeEight, storeQuad, tailStoresOf, vectorsOf } from "./quads.ts";
import { lowerScalar } from "./scalar.ts";
import type { Schedule } from "./schedule.ts";
import { fillsLanes } from "./vector.ts";
import { countViews, motionOf, viewBytes } from "./views.ts";
import { advance, openWalk } from "./walk.ts";

/** Which kernel of a program: how many loops, and how each view (output first) moves along the innermost one. */
export interface MapVariant {
  readonly loops: number;
  readonly access: readonly Access[];
}

/** Where its arguments are, the walk over its views, and the loop that runs `body` for `elements` at a time while there are as many. */
function openMap(code: Code, schedule: Schedule, program: Program, { access, loops }: MapVariant) {
  const layout = argumentLayout(countViews(program), loops, program.params);
  const walk = openWalk(code, layout.views, layout);
  const motion = motionOf(program, access, (v) => layout.step(0, v));
  const loop = (elements: number, body: readonly Node[], first: readonly Node[] = []) =>
    writeWhile(code, walk.left, elements, () => {
      schedule.scoped(() => {
        schedule.abreast(first);
        schedule.run(body);
      });
      advance(code, walk.at, motion, elements);
    });
  return { layout, walk, loop };
}

/** Compiles a program to a kernel that handles one element at a time, in any type; neighbours four to an iteration. */
function scalarMap(target: Target, program: Program, variant: MapVariant): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code: Code, schedule: Schedule) => {
    const { access } = variant;
    const { layout, walk, loop } = openMap(code, schedule, program, variant);
    const place = (v: number, first: number): Place => ({
      address: g.local(I32, walk.at[v], access[v] === STILL ? 1 : 2),
      offset: access[v] === UNIT ? first * viewBytes(program, v) : 0,
    });
    const store = (first: number) => {
      const leaf = scalarLeaf(g, program, layout.params, (v) => place(v + 1, first));
      const { address, offset } = place(0, first);
      return storeElement(g, program.output, address, lowerScalar(g, program, leaf), offset);
    };
    const one = [store(0)];
    const together = access.every((a) => a !== STRIDED) && g.size <= 40 ? 4 : 1;
    const many = Array.from({ length: together }, (_, k) => store(k));
    schedule.hoist(many, 0);
    writeLoops(code, walk, () => {
      schedule.hoist(many, 1);
      if (together > 1) loop(together, many);
      loop(1, one);
    });
  });
}

/** How many vectors an iteration handles: several where each is little work, and two of half floats, which come and go in one. */
const unrollFor = (nodes: number, { inputs, output }: Program): number =>
  nodes <= 12 ? 4 : nodes <= 64 || isHalf(output) || inputs.some(isHalf) ? 2 : 1;

/** Compiles a program of float32, float64, int32 and bool to a kernel that handles four elements at a time. */
function vectorMap(target: Target, program: Program, variant: MapVariant): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code: Code, schedule: Schedule) => {
    const { access } = variant;
    const { layout, walk, loop } = openMap(code, schedule, program, variant);
    const left = g.local(I32, walk.left, 2);
    const source = (v: number, first: number, { tail = false, eight = false } = {}): LaneSource => ({
      access: access[v],
      at: g.local(I32, walk.at[v], access[v] === STILL ? 1 : 2),
      step: word(g, layout.step(0, v)),
      first,
      left: tail ? left : undefined,
      eight,
    });
    const { output } = program;
    const value = (first: number, which?: { tail?: boolean; eight?: boolean }) =>
      lowerQuads(
        g,
        program,
        quadLeaf(g, program, layout.params, (v) => source(v + 1, first, which)),
      );
    const single = packQuad(g, output, value(0));
    const unroll = unrollFor(g.size, program);
    const eight = unroll > 1;
    const one = storeQuad(g, output, source(0, 0), single);
    const values: Node[] = [];
    const stores = (first: number): Node[] => {
      const to = source(0, first);
      const x = value(first, { eight });
      values.push(...vectorsOf(x));
      if (!eight || access[0] !== UNIT || !isHalf(output)) return storeQuad(g, output, to, packQuad(g, output, x));
      // two vectors become one of halves
      return first % 8 ? [] : [storeEight(g, output, to, x, value(first + 4, { eight }))];
    };
    const many = Array.from({ length: unroll }, (_, u) => stores(4 * u)).flat();
    const last = packQuad(g, output, value(0, { tail: true }));
    const lastStores = tailStoresOf(g, output, source(0, 0), last);
    const roots = [...many, ...lastStores];
    schedule.hoist(roots, 0);
    writeLoops(code, walk, () => {
      schedule.hoist(roots, 1);
      if (unroll > 1) loop(4 * unroll, many, values);
      loop(4, one);
      writeIf(code, walk.left, () =>
        schedule.scoped(() => {
          for (const x of vectorsOf(last)) schedule.keep(x);
          writeTail(code, walk.left, (j) => schedule.run([lastStores[j]]));
        }),
      );
    });
  });
}

/** About how many additions a program's work for one element amounts to. */
export function workOf(program: Program): number {
  let work = 0;
  for (const { op, args } of program.nodes) if (args.length > 0) work += cheap.has(op) ? 1 : 8;
  return Math.max(1, fillsLanes(program) ? work : (fillsQuads(program) ? 2 : 4) * work);
}

/** Whether a program computes more than the cheapest things. */
export const costly = ({ nodes }: Program): boolean => nodes.some(({ op, args }) => args.length > 0 && !cheap.has(op));

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
  return fillsQuads(program) ? vectorMap(target, program, variant) : scalarMap(target, program, variant);
}
