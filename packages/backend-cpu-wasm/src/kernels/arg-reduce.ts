import type { View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { elementsOf, forEachLine, type Scalar } from "./elements.ts";

const isNaN = (x: Scalar): boolean => x !== x; // biome-ignore lint/suspicious/noSelfCompare: the test for NaN that bigints stand too

/** The `argReduce` primitive: position of the first extreme along `dim`, where a NaN is the extreme. */
export function argReduce(engine: Engine, kind: "max" | "min", input: View, output: View, dim: number): void {
  const from = elementsOf(engine, input);
  const to = elementsOf(engine, output);
  const size = input.shape[dim] ?? 1;
  const stride = input.strides[dim] ?? 0;
  const wide = output.dtype === "int64";
  forEachLine(input.shape, dim, [input.strides, output.strides], ([at, out]) => {
    let best = from.get(at);
    let found = 0;
    for (let i = 1; i < size && !isNaN(best); i++) {
      const x = from.get(at + i * stride);
      if (kind === "max" ? x > best : x < best) {
        best = x;
        found = i;
      } else if (isNaN(x)) {
        best = x;
        found = i;
      }
    }
    to.set(out, wide ? BigInt(found) : found);
  });
}
