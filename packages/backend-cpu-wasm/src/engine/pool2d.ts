import type { Engine } from "./engine.ts";
import { setArguments } from "./workspace.ts";

/** The geometry of 2-d pooling over float32 planes (images · channels of them). */
export interface Pool2dShape {
  planes: number;
  height: number;
  width: number;
  outHeight: number;
  outWidth: number;
  kernelHeight: number;
  kernelWidth: number;
  strideY: number;
  strideX: number;
  paddingTop: number;
  paddingLeft: number;
  /** Max pooling only; default 1. */
  dilationY?: number;
  dilationX?: number;
}

function setGeometry(engine: Engine, s: Pool2dShape): void {
  setArguments(engine, 4, [s.height, s.width, s.outHeight, s.outWidth, s.kernelHeight, s.kernelWidth]);
  setArguments(engine, 10, [s.strideY, s.strideX, s.paddingTop, s.paddingLeft, s.dilationY ?? 1, s.dilationX ?? 1]);
}

function run(engine: Engine, name: string, s: Pool2dShape): void {
  if (s.planes === 0) return;
  const work = s.height * s.width + s.outHeight * s.outWidth * s.kernelHeight * s.kernelWidth;
  engine.run(engine.staticKernel(name), engine.desc, s.planes, Math.max(1, Math.ceil(8192 / work)));
}

/** The largest value of each window; `positions` (int32, y·width + x within the plane) may be 0. */
export function maxPool2dForward(
  engine: Engine,
  shape: Pool2dShape,
  input: number,
  output: number,
  positions: number,
): void {
  setGeometry(engine, shape);
  setArguments(engine, 0, [input, output, positions]);
  run(engine, "max_pool", shape);
}

export function maxPool2dBackward(
  engine: Engine,
  shape: Pool2dShape,
  gradient: number,
  positions: number,
  inputGradient: number,
): void {
  setGeometry(engine, shape);
  setArguments(engine, 0, [gradient, positions, inputGradient]);
  run(engine, "max_pool_backward", shape);
}

/** How average pooling divides: by the window with its padding, by what lies inside, or by a given number. */
export interface AverageRule {
  countIncludePad: boolean;
  /** 0 for none. */
  divisorOverride: number;
}

function setRule(engine: Engine, s: Pool2dShape, rule: AverageRule): void {
  engine.f32[(engine.desc >>> 2) + 16] = rule.divisorOverride;
  setArguments(engine, 17, [rule.countIncludePad ? 1 : 0, s.paddingTop, s.paddingLeft]);
}

export function avgPool2dForward(
  engine: Engine,
  shape: Pool2dShape,
  rule: AverageRule,
  input: number,
  output: number,
): void {
  setGeometry(engine, shape);
  setRule(engine, shape, rule);
  setArguments(engine, 0, [input, output]);
  run(engine, "avg_pool", shape);
}

export function avgPool2dBackward(
  engine: Engine,
  shape: Pool2dShape,
  rule: AverageRule,
  gradient: number,
  inputGradient: number,
): void {
  setGeometry(engine, shape);
  setRule(engine, shape, rule);
  setArguments(engine, 0, [gradient, inputGradient]);
  run(engine, "avg_pool_backward", shape);
}
