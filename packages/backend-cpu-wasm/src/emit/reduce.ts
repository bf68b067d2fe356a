import type { DType } from "@flambeau/tensor";
import { bytesOf, type Program, type ReduceKind, scalarType } from "@flambeau/tensor/plugin";
import { argument, word } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { combineLanes, combineScalar, foldLanes, neutralLanes, neutralScalar } from "./combine.ts";
import { storeElement } from "./elements.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, type Target } from "./kernel.ts";
import { existing, type LaneSource, type LaneType, neighbours, packLanes, storeLanes, tailStores } from "./lanes.ts";
import { type Access, argumentLayout, type LoopLayout, STILL, UNIT } from "./layout.ts";
import { laneLeaf, scalarLeaf } from "./leaves.ts";
import { writeIf, writeLoops, writeTail, writeWhile } from "./loops.ts";
import { control, I32, i32, V128, type ValType, v128 } from "./opcodes.ts";
import { lowerScalar, valType } from "./scalar.ts";
import type { Schedule } from "./schedule.ts";
import { fillsLanes, lowerVector } from "./vector.ts";
import { countViews, viewBytes } from "./views.ts";
import { addressLocals, advance, type Motion, moveAlong, openWalk, type Walk } from "./walk.ts";

/**
 * Which kernel of a reduction. Its items are the outputs, of which there are `chunks` times as many as results: reduced ranges
 * are cut into chunks of fixed length whose partial results a second reduction joins, so that threads share the work of few
 * results, sums stay accurate, and nothing depends on the number of threads.
 *
 * "row" runs along the innermost reduced loop, one output at a time. "column" runs along the innermost kept loop, a block of
 * outputs at a time. `access` is how the inputs (and the position) move along that loop.
 */
export interface ReduceVariant {
  readonly kind: ReduceKind;
  readonly form: "row" | "column";
  readonly kept: number;
  readonly reduced: number;
  readonly access: readonly Access[];
  /** Memory dtype of the output, which holds partial results or final ones. */
  readonly output: DType;
}

/**
 * A reduction's arguments, in words: addresses of the views (output, inputs, position if used, first reduced element), their
 * steps along each kept loop, the kept loops' sizes, the same for reduced loops (where output and chunk do not move), the
 * chunk's length, the number of reduced elements, params.
 */
export function reduceLayout(views: number, kept: number, reduced: number) {
  const reducedSteps = views * (1 + kept) + kept;
  const reducedSizes = reducedSteps + reduced * (views - 2);
  const chunk = reducedSizes + reduced;
  const reducedLoops: LoopLayout = {
    loops: reduced,
    step: (loop, view) => 4 * (reducedSteps + loop * (views - 2) + view),
    size: (loop) => 4 * (reducedSizes + loop),
  };
  return {
    views,
    kept: argumentLayout(views, kept, 0),
    reduced: reducedLoops,
    chunk: 4 * chunk,
    total: 4 * (chunk + 1),
    params: (4 * (chunk + 2) + 7) & ~7,
  };
}

/** The program's views, and the first reduced element. */
export const reduceViews = (program: Program): number => countViews(program) + 1;

/** Values and accumulators of one width: four lanes or one scalar. */
interface Width {
  readonly lanes: 1 | 4;
  /** The program's value for `lanes` elements from position `first` of the inner loop; in a tail only `left` of them exist. */
  value(first: number, tail: boolean): Node;
  combine(a: Node, x: Node): Node;
  readonly neutral: Node;
  readonly type: ValType;
}

/** Compiles one stage of a reduction. */
export function compileReduce(target: Target, program: Program, variant: ReduceVariant): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code, schedule) => {
    const layout = reduceLayout(reduceViews(program), variant.kept, variant.reduced);
    const { views } = layout;
    const outer = openWalk(code, views, layout.kept);
    const from = code.local(I32);
    const to = code.local(I32);
    const inner: Walk = {
      ...layout.reduced,
      base: outer.at.slice(1, views - 1),
      row: addressLocals(code, views - 2),
      at: addressLocals(code, views - 2),
      left: code.local(I32),
      start: from,
      end: to,
    };
    const width = widthOf(g, program, variant, layout, variant.form === "row" ? inner : outer, inner);
    const parts = { g, code, schedule, program, variant, layout, outer, inner, width };
    // [from, to) is this output's chunk of the reduced elements
    const setRange = () => {
      code.get(outer.at[views - 1]);
      code.tee(from);
      argument(code, layout.chunk);
      code.op(i32.add);
      code.tee(to);
      argument(code, layout.total);
      code.get(to);
      argument(code, layout.total);
      code.op(i32.ltU);
      code.op(control.select);
      code.set(to);
    };
    if (variant.form === "row") writeRows(parts, setRange);
    else writeColumns(parts, setRange);
  });
}

interface Parts {
  readonly g: Graph;
  readonly code: Code;
  readonly schedule: Schedule;
  readonly program: Program;
  readonly variant: ReduceVariant;
  readonly layout: ReturnType<typeof reduceLayout>;
  readonly outer: Walk;
  readonly inner: Walk;
  readonly width: Width;
}

/** How to read `width` elements along the vectorized loop, whose walk is `along`; addresses are the inner walk's. */
function widthOf(
  g: Graph,
  program: Program,
  variant: ReduceVariant,
  layout: ReturnType<typeof reduceLayout>,
  along: Walk,
  inner: Walk,
): Width {
  const { kind, form, access } = variant;
  const result = scalarType(program.output);
  const row = form === "row";
  const at = (v: number) => g.local(I32, inner.at[v], row && access[v] === STILL ? 1 : 2);
  // views of the inner walk are numbered without the output
  const step = (v: number) => word(g, row ? layout.reduced.step(0, v) : layout.kept.step(0, v + 1));
  if (fillsLanes(program)) {
    const type = result as LaneType; // the program fills lanes
    const left = g.local(I32, along.left, 2);
    const source = (v: number, first: number, tail: boolean): LaneSource => ({
      access: access[v],
      at: at(v),
      step: step(v),
      first,
      left: tail ? left : undefined,
    });
    const zero = neutralLanes(g, kind, type);
    return {
      lanes: 4,
      type: V128,
      neutral: zero,
      combine: (a, x) => combineLanes(g, kind, type, a, x),
      value: (first, tail) => {
        const leaf = laneLeaf(g, program, layout.params, (v) => source(v, first, tail));
        const lanes = lowerVector(g, program, leaf);
        return tail && row ? g.v(v128.bitselect, lanes, zero, existing(g, left)) : lanes;
      },
    };
  }
  const address = (v: number, first: number) => {
    if (first === 0 || access[v] === STILL) return at(v);
    const bytes = viewBytes(program, v + 1);
    return g.i(i32.add, at(v), access[v] === UNIT ? g.ic(first * bytes) : g.i(i32.mul, step(v), g.ic(first)));
  };
  return {
    lanes: 1,
    type: valType[result],
    neutral: neutralScalar(g, kind, result),
    combine: (a, x) => combineScalar(g, kind, result, a, x),
    value: (first) => {
      const leaf = scalarLeaf(g, program, layout.params, (v) => ({ address: address(v, first), offset: 0 }));
      return lowerScalar(g, program, leaf);
    },
  };
}

/** Accumulators that hide the latency of additions, and how wide a column block is. */
const accumulators = 4;

/** One output at a time: four accumulators along the reduced elements, folded at the end. */
function writeRows(parts: Parts, setRange: () => void): void {
  const { g, code, schedule, program, variant, outer, inner, width } = parts;
  const { lanes, type } = width;
  const sums = Array.from({ length: accumulators }, () => code.local(type));
  const sum = (k: number) => g.local(type, sums[k], 2);
  const accumulate = (k: number, first: number, tail: boolean) =>
    g.set(sums[k], width.combine(sum(k), width.value(first, tail)));
  const clear = sums.map((local) => g.set(local, width.neutral));
  const block = sums.map((_, k) => accumulate(k, k * lanes, false));
  const single = [accumulate(0, 0, false)];
  const tail = lanes > 1 ? [accumulate(1, 0, true)] : [];
  const total = width.combine(width.combine(sum(0), sum(1)), width.combine(sum(2), sum(3)));
  const result = scalarType(program.output);
  const folded = lanes > 1 ? foldLanes(g, variant.kind, result as LaneType, total) : total; // four lanes are of a LaneType
  const store = [storeElement(g, variant.output, g.local(I32, outer.at[0], 2), folded)];
  const all = [...clear, ...block, ...single, ...tail, ...store];
  const motion: Motion = {
    access: variant.access,
    bytes: (v) => viewBytes(program, v + 1),
    step: (v) => inner.step(0, v),
  };
  schedule.hoist(all, 0);
  writeLoops(code, outer, () =>
    writeWhile(code, outer.left, 1, () => {
      setRange();
      schedule.run(clear);
      writeLoops(code, inner, () =>
        schedule.scoped(() => {
          schedule.hoist(all, 1);
          writeWhile(code, inner.left, accumulators * lanes, () => {
            schedule.run(block);
            advance(code, inner.at, motion, accumulators * lanes);
          });
          writeWhile(code, inner.left, lanes, () => {
            schedule.run(single);
            advance(code, inner.at, motion, lanes);
          });
          if (tail.length) writeIf(code, inner.left, () => schedule.run(tail));
        }),
      );
      schedule.run(store);
      moveAlong(code, outer, 1);
    }),
  );
}

/** A block of neighbouring outputs at a time, one accumulator for each (four). */
function writeColumns(parts: Parts, setRange: () => void): void {
  const { g, code, schedule, variant, outer, inner, width } = parts;
  const { lanes, type } = width;
  const sums = Array.from({ length: accumulators }, () => code.local(type));
  const sum = (k: number) => g.local(type, sums[k], 2);
  const clear = sums.map((local) => g.set(local, width.neutral));
  const accumulate = (count: number, tail: boolean) =>
    Array.from({ length: count }, (_, k) => g.set(sums[k], width.combine(sum(k), width.value(k * lanes, tail))));
  const at = g.local(I32, outer.at[0], 2);
  const packed = (k: number) => packLanes(g, variant.output, sum(k));
  const stores = (count: number): Node[] =>
    Array.from({ length: count }, (_, k) =>
      lanes > 1
        ? storeLanes(g, variant.output, neighbours(g, at, k * lanes), packed(k))
        : [storeElement(g, variant.output, k ? g.i(i32.add, at, g.ic(k * bytesOf(variant.output))) : at, sum(k))],
    ).flat();
  const last = lanes > 1 ? tailStores(g, variant.output, neighbours(g, at), packed(0)) : [];
  const bodies = {
    block: accumulate(accumulators, false),
    single: accumulate(1, false),
    tail: lanes > 1 ? accumulate(1, true) : [],
  };
  const blockStores = stores(accumulators);
  const all = [...clear, ...bodies.block, ...bodies.tail, ...blockStores, ...last];
  const reduce = (body: readonly Node[]) => {
    setRange();
    schedule.run(clear);
    writeLoops(code, inner, () =>
      writeWhile(code, inner.left, 1, () => {
        schedule.run(body);
        moveAlong(code, inner, 1);
      }),
    );
  };
  schedule.hoist(all, 0);
  writeLoops(code, outer, () => {
    writeWhile(code, outer.left, accumulators * lanes, () => {
      reduce(bodies.block);
      schedule.run(blockStores);
      moveAlong(code, outer, accumulators * lanes);
    });
    writeWhile(code, outer.left, lanes, () => {
      reduce(bodies.single);
      schedule.run(blockStores.slice(0, blockStores.length / accumulators));
      moveAlong(code, outer, lanes);
    });
    if (lanes === 1) return;
    writeIf(code, outer.left, () => {
      reduce(bodies.tail);
      writeTail(code, outer.left, (j) => schedule.run([last[j]]));
    });
  });
}
