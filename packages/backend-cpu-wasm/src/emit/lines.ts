import type { DType, ScalarType, ScanKind } from "@flambeau/tensor";
import type { Code } from "./assembler.ts";
import { elementType, loadElement, storeElement } from "./elements.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, END, START, type Target } from "./kernel.ts";
import { argumentLayout } from "./layout.ts";
import { addressLocals, argument, type Walk, writeLoops, writeWhile } from "./loops.ts";
import { F64, f32, f64, I32, I64, i32, i64, type ValType } from "./opcodes.ts";
import { castScalar, valType } from "./scalar.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Kernels that go along each line of one dimension, in order. Views: 0 the result, 1 the input, 2 positions (scans of extremes
 * only). Loops are those over the other dimensions. Params, as int32 words: the line's length, then each view's step along it.
 */
export interface LineVariant {
  readonly input: DType;
  readonly output: DType;
  readonly loops: number;
}

export const lineLayout = (loops: number) => argumentLayout(3, loops, 2);

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
    const row = addressLocals(code, 3);
    row.forEach((local, v) => {
      argument(code, 4 * v);
      code.set(local);
    });
    const at = addressLocals(code, 3);
    const walk: Walk = {
      loops,
      step: layout.step,
      size: layout.size,
      base: [],
      row,
      at,
      left: code.local(I32),
      start: START,
      end: END,
    };
    const size = layout.params;
    const lineStep = (v: number) => layout.params + 4 * (v + 1);
    const current = addressLocals(code, 3);
    const position = code.local(I32);
    const rest = code.local(I32);
    const lines = Array.from({ length: together }, (_, k) =>
      line({
        g,
        code,
        position: g.local(I32, position, 2),
        at: (v) => {
          const here = g.local(I32, current[v], 2);
          return k === 0
            ? here
            : g.i(i32.add, here, g.i(i32.mul, g.ic(k), g.load(I32, i32.load, g.local(I32, 0, 0), layout.step(0, v))));
        },
      }),
    );
    const all = lines.flatMap((l) => [...l.begin, ...l.step, ...l.finish]);
    const goAlong = (count: number) => {
      const some = lines.slice(0, count);
      current.forEach((local, v) => {
        code.get(at[v]);
        code.set(local);
      });
      code.i32(0);
      code.set(position);
      argument(code, size);
      code.set(rest);
      schedule.run(some.flatMap((l) => l.begin));
      writeWhile(code, rest, 1, () => {
        for (const l of some) schedule.run(l.step);
        current.forEach((local, v) => {
          code.get(local);
          argument(code, lineStep(v));
          code.op(i32.add);
          code.set(local);
        });
        code.get(position);
        code.i32(1);
        code.op(i32.add);
        code.set(position);
      });
      // results of a line stand where its first element would
      current.forEach((local, v) => {
        code.get(at[v]);
        code.set(local);
      });
      schedule.run(some.flatMap((l) => l.finish));
      at.forEach((local, v) => {
        code.get(local);
        argument(code, layout.step(0, v));
        code.i32(count);
        code.op(i32.mul);
        code.op(i32.add);
        code.set(local);
      });
    };
    schedule.hoist(all, 0);
    writeLoops(code, walk, () => {
      writeWhile(code, walk.left, together, () => goAlong(together));
      writeWhile(code, walk.left, 1, () => goAlong(1));
    });
  });
}

const isNaN = (g: Graph, type: ScalarType, x: Node): Node =>
  type === "float32" ? g.i(f32.ne, x, x) : type === "float64" ? g.i(f64.ne, x, x) : g.ic(0);

function compare(g: Graph, type: ScalarType, op: "lt" | "le" | "gt" | "ge", x: Node, y: Node): Node {
  if (type === "float32") return g.i(f32[op], x, y);
  if (type === "float64") return g.i(f64[op], x, y);
  const signed = { lt: "ltS", le: "leS", gt: "gtS", ge: "geS" } as const;
  return g.i(type === "int64" ? i64[signed[op]] : i32[signed[op]], x, y);
}

/** Position of the first extreme of each line; a NaN counts as the extreme. */
export function compileArgReduce(target: Target, kind: "max" | "min", variant: LineVariant): Uint8Array {
  const type = elementType[variant.input];
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
          castScalar(g, g.local(I32, found, 2), "int32", elementType[variant.output]),
        ),
      ],
    };
  });
}

/** What a scan computes in: sums and products of floats in float64, so that long lines stay accurate. */
function scanType(kind: ScanKind, output: DType): ScalarType {
  const type = elementType[output];
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
      castScalar(g, loadElement(g, variant.input, at(1)), elementType[variant.input], elementType[variant.output]),
      elementType[variant.output],
      type,
    );
    const store = storeElement(g, variant.output, at(0), castScalar(g, held, type, elementType[variant.output]));
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
          storeElement(g, positions, at(2), castScalar(g, g.local(I32, found, 2), "int32", elementType[positions])),
        );
      return { begin: [], step, finish: [] };
    }
    const zero = (value: number) => (wide === F64 ? g.dc(value) : wide === I64 ? g.lc(BigInt(value)) : g.ic(value));
    const op = kind === "sum" ? "add" : "mul";
    const next =
      kind === "logsumexp"
        ? logAddExp(g, held, x)
        : wide === F64
          ? g.d(f64[op], held, x)
          : wide === I64
            ? g.l(i64[op], held, x)
            : g.i(i32[op], held, x);
    const start = kind === "logsumexp" ? g.dc(-Infinity) : zero(kind === "sum" ? 0 : 1);
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
