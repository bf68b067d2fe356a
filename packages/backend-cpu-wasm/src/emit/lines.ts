import type { DType } from "@flambeau/tensor";
import { type ScalarType, type ScanKind, scalarType } from "@flambeau/tensor/plugin";
import { argument, word } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { combineScalar, neutralScalar } from "./combine.ts";
import { compare, isNaN } from "./compare.ts";
import { loadElement, storeElement } from "./elements.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, type Target } from "./kernel.ts";
import { argumentLayout } from "./layout.ts";
import { writeLoops, writeWhile } from "./loops.ts";
import { F64, f64, I32, i32, type ValType } from "./opcodes.ts";
import { castScalar, valType } from "./scalar.ts";
import type { Schedule } from "./schedule.ts";
import { addressLocals, copyLocals, increase, moveAlong, openWalk } from "./walk.ts";

/**
 * Kernels that go along each line of one dimension, in order. Views: 0 the result, 1 the input, 2 positions (scans of extremes
 * only). Loops are those over the other dimensions.
 */
export interface LineVariant {
  readonly input: DType;
  readonly output: DType;
  readonly loops: number;
}

/** In the place of params, as int32 words: the line's length, then each view's step along it. */
export function lineLayout(loops: number) {
  const layout = argumentLayout(3, loops, 2);
  return { ...layout, lineSize: layout.params, lineStep: (view: number): number => layout.params + 4 * (1 + view) };
}

/** How many lines go side by side: each is a chain of dependent steps, and neighbouring lines share cache lines. */
const together = 4;

/** One line's state as locals, and what a step does to it. */
interface Line {
  /** Sets the state before the first element. */
  readonly begin: readonly Node[];
  /** Takes in one element; may store. */
  readonly step: readonly Node[];
  /** After the last element. */
  readonly finish: readonly Node[];
}

interface LineParts {
  readonly g: Graph;
  readonly code: Code;
  /** Position along the line. */
  readonly position: Node;
  /** Address of a view's current element in this line. */
  readonly at: (view: number) => Node;
}

function buildLines(target: Target, loops: number, line: (parts: LineParts) => Line): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code: Code, schedule: Schedule) => {
    const layout = lineLayout(loops);
    const walk = openWalk(code, layout.views, layout);
    const current = addressLocals(code, layout.views);
    const position = code.local(I32);
    const rest = code.local(I32);
    const lines = Array.from({ length: together }, (_, k) =>
      line({
        g,
        code,
        position: g.local(I32, position, 2),
        at: (v) => {
          const here = g.local(I32, current[v], 2);
          return k === 0 ? here : g.i(i32.add, here, g.i(i32.mul, g.ic(k), word(g, layout.step(0, v))));
        },
      }),
    );
    const all = lines.flatMap((l) => [...l.begin, ...l.step, ...l.finish]);
    const goAlong = (count: number) => {
      const some = lines.slice(0, count);
      copyLocals(code, walk.at, current);
      code.i32(0);
      code.set(position);
      argument(code, layout.lineSize);
      code.set(rest);
      schedule.run(some.flatMap((l) => l.begin));
      writeWhile(code, rest, 1, () => {
        for (const l of some) schedule.run(l.step);
        current.forEach((local, v) => {
          increase(code, local, () => argument(code, layout.lineStep(v)));
        });
        increase(code, position, () => code.i32(1));
      });
      // results of a line stand where its first element would
      copyLocals(code, walk.at, current);
      schedule.run(some.flatMap((l) => l.finish));
      moveAlong(code, walk, count);
    };
    schedule.hoist(all, 0);
    writeLoops(code, walk, () => {
      writeWhile(code, walk.left, together, () => goAlong(together));
      writeWhile(code, walk.left, 1, () => goAlong(1));
    });
  });
}

/** Position of the first extreme of each line; a NaN counts as the extreme. */
export function compileArgReduce(target: Target, kind: "max" | "min", variant: LineVariant): Uint8Array {
  const type = scalarType(variant.input);
  return buildLines(target, variant.loops, ({ g, code, position, at }) => {
    const best = code.local(valType[type]);
    const found = code.local(I32);
    const held = g.local(valType[type], best, 2);
    const x = loadElement(g, variant.input, at(1));
    // the first element is taken as it is; then a better one, or a NaN where there was none
    const better = compare(g, type, kind === "max" ? "gt" : "lt", x, held);
    const first = g.i(i32.eqz, position);
    const nan = g.i(i32.and, isNaN(g, type, x), g.i(i32.eqz, isNaN(g, type, held)));
    const take = g.i(i32.or, g.i(i32.or, first, better), nan);
    const taken = code.local(I32);
    const flag = g.local(I32, taken, 2);
    return {
      begin: [g.set(found, g.ic(0))],
      step: [
        g.set(taken, take),
        g.set(found, g.select(flag, position, g.local(I32, found, 2))),
        g.set(best, g.select(flag, x, held)),
      ],
      finish: [
        storeElement(
          g,
          variant.output,
          at(0),
          castScalar(g, g.local(I32, found, 2), "int32", scalarType(variant.output)),
        ),
      ],
    };
  });
}

/** What a scan computes in: sums and products of floats in float64, so that long lines stay accurate. */
function scanType(kind: ScanKind, output: DType): ScalarType {
  const type = scalarType(output);
  if (kind === "max" || kind === "min") return type;
  if (kind === "logsumexp") return "float64";
  return type === "float32" ? "float64" : type === "bool" ? "int32" : type;
}

/** The running value along each line, in the output's dtype; for extremes, `positions` says which dtype their indices have. */
export function compileScan(
  target: Target,
  kind: ScanKind,
  variant: LineVariant,
  positions: DType | undefined,
): Uint8Array {
  const type = scanType(kind, variant.output);
  const wide: ValType = valType[type];
  return buildLines(target, variant.loops, ({ g, code, position, at }) => {
    const running = code.local(wide);
    const held = g.local(wide, running, 2);
    const x = castScalar(
      g,
      castScalar(g, loadElement(g, variant.input, at(1)), scalarType(variant.input), scalarType(variant.output)),
      scalarType(variant.output),
      type,
    );
    const store = storeElement(g, variant.output, at(0), castScalar(g, held, type, scalarType(variant.output)));
    if (kind === "max" || kind === "min") {
      const found = code.local(I32);
      const taken = code.local(I32);
      const flag = g.local(I32, taken, 2);
      // the last of equal extremes counts, and a NaN stays
      const better = g.i(
        i32.and,
        compare(g, type, kind === "max" ? "ge" : "le", x, held),
        g.i(i32.eqz, isNaN(g, type, held)),
      );
      const take = g.i(i32.or, g.i(i32.or, g.i(i32.eqz, position), isNaN(g, type, x)), better);
      const step = [
        g.set(taken, take),
        g.set(found, g.select(flag, position, g.local(I32, found, 2))),
        g.set(running, g.select(flag, x, held)),
        store,
      ];
      if (positions !== undefined)
        step.push(
          storeElement(g, positions, at(2), castScalar(g, g.local(I32, found, 2), "int32", scalarType(positions))),
        );
      return { begin: [], step, finish: [] };
    }
    const next = kind === "logsumexp" ? logAddExp(g, held, x) : combineScalar(g, kind, type, held, x);
    const start = kind === "logsumexp" ? g.dc(-Infinity) : neutralScalar(g, kind, type);
    return { begin: [g.set(running, start)], step: [g.set(running, next), store], finish: [] };
  });
}

/** log(e^a + e^b) = max + log1p(e^(min - max)); where the larger is infinite or a NaN is in it, that is the result. */
function logAddExp(g: Graph, a: Node, b: Node): Node {
  const high = g.d(f64.max, a, b);
  const low = g.d(f64.min, a, b);
  const finite = g.i(f64.lt, g.d(f64.abs, high), g.dc(Infinity));
  return g.select(finite, g.d(f64.add, high, g.call("log1p", F64, g.call("exp", F64, g.d(f64.sub, low, high)))), high);
}
