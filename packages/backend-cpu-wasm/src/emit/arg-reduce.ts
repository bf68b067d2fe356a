import type { DType } from "@flambeau/tensor";
import { bytesOf, scalarType } from "@flambeau/tensor/plugin";
import { argument, word } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { neutralLanes } from "./combine.ts";
import { compare, isNaN } from "./compare.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, type Target } from "./kernel.ts";
import { existing, isLaneType, type LaneSource, loadLanes, neighbours, storeLanes, tailStores } from "./lanes.ts";
import type { Access } from "./layout.ts";
import { lineLayout } from "./lines.ts";
import { writeIf, writeLoops, writeTail, writeWhile } from "./loops.ts";
import { F32, f32, f32x4, I32, i32, i32x4, V128, v128 } from "./opcodes.ts";
import type { Schedule } from "./schedule.ts";
import { increase, moveAlong, openWalk, type Walk } from "./walk.ts";

/**
 * argReduce four lanes at a time, to int32 positions. "row" runs along the reduced dimension, which must be contiguous, with one
 * output at a time; "column" runs along the kept one, with a block of outputs at a time, and `access` says how the input moves there.
 */
export interface ArgReduceVariant {
  readonly kind: "max" | "min";
  readonly input: DType;
  readonly loops: number;
  readonly form: "row" | "column";
  readonly access: Access;
}

/** Whether elements of a dtype fill four lanes; others go element by element. */
export const fillsArgLanes = (dtype: DType): boolean => isLaneType(scalarType(dtype));

/** The result and the input: here no view takes positions. */
const moving = [0, 1];

/** The best value so far of each lane and where it stood, in locals. */
interface Best {
  readonly value: number;
  readonly position: number;
}

export function compileLaneArgReduce(target: Target, variant: ArgReduceVariant): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code, schedule) => {
    const layout = lineLayout(variant.loops);
    const walk = openWalk(code, layout.views, layout);
    const parts: Parts = { g, code, schedule, variant, walk, layout, here: code.local(I32), rest: code.local(I32) };
    if (variant.form === "row") writeRow(parts);
    else writeColumns(parts);
  });
}

interface Parts {
  readonly g: Graph;
  readonly code: Code;
  readonly schedule: Schedule;
  readonly variant: ArgReduceVariant;
  readonly walk: Walk;
  readonly layout: ReturnType<typeof lineLayout>;
  /** Locals: address of the current element, and how many are left of the line. */
  readonly here: number;
  readonly rest: number;
}

/** bools are compared as the integers 0 and 1. */
const laneType = (dtype: DType): "float32" | "int32" => (scalarType(dtype) === "float32" ? "float32" : "int32");

/** Lanes in which x is better than the best: beyond it, or a NaN where the best is none. */
function better(g: Graph, kind: "max" | "min", type: "float32" | "int32", x: Node, best: Node): Node {
  if (type === "int32") return g.v(kind === "max" ? i32x4.gtS : i32x4.ltS, x, best);
  const notBeyond = g.v(kind === "max" ? f32x4.le : f32x4.ge, x, best);
  return g.v(v128.andnot, g.v(f32x4.eq, best, best), notBeyond);
}

/** Takes in four values that stand at `position`, where the mask `exists` says so. */
function take(g: Graph, { kind, input }: ArgReduceVariant, best: Best, x: Node, position: Node, exists?: Node): Node[] {
  const held = g.local(V128, best.value, 2);
  let mask = better(g, kind, laneType(input), x, held);
  if (exists) mask = g.v(v128.and, mask, exists);
  return [
    g.set(best.position, g.v(v128.bitselect, position, g.local(V128, best.position, 2), mask)),
    g.set(best.value, g.v(v128.bitselect, x, held, mask)),
  ];
}

const makeBests = (code: Code, count: number): Best[] =>
  Array.from({ length: count }, () => ({ value: code.local(V128), position: code.local(V128) }));

/** Two sets of lanes along the line, so that steps overlap; at its end the eight candidates are compared. */
function writeRow({ g, code, schedule, variant, walk, layout, here, rest }: Parts): void {
  const { kind, input } = variant;
  const type = laneType(input);
  const bytes = bytesOf(input);
  const bests = makeBests(code, 2);
  const positions = code.local(V128);
  const position = g.local(V128, positions, 2);
  const x = (first: number) => loadLanes(g, input, type, neighbours(g, g.local(I32, here, 2), first));
  const later = g.v(i32x4.add, position, g.vi(4));
  const begin = [
    ...bests.flatMap((b) => [g.set(b.value, neutralLanes(g, kind, type)), g.set(b.position, g.vi(0))]),
    g.set(positions, g.lanes(0, 1, 2, 3)),
  ];
  const two = [
    ...take(g, variant, bests[0], x(0), position),
    ...take(g, variant, bests[1], x(4), later),
    g.set(positions, g.v(i32x4.add, position, g.vi(8))),
  ];
  const one = [...take(g, variant, bests[0], x(0), position), g.set(positions, later)];
  const tail = take(g, variant, bests[1], x(0), position, existing(g, g.local(I32, rest, 2)));
  const winner = code.local(type === "float32" ? F32 : I32);
  const found = code.local(I32);
  const fold = foldCandidates(g, kind, type, bests, winner, found);
  const store = [g.store(i32.store, g.local(I32, walk.at[0], 2), g.local(I32, found, 2))];
  const all = [...begin, ...two, ...one, ...tail, ...fold.flat(), ...store];
  schedule.hoist(all, 0);
  writeLoops(code, walk, () =>
    writeWhile(code, walk.left, 1, () => {
      code.get(walk.at[1]);
      code.set(here);
      argument(code, layout.lineSize);
      code.set(rest);
      schedule.run(begin);
      writeWhile(code, rest, 8, () => {
        schedule.run(two);
        increase(code, here, () => code.i32(8 * bytes));
      });
      writeWhile(code, rest, 4, () => {
        schedule.run(one);
        increase(code, here, () => code.i32(4 * bytes));
      });
      writeIf(code, rest, () => schedule.run(tail));
      for (const step of fold) schedule.run(step);
      schedule.run(store);
      moveAlong(code, walk, 1, moving);
    }),
  );
}

/** Steps that leave the best of all lanes' candidates in `winner` and `found`: of equal ones the first. */
function foldCandidates(
  g: Graph,
  kind: "max" | "min",
  type: "float32" | "int32",
  bests: readonly Best[],
  winner: number,
  found: number,
): Node[][] {
  const float = type === "float32";
  const scalar = float ? F32 : I32;
  const value = (k: number) =>
    g.lane(scalar, float ? f32x4.extractLane : i32x4.extractLane, k % 4, g.local(V128, bests[k >> 2].value, 2));
  const position = (k: number) => g.lane(I32, i32x4.extractLane, k % 4, g.local(V128, bests[k >> 2].position, 2));
  const held = g.local(scalar, winner, 2);
  const heldAt = g.local(I32, found, 2);
  const steps = [[g.set(winner, value(0)), g.set(found, position(0))]];
  for (let k = 1; k < 4 * bests.length; k++) {
    const v = value(k);
    const beyond = compare(g, type, kind === "max" ? "gt" : "lt", v, held);
    const isBetter = g.i(i32.or, beyond, g.i(i32.and, isNaN(g, type, v), g.i(i32.eqz, isNaN(g, type, held))));
    const bothNaN = g.i(i32.and, isNaN(g, type, v), isNaN(g, type, held));
    const equal = g.i(i32.or, g.i(float ? f32.eq : i32.eq, v, held), bothNaN);
    const takeIt = g.i(i32.or, isBetter, g.i(i32.and, equal, g.i(i32.ltS, position(k), heldAt)));
    steps.push([g.set(found, g.select(takeIt, position(k), heldAt)), g.set(winner, g.select(takeIt, v, held))]);
  }
  return steps;
}

/** Four vectors of neighbouring lines at a time; each lane is a line. */
function writeColumns({ g, code, schedule, variant, walk, layout, here, rest }: Parts): void {
  const { kind, input, access } = variant;
  const type = laneType(input);
  const together = 4;
  const bests = makeBests(code, together);
  const position = code.local(I32);
  const source = (first: number, tail: boolean): LaneSource => ({
    access,
    at: g.local(I32, here, 2),
    step: word(g, layout.step(0, 1)),
    first,
    left: tail ? g.local(I32, walk.left, 2) : undefined,
  });
  const begin = bests.flatMap((b) => [g.set(b.value, neutralLanes(g, kind, type)), g.set(b.position, g.vi(0))]);
  const where = g.v(i32x4.splat, g.local(I32, position, 2));
  const step = (k: number, tail: boolean) =>
    take(g, variant, bests[k], loadLanes(g, input, type, source(4 * k, tail)), where);
  const many = bests.flatMap((_, k) => step(k, false));
  const one = step(0, false);
  const last = step(0, true);
  const destination = (first: number) => neighbours(g, g.local(I32, walk.at[0], 2), first);
  const found = (k: number) => g.local(V128, bests[k].position, 2);
  const stores = bests.map((_, k) => storeLanes(g, "int32", destination(4 * k), found(k)));
  const lastStores = tailStores(g, "int32", destination(0), found(0));
  schedule.hoist([...begin, ...many, ...last, ...stores.flat(), ...lastStores], 0);
  const goAlong = (body: readonly Node[]) => {
    code.get(walk.at[1]);
    code.set(here);
    code.i32(0);
    code.set(position);
    argument(code, layout.lineSize);
    code.set(rest);
    schedule.run(begin);
    writeWhile(code, rest, 1, () => {
      schedule.run(body);
      increase(code, here, () => argument(code, layout.lineStep(1)));
      increase(code, position, () => code.i32(1));
    });
  };
  writeLoops(code, walk, () => {
    writeWhile(code, walk.left, 4 * together, () => {
      goAlong(many);
      schedule.run(stores.flat());
      moveAlong(code, walk, 4 * together, moving);
    });
    writeWhile(code, walk.left, 4, () => {
      goAlong(one);
      schedule.run(stores[0]);
      moveAlong(code, walk, 4, moving);
    });
    writeIf(code, walk.left, () => {
      goAlong(last);
      writeTail(code, walk.left, (j) => schedule.run([lastStores[j]]));
    });
  });
}
