import { sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { loopsOver, writeLoops } from "../engine/loops.ts";
import { writeView } from "../engine/views.ts";
import type { Findings } from "./findings.ts";

/** output[i][j][k] = input[i][index[i][j][k]][k] for dim 1, and so on. */
export function gather(engine: Engine, input: View, index: View, output: View, dim: number): void {
  const count = sizeOf(output.shape);
  if (count === 0) return;
  const line = input.strides.map((stride, d) => (d === dim ? 0 : stride));
  const loops = loopsOver(index.shape, [line, index.strides, output.strides]);
  const words = engine.words().int(count);
  writeLoops(words, loops);
  writeView(words, input, loops.steps[0]).int(input.strides[dim]).int(input.shape[dim]);
  writeView(words, index, loops.steps[1]);
  writeView(words, output, loops.steps[2]);
  engine.forEach("gather", count);
}

/** A position outside of 0..size-1, or null. Waits for the device. */
export function checkIndices(engine: Engine, findings: Findings, index: View, size: number): number | null {
  const found = findings.pointer();
  const count = sizeOf(index.shape);
  const loops = loopsOver(index.shape, [index.strides]);
  const words = engine.words().int(count);
  writeLoops(words, loops);
  writeView(words, index, loops.steps[0]).int(size).int(found);
  engine.forEach("check_indices", count);
  return findings.take();
}
