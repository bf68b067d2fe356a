import { grainOf, oddLines } from "./blocks.ts";
import { type Conv2dShape, setWindows } from "./conv-shape.ts";
import type { Engine } from "./engine.ts";
import { gemm } from "./gemm.ts";
import { columnsUnder, rowsUnder } from "./windows.ts";
import { scratchLimit, setArguments, withWorkspace } from "./workspace.ts";

// Convolutions as one product of matrices, whose columns are the output pixels of several images side by side: patches [channels · taps,
// pixels], the output's [filters, pixels], and the weight between them, which is read once for all of these images. Everything is chosen
// from the shape alone.

/** Bytes that the patches of a block of images may take. */
const patchesLimit = 4 << 20;

interface Columns {
  /** Rows of the patches. */
  readonly k: number;
  readonly pixels: number;
  /** Images of a block, and the bytes from one row of its matrices to the next. */
  readonly images: number;
  readonly rowBytes: number;
}

function columnsOf(s: Conv2dShape): Columns {
  const pixels = s.outHeight * s.outWidth;
  const k = s.channels * s.kernelHeight * s.kernelWidth;
  const images = Math.max(1, Math.min(s.images, Math.floor(patchesLimit / (k * pixels * 4))));
  // ten values may be written behind a row
  const rowBytes = oddLines(images * pixels + 10);
  return { k, pixels, images, rowBytes };
}

/** Whether the patches of an image, and what a plane's rows take besides, stay small. */
export function fitsColumns(s: Conv2dShape): boolean {
  const { k, rowBytes } = columnsOf(s);
  return s.groups === 1 && k * rowBytes <= 2 * patchesLimit;
}

const weights = (s: Conv2dShape): number => s.filters * s.channels * s.kernelHeight * s.kernelWidth;
/** Weights that no cache holds: other ways read them for each image anew. */
const manyWeights = 1 << 20;

/** Where it takes less time forward and for the input's gradient than what runs image by image. */
export function usesColumns(s: Conv2dShape): boolean {
  const pixels = s.outHeight * s.outWidth;
  return (pixels <= 9 || (pixels <= 64 && weights(s) >= manyWeights)) && fitsColumns(s);
}

/** The same for the weight's gradient, whose sums run over the pixels: of few of them they cost more than what is added to them. */
export function usesColumnsWeight(s: Conv2dShape): boolean {
  const pixels = s.outHeight * s.outWidth;
  return (pixels <= 36 || (pixels <= 64 && weights(s) >= manyWeights)) && fitsColumns(s);
}

/** Whether a plane's rows can be laid out in private memory with their padding. */
function staged(s: Conv2dShape): number {
  const bytes = rowsUnder(s, s.outHeight) * (columnsUnder(s, s.outWidth) + 3) * 4 + 128;
  return s.strideX === 1 && bytes <= scratchLimit ? 1 : 0;
}

/** Calls `use` for each block of images, with the place of the first one and how many there are. */
function eachBlock(s: Conv2dShape, { images }: Columns, use: (first: number, count: number) => void): void {
  for (let first = 0; first < s.images; first += images) use(first, Math.min(images, s.images - first));
}

/** Lays out the patches of `count` images from `input` on. */
function layPatches(
  engine: Engine,
  s: Conv2dShape,
  plan: Columns,
  count: number,
  input: number,
  patches: number,
): void {
  setWindows(engine, s);
  setArguments(engine, 0, [input, patches]);
  setArguments(engine, 20, [count, plan.rowBytes, 0, 0, 0, staged(s)]);
  const perChannel = s.kernelHeight * s.kernelWidth * plan.pixels * count;
  engine.run(engine.staticKernel("conv_columns"), engine.desc, s.channels, grainOf(16_384, perChannel));
}

/** Lays out the planes of the output's side of `count` images from `planes` on. */
function layRows(engine: Engine, s: Conv2dShape, plan: Columns, count: number, planes: number, rows: number): void {
  setWindows(engine, s);
  setArguments(engine, 0, [planes, rows]);
  setArguments(engine, 20, [count, plan.rowBytes]);
  engine.run(engine.staticKernel("conv_rows"), engine.desc, s.filters, grainOf(65_536, plan.pixels * count));
}

/** output = weight · patches (+ bias). */
export function columnsForward(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  weight: number,
  bias: number,
  output: number,
): void {
  const plan = columnsOf(s);
  const { k, pixels, rowBytes } = plan;
  withWorkspace(engine, "conv2d", (k + s.filters) * rowBytes, (patches) => {
    const rows = patches + k * rowBytes;
    eachBlock(s, plan, (first, count) => {
      layPatches(engine, s, plan, count, input + first * s.channels * s.height * s.width * 4, patches);
      const product = { a: weight, b: patches, c: rows, m: s.filters, n: count * pixels, k };
      gemm(engine, "float32", { ...product, aRow: k, aCol: 1, bRow: rowBytes / 4, bCol: 1, cRow: rowBytes / 4 });
      setWindows(engine, s);
      setArguments(engine, 0, [rows, output + first * s.filters * pixels * 4, 0, bias]);
      setArguments(engine, 20, [count, rowBytes]);
      engine.run(engine.staticKernel("conv_planes"), engine.desc, count * s.filters, grainOf(65_536, pixels));
    });
  });
}

/** The input's gradient = weightᵀ · that of the output, each value added to where it was read. */
export function columnsInputGradient(
  engine: Engine,
  s: Conv2dShape,
  gradient: number,
  weight: number,
  inputGradient: number,
): void {
  const plan = columnsOf(s);
  const { k, pixels, rowBytes } = plan;
  withWorkspace(engine, "conv2d", (k + s.filters) * rowBytes, (patches) => {
    const rows = patches + k * rowBytes;
    eachBlock(s, plan, (first, count) => {
      layRows(engine, s, plan, count, gradient + first * s.filters * pixels * 4, rows);
      const product = { a: weight, b: rows, c: patches, m: k, n: count * pixels, k: s.filters };
      gemm(engine, "float32", { ...product, aRow: 1, aCol: k, bRow: rowBytes / 4, bCol: 1, cRow: rowBytes / 4 });
      setWindows(engine, s);
      setArguments(engine, 0, [patches, inputGradient + first * s.channels * s.height * s.width * 4]);
      setArguments(engine, 20, [count, rowBytes]);
      const perPlane = s.kernelHeight * s.kernelWidth * pixels;
      engine.run(engine.staticKernel("conv_columns_add"), engine.desc, count * s.channels, grainOf(16_384, perPlane));
    });
  });
}

/** The weight's gradient = that of the output · patchesᵀ, added up over the blocks. */
export function columnsWeightGradient(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  gradient: number,
  weightGradient: number,
): void {
  const plan = columnsOf(s);
  const { k, pixels, rowBytes } = plan;
  withWorkspace(engine, "conv2d", (k + s.filters) * rowBytes, (patches) => {
    const rows = patches + k * rowBytes;
    eachBlock(s, plan, (first, count) => {
      layPatches(engine, s, plan, count, input + first * s.channels * s.height * s.width * 4, patches);
      layRows(engine, s, plan, count, gradient + first * s.filters * pixels * 4, rows);
      const product = { a: rows, b: patches, c: weightGradient, m: s.filters, n: k, k: count * pixels };
      const strides = { aRow: rowBytes / 4, aCol: 1, bRow: 1, bCol: rowBytes / 4, cRow: k };
      gemm(engine, "float32", { ...product, ...strides, accumulate: first > 0 });
    });
  });
}
