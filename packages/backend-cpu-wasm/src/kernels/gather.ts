import type { View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { elementsOf, forEachLine } from "./elements.ts";

/** The `gather` primitive: output[i][j][k] = input[i][index[i][j][k]][k] for dim 1, and so on. */
export function gather(engine: Engine, input: View, index: View, output: View, dim: number): void {
  const from = elementsOf(engine, input);
  const which = elementsOf(engine, index);
  const to = elementsOf(engine, output);
  const size = index.shape[dim] ?? 1;
  const step = input.strides[dim] ?? 0;
  const indexStep = index.strides[dim] ?? 0;
  const outStep = output.strides[dim] ?? 0;
  forEachLine(index.shape, dim, [input.strides, index.strides, output.strides], ([i, x, o]) => {
    for (let k = 0; k < size; k++) to.set(o + k * outStep, from.get(i + Number(which.get(x + k * indexStep)) * step));
  });
}
