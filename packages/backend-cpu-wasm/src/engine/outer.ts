import { grainOf } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import type { GemmArgs } from "./gemm.ts";
import { setArguments } from "./workspace.ts";

/** Columns that go at a time: a row of B stays in the cache for the rows of C. */
const tile = 4096;

/** A product over a k of 1, by `kernel`, for elements of so many bytes: nothing is summed. */
export function outer(engine: Engine, kernel: string, bytes: number, args: GemmArgs): void {
  const { a, b, c, m, n, aRow, bCol, cRow, bias = 0, batch = 1, aBatch = 0, bBatch = 0, cBatch = 0 } = args;
  const tiles = Math.ceil(n / tile);
  setArguments(engine, 0, [a, b, c, bias, m, n, aBatch * bytes, aRow * bytes, bBatch * bytes, bCol * bytes]);
  setArguments(engine, 10, [cBatch * bytes, cRow * bytes, args.accumulate ? 1 : 0, tile, tiles]);
  engine.run(engine.staticKernel(kernel), engine.desc, batch * m * tiles, grainOf(16_384, Math.min(n, tile)));
}
