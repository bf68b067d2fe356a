import { sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";

/** Up to so many elements of a row are a single thread's. */
const short = 64;
/** What one launch has of blocks. */
const mostBlocks = 65_535;

const alone = (n: number, step: number): boolean => step !== 1 || n <= short;
/** How many threads {@link launchRows} starts. */
export const rowThreads = (engine: Engine, rows: number, n: number): number =>
  alone(n, 1) ? engine.threads(rows) : Math.min(rows, mostBlocks) * engine.blockSize;
/** Starts a kernel that walks along rows of `n` elements (native/kernels/teams.cuh): a thread for each row, or a block. */
export function launchRows(engine: Engine, kernel: string, dtype: string, rows: number, n: number, step = 1): void {
  if (alone(n, step)) engine.forEach(`${kernel}_alone_${dtype}`, rows);
  else engine.launch(`${kernel}_${dtype}`, Math.min(rows, mostBlocks));
}

/** A tensor as rows of the elements of its last `count` dimensions. */
export function rowsOf({ shape }: View, count: number): { readonly rows: number; readonly n: number } {
  const at = shape.length - count;
  return { rows: sizeOf(shape.slice(0, at)), n: sizeOf(shape.slice(at)) };
}
