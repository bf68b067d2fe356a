import { type FusedKernel, type FusedOps, sizeOf } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";
import { setArguments, withWorkspace } from "../engine/workspace.ts";

/** Elements of a part: their positions fit the second cache. */
const partSize = 16384;

/** Positions of true elements: parts are counted by all threads, then written to where the counts say. */
export const nonzeroKernel = (engine: Engine): FusedKernel<FusedOps["nonzero"]> => ({
  supports: () => true,
  run([mask], [positions]) {
    const n = sizeOf(mask.shape);
    const parts = Math.ceil(n / partSize);
    const from = addressOf(mask, 1);
    withWorkspace(engine, "nonzero", 4 * parts, (counts) => {
      setArguments(engine, 0, [from, counts, n, partSize]);
      engine.run(engine.staticKernel("count_true"), engine.desc, parts, 4);
      let before = 0;
      for (let part = counts / 4; part < counts / 4 + parts; part++) {
        const count = engine.i32[part];
        engine.i32[part] = before;
        before += count;
      }
      const sizes = positions.shape.length === 1 ? [n] : mask.shape;
      setArguments(engine, 0, [from, addressOf(positions, 4), n, partSize, counts, sizes.length, ...sizes]);
      engine.run(engine.staticKernel("nonzero"), engine.desc, parts, 1);
    });
  },
});
