import { contiguousStrides, sizeOf, type View } from "@flambeau/tensor/plugin";
import { typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { writeLoops } from "../engine/loops.ts";
import { addressOf, laidOut, writeView } from "../engine/views.ts";
import { gather } from "./indexed.ts";
import { linesOf } from "./lines.ts";

/** Stable sort along the last dim: positions are merged, in turn in `indices` and in memory of as many bytes, values gathered by them. */
export function sort(engine: Engine, input: View, values: View, indices: View, descending: boolean): void {
  const dim = input.shape.length - 1;
  const count = sizeOf(input.shape);
  if (count === 0) return;
  const { loops, lines, length } = linesOf(input.shape, dim, [input]);
  const passes = Math.ceil(Math.log2(length));
  const other = engine.alloc(4 * count);
  try {
    // so that the last pass writes the indices
    let [from, to] = passes % 2 === 0 ? [other.pointer, addressOf(indices)] : [addressOf(indices), other.pointer];
    for (let pass = 0; pass <= passes; pass++) {
      const words = engine.words().int(lines).int(length);
      writeLoops(words, loops);
      writeView(words, input, loops.steps[0]).int(input.strides[dim]);
      words
        .int(from)
        .int(to)
        .int(pass === 0 ? 0 : 2 ** (pass - 1))
        .int(descending ? 1 : 0);
      engine.forEach(typed("merge_pass", input.dtype), count);
      [from, to] = [to, from];
    }
  } finally {
    engine.free(other);
  }
  gather(engine, input, laidOut(indices, input.shape, contiguousStrides(input.shape)), values, dim);
}
