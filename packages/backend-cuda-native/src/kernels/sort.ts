import { contiguousStrides, sizeOf, type View } from "@flambeau/tensor/plugin";
import { typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { writeLoops } from "../engine/loops.ts";
import { addressOf, laidOut, writeView } from "../engine/views.ts";
import { gather } from "./indexed.ts";
import { linesOf } from "./lines.ts";

/**
 * The positions (int32) of each line along the last dim in a stable order, at `to`, line after line: they are merged, in turn there and in memory of
 * as many bytes.
 */
export function sortPositions(engine: Engine, input: View, to: number, descending: boolean): void {
  const dim = input.shape.length - 1;
  const count = sizeOf(input.shape);
  const { loops, lines, length } = linesOf(input.shape, dim, [input]);
  const passes = Math.ceil(Math.log2(length));
  const other = engine.alloc(4 * count);
  try {
    // so that the last pass writes where it is asked to
    let [before, behind] = passes % 2 === 0 ? [other.pointer, to] : [to, other.pointer];
    for (let pass = 0; pass <= passes; pass++) {
      const words = engine.words().int(lines).int(length);
      writeLoops(words, loops);
      writeView(words, input, loops.steps[0]).int(input.strides[dim]);
      words
        .int(before)
        .int(behind)
        .int(pass === 0 ? 0 : 2 ** (pass - 1))
        .int(descending ? 1 : 0);
      engine.forEach(typed("merge_pass", input.dtype), count);
      [before, behind] = [behind, before];
    }
  } finally {
    engine.free(other);
  }
}

/** Stable sort along the last dim: values are gathered by their sorted positions. */
export function sort(engine: Engine, input: View, values: View, indices: View, descending: boolean): void {
  if (sizeOf(input.shape) === 0) return;
  sortPositions(engine, input, addressOf(indices), descending);
  const order = laidOut(indices, input.shape, contiguousStrides(input.shape));
  gather(engine, input, order, values, input.shape.length - 1);
}
