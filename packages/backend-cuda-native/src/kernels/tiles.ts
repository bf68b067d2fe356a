import type { DType } from "@flambeau/tensor";

// The tiles that products are made in, a block of threads for each: the one place where their size is chosen.

/** Threads of a block, whatever its tile. */
export const tileThreads = 256;
/** Blocks that keep a card busy. */
export const fewBlocks = 128;
/** Rows and columns of the tiles that all products can be made in (native/kernels/tiles.cuh). */
export const tile = 64;
/** The same of the large ones, of float32 alone (native/kernels/large_tiles.cuh), and of tensor cores' (native/kernels/tensor_cores.cuh). */
const largeTile = 128;
export const coreTile = 128;
/** How many times the terms large tiles may have, as more of them lies beyond the product: each asks for half as many reads of shared memory. */
const mostWaste = 1.5;

/** How many tiles of a size cover a batch of matrices. */
export const tilesOf = (size: number, batch: number, rows: number, columns: number): number =>
  batch * Math.ceil(rows / size) * Math.ceil(columns / size);

/**
 * Whether a product is made in large tiles: one that has so many of them that each of a card's processors gets its share, and fills them. The shape
 * alone decides; the results are the same bits in tiles of either size.
 */
export function inLargeTiles(dtype: DType, batch: number, rows: number, columns: number): boolean {
  if (dtype !== "float32") return false;
  const blocks = tilesOf(largeTile, batch, rows, columns);
  const waste = (blocks * (largeTile / tile) ** 2) / tilesOf(tile, batch, rows, columns);
  return blocks >= fewBlocks && waste <= mostWaste;
}
/** How many blocks a product in tiles of either size has. */
export const blocksOf = (large: boolean, batch: number, rows: number, columns: number): number =>
  tilesOf(large ? largeTile : tile, batch, rows, columns);
