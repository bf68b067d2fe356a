import type { FusedKernel } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import {
  avgPool2dBackward,
  avgPool2dForward,
  maxPool2dBackward,
  maxPool2dForward,
  type Pool2dShape,
} from "../engine/pool2d.ts";
import { at } from "./address.ts";

interface PoolAttrs {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly out: readonly number[];
}
const attrsOf = (attrs: object): PoolAttrs => attrs as PoolAttrs; // core passes the attributes of the named op

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
export function poolKernels(engine: Engine): Record<string, FusedKernel> {
  const supports: FusedKernel["supports"] = ([x]) => x.shape.length === 4 && x.dtype === "float32";
  const undilated: FusedKernel["supports"] = (inputs, attrs) =>
    supports(inputs, attrs) && attrsOf(attrs).dilation.every((d) => d === 1);
  return {
    maxPool: {
      supports,
      run([x], [values, positions], attrs) {
        maxPool2dForward(engine, geometry(x.shape, attrsOf(attrs)), at(x), at(values), at(positions));
      },
    },
    sumPool: {
      supports: undilated,
      run([x], [y], attrs) {
        avgPool2dForward(engine, geometry(x.shape, attrsOf(attrs)), plainSum, at(x), at(y));
      },
    },
    sumPoolBackward: {
      supports: undilated,
      run([g], [dx], attrs) {
        avgPool2dBackward(engine, geometry(dx.shape, attrsOf(attrs)), plainSum, at(g), at(dx));
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
