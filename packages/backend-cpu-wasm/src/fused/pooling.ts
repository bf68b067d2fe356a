import type { FusedKernels, PoolAttrs, View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import {
  avgPool2dBackward,
  avgPool2dForward,
  maxPool2dBackward,
  maxPool2dForward,
  type Pool2dShape,
} from "../engine/pool2d.ts";
import { at } from "./address.ts";

function geometry(x: readonly number[], a: PoolAttrs): Pool2dShape {
  return {
    planes: x[0] * x[1],
    height: x[2],
    width: x[3],
    outHeight: a.out[0],
    outWidth: a.out[1],
    kernelHeight: a.kernel[0],
    kernelWidth: a.kernel[1],
    strideY: a.stride[0],
    strideX: a.stride[1],
    paddingTop: a.padding[0],
    paddingLeft: a.padding[1],
    dilationY: a.dilation[0],
    dilationX: a.dilation[1],
  };
}
/** Sums, whatever hangs over the edge: core divides. */
const plainSum = { countIncludePad: true, divisorOverride: 1 };

/** Max pooling with positions, and sums of windows, in two spatial dimensions. */
export function poolKernels(
  engine: Engine,
): Required<FusedKernels<"maxPool" | "maxPoolBackward" | "sumPool" | "sumPoolBackward">> {
  const supports = ([x]: readonly View[]): boolean => x.shape.length === 4 && x.dtype === "float32";
  const undilated = (inputs: readonly View[], { dilation }: PoolAttrs): boolean =>
    supports(inputs) && dilation.every((d) => d === 1);
  return {
    maxPool: {
      supports,
      run([x], [values, positions], attrs) {
        maxPool2dForward(engine, geometry(x.shape, attrs), at(x), at(values), at(positions));
      },
    },
    sumPool: {
      supports: undilated,
      run([x], [y], attrs) {
        avgPool2dForward(engine, geometry(x.shape, attrs), plainSum, at(x), at(y));
      },
    },
    sumPoolBackward: {
      supports: undilated,
      run([g], [dx], attrs) {
        avgPool2dBackward(engine, geometry(dx.shape, attrs), plainSum, at(g), at(dx));
      },
    },
    maxPoolBackward: {
      supports,
      run([g, positions], [dx]) {
        const [, , height, width] = dx.shape;
        const [, , outHeight, outWidth] = g.shape;
        // positions say where each value goes: of the geometry only the sizes matter
        const shape = {
          planes: dx.shape[0] * dx.shape[1],
          height,
          width,
          outHeight,
          outWidth,
          kernelHeight: 1,
          kernelWidth: 1,
          strideY: 1,
          strideX: 1,
          paddingTop: 0,
          paddingLeft: 0,
        };
        maxPool2dBackward(engine, shape, at(g), at(positions), at(dx));
      },
    },
  };
}
