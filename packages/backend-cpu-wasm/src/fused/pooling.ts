import type { FusedKernels, PoolAttrs, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import {
  avgPool2dBackward,
  avgPool2dForward,
  maxPool2dBackward,
  maxPool2dForward,
  type Pool2dShape,
} from "../engine/pool2d.ts";
import { at } from "./address.ts";
import { windowsOf } from "./windows.ts";

/** The geometry of pooling `x` [N, C, H, W]. */
const geometry = (x: readonly number[], a: PoolAttrs): Pool2dShape => ({
  ...windowsOf(x, a.kernel, a.out, a),
  planes: x[0] * x[1],
});
/** Positions say where each value goes: of the geometry only the sizes matter. */
const single = { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
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
        const shape = geometry(dx.shape, { ...single, out: g.shape.slice(2) });
        maxPool2dBackward(engine, shape, at(g), at(positions), at(dx));
      },
    },
  };
}
