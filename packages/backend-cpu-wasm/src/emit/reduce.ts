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
import { type Pause, writeIf, writeLoops, writeTail, writeWhile } from "./loops.ts";
import { control, F64, f64, f64x2, I32, i32, V128, type ValType, v128 } from "./opcodes.ts";
import { castScalar, lowerScalar, valType } from "./scalar.ts";
import type { Schedule } from "./schedule.ts";
import { fillsLanes, lowerVector } from "./vector.ts";
import { countViews, viewBytes } from "./views.ts";
import { addressLocals, advance, type Motion, moveAlong, openWalk, type Walk } from "./walk.ts";
import { narrow, widen } from "./wide.ts";

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
  /**
   * Whether sums of float32 move into totals after each block of additions: no, after each block of a stretch of the innermost
   * reduced loop, or after as many stretches as make a block. Short sums need neither.
   */
  readonly blocks: "none" | "within" | "across";
  /** Whether these totals are in float64, as where there are many. */
  readonly wide: boolean;
}

/** Elements that one round of additions to all accumulators takes of the innermost reduced loop. */
export const roundOf = (form: "row" | "column", lanes: number): number => (form === "row" ? accumulators * lanes : 1);

/**
 * A reduction's arguments, in words: addresses of the views (output, inputs, position if used, first reduced element), their
 * steps along each kept loop, the kept loops' sizes, the same for reduced loops (where output and chunk do not move), the
 * chunk's length, the number of reduced elements, how many of them make a block, params.
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
    block: 4 * (chunk + 2),
    params: (4 * (chunk + 3) + 7) & ~7,
  };
}

/** The program's views, and the first reduced element. */
export const reduceViews = (program: Program): number => countViews(program) + 1;

/** Values and accumulators of one width: four lanes or one scalar. */
interface Width {
  readonly lanes: 1 | 4;
  /** The program's value for `lanes` elements from position `first` of the inner loop; in a tail only `left` of them exist. */
  value(first: number, tail: boolean, eight: boolean): Node;
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
    const source = (v: number, first: number, tail: boolean, eight: boolean): LaneSource => ({
      access: access[v],
      at: at(v),
      step: step(v),
      first,
      left: tail ? left : undefined,
      eight,
    });
    const zero = neutralLanes(g, kind, type);
    return {
      lanes: 4,
      type: V128,
      neutral: zero,
      combine: (a, x) => combineLanes(g, kind, type, a, x),
      value: (first, tail, eight) => {
        const leaf = laneLeaf(g, program, layout.params, (v) => source(v, first, tail, eight));
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

/** Float32 accumulators whose sum, `value`, moves into a total. */
interface Addend {
  readonly value: Node;
  readonly accumulators: readonly number[];
}

/** The totals of a variant with blocks; of one without, nothing. */
interface Totals {
  /** All that is computed on the way. */
  readonly nodes: readonly Node[];
  /** The totals as the program's values. */
  readonly values: readonly Node[] | undefined;
  /** The lanes of the first total together, where that is best done before it is a value. */
  readonly folded: Node | undefined;
  /** Writes what stands before the loops, and around the body of a stretch, for the first `count` addends. */
  begin(): void;
  stretch(body: () => void, count: number): void;
  /** Where the loops pause between stretches. */
  pause(count: number): Pause | undefined;
}

const noTotals: Totals = {
  nodes: [],
  values: undefined,
  folded: undefined,
  begin() {},
  stretch: (body) => body(),
  pause: () => undefined,
};

/** How a total is kept: as one local of a type, or several. */
interface Holder {
  readonly type: ValType;
  readonly zero: Node;
  parts(value: Node): readonly Node[];
  plus(a: Node, b: Node): Node;
  value(parts: readonly Node[]): Node;
  folded(parts: readonly Node[]): Node | undefined;
}

function holderOf({ g, variant, width }: Parts): Holder {
  const { type, neutral: zero, combine: plus } = width;
  if (!variant.wide) return { type, zero, plus, parts: (value) => [value], value: ([x]) => x, folded: () => undefined };
  const demote = (x: Node) => castScalar(g, x, "float64", "float32");
  if (width.lanes === 1)
    return {
      type: F64,
      zero: g.dc(0),
      parts: (value) => [castScalar(g, value, "float32", "float64")],
      plus: (a, b) => g.d(f64.add, a, b),
      value: ([x]) => demote(x),
      folded: () => undefined,
    };
  const add = (a: Node, b: Node) => g.v(f64x2.add, a, b);
  return {
    type: V128,
    zero: g.vd(0),
    parts: (value) => widen(g, value),
    plus: add,
    value: ([low, high]) => narrow(g, low, high),
    folded([low, high]) {
      const pair = add(low, high);
      const half = (j: number) => g.lane(F64, f64x2.extractLane, j, pair);
      return demote(g.d(f64.add, half(0), half(1)));
    },
  };
}

function totalsOf(parts: Parts, addends: readonly Addend[]): Totals {
  const { g, code, schedule, variant, layout, inner, width } = parts;
  if (variant.blocks === "none") return noTotals;
  const holder = holderOf(parts);
  const totals = addends.map(({ value }) =>
    holder.parts(value).map((x) => {
      const local = code.local(holder.type);
      return { local, x, sum: g.local(holder.type, local, 2) };
    }),
  );
  const clear = totals.flat().map(({ local }) => g.set(local, holder.zero));
  const adds = totals.map((parts, k) => [
    ...parts.map(({ local, sum, x }) => g.set(local, holder.plus(sum, x))),
    ...addends[k].accumulators.map((local) => g.set(local, width.neutral)),
  ]);
  const sums = totals.map((parts) => parts.map(({ sum }) => sum));
  /** Elements of the stretch beyond the block. */
  const elements = code.local(I32);
  const block = () => argument(code, layout.block);
  const move = (count: number) => schedule.run(adds.slice(0, count).flat());
  return {
    nodes: [...clear, ...adds.flat()],
    values: sums.map((parts) => holder.value(parts)),
    folded: holder.folded(sums[0]),
    begin: () => schedule.run(clear),
    pause: (count) => (variant.blocks === "across" ? { block, run: () => move(count) } : undefined),
    stretch(body, count) {
      if (variant.blocks === "across") return body();
      code.get(inner.left);
      code.set(elements);
      code.loop();
      // left = min(elements, block)
      code.get(elements);
      block();
      code.get(elements);
      block();
      code.op(i32.ltS);
      code.op(control.select);
      code.set(inner.left);
      code.get(elements);
      code.get(inner.left);
      code.op(i32.sub);
      code.set(elements);
      schedule.scoped(body);
      move(count);
      code.get(elements);
      code.brIf(0);
      code.end();
    },
  };
}

/** One output at a time: four accumulators along the reduced elements, folded at the end. */
function writeRows(parts: Parts, setRange: () => void): void {
  const { g, code, schedule, program, variant, outer, inner, width } = parts;
  const { lanes, type } = width;
  const sums = Array.from({ length: accumulators }, () => code.local(type));
  const sum = (k: number) => g.local(type, sums[k], 2);
  const accumulate = (k: number, first: number, tail: boolean, eight = false) =>
    g.set(sums[k], width.combine(sum(k), width.value(first, tail, eight)));
  const clear = sums.map((local) => g.set(local, width.neutral));
  const block = sums.map((_, k) => accumulate(k, k * lanes, false, true));
  // what is left takes an accumulator for each: short stretches wait for no addition before theirs
  const singles = Array.from({ length: accumulators - 1 }, (_, k) => accumulate(k, 0, false));
  const tail = lanes > 1 ? [accumulate(accumulators - 1, 0, true)] : [];
  const total = width.combine(width.combine(sum(0), sum(1)), width.combine(sum(2), sum(3)));
  const result = scalarType(program.output);
  const totals = totalsOf(parts, [{ value: total, accumulators: sums }]);
  const value = totals.values?.[0] ?? total;
  const folded = totals.folded ?? (lanes > 1 ? foldLanes(g, variant.kind, result as LaneType, value) : value); // four lanes are of a LaneType
  const store = [storeElement(g, variant.output, g.local(I32, outer.at[0], 2), folded)];
  const all = [...clear, ...block, ...singles, ...tail, ...totals.nodes, ...store];
  const motion: Motion = {
    access: variant.access,
    bytes: (v) => viewBytes(program, v + 1),
    step: (v) => inner.step(0, v),
  };
  const writeSingles = ([first, ...more]: readonly Node[]): void => {
    code.get(inner.left);
    code.i32(lanes);
    code.op(i32.geS);
    code.if();
    schedule.run([first]);
    advance(code, inner.at, motion, lanes);
    code.get(inner.left);
    code.i32(lanes);
    code.op(i32.sub);
    code.set(inner.left);
    if (more.length > 0) writeSingles(more);
    code.end();
  };
  schedule.hoist(all, 0);
  writeLoops(code, outer, () =>
    writeWhile(code, outer.left, 1, () => {
      setRange();
      schedule.run(clear);
      totals.begin();
      writeLoops(
        code,
        inner,
        () =>
          schedule.scoped(() => {
            schedule.hoist(all, 1);
            totals.stretch(() => {
              writeWhile(code, inner.left, accumulators * lanes, () => {
                schedule.run(block);
                advance(code, inner.at, motion, accumulators * lanes);
              });
              writeSingles(singles);
              if (tail.length) writeIf(code, inner.left, () => schedule.run(tail));
            }, 1);
          }),
        totals.pause(1),
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
    Array.from({ length: count }, (_, k) =>
      g.set(sums[k], width.combine(sum(k), width.value(k * lanes, tail, count % 2 === 0))),
    );
  const at = g.local(I32, outer.at[0], 2);
  const totals = totalsOf(
    parts,
    sums.map((local, k) => ({ value: sum(k), accumulators: [local] })),
  );
  const result = (k: number) => totals.values?.[k] ?? sum(k);
  const packed = (k: number) => packLanes(g, variant.output, result(k));
  const stores = (count: number): Node[] =>
    Array.from({ length: count }, (_, k) =>
      lanes > 1
        ? storeLanes(g, variant.output, neighbours(g, at, k * lanes), packed(k))
        : [storeElement(g, variant.output, k ? g.i(i32.add, at, g.ic(k * bytesOf(variant.output))) : at, result(k))],
    ).flat();
  const last = lanes > 1 ? tailStores(g, variant.output, neighbours(g, at), packed(0)) : [];
  const bodies = {
    block: accumulate(accumulators, false),
    single: accumulate(1, false),
    tail: lanes > 1 ? accumulate(1, true) : [],
  };
  const blockStores = stores(accumulators);
  const all = [...clear, ...bodies.block, ...bodies.tail, ...totals.nodes, ...blockStores, ...last];
  const reduce = (body: readonly Node[], count: number) => {
    setRange();
    schedule.run(clear);
    totals.begin();
    writeLoops(
      code,
      inner,
      () =>
        totals.stretch(
          () =>
            writeWhile(code, inner.left, 1, () => {
              schedule.run(body);
              moveAlong(code, inner, 1);
            }),
          count,
        ),
      totals.pause(count),
    );
  };
  schedule.hoist(all, 0);
  writeLoops(code, outer, () => {
    writeWhile(code, outer.left, accumulators * lanes, () => {
      reduce(bodies.block, accumulators);
      schedule.run(blockStores);
      moveAlong(code, outer, accumulators * lanes);
    });
    writeWhile(code, outer.left, lanes, () => {
      reduce(bodies.single, 1);
      schedule.run(blockStores.slice(0, blockStores.length / accumulators));
      moveAlong(code, outer, lanes);
    });
    if (lanes === 1) return;
    writeIf(code, outer.left, () => {
      reduce(bodies.tail, 1);
      writeTail(code, outer.left, (j) => schedule.run([last[j]]));
    });
  });
}
