import { cutShares, grainOf, privateRowBytes, registerRows, roundUp } from "./blocks.ts";
import {
  columnsForward,
  columnsInputGradient,
  columnsWeightGradient,
  fitsColumns,
  usesColumns,
  usesColumnsWeight,
} from "./conv-columns.ts";
import { planesWeight, usesPlanesWeight } from "./conv-planes.ts";
import { type Conv2dShape, type FilterSteps, setWindows } from "./conv-shape.ts";
import { depthwiseForward, depthwiseWeight, isDepthwise } from "./depthwise.ts";
import type { Engine } from "./engine.ts";
import { gemm } from "./gemm.ts";
import { columnsUnder, rowsUnder } from "./windows.ts";
import { usesWinograd, usesWinogradWeight, winogradForward, winogradWeight } from "./winograd.ts";
import { scratchLimit, setArguments, withWorkspace, zero } from "./workspace.ts";

/** A 1×1 convolution without stride or padding sees each plane as one long row. */
function flattened(s: Conv2dShape): Conv2dShape {
  if (s.kernelHeight !== 1 || s.kernelWidth !== 1 || s.strideY !== 1 || s.strideX !== 1) return s;
  if (s.height !== s.outHeight || s.width !== s.outWidth || s.paddingTop !== 0 || s.paddingLeft !== 0) return s;
  return { ...s, height: 1, width: s.height * s.width, outHeight: 1, outWidth: s.outHeight * s.outWidth };
}

/** Whether the kernel has the size of the plane and is read once: such a convolution is a product of [images, k] and [k, filters]. */
function coversPlane(s: Conv2dShape): boolean {
  if (s.groups !== 1 || s.outHeight !== 1 || s.outWidth !== 1 || s.paddingTop !== 0 || s.paddingLeft !== 0)
    return false;
  return s.kernelHeight === s.height && s.kernelWidth === s.width;
}

/** Private memory that the patches of `blockPixels` pixels take: their rows, and (stride 1) a padded plane's rows. */
function patchBytes(s: Conv2dShape, rows: number, blockPixels: number): { rows: number; stage: number } {
  const outRows = Math.min(s.outHeight, Math.floor((blockPixels - 2) / s.outWidth) + 2);
  const wide = columnsUnder(s, Math.min(s.outWidth, blockPixels)) + 3;
  const stage = s.strideX === 1 ? rowsUnder(s, outRows) * wide * 4 + 128 : 0;
  return { rows: rows * privateRowBytes(blockPixels), stage };
}

/**
 * The most pixels (a multiple of 8, at most `wanted`) whose work fits a thread's private memory, where each pixel takes
 * `pixelBytes` besides its patches; and whether a padded plane's rows fit beside them.
 */
function fitBlock(s: Conv2dShape, rows: number, wanted: number, pixelBytes: number): [pixels: number, staged: number] {
  for (let pixels = wanted; ; pixels = roundUp(pixels / 2, 8)) {
    const bytes = patchBytes(s, rows, pixels);
    const total = bytes.rows + pixels * pixelBytes + 1024;
    if (total + bytes.stage <= scratchLimit) return [pixels, 1];
    if (pixels > 8) continue;
    if (total > scratchLimit)
      throw new RangeError(`conv2d: a kernel of ${s.kernelHeight} by ${s.kernelWidth} is too large`);
    return [pixels, 0];
  }
}

function forward(engine: Engine, s: Conv2dShape, input: number, steps: FilterSteps, bias: number, output: number) {
  const channels = s.channels / s.groups;
  const filters = s.filters / s.groups;
  const taps = s.kernelHeight * s.kernelWidth;
  const panels = Math.ceil(filters / registerRows);
  const pixels = s.outHeight * s.outWidth;
  withWorkspace(engine, "conv2d", s.groups * panels * channels * taps * 24, (packed) => {
    setWindows(engine, s);
    setArguments(engine, 0, [steps.base, packed, filters, channels]);
    setArguments(engine, 20, [steps.group, steps.filter, steps.channel, steps.y, steps.x]);
    engine.run(engine.staticKernel("conv_filters"), engine.desc, s.groups * panels, 8);
    const perPixel = channels * taps * filters;
    const wanted = Math.min(roundUp(pixels, 8), roundUp(Math.max(16, Math.min(256, 2_000_000 / perPixel)), 8));
    const together = Math.max(1, Math.floor(384 / taps));
    const [blockPixels, staged] = fitBlock(s, Math.min(together, channels) * taps, wanted, 0);
    const blocks = Math.ceil(pixels / blockPixels);
    setArguments(engine, 0, [input, packed, output, bias]);
    setArguments(engine, 20, [blockPixels, blocks, together, 0, 0, staged]);
    const grain = grainOf(50_000, perPixel * blockPixels);
    engine.run(engine.staticKernel("conv_forward"), engine.desc, s.images * s.groups * blocks, grain);
  });
}

/** A convolution of no channels: a sum of nothing, and the bias. */
function onlyBias({ f32 }: Engine, s: Conv2dShape, bias: number, output: number): void {
  const pixels = s.outHeight * s.outWidth;
  let at = output >>> 2;
  for (let i = 0; i < s.images * s.filters; i++) {
    f32.fill(bias === 0 ? 0 : f32[(bias >>> 2) + (i % s.filters)], at, at + pixels);
    at += pixels;
  }
}

/** output[n, f, y, x] = bias[f] + Σ weight[f, c, i, j] · input[n, c, y·stride + i·dilation - padding, ...]; bias may be 0. */
export function conv2dForward(
  engine: Engine,
  shape: Conv2dShape,
  input: number,
  weight: number,
  bias: number,
  output: number,
): void {
  const s = flattened(shape);
  if (s.images * s.filters * s.outHeight * s.outWidth === 0) return;
  const taps = s.kernelHeight * s.kernelWidth;
  const channels = s.channels / s.groups;
  if (channels === 0) {
    onlyBias(engine, s, bias, output);
    return;
  }
  if (coversPlane(s)) {
    const k = channels * taps;
    const [m, n] = [s.images, s.filters];
    gemm(engine, "float32", {
      a: input,
      b: weight,
      c: output,
      m,
      n,
      k,
      aRow: k,
      aCol: 1,
      bRow: 1,
      bCol: k,
      cRow: n,
      bias,
    });
    return;
  }
  if (isDepthwise(s)) {
    depthwiseForward(engine, s, input, weight, bias, output, false);
    return;
  }
  const channel = taps * 4;
  const filter = channels * channel;
  if (usesWinograd(s, engine.native)) {
    const steps = { base: weight, filter, channel, y: 12, x: 4 };
    winogradForward(engine, s, input, steps, bias, output);
    return;
  }
  // native kernels lay small planes side by side themselves
  if (!engine.native && usesColumns(s)) {
    columnsForward(engine, s, input, weight, bias, output);
    return;
  }
  const group = (s.filters / s.groups) * filter;
  forward(engine, s, input, { base: weight, group, filter, channel, y: s.kernelWidth * 4, x: 4 }, bias, output);
}

/** Whether n float32 elements from an address on are all finite: an infinity or a NaN times 0 is NaN. */
function allFinite({ f32 }: Engine, address: number, n: number): boolean {
  const from = address >>> 2;
  const end = from + n;
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = from;
  for (; i + 4 <= end; i += 4) {
    a += f32[i] * 0;
    b += f32[i + 1] * 0;
    c += f32[i + 2] * 0;
    d += f32[i + 3] * 0;
  }
  for (; i < end; i++) a += f32[i] * 0;
  return a + b + c + d === 0;
}

/** The convolution of the output's gradient that gives the input's, for stride 1: channels and filters change places. */
function turned(s: Conv2dShape): Conv2dShape {
  return {
    ...s,
    channels: s.filters,
    filters: s.channels,
    height: s.outHeight,
    width: s.outWidth,
    outHeight: s.height,
    outWidth: s.width,
    paddingTop: s.dilationY * (s.kernelHeight - 1) - s.paddingTop,
    paddingLeft: s.dilationX * (s.kernelWidth - 1) - s.paddingLeft,
  };
}

/** For stride 1: that convolution, with the filters turned around. */
function turnedInputGradient(
  engine: Engine,
  s: Conv2dShape,
  gradient: number,
  weight: number,
  inputGradient: number,
): void {
  const taps = s.kernelHeight * s.kernelWidth;
  const channels = s.channels / s.groups;
  const filters = s.filters / s.groups;
  const turn = turned(s);
  const steps = {
    base: weight + (taps - 1) * 4,
    group: filters * channels * taps * 4,
    filter: taps * 4,
    channel: channels * taps * 4,
    y: -s.kernelWidth * 4,
    x: -4,
  };
  if (isDepthwise(turn)) depthwiseForward(engine, turn, gradient, weight, 0, inputGradient, true);
  else if (usesWinograd(turn, engine.native)) winogradForward(engine, turn, gradient, steps, 0, inputGradient);
  else forward(engine, turn, gradient, steps, 0, inputGradient);
}

/** For any stride: a product for each tap, added up where the tap lies. */
function scatterInputGradient(
  engine: Engine,
  s: Conv2dShape,
  gradient: number,
  weight: number,
  inputGradient: number,
): void {
  const taps = s.kernelHeight * s.kernelWidth;
  const channels = s.channels / s.groups;
  setWindows(engine, s);
  setArguments(engine, 0, [gradient, weight, inputGradient]);
  const together = Math.max(1, Math.floor(96 / taps));
  const rows = roundUp(Math.min(together, channels) * taps, registerRows);
  const pixels = roundUp(s.outHeight * s.outWidth, 8);
  const blockPixels = Math.max(8, Math.min(pixels, 512, Math.floor(2_000_000 / (rows * 4) / 8) * 8));
  setArguments(engine, 20, [blockPixels, 0, together]);
  engine.run(engine.staticKernel("conv_input"), engine.desc, s.images * s.groups, 1);
}

/** The gradient of the input, from that of the output. */
export function conv2dInputGradient(
  engine: Engine,
  shape: Conv2dShape,
  gradient: number,
  weight: number,
  inputGradient: number,
): void {
  const s = flattened(shape);
  const count = s.images * s.channels * s.height * s.width;
  if (count === 0) return;
  if (s.images * s.filters * s.outHeight * s.outWidth === 0) {
    zero(engine, inputGradient, count);
    return;
  }
  if (coversPlane(s)) {
    const [m, n, k] = [s.images, count / s.images, s.filters];
    gemm(engine, "float32", {
      ...{ a: gradient, b: weight, c: inputGradient, m, n, k },
      ...{ aRow: k, aCol: 1, bRow: n, bCol: 1, cRow: n },
    });
    return;
  }
  // a turned convolution multiplies weights by its padding and mixes what lies in a tile: of one that is infinite or NaN that
  // makes NaN where there is none. The fewer elements tell, weights before or results after
  const taps = s.kernelHeight * s.kernelWidth;
  const weights = s.filters * (s.channels / s.groups) * taps;
  const fewer = weights <= count;
  const turns = s.strideY === 1 && s.strideX === 1;
  // one image is one piece of work for the kernel that scatters
  const columns = turns
    ? usesColumns(s) && !usesWinograd(turned(s), engine.native)
    : usesColumns(s) || (s.images < 4 && fitsColumns(s));
  if (!engine.native && columns) {
    columnsInputGradient(engine, s, gradient, weight, inputGradient);
    return;
  }
  if (turns && (taps === 1 || !fewer || allFinite(engine, weight, weights))) {
    turnedInputGradient(engine, s, gradient, weight, inputGradient);
    if (taps === 1 || fewer || allFinite(engine, inputGradient, count)) return;
  }
  scatterInputGradient(engine, s, gradient, weight, inputGradient);
}

/** By WebAssembly: the patches of a block of pixels, of one image or several, times the gradients. */
function directWeight(engine: Engine, s: Conv2dShape, input: number, gradient: number, weightGradient: number): void {
  const channels = s.channels / s.groups;
  const filters = s.filters / s.groups;
  const taps = s.kernelHeight * s.kernelWidth;
  const k = channels * taps;
  const pixels = s.outHeight * s.outWidth;
  const panels = Math.ceil(filters / 8);
  const sixes = roundUp(Math.max(1, Math.floor(256 / taps)), registerRows);
  const together = Math.min(channels, sixes);
  const parts = Math.ceil(channels / together);
  // so many pixels that patches and gradients stay in the second-level cache: of an image in blocks of one size, or of several
  const most = Math.max(128, Math.min(512, Math.floor(65_536 / (together * taps + 8 * panels))));
  const wanted = Math.min(s.images, Math.floor((most - 7) / pixels));
  const size = wanted > 1 ? wanted * pixels + 7 : pixels / Math.ceil(pixels / most);
  const [blockPixels, staged] = fitBlock(s, together * taps, roundUp(size, 8), panels * 32);
  const several = Math.max(1, Math.min(wanted, Math.floor((blockPixels - 7) / pixels)));
  const blocks = several > 1 ? 1 : Math.ceil(pixels / blockPixels);
  const sumBytes = roundUp(k, registerRows) * panels * 32 * s.groups;
  // groups and parts go to threads, too
  const units = Math.ceil(s.images / several) * blocks;
  const { share, shares } = cutShares(units, sumBytes, 1, Math.ceil(16 / (s.groups * parts)));
  withWorkspace(engine, "conv2d", shares * sumBytes, (sums) => {
    setWindows(engine, s);
    setArguments(engine, 0, [input, gradient, sums]);
    setArguments(engine, 20, [blockPixels, blocks, together, share, several, staged]);
    engine.run(engine.staticKernel("conv_weight"), engine.desc, shares * s.groups * parts, 1);
    setArguments(engine, 0, [sums, weightGradient, shares, filters, k, s.groups]);
    const grain = grainOf(20_000, 4 * k * shares);
    engine.run(engine.staticKernel("conv_weight_end"), engine.desc, s.groups * Math.ceil(filters / 4), grain);
  });
}

/** By native kernels, which lay the pixels of a share side by side: fewer shares, and each is cut by channels. */
function nativeWeight(engine: Engine, s: Conv2dShape, input: number, gradient: number, weightGradient: number): void {
  const channels = s.channels / s.groups;
  const filters = s.filters / s.groups;
  const taps = s.kernelHeight * s.kernelWidth;
  const k = channels * taps;
  const pixels = s.outHeight * s.outWidth;
  const panels = Math.ceil(filters / registerRows);
  const eights = roundUp(Math.max(1, Math.floor(256 / taps)), 8);
  const together = Math.min(channels, eights);
  const wanted = Math.min(roundUp(pixels, 8), 128);
  const [blockPixels, staged] = fitBlock(s, together * taps, wanted, panels * registerRows * 4 + 32);
  const blocks = Math.ceil(pixels / blockPixels);
  const sumBytes = panels * registerRows * roundUp(k, 8) * 4 * s.groups;
  const chunks = Math.ceil(channels / together);
  const { share, shares } = cutShares(s.images * blocks, sumBytes, 1, Math.ceil(16 / (chunks * s.groups)));
  withWorkspace(engine, "conv2d", shares * sumBytes, (sums) => {
    setWindows(engine, s);
    setArguments(engine, 0, [input, gradient, sums]);
    setArguments(engine, 20, [blockPixels, blocks, together, share, chunks, staged]);
    engine.run(engine.staticKernel("conv_weight"), engine.desc, shares * s.groups * chunks, 1);
    setArguments(engine, 0, [sums, weightGradient, shares, filters, k, 0, s.groups]);
    const grain = grainOf(20_000, k * shares);
    engine.run(engine.staticKernel("conv_weight_end"), engine.desc, s.filters, grain);
  });
}

/** The gradients of the weight and (unless 0) of the bias, from that of the output. */
export function conv2dWeightGradient(
  engine: Engine,
  shape: Conv2dShape,
  input: number,
  gradient: number,
  weightGradient: number,
  biasGradient: number,
): void {
  const s = flattened(shape);
  const pixels = s.outHeight * s.outWidth;
  const channels = s.channels / s.groups;
  const filters = s.filters / s.groups;
  const taps = s.kernelHeight * s.kernelWidth;
  const k = channels * taps;
  if (s.images * pixels === 0) {
    zero(engine, weightGradient, s.filters * k);
    if (biasGradient !== 0) zero(engine, biasGradient, s.filters);
    return;
  }
  if (biasGradient !== 0) {
    setArguments(engine, 0, [gradient, biasGradient, s.images, s.filters, pixels]);
    const grain = grainOf(30_000, s.images * pixels);
    engine.run(engine.staticKernel("channel_sums"), engine.desc, s.filters, grain);
  }
  if (s.filters * k === 0) return;
  if (coversPlane(s)) {
    gemm(engine, "float32", {
      ...{ a: gradient, b: input, c: weightGradient, m: filters, n: k, k: s.images },
      ...{ aRow: 1, aCol: filters, bRow: k, bCol: 1, cRow: k },
    });
    return;
  }
  if (isDepthwise(s)) {
    depthwiseWeight(engine, s, input, gradient, weightGradient);
    return;
  }
  if (usesWinogradWeight(s, engine.native) && winogradWeight(engine, s, input, gradient, weightGradient)) return;
  if (engine.native && usesPlanesWeight(s)) planesWeight(engine, s, input, gradient, weightGradient);
  else if (engine.native) nativeWeight(engine, s, input, gradient, weightGradient);
  else if (usesColumnsWeight(s)) columnsWeightGradient(engine, s, input, gradient, weightGradient);
  else directWeight(engine, s, input, gradient, weightGradient);
}
