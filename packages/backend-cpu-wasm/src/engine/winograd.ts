import { cutShares, oddLines, registerRows, roundUp } from "./blocks.ts";
import { type Conv2dShape, type FilterSteps, setPlanes } from "./conv-shape.ts";
import type { Engine } from "./engine.ts";
import { scratchLimit, setArguments, withWorkspace } from "./workspace.ts";

// Plans for the 3×3 kernels. Everything is chosen from the shape alone, never from the number of threads,
// so that the sums have the same order however many there are.

const points = 36;

interface Blocks {
  tilesY: number;
  tilesX: number;
  /** Tile rows in a block, and blocks. */
  blockRows: number;
  blocks: number;
  /** Values in a row of a block's points: its tiles, three more that the last vector may write, up to 8. */
  rowValues: number;
}

/** Cuts the tile rows into blocks of at most about `tiles` tiles, and at least eight blocks of at least `least` tiles. */
function cut(s: Conv2dShape, tiles: number, least: number): Blocks {
  const tilesY = Math.ceil(s.outHeight / 4);
  const tilesX = Math.ceil(s.outWidth / 4);
  const rows = s.images * tilesY;
  const most = Math.max(
    1,
    Math.min(Math.floor(tiles / tilesX), Math.max(Math.ceil(rows / 8), Math.ceil(least / tilesX))),
  );
  const blocks = Math.ceil(rows / most);
  const blockRows = Math.ceil(rows / blocks);
  return {
    tilesY,
    tilesX,
    blockRows,
    blocks: Math.ceil(rows / blockRows),
    rowValues: roundUp(blockRows * tilesX + 3, 8),
  };
}

function planeBytes(b: Blocks): number {
  return (b.blockRows * 4 + 2) * (Math.ceil(b.tilesX / 4) * 16 + 4) * 4;
}

/** Native kernels want more tiles side by side: their vectors are wider, and fewer blocks are cut by filters again. */
function forwardPlan(s: Conv2dShape, native: boolean) {
  const least = native ? 32 : 16;
  const wanted = Math.floor(700_000 / (points * 4 * s.channels));
  const b = cut(s, Math.max(least, Math.min(192, wanted)), native ? least : 1);
  const rowBytes = b.rowValues * 4;
  const most = Math.max(1, Math.floor(600_000 / (points * rowBytes) / registerRows)) * registerRows;
  const parts = Math.ceil(s.filters / most);
  const together = roundUp(Math.ceil(s.filters / parts), registerRows);
  const bytes = points * ((s.channels + together) * rowBytes + 256) + planeBytes(b);
  return { ...b, together, bytes };
}

/** With native kernels what comes and goes are the sums: more tiles between two times that they are added to. */
function weightPlan(s: Conv2dShape, native: boolean) {
  const most = (native ? 3_000_000 : 1_500_000) / (points * 4 * (s.channels + s.filters));
  const b = cut(s, Math.max(32, Math.min(128, Math.floor(most))), native ? 48 : 1);
  const rowBytes = b.rowValues * 4;
  const packed = (roundUp(s.filters, registerRows) + 8) * rowBytes;
  return { ...b, bytes: points * ((s.channels + s.filters) * rowBytes + 256) + packed + planeBytes(b) };
}

/**
 * Filters are transformed anew in each call, to four times their size: few tiles do not pay that back, the less the larger they are.
 * Native kernels do it faster.
 */
function hasFewTiles(s: Conv2dShape, tiles: number, native: boolean): boolean {
  const size = s.filters * s.channels;
  return s.images * tiles < (native ? 12 + size / 16384 : 24 + size / 8192);
}

/** True for the convolutions that take fewer operations, and no longer, by 4×4 output tiles than directly. */
export function usesWinograd(s: Conv2dShape, native: boolean): boolean {
  if (s.kernelHeight !== 3 || s.kernelWidth !== 3 || s.groups !== 1) return false;
  if (s.strideY !== 1 || s.strideX !== 1 || s.dilationY !== 1 || s.dilationX !== 1) return false;
  if (s.channels < 8 || s.filters < 8) return false;
  const tiles = Math.ceil(s.outHeight / 4) * Math.ceil(s.outWidth / 4);
  if (tiles * 16 > 1.8 * s.outHeight * s.outWidth) return false;
  if (hasFewTiles(s, tiles, native)) return false;
  return forwardPlan(s, native).bytes <= scratchLimit;
}

/** Cuts filters into parts, of four register tiles or more each, for what would keep few threads busy else; native kernels only. */
function partsOf(filters: number, wanted: number): { part: number; parts: number } {
  const part = roundUp(Math.ceil(filters / Math.max(1, Math.min(wanted, Math.floor(filters / 48)))), 12);
  return { part, parts: Math.ceil(filters / part) };
}

/** The same for the weight's gradient, whose sums are 36 of these products: a few tiles do not pay for writing them. */
export function usesWinogradWeight(s: Conv2dShape, native: boolean): boolean {
  if (!usesWinograd(s, native)) return false;
  const tiles = s.images * Math.ceil(s.outHeight / 4) * Math.ceil(s.outWidth / 4);
  return native || tiles >= 48 + (s.filters * s.channels) / 4096;
}

function setGeometry(engine: Engine, s: Conv2dShape, b: Blocks): void {
  setPlanes(engine, s);
  setArguments(engine, 13, [b.tilesY, b.tilesX, b.blockRows, b.rowValues]);
}

export function winogradForward(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  steps: Omit<FilterSteps, "group">,
  bias: number,
  output: number,
): void {
  const { native } = engine;
  const plan = forwardPlan(s, native);
  const { part, parts } = partsOf(s.filters, native ? Math.ceil(8 / plan.blocks) : 1);
  const panels = Math.ceil(s.filters / registerRows);
  withWorkspace(engine, "conv2d", points * oddLines(panels * s.channels * 6), (filters) => {
    setArguments(engine, 0, [steps.base, filters, s.filters, s.channels]);
    setArguments(engine, 4, [steps.filter, steps.channel, steps.y, steps.x]);
    engine.run(engine.staticKernel("conv3x3_filters"), engine.desc, panels, Math.ceil(64 / s.channels));
    setArguments(engine, 0, [input, filters, output, bias]);
    setGeometry(engine, s, plan);
    setArguments(engine, 17, [plan.together, native ? part : 0]);
    engine.run(engine.staticKernel("conv3x3"), engine.desc, plan.blocks * parts, 1);
  });
}

/** False when the shape is too large for this way, or has fewer tiles than pay for the sums of a weight's gradient. */
export function winogradWeight(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  gradient: number,
  weightGradient: number,
): boolean {
  const { native } = engine;
  const plan = weightPlan(s, native);
  if (hasFewTiles(s, plan.tilesY * plan.tilesX, false)) return false;
  const sumBytes = points * roundUp(s.filters, registerRows) * roundUp(s.channels, 8) * 4;
  if (plan.bytes > scratchLimit || points * roundUp(s.channels, 8) * 4 + 64 > scratchLimit) return false;
  const { share, shares } = cutShares(
    plan.blocks,
    sumBytes,
    2,
    native ? Math.max(2, Math.min(16, Math.floor((8 << 20) / sumBytes))) : 16,
  );
  const { part, parts } = partsOf(s.filters, native ? Math.ceil(8 / shares) : 1); // large sums are few
  withWorkspace(engine, "conv2d", shares * sumBytes, (sums) => {
    setArguments(engine, 0, [input, gradient, sums, plan.blocks]);
    setGeometry(engine, s, plan);
    setArguments(engine, 17, [share, native ? part : 0]);
    engine.run(engine.staticKernel("conv3x3_weight"), engine.desc, shares * parts, 1);
    setArguments(engine, 0, [sums, weightGradient, shares, s.filters, s.channels, 0]);
    engine.run(engine.staticKernel("conv3x3_weight_end"), engine.desc, s.filters, Math.ceil(512 / s.channels));
  });
  return true;
}
