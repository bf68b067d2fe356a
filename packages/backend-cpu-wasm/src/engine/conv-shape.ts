import type { Engine } from "./engine.ts";
import type { Windows } from "./windows.ts";
import { setArguments } from "./workspace.ts";

/** The geometry of a 2-d convolution over NCHW. */
export interface Conv2dShape extends Windows {
  images: number;
  /** Input channels and filters of all groups together. */
  channels: number;
  filters: number;
  groups: number;
}

/** How filters lie in memory, in bytes: that of a tap (f, c, y, x) of a group. */
export interface FilterSteps {
  base: number;
  group: number;
  filter: number;
  channel: number;
  y: number;
  x: number;
}

/** Writes slots 4 to 12 of all convolutions' arguments. */
export function setPlanes(engine: Engine, s: Conv2dShape): void {
  setArguments(engine, 4, [s.images, s.channels / s.groups, s.filters / s.groups, s.height, s.width]);
  setArguments(engine, 9, [s.paddingTop, s.paddingLeft, s.outHeight, s.outWidth]);
}

/** Writes slots 4 to 19 of those that take any kernel. */
export function setWindows(engine: Engine, s: Conv2dShape): void {
  setPlanes(engine, s);
  setArguments(engine, 13, [s.kernelHeight, s.kernelWidth, s.strideY, s.strideX, s.dilationY, s.dilationX, s.groups]);
}
