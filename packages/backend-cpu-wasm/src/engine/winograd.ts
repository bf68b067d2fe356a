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

/** Cuts the tile rows into blocks of about `tiles` tiles, at least `least` of them where there is enough to cut. */
function cut(s: Conv2dShape, tiles: number, least = 8): Blocks {
  const tilesY = Math.ceil(s.outHeight / 4);
  const tilesX = Math.ceil(s.outWidth / 4);
  const rows = s.images * tilesY;
  const most = Math.max(1, Math.min(Math.floor(tiles / tilesX), Math.ceil(rows / least)));
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

function forwardPlan(s: Conv2dShape) {
  const b = cut(s, Math.max(16, Math.min(192, Math.floor(700_000 / (points * 4 * s.channels)))));
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
  const b = cut(s, Math.max(native ? 16 : 32, Math.min(128, Math.floor(most))), native ? 4 : 8);
  const rowBytes = b.rowValues * 4;
  const packed = (roundUp(s.filters, registerRows) + 8) * rowBytes;
  return { ...b, bytes: points * ((s.channels + s.filters) * rowBytes + 256) + packed + planeBytes(b) };
}

/** True for the convolutions that take fewer operations, and no longer, by 4×4 output tiles than directly. */
export function usesWinograd(s: Conv2dShape): boolean {
  if (s.kernelHeight !== 3 || s.kernelWidth !== 3 || s.groups !== 1) return false;
  if (s.strideY !== 1 || s.strideX !== 1 || s.dilationY !== 1 || s.dilationX !== 1) return false;
  if (s.channels < 8 || s.filters < 8) return false;
  const tiles = Math.ceil(s.outHeight / 4) * Math.ceil(s.outWidth / 4);
  if (tiles * 16 > 1.8 * s.outHeight * s.outWidth) return false;
  // filters are transformed anew in each call, to four times their size: few tiles do not pay that back, the less the larger they are
  if (s.images * tiles < 24 + (s.filters * s.channels) / 8192) return false;
  return forwardPlan(s).bytes <= scratchLimit;
}

/** The same for the weight's gradient, whose sums are 36 of these products: a few tiles do not pay for writing them. */
export function usesWinogradWeight(s: Conv2dShape): boolean {
  const tiles = s.images * Math.ceil(s.outHeight / 4) * Math.ceil(s.outWidth / 4);
  return usesWinograd(s) && tiles >= 48 + (s.filters * s.channels) / 4096;
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
  const plan = forwardPlan(s);
  const panels = Math.ceil(s.filters / registerRows);
  withWorkspace(engine, "conv2d", points * oddLines(panels * s.channels * 6), (filters) => {
    setArguments(engine, 0, [steps.base, filters, s.filters, s.channels]);
    setArguments(engine, 4, [steps.filter, steps.channel, steps.y, steps.x]);
    engine.run(engine.staticKernel("conv3x3_filters"), engine.desc, panels, Math.ceil(64 / s.channels));
    setArguments(engine, 0, [input, filters, output, bias]);
    setGeometry(engine, s, plan);
    setArguments(engine, 17, [plan.together]);
    engine.run(engine.staticKernel("conv3x3"), engine.desc, plan.blocks, 1);
  });
}

/** False when the shape is too large for this way. */
export function winogradWeight(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  gradient: number,
  weightGradient: number,
): boolean {
  const { native } = engine;
  const plan = weightPlan(s, native);
  const sumBytes = points * roundUp(s.filters, registerRows) * roundUp(s.channels, 8) * 4;
  if (plan.bytes > scratchLimit || points * roundUp(s.channels, 8) * 4 + 64 > scratchLimit) return false;
  const { share, shares } = cutShares(
    plan.blocks,
    sumBytes,
    2,
    native ? Math.max(2, Math.min(16, Math.floor((8 << 20) / sumBytes))) : 16,
  );
  // large sums are few: several parts of the filters each for the threads, of four register tiles or more
  const parts = native ? Math.max(1, Math.min(Math.ceil(8 / shares), Math.floor(s.filters / 48))) : 1;
  const part = roundUp(Math.ceil(s.filters / parts), 12);
  withWorkspace(engine, "conv2d", shares * sumBytes, (sums) => {
    setArguments(engine, 0, [input, gradient, sums, plan.blocks]);
    setGeometry(engine, s, plan);
    setArguments(engine, 17, [share, native ? part : 0]);
    engine.run(
      engine.staticKernel("conv3x3_weight"),
      engine.desc,
      shares * (native ? Math.ceil(s.filters / part) : 1),
      1,
    );
    setArguments(engine, 0, [sums, weightGradient, shares, s.filters, s.channels, 0]);
    engine.run(engine.staticKernel("conv3x3_weight_end"), engine.desc, s.filters, Math.ceil(512 / s.channels));
  });
  return true;
}
