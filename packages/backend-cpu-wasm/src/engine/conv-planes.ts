import { grainOf } from "./blocks.ts";
import { type Conv2dShape, setWindows } from "./conv-shape.ts";
import type { Engine } from "./engine.ts";
import { columnsUnder, rowsUnder } from "./windows.ts";
import { scratchLimit, setArguments } from "./workspace.ts";

/** More filters are worth the packing of patches, and so are small planes, whose sums are short; of more values 32 bits would lose some. */
const fewFilters = 32;
const [leastPixels, mostPixels] = [256, 8192];
/** Bytes of the widest vector. */
const vectorBytes = 64;

/** True for many small groups, as of gradients of each sample's weight: native kernels sum their products without patches. */
export function usesPlanesWeight(s: Conv2dShape): boolean {
  const filters = s.filters / s.groups;
  if (s.groups === 1 || s.strideY !== 1 || s.strideX !== 1 || filters > fewFilters) return false;
  const pixels = s.outHeight * s.outWidth;
  if (pixels < leastPixels || s.images * pixels > mostPixels) return false;
  const taps = s.kernelHeight * s.kernelWidth;
  const plane = rowsUnder(s, s.outHeight) * columnsUnder(s, s.outWidth) * 4;
  const sums = (filters * (s.channels / s.groups) * taps + 32) * vectorBytes;
  return (filters + 1) * (plane + 16 * vectorBytes) + sums + 32 * taps <= scratchLimit;
}

export function planesWeight(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  gradient: number,
  weightGradient: number,
): void {
  setWindows(engine, s);
  setArguments(engine, 0, [input, gradient, weightGradient]);
  const perGroup = (s.channels / s.groups) * s.kernelHeight * s.kernelWidth * (s.filters / s.groups);
  const grain = grainOf(150_000, perGroup * s.images * s.outHeight * s.outWidth);
  engine.run(engine.staticKernel("conv_planes_weight"), engine.desc, s.groups, grain);
}
