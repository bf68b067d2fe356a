import { type Program, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { type Loops, loopsOver, writeLoops } from "../engine/loops.ts";
import { writeView } from "../engine/views.ts";
import { generatedFor, withProgram, writeParams } from "../program.ts";

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
  const generated = generatedFor(engine, program, null);
  const loops = loopsOver(output.shape, [output.strides, ...inputs.map((v) => v.strides)]);
  const words = engine.words().int(count);
  writeLoops(words, loops);
  writeView(words, output, loops.steps[0]).int(inputs.length);
  inputs.forEach((view, k) => {
    writeView(words, view, loops.steps[k + 1]);
  });
  if (generated === null) {
    withProgram(engine, program, params, engine.threads(count), words, () => engine.forEach("map", count));
    return;
  }
  writeParams(words, params);
  engine.forEach(generated[isFlat(loops) ? 1 : 0], count);
}
/** Whether all views are rows without gaps. */
const isFlat = ({ sizes, steps }: Loops): boolean => sizes.length === 1 && steps.every(([step]) => step === 1);
