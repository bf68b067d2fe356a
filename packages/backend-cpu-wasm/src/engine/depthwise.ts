import type { Conv2dShape } from "./conv-shape.ts";
import type { Engine } from "./engine.ts";
import { scratchLimit, setArguments } from "./workspace.ts";

/** The padded plane that the kernels read: every row of every window, and what the last vector reads too much. */
function paddedPlane(s: Conv2dShape): { rows: number; values: number } {
  const rows = (s.outHeight - 1) * s.strideY + (s.kernelHeight - 1) * s.dilationY + 1;
  const columns = (Math.ceil(s.outWidth / 8) * 8 - 1) * s.strideX + (s.kernelWidth - 1) * s.dilationX + 8;
  return { rows, values: Math.ceil(columns / 4) * 4 };
}

/** True for convolutions in which each channel has one filter of its own, of stride 1 or 2, whose planes are not huge. */
export function isDepthwise(s: Conv2dShape): boolean {
  if (s.groups !== s.channels || s.filters !== s.channels || s.strideX > 2) return false;
  const { rows, values } = paddedPlane(s);
  return rows * values * 4 + s.kernelHeight * s.kernelWidth * 8 + 64 <= scratchLimit;
}

function setGeometry(engine: Engine, s: Conv2dShape): number {
  const { rows, values } = paddedPlane(s);
  setArguments(engine, 4, [s.images, 1, 1, s.height, s.width, s.paddingTop, s.paddingLeft, s.outHeight, s.outWidth]);
  setArguments(engine, 13, [s.kernelHeight, s.kernelWidth, s.strideY, s.strideX, s.dilationY, s.dilationX]);
  setArguments(engine, 19, [s.channels, rows, values]);
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
  const grain = Math.max(1, Math.ceil(16_384 / work));
  engine.run(engine.staticKernel("conv_depthwise"), engine.desc, s.images * s.channels, grain);
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
  const grain = Math.max(1, Math.ceil(16_384 / work));
  engine.run(engine.staticKernel("conv_depthwise_weight"), engine.desc, s.channels, grain);
}
