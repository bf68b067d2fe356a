import { bytesOf } from "@flambeau/tensor/plugin";
import { grainOf, registerRows, roundUp } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { suffixes } from "./suffixes.ts";
import { setArguments } from "./workspace.ts";

/** The element types that have matrix kernels. */
export type GemmType = "float32" | "float64" | "int32" | "int64";

/** Addresses in bytes, strides in elements. A stride of 0 repeats. */
export interface GemmArgs {
  a: number;
  b: number;
  c: number;
  m: number;
  n: number;
  k: number;
  /** Default 1. */
  batch?: number;
  aBatch?: number;
  aRow: number;
  aCol: number;
  bBatch?: number;
  bRow: number;
  bCol: number;
  cBatch?: number;
  /** Elements from one row of C to the next; its columns are neighbours. */
  cRow: number;
  /** Add the product to C instead of replacing it. */
  accumulate?: boolean;
  /** Address of a row of n values that is added to every row of C. */
  bias?: number;
}

/** Multiply-adds below which a second thread costs more than it brings: of products of matrices, and of those with a vector, which wait for memory. */
const worthSharing = 150_000;
const worthSharingNatively = 500_000;
const worthSharingVector = 30_000;

/** The kernels' names, put together once: a name made for each call costs as much as a small product. */
const namesOf = (type: GemmType) => {
  const suffix = suffixes[type];
  return {
    bytes: bytesOf(type),
    vector: `gemv_${suffix}`,
    outer: `outer_${suffix}`,
    pack: `pack_b_${suffix}`,
    matrix: `gemm_${suffix}`,
  };
};
const kernels: { readonly [T in GemmType]: ReturnType<typeof namesOf> } = {
  float32: namesOf("float32"),
  float64: namesOf("float64"),
  int32: namesOf("int32"),
  int64: namesOf("int64"),
};

/** How much of k goes at a time: sums of more pass through memory. */
const depthLimitOf = (bytes: number): number => 2048 / bytes;
/** Whether `accumulate` adds a sum that is rounded once, as if the product were added in a step of its own. */
export const isSummedAtOnce = (dtype: "float32" | "float64", k: number): boolean =>
  k > 0 && k <= depthLimitOf(kernels[dtype].bytes);

/** C = A·B, plus `bias`, then plus C where `accumulate`: batched, for any strides of A and B. */
export function gemm(engine: Engine, dtype: GemmType, args: GemmArgs): void {
  const { bytes, vector, pack, matrix } = kernels[dtype];
  let { m, batch = 1 } = args;
  const { n, k, aBatch = 0, bBatch = 0, cBatch = 0 } = args;
  if (m === 0 || n === 0 || batch === 0) return;
  if (batch > 1 && bBatch === 0 && aBatch === m * args.aRow && cBatch === m * args.cRow) {
    m *= batch;
    batch = 1;
  }
  const at = engine.desc >>> 2;
  if (k > 0 && (m === 1 || n === 1)) {
    const row = m === 1 && n !== 1;
    const length = row ? n : m;
    const tile =
      length * k < worthSharingVector ? length : roundUp(Math.max(64, Math.min(4096, worthSharingVector / k)), 16);
    const tiles = Math.ceil(length / tile);
    const d = engine.i32;
    d[at] = row ? args.b : args.a;
    d[at + 1] = row ? args.a : args.b;
    d[at + 2] = args.c;
    d[at + 3] = args.bias ?? 0;
    d[at + 4] = length;
    d[at + 5] = k;
    d[at + 6] = (row ? bBatch : aBatch) * bytes;
    d[at + 7] = (row ? args.bCol : args.aRow) * bytes;
    d[at + 8] = (row ? args.bRow : args.aCol) * bytes;
    d[at + 9] = (row ? aBatch : bBatch) * bytes;
    d[at + 10] = (row ? args.aCol : args.bRow) * bytes;
    d[at + 11] = cBatch * bytes;
    d[at + 12] = (row ? 1 : args.cRow) * bytes;
    d[at + 13] = row ? bytes : 0;
    d[at + 14] = args.accumulate ? 1 : 0;
    d[at + 15] = tile;
    d[at + 16] = tiles;
    const grain = grainOf(worthSharingVector, tile * k);
    engine.run(engine.staticKernel(vector), engine.desc, batch * tiles, grain);
    return;
  }
  if (k === 1) return outer(engine, kernels[dtype].outer, bytes, args);
  const width = engine.panelBytes / bytes;
  const depthLimit = depthLimitOf(bytes);
  const kc = Math.max(4, roundUp(k / Math.max(1, Math.ceil(k / depthLimit)), 4));
  const columns = roundUp(n, width);
  // row-major A is read in place, as fast as packed; column-major A with long rows costs a page for each k
  const columnMajor = args.aCol !== 1 && (args.aRow !== 1 || (columns > 6 * width && args.aCol * bytes > 512));
  // native kernels take whole cache lines of a row-major B at a time: for so few rows of A that costs less than to pack it
  const isReadInPlace = engine.native && args.bCol === 1 && (m <= 48 || (m <= 96 && k * n >= 1 << 17));
  // few rows at a time, so that the tiles fill the threads; more where a panel of B is long, as each tile reads it anew
  let tileM = m <= 96 ? roundUp(m, registerRows) : columnMajor ? 24 : k <= 512 ? 12 : 48;
  let tileN = Math.min(columns, Math.max(4 * width, Math.floor((1 << 20) / (kc * bytes) / width) * width));
  const worth = engine.native ? worthSharingNatively : worthSharing;
  const wanted = engine.threads === 1 ? 1 : Math.min(16, (m * n * k * batch) / worth);
  const leastN = (isReadInPlace ? 2 : 4) * width;
  while (batch * Math.ceil(m / tileM) * Math.ceil(columns / tileN) < wanted) {
    if (tileN > leastN) tileN = Math.max(leastN, roundUp(tileN / 2, width));
    else if (tileM > 2 * registerRows && !isReadInPlace) tileM = roundUp(tileM / 2, registerRows);
    else break;
  }
  const mTiles = Math.ceil(m / tileM);
  const nTiles = Math.ceil(n / tileN);
  const panels = columns / width;
  const packedBytes = batch * panels * k * engine.panelBytes;
  const packed = mTiles > 1 && !isReadInPlace ? engine.alloc(packedBytes) : 0;
  const packA = columnMajor && (args.aRow !== 1 || tileN > 6 * width);
  const packB = !isReadInPlace && (args.bCol !== 1 || Math.min(tileM, m) > 3 * registerRows);
  // after the allocation, which may have replaced the views
  const d = engine.i32;
  d[at] = args.a;
  d[at + 1] = args.b;
  d[at + 2] = args.c;
  d[at + 3] = args.bias ?? 0;
  d[at + 4] = m;
  d[at + 5] = n;
  d[at + 6] = k;
  d[at + 7] = aBatch * bytes;
  d[at + 8] = args.aRow * bytes;
  d[at + 9] = args.aCol * bytes;
  d[at + 10] = bBatch * bytes;
  d[at + 11] = args.bRow * bytes;
  d[at + 12] = args.bCol * bytes;
  d[at + 13] = cBatch * bytes;
  d[at + 14] = args.cRow * bytes;
  d[at + 15] = args.accumulate ? 1 : 0;
  d[at + 16] = tileM;
  d[at + 17] = tileN;
  d[at + 18] = mTiles;
  d[at + 19] = nTiles;
  d[at + 20] = packed;
  d[at + 21] = kc;
  d[at + 22] = packA ? 1 : 0;
  d[at + 23] = packB ? 1 : 0;
  d[at + 24] = packed === 0 && packB && tileN > tileM ? 1 : 0;
  if (packed !== 0) {
    const grain = grainOf(16384, k * width * 4);
    engine.run(engine.staticKernel(pack), engine.desc, batch * Math.ceil(panels / 4), grain);
  }
  const perTile = Math.min(tileM, m) * Math.min(tileN, n) * k;
  engine.run(engine.staticKernel(matrix), engine.desc, batch * mTiles * nTiles, grainOf(worth, Math.max(1, perTile)));
  if (packed !== 0) engine.free(packed, packedBytes);
}

/** Columns that go at a time: a row of B stays in the cache for the rows of C. */
const outerTile = 4096;

/** A product over a k of 1, by `kernel`, for elements of so many bytes: nothing is summed. */
function outer(engine: Engine, kernel: string, bytes: number, args: GemmArgs): void {
  const { a, b, c, m, n, aRow, bCol, cRow, bias = 0, batch = 1, aBatch = 0, bBatch = 0, cBatch = 0 } = args;
  const tiles = Math.ceil(n / outerTile);
  setArguments(engine, 0, [a, b, c, bias, m, n, aBatch * bytes, aRow * bytes, bBatch * bytes, bCol * bytes]);
  setArguments(engine, 10, [cBatch * bytes, cRow * bytes, args.accumulate ? 1 : 0, outerTile, tiles]);
  engine.run(engine.staticKernel(kernel), engine.desc, batch * m * tiles, grainOf(16_384, Math.min(n, outerTile)));
}
