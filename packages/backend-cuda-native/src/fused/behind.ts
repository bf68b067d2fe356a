import { dtypeCode, type Program, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { loopsOver, writeLoops } from "../engine/loops.ts";
import { addressOf, writeView } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { withProgram } from "../program.ts";

/** What a kernel's results go through (native/kernels/behind.cuh): a program whose first input they are, and where its own go. */
export interface Behind {
  readonly output: View;
  readonly program: Program;
  readonly others: readonly View[];
  readonly params: readonly number[];
}

/** Writes it behind a kernel's words, and calls `launch`, which starts so many threads. */
export function withBehind(
  engine: Engine,
  words: Words,
  { output, program, others, params }: Behind,
  threads: number,
  launch: () => void,
): void {
  const loops = loopsOver(output.shape, [output.strides, ...others.map((v) => v.strides)]);
  writeLoops(words, loops);
  writeView(words, output, loops.steps[0]).int(others.length);
  others.forEach((view, k) => {
    words
      .int(addressOf(view))
      .int(dtypeCode(view.dtype))
      .ints(loops.steps[k + 1]);
  });
  withProgram(engine, program, params, threads, words, launch);
}
