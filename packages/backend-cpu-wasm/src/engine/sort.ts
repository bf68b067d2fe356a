import { bytesOf } from "@flambeau/tensor/plugin";
import { grainOf } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { suffixes } from "./suffixes.ts";
import { scratchLimit, setArguments, withWorkspace } from "./workspace.ts";

/** Element types that can be sorted. */
export type SortedType = keyof typeof suffixes;

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
  const id = engine.staticKernel(`sort_${suffixes[dtype]}`);
  const keyBytes = Math.max(4, bytesOf(dtype));
  const work = 2 * (n * keyBytes + 8) + n * 4 + 1024;
  const run = (area: number): void => {
    setArguments(engine, 0, [input, values, positions, n, descending ? 1 : 0, area]);
    // a work area of its own serves one thread
    if (area !== 0) engine.fn(id)(engine.desc, 0, rows);
    else engine.run(id, engine.desc, rows, grainOf(1000, n));
  };
  if (work <= scratchLimit) run(0);
  else withWorkspace(engine, "sort", work, run);
}
