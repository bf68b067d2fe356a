import { sizeOf, type View } from "@flambeau/tensor/plugin";
import { kindOf, typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { loopsOver, writeLoops } from "../engine/loops.ts";
import { writeView } from "../engine/views.ts";

/** The lines along a dimension: loops over the others. */
export function linesOf(shape: readonly number[], dim: number, views: readonly View[]) {
  const others = shape.map((_, d) => d).filter((d) => d !== dim);
  const loops = loopsOver(
    shape,
    views.map((v) => v.strides),
    others,
  );
  return { loops, lines: sizeOf(others.map((d) => shape[d])), length: shape[dim] };
}

/** The position of the first extreme of each line. */
export function argReduce(engine: Engine, kind: "max" | "min", input: View, output: View, dim: number): void {
  const { loops, lines, length } = linesOf(input.shape, dim, [input, output]);
  if (lines === 0) return;
  const words = engine.words().int(kindOf(kind)).int(lines).int(length);
  writeLoops(words, loops);
  writeView(words, input, loops.steps[0]).int(input.strides[dim]);
  writeView(words, output, loops.steps[1]);
  // a block for each line, where that keeps more threads busy than one for each
  if (length >= 1024 && lines < 1024) engine.launch(typed("arg_reduce_long", input.dtype), lines);
  else engine.forEach(typed("arg_reduce", input.dtype), lines);
}
