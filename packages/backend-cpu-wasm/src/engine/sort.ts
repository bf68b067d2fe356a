import type { Engine } from "./engine.ts";
import { scratchLimit, setArguments, withWorkspace } from "./workspace.ts";

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

/** Element types that can be sorted. */
export type SortedType = keyof typeof kernels;

/**
 * Sorts each of `rows` runs of n values, stably; NaN is the largest value. `positions` (int32) receives where each value
 * came from, `values` (0 if not wanted) the values in order.
 */
export function sortRows(
  engine: Engine,
  dtype: SortedType,
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
