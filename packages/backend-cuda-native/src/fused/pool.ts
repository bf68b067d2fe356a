import { type FusedKernels, type PoolAttrs, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { allFloats, allStored } from "./floats.ts";
import { writeWindows } from "./windows.ts";

/** Pools of planes, and their gradients (native/kernels/pool.cuh). */
export function poolKernels(
  engine: Engine,
): Required<FusedKernels<"maxPool" | "maxPoolBackward" | "sumPool" | "sumPoolBackward">> {
  /** Two spatial dimensions. */
  const planar = (views: readonly View[], { kernel }: PoolAttrs): boolean => allStored(views) && kernel.length === 2;
  const begin = (shape: readonly number[], { kernel, out, ...windows }: PoolAttrs): Words =>
    writeWindows(engine.words(), shape.slice(-2), out, kernel, windows).int(sizeOf(shape.slice(0, -2)));

  return {
    maxPool: {
      supports: planar,
      run([x], [y, positions], attrs) {
        begin(x.shape, attrs).ints([addressOf(y), addressOf(positions), addressOf(x)]);
        engine.forEach(`max_pool_${x.dtype}`, sizeOf(y.shape));
      },
    },
    maxPoolBackward: {
      // without windows any positions may coincide
      supports: ([g], { windows }) => windows !== undefined && planar([g], windows),
      run([g, positions], [dx], { shape, windows }) {
        if (windows === undefined) return; // refused above
        begin(shape, windows).ints([addressOf(dx), addressOf(g), addressOf(positions)]);
        engine.forEach(`max_pool_backward_${g.dtype}`, sizeOf(shape));
      },
    },
    sumPool: {
      supports: (inputs, attrs) => allFloats(inputs) && planar(inputs, attrs),
      run([x], [y], attrs) {
        begin(x.shape, attrs).ints([addressOf(y), addressOf(x)]);
        engine.forEach(`sum_pool_${x.dtype}`, sizeOf(y.shape));
      },
    },
    sumPoolBackward: {
      supports: (inputs, attrs) => allFloats(inputs) && planar(inputs, attrs),
      run([g], [dx], { shape, ...attrs }) {
        begin(shape, attrs).ints([addressOf(dx), addressOf(g)]);
        engine.forEach(`sum_pool_backward_${g.dtype}`, sizeOf(shape));
      },
    },
  };
}
