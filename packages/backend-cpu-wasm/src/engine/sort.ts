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

/**
 * The positions (int32) of the first `k` of each of `rows` runs of n floats in order, k < n. False where equal ones among the first k + 1 leave
 * open which they are: the positions are void then.
 */
export function topOfRows(
  engine: Engine,
  rows: number,
  n: number,
  k: number,
  descending: boolean,
  input: number,
  positions: number,
): boolean {
  // the last slots of the argument area, beyond every kernel's arguments
  const flag = engine.desc + 4000;
  engine.i32[flag >>> 2] = 0;
  select(engine, "top_f32", rows, n, 8192 + 4 * n + 12 * k + 1056, (area) => [
    input,
    positions,
    k,
    n,
    descending ? 1 : 0,
    area,
    flag,
  ]);
  return engine.i32[flag >>> 2] === 0;
}

/** The position (int32) of what a stable rising sort puts at a place (int32, one a row) of each of `rows` runs of n floats. */
export function placesOfRows(
  engine: Engine,
  rows: number,
  n: number,
  input: number,
  places: number,
  positions: number,
): void {
  select(engine, "place_f32", rows, n, 8192 + 4 * n, (area) => [input, positions, places, n, 0, area]);
}

function select(
  engine: Engine,
  kernel: string,
  rows: number,
  n: number,
  work: number,
  args: (area: number) => readonly number[],
): void {
  const id = engine.staticKernel(kernel);
  const run = (area: number): void => {
    setArguments(engine, 0, args(area));
    // a work area of its own serves one thread
    if (area !== 0) engine.fn(id)(engine.desc, 0, rows);
    else engine.run(id, engine.desc, rows, grainOf(4000, n));
  };
  if (work <= scratchLimit) run(0);
  else withWorkspace(engine, "selection", work, run);
}
