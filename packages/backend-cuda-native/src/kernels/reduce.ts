import {
  contiguousStrides,
  dtypeCode,
  type Program,
  type ReduceKind,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import { kindOf, typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { loopsOver, writeLoops } from "../engine/loops.ts";
import { addressOf } from "../engine/views.ts";
import { withProgram } from "../program.ts";

/** Up to so many values are a single thread's. */
const short = 32;
/** What one launch has of blocks that each make one output. */
const mostBlocks = 65_535;

/** Combines program(inputs...) over `dims`. */
export function reduce(
  engine: Engine,
  kind: ReduceKind,
  program: Program,
  inputs: readonly View[],
  params: readonly number[],
  output: View,
  dims: readonly number[],
): void {
  const { shape } = inputs[0];
  const all = shape.map((_, d) => d);
  const reducedDims = all.filter((d) => dims.includes(d));
  const keptDims = all.filter((d) => !dims.includes(d));
  // the last one is the position, of which programs may ask
  const strides = [...inputs.map((v) => v.strides), contiguousStrides(shape)];
  const kept = loopsOver(shape, strides, keptDims);
  const reduced = loopsOver(shape, strides, reducedDims);
  const outputs = sizeOf(output.shape);
  const count = sizeOf(reducedDims.map((d) => shape[d]));
  if (outputs === 0) return;
  const words = engine.words().int(kindOf(kind)).int(outputs).int(count);
  writeLoops(words, kept);
  writeLoops(words, reduced);
  words.int(addressOf(output)).int(dtypeCode(output.dtype)).int(inputs.length);
  inputs.forEach((view, k) => {
    words.int(addressOf(view)).int(dtypeCode(view.dtype)).ints(kept.steps[k]).ints(reduced.steps[k]);
  });
  words.ints(kept.steps[inputs.length]).ints(reduced.steps[inputs.length]);
  if (count <= short) {
    withProgram(engine, program, params, engine.threads(outputs), words, () =>
      engine.forEach(typed("reduce_short", output.dtype), outputs),
    );
    return;
  }
  const blocks = Math.min(outputs, mostBlocks);
  withProgram(engine, program, params, blocks * engine.blockSize, words, () =>
    engine.launch(typed("reduce_long", output.dtype), blocks),
  );
}
