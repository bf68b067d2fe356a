import { type Program, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { loopsOver, writeLoops } from "../engine/loops.ts";
import { writeView } from "../engine/views.ts";
import { withProgram } from "../program.ts";

/** output[i] = program(inputs[0][i], ..., params) */
export function map(
  engine: Engine,
  program: Program,
  inputs: readonly View[],
  params: readonly number[],
  output: View,
): void {
  const count = sizeOf(output.shape);
  if (count === 0) return;
  const loops = loopsOver(output.shape, [output.strides, ...inputs.map((v) => v.strides)]);
  const words = engine.words().int(count);
  writeLoops(words, loops);
  writeView(words, output, loops.steps[0]).int(inputs.length);
  inputs.forEach((view, k) => {
    writeView(words, view, loops.steps[k + 1]);
  });
  withProgram(engine, program, params, engine.threads(count), words, () => engine.forEach("map", count));
}
