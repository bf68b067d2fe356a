import { bytesOf, type ScatterMode, sizeOf, type View } from "@flambeau/tensor/plugin";
import { heldIn, modeOf, typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { writeLoops } from "../engine/loops.ts";
import { laidOut, writeView } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { linesOf } from "./lines.ts";
import { sortPositions } from "./sort.ts";

/** Shorter lines, and lines of which there are more, are a thread's each. */
const long = 256;
const many = 4096;
/** The shortest pieces of a line. */
const shortest = 64;

/** target[i][index[i][j][k]][k] (mode)= source[i][j][k] for dim 1, and so on, in index order. */
export function scatter(engine: Engine, mode: ScatterMode, target: View, index: View, source: View, dim: number): void {
  const { loops, lines, length } = linesOf(index.shape, dim, [target, index, source]);
  if (lines * length === 0) return;
  const begin = (): Words => {
    const words = engine.words().int(modeOf(mode, target.dtype)).int(lines).int(length);
    writeLoops(words, loops);
    writeView(words, target, loops.steps[0]).int(target.strides[dim]).int(target.shape[dim]);
    writeView(words, index, loops.steps[1]).int(index.strides[dim]);
    return writeView(words, source, loops.steps[2]).int(source.strides[dim]);
  };
  if (length < long || lines >= many) {
    begin();
    engine.forEach(typed("scatter", target.dtype), lines);
    return;
  }
  // all lines may have one index, as rows have that are added to rows
  const one = loops.steps[1].every((step) => step === 0);
  const others = index.shape.flatMap((_, d) => (d === dim ? [] : [d]));
  const sorted = laidOut(
    index,
    one ? [length] : [...others.map((d) => index.shape[d]), length],
    one ? [index.strides[dim]] : [...others.map((d) => index.strides[d]), index.strides[dim]],
  );
  // as many pieces as a piece has elements: neither what a thread goes along first nor the parts that one may put together are many
  const piece = Math.max(shortest, Math.ceil(Math.sqrt(length)));
  const pieces = Math.ceil(length / piece);
  const parts = lines * pieces * bytesOf(heldIn(target.dtype));
  const order = 8 * Math.ceil(sizeOf(sorted.shape) / 2); // what lies behind it may be of 8 bytes
  const buffer = engine.alloc(order + 2 * parts);
  try {
    const { pointer } = buffer;
    sortPositions(engine, sorted, pointer, false);
    for (const kernel of ["scatter_runs", "scatter_parts"]) {
      begin()
        .ints([pointer, one ? 0 : length, piece, pieces])
        .ints([pointer + order, pointer + order + parts]);
      engine.forEach(typed(kernel, target.dtype), lines * pieces);
    }
  } finally {
    engine.free(buffer);
  }
}
