import { bytesOf, type FusedKernel, type FusedOps, sizeOf } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import { grainOf } from "../engine/blocks.ts";
import type { Engine } from "../engine/engine.ts";
import { setArguments } from "../engine/workspace.ts";

/** Rows back to front; along other dimensions gathers of whole rows are as quick. */
export const flipKernel = (engine: Engine): FusedKernel<FusedOps["flip"]> => ({
  supports: ([x], { dim }) => dim === x.shape.length - 1 && sizeOf(x.shape) > 0,
  run([x], [y], { dim }) {
    const bytes = bytesOf(x.dtype);
    const n = x.shape[dim];
    setArguments(engine, 0, [addressOf(x, bytes), addressOf(y, bytes), n]);
    engine.run(engine.staticKernel(`reverse_${8 * bytes}`), engine.desc, sizeOf(x.shape) / n, grainOf(32768, n));
  },
});
