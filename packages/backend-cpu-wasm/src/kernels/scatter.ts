import type { ScatterMode, View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { elementsOf, forEachLine, type Scalar } from "./elements.ts";

/** What a target element becomes. bools: add and max are "or", mul and min are "and". */
function combine(mode: ScatterMode, bool: boolean): (old: Scalar, x: Scalar) => Scalar {
  const add = (a: Scalar, b: Scalar) => (typeof a === "bigint" ? a + (b as bigint) : a + (b as number)); // of one dtype
  const mul = (a: Scalar, b: Scalar) => (typeof a === "bigint" ? a * (b as bigint) : a * (b as number));
  const max = (a: Scalar, b: Scalar) => (a > b || a !== a ? a : b); // biome-ignore lint/suspicious/noSelfCompare: a NaN stays
  const min = (a: Scalar, b: Scalar) => (a < b || a !== a ? a : b); // biome-ignore lint/suspicious/noSelfCompare: a NaN stays
  switch (mode) {
    case "set":
      return (_, x) => x;
    case "add":
      return bool ? max : add;
    case "mul":
      return bool ? min : mul;
    case "max":
      return max;
    case "min":
      return min;
  }
}

/** The `scatter` primitive: target[i][index[i][j][k]][k] (mode)= source[i][j][k] for dim 1, and so on, in index order. */
export function scatter(engine: Engine, mode: ScatterMode, target: View, index: View, source: View, dim: number): void {
  const to = elementsOf(engine, target);
  const which = elementsOf(engine, index);
  const from = elementsOf(engine, source);
  const size = index.shape[dim] ?? 1;
  const step = target.strides[dim] ?? 0;
  const indexStep = index.strides[dim] ?? 0;
  const fromStep = source.strides[dim] ?? 0;
  const next = combine(mode, target.dtype === "bool");
  forEachLine(index.shape, dim, [target.strides, index.strides, source.strides], ([t, x, s]) => {
    for (let k = 0; k < size; k++) {
      const at = t + Number(which.get(x + k * indexStep)) * step;
      to.set(at, next(mode === "set" ? 0 : to.get(at), from.get(s + k * fromStep)));
    }
  });
}
