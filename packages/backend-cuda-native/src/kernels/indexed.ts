import { type ScatterMode, sizeOf, type View } from "@flambeau/tensor/plugin";
import { modeOf, typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { loopsOver, writeLoops } from "../engine/loops.ts";
import { writeView } from "../engine/views.ts";
import type { Findings } from "./findings.ts";
import { linesOf } from "./lines.ts";

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

/** target[i][index[i][j][k]][k] (mode)= source[i][j][k] for dim 1, and so on, in index order. */
export function scatter(engine: Engine, mode: ScatterMode, target: View, index: View, source: View, dim: number): void {
  const { loops, lines, length } = linesOf(index.shape, dim, [target, index, source]);
  if (lines * length === 0) return;
  const words = engine.words().int(modeOf(mode, target.dtype)).int(lines).int(length);
  writeLoops(words, loops);
  writeView(words, target, loops.steps[0]).int(target.strides[dim]).int(target.shape[dim]);
  writeView(words, index, loops.steps[1]).int(index.strides[dim]);
  writeView(words, source, loops.steps[2]).int(source.strides[dim]);
  engine.forEach(typed("scatter", target.dtype), lines);
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
