import { grainOf } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import type { Windows } from "./windows.ts";
import { setArguments, setFloats } from "./workspace.ts";

/** The geometry of 2-d pooling; only max pooling is dilated. */
export interface Pool2dShape extends Windows {
  /** Images · channels. */
  planes: number;
}

function run(engine: Engine, name: string, s: Pool2dShape, addresses: readonly number[]): void {
  if (s.planes === 0) return;
  setArguments(engine, 0, addresses);
  setArguments(engine, 4, [s.height, s.width, s.outHeight, s.outWidth, s.kernelHeight, s.kernelWidth]);
  setArguments(engine, 10, [s.strideY, s.strideX, s.paddingTop, s.paddingLeft, s.dilationY, s.dilationX]);
  const work = s.height * s.width + s.outHeight * s.outWidth * s.kernelHeight * s.kernelWidth;
  engine.run(engine.staticKernel(name), engine.desc, s.planes, grainOf(8192, work));
}

/** The largest value of each window; `positions` (int32, y·width + x within the plane) may be 0. */
export function maxPool2dForward(
  engine: Engine,
  shape: Pool2dShape,
  input: number,
  output: number,
  positions: number,
): void {
  run(engine, "max_pool", shape, [input, output, positions]);
}

export function maxPool2dBackward(
  engine: Engine,
  shape: Pool2dShape,
  gradient: number,
  positions: number,
  inputGradient: number,
): void {
  run(engine, "max_pool_backward", shape, [gradient, positions, inputGradient]);
}

/** How average pooling divides: by the window with its padding, by what lies inside, or by a given number. */
export interface AverageRule {
  countIncludePad: boolean;
  /** 0 for none. */
  divisorOverride: number;
}

function setRule(engine: Engine, s: Pool2dShape, rule: AverageRule): void {
  setFloats(engine, 16, [rule.divisorOverride]);
  setArguments(engine, 17, [rule.countIncludePad ? 1 : 0, s.paddingTop, s.paddingLeft]);
}

export function avgPool2dForward(
  engine: Engine,
  shape: Pool2dShape,
  rule: AverageRule,
  input: number,
  output: number,
): void {
  setRule(engine, shape, rule);
  run(engine, "avg_pool", shape, [input, output]);
}

export function avgPool2dBackward(
  engine: Engine,
  shape: Pool2dShape,
  rule: AverageRule,
  gradient: number,
  inputGradient: number,
): void {
  setRule(engine, shape, rule);
  run(engine, "avg_pool_backward", shape, [gradient, inputGradient]);
}
