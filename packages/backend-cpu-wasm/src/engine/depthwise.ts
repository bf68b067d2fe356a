import { grainOf, roundUp } from "./blocks.ts";
import { type Conv2dShape, setWindows } from "./conv-shape.ts";
import type { Engine } from "./engine.ts";
import { columnsUnder, rowsUnder } from "./windows.ts";
import { scratchLimit, setArguments } from "./workspace.ts";

/** The padded plane that the kernels read: every row of every window, and what the last vector reads too much. */
function paddedPlane(s: Conv2dShape): { rows: number; values: number } {
  const columns = columnsUnder(s, roundUp(s.outWidth, 8)) + 7;
  return { rows: rowsUnder(s, s.outHeight), values: roundUp(columns, 4) };
}

/** True for convolutions in which each channel has one filter of its own, of stride 1 or 2, whose planes are not huge. */
export function isDepthwise(s: Conv2dShape): boolean {
  if (s.groups !== s.channels || s.filters !== s.channels || s.strideX > 2) return false;
  const { rows, values } = paddedPlane(s);
  return rows * values * 4 + s.kernelHeight * s.kernelWidth * 8 + 64 <= scratchLimit;
}

function setGeometry(engine: Engine, s: Conv2dShape): number {
  const { rows, values } = paddedPlane(s);
  setWindows(engine, s);
  setArguments(engine, 20, [rows, values]);
  return rows * values + s.outHeight * s.outWidth * s.kernelHeight * s.kernelWidth;
}

/** With `turned`, the taps run from the last to the first: the gradient of the input for stride 1. */
export function depthwiseForward(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  weight: number,
  bias: number,
  output: number,
  turned: boolean,
): void {
  const work = setGeometry(engine, s);
  setArguments(engine, 0, [input, weight, output, bias]);
  setArguments(engine, 22, [turned ? 1 : 0]);
  engine.run(engine.staticKernel("conv_depthwise"), engine.desc, s.images * s.channels, grainOf(16_384, work));
}

export function depthwiseWeight(
  engine: Engine,
  s: Conv2dShape,
  input: number,
  gradient: number,
  weightGradient: number,
): void {
  const work = setGeometry(engine, s) * s.images;
  setArguments(engine, 0, [input, gradient, weightGradient]);
  engine.run(engine.staticKernel("conv_depthwise_weight"), engine.desc, s.channels, grainOf(16_384, work));
}
