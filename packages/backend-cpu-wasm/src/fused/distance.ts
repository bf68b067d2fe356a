import { type FusedKernel, type FusedOps, sizeOf } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import { grainOf } from "../engine/blocks.ts";
import type { Engine } from "../engine/engine.ts";
import { setArguments } from "../engine/workspace.ts";

/** Rows that the kernel takes together. */
const together = 4;
/** Squares are added up in float32; of more the primitive goes on in float64. */
const mostSummands = 1024;

/** Euclidean distances of rows to columns, as many matrices of the one as of the other. */
export const distanceKernel = (engine: Engine): FusedKernel<FusedOps["cdist"]> => ({
  supports: ([x, y], { p }) => {
    const last = x.shape.length - 1;
    const m = x.shape[last];
    if (p !== 2 || x.dtype !== "float32" || m === 0 || m > mostSummands) return false;
    for (let d = 0; d < last - 1; d++) if (x.shape[d] !== y.shape[d]) return false;
    return true;
  },
  run([x, y], [out], _) {
    const last = x.shape.length - 1;
    const [rows, m, columns] = [x.shape[last - 1], x.shape[last], y.shape[y.shape.length - 1]];
    setArguments(engine, 0, [addressOf(x, 4), addressOf(y, 4), addressOf(out, 4), rows, columns, m]);
    const blocks = sizeOf(x.shape.slice(0, -2)) * Math.ceil(rows / together);
    engine.run(engine.staticKernel("distances"), engine.desc, blocks, grainOf(32768, together * columns * m));
  },
});
