import type { View } from "@flambeau/tensor/plugin";
import { type Block, blockOf } from "../../engine/memory.ts";
import type { Finish } from "./finish.ts";

/**
 * A factor of a product. Element (o, k) lies at `offset + batch * batchStep + place(o) + place(k)`, where the index o over rows or
 * columns, and the index k that is summed over, run through up to three dimensions each with these steps.
 */
export class Factor {
  block: Block | null = null;
  offset = 0;
  batchStep = 0;
  readonly outer: [number, number, number] = [0, 0, 0];
  readonly inner: [number, number, number] = [0, 0, 0];

  /** It is a matrix, of which each index runs through one dimension. */
  isMatrix(block: Block, offset: number, outer: number, inner: number, batchStep = 0): void {
    this.block = block;
    this.offset = offset;
    this.batchStep = batchStep;
    this.outer[0] = outer;
    this.inner[0] = inner;
  }
}

/** How the right factor's elements are found: at their place; there or zero outside of a window; in an image spread out by a stride. */
export const EVERYWHERE = 0;
export const WINDOW = 1;
export const SPREAD = 2;

/** What is added to the sums: nothing, a number for each row or one for each column. */
export const NO_BIAS = 0;
export const BIAS_OF_ROWS = 1;
export const BIAS_OF_COLUMNS = 2;

/**
 * out[i, j] = sum over k of left[i, k] right[k, j] (+ bias), for each batch. Matrix products have one dimension for each of i, j
 * and k. For convolutions j and k run through three, and the right factor is an image that is looked at through a window. One
 * object serves all calls of a kernel.
 */
export class Product {
  batches = 1;
  rows = 0;
  columns = 0;
  depth = 0;
  readonly left = new Factor();
  readonly right = new Factor();
  /** 1 or 3; the sizes of the last two dimensions where it is 3. */
  columnRank: 1 | 3 = 1;
  columnSizes: [number, number] = [1, 1];
  depthRank: 1 | 3 = 1;
  depthSizes: [number, number] = [1, 1];

  window: typeof EVERYWHERE | typeof WINDOW | typeof SPREAD = EVERYWHERE;
  /** The right factor's image: height and width; where position 0 of column and depth lies in it; steps of dimensions 1 (y) and 2 (x). */
  height = 0;
  width = 0;
  firstY = 0;
  firstX = 0;
  columnSteps: [number, number] = [0, 0];
  depthSteps: [number, number] = [0, 0];
  /** SPREAD: the image's rows and columns are so far apart, with zeros between. */
  strides: [number, number] = [1, 1];

  out: Block | null = null;
  outOffset = 0;
  outSize = 0;
  outBatchStep = 0;
  outRowStep = 0;
  /** Columns lie in planes of so many, `outPlaneStep` apart; 0 planes: they follow one another. */
  outPlane = 0;
  outPlaneStep = 0;

  bias: Block | null = null;
  biasKind: typeof NO_BIAS | typeof BIAS_OF_ROWS | typeof BIAS_OF_COLUMNS = NO_BIAS;
  biasOffset = 0;
  biasBatchStep = 0;

  /** What becomes of the sums as they are stored; null: they are the result. */
  finish: Finish | null = null;

  /** It is one of matrices, whose results lie row by row; nothing is added to them. What the factors are is said beside it. */
  isOfMatrices(batches: number, rows: number, columns: number, depth: number, out: Block, outOffset: number): void {
    this.batches = batches;
    this.rows = rows;
    this.columns = columns;
    this.depth = depth;
    this.columnRank = 1;
    this.depthRank = 1;
    this.window = EVERYWHERE;
    this.out = out;
    this.outOffset = outOffset;
    this.outSize = batches * rows * columns;
    this.outBatchStep = rows * columns;
    this.outRowStep = columns;
    this.outPlane = 0;
    this.biasKind = NO_BIAS;
  }

  /** Numbers are added to the columns of all batches. */
  addsToColumns(bias: View): void {
    this.biasKind = BIAS_OF_COLUMNS;
    this.bias = blockOf(bias.buffer);
    this.biasOffset = bias.offset;
    this.biasBatchStep = 0;
  }
}
