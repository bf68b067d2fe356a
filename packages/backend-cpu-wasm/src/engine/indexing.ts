import type { Engine } from "./engine.ts";
import { scratchLimit, setArguments, withWorkspace } from "./workspace.ts";

// Sorting, gathering and scattering.

const kernels = {
  float32: "f32",
  float64: "f64",
  int64: "i64",
  int32: "i32",
  int16: "i16",
  int8: "i8",
  uint8: "u8",
  bool: "u8",
} as const;

const keyBytes = { f32: 4, f64: 8, i64: 8, i32: 4, i16: 4, i8: 4, u8: 4 } as const;

/** Element types that can be sorted and scattered. */
export type IndexedType = keyof typeof kernels;

/**
 * Sorts each of `rows` runs of n values, stably; NaN is the largest value. `positions` (int32) receives where each value
 * came from, `values` (0 if not wanted) the values in order.
 */
export function sortRows(
  engine: Engine,
  dtype: IndexedType,
  rows: number,
  n: number,
  descending: boolean,
  input: number,
  values: number,
  positions: number,
): void {
  if (rows === 0 || n === 0) return;
  const type = kernels[dtype];
  const id = engine.staticKernel(`sort_${type}`);
  const work = 2 * (n * keyBytes[type] + 8) + n * 4 + 1024;
  const run = (area: number): void => {
    setArguments(engine, 0, [input, values, positions, n, descending ? 1 : 0, area]);
    // a work area of its own serves one thread
    if (area !== 0) engine.fn(id)(engine.desc, 0, rows);
    else engine.run(id, engine.desc, rows, Math.max(1, Math.ceil(1000 / n)));
  };
  if (work <= scratchLimit) run(0);
  else withWorkspace(engine, "sort", work, run);
}

/** The layout [outer, dim, inner] of a table, and the indices along dim. */
export interface Indexing {
  outer: number;
  dim: number;
  inner: number;
  /** How many indices lie along dim. */
  count: number;
  /** int32, in [0, dim). */
  indices: number;
  /** True: an index for each value, [outer, count, inner]. False: [count], each for a whole run of inner. */
  elementwise: boolean;
}

/** Writes the common slots and gives the number of kernel indices and their grain. */
function prepare(engine: Engine, a: Indexing, source: number, out: number): [number, number, number] {
  // whole cache lines, enough of them that every thread has some
  const span = Math.min(a.inner, 64);
  const spans = Math.ceil(a.inner / Math.max(1, span));
  const flag = engine.desc + 4000;
  setArguments(engine, 0, [source, a.indices, out, a.dim, a.count, a.inner, span, spans]);
  setArguments(engine, 8, [a.elementwise ? 1 : 0, flag]);
  engine.i32[flag >>> 2] = 0;
  return [a.outer * spans, Math.max(1, Math.ceil(8192 / Math.max(1, a.count * span))), flag >>> 2];
}

/**
 * out[o, j, i] = table[o, index, i]. False when an index is outside [0, dim): those values are 0 then.
 * `bytes` is the size of a value: 1, 2, 4 or 8.
 */
export function gather(engine: Engine, bytes: number, args: Indexing, table: number, out: number): boolean {
  if (args.outer * args.count * args.inner === 0) return true;
  const [n, grain, flag] = prepare(engine, args, table, out);
  engine.run(engine.staticKernel(`gather_${bytes}`), engine.desc, n, grain);
  return engine.i32[flag] === 0;
}

const operations = { set: 0, add: 1, mul: 2, max: 3, min: 4 } as const;

export type ScatterOperation = keyof typeof operations;

/**
 * table[o, index, i] ← operation(table[o, index, i], source[o, j, i]) for each j in order, in place: where indices repeat
 * the result does not depend on threads. False when an index is outside [0, dim): those values are left out.
 */
export function scatter(
  engine: Engine,
  dtype: IndexedType,
  operation: ScatterOperation,
  args: Indexing,
  source: number,
  table: number,
): boolean {
  if (args.outer * args.count * args.inner === 0) return true;
  const [n, grain, flag] = prepare(engine, args, source, table);
  setArguments(engine, 10, [operations[operation]]);
  engine.run(engine.staticKernel(`scatter_${kernels[dtype]}`), engine.desc, n, grain);
  return engine.i32[flag] === 0;
}
