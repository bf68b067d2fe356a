import type { View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { elementsOf, forEachLine, type Scalar } from "./elements.ts";

/** The `sort` primitive: stable, along the last dim; a NaN counts as largest. */
export function sort(engine: Engine, input: View, values: View, indices: View, descending: boolean): void {
  const from = elementsOf(engine, input);
  const to = elementsOf(engine, values);
  const at = elementsOf(engine, indices);
  const last = input.shape.length - 1;
  const size = input.shape[last] ?? 1;
  const stride = input.strides[last] ?? 0;
  const line: Scalar[] = new Array(size);
  const order: number[] = new Array(size);
  const sign = descending ? -1 : 1;
  // biome-ignore lint/suspicious/noSelfCompare: the test for NaN that bigints stand too
  const rank = (x: Scalar) => (x !== x ? 1 : 0);
  const compare = (i: number, j: number) => {
    const a = line[i];
    const b = line[j];
    if (a < b) return -sign;
    if (a > b) return sign;
    return a === b ? i - j : sign * (rank(a) - rank(b)) || i - j;
  };
  forEachLine(input.shape, last, [input.strides, values.strides, indices.strides], ([i, v, p]) => {
    for (let k = 0; k < size; k++) {
      line[k] = from.get(i + k * stride);
      order[k] = k;
    }
    order.length = size;
    order.sort(compare);
    for (let k = 0; k < size; k++) {
      to.set(v + k, line[order[k]]);
      at.set(p + k, indices.dtype === "int64" ? BigInt(order[k]) : order[k]);
    }
  });
}
