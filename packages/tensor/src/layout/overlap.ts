import type { View } from "../contract/view.ts";
import type { Tensor } from "../core/tensor.ts";
import { sameShape } from "./shapes.ts";

// Which elements of memory two windows share, for ops that write.

/** Elements from a window's first to its last one in memory; the window is not empty. */
export function spanOf({ shape, strides }: Pick<View, "shape" | "strides">): number {
  let last = 0;
  for (let d = 0; d < shape.length; d++) last += (shape[d] - 1) * strides[d];
  return last + 1;
}

/**
 * Whether a write to `target` could change elements of `x` before they are read. With `elementwise`, the window that is written
 * may be read: each element goes before its own write.
 */
export function sharesMemory(target: Tensor, x: Tensor, elementwise: boolean): boolean {
  if (x.storage !== target.storage || x.size === 0 || target.size === 0) return false;
  const same = x.offset === target.offset && sameShape(x.shape, target.shape) && sameShape(x.strides, target.strides);
  if (same) return !elementwise;
  return x.offset < target.offset + spanOf(target) && target.offset < x.offset + spanOf(x);
}

/** Whether two elements of `t` are the same place in memory. */
export function overlapsItself(t: Tensor): boolean {
  if (t.size < 2) return false;
  // dimensions by step: when each steps over all that the smaller ones cover, no two elements meet
  const order: number[] = [];
  for (let d = 0; d < t.shape.length; d++) if (t.shape[d] > 1) order.push(d);
  order.sort((a, b) => t.strides[a] - t.strides[b]);
  let covered = 1;
  let apart = true;
  for (const d of order) {
    if (t.strides[d] === 0) return true;
    if (t.strides[d] < covered) apart = false;
    covered += (t.shape[d] - 1) * t.strides[d];
  }
  if (apart) return false;
  if (t.size > covered) return true;
  return meets(t, order, covered);
}

/** {@link overlapsItself} by marking each element's place: windows that asStrided and unfold make may interleave without meeting. */
function meets(t: Tensor, dims: readonly number[], covered: number): boolean {
  const taken = new Uint8Array(covered);
  const position = dims.map(() => 0);
  let at = 0;
  for (let n = 0; n < t.size; n++) {
    if (taken[at] === 1) return true;
    taken[at] = 1;
    for (let k = 0; k < dims.length; k++) {
      at += t.strides[dims[k]];
      if (++position[k] < t.shape[dims[k]]) break;
      at -= t.shape[dims[k]] * t.strides[dims[k]];
      position[k] = 0;
    }
  }
  return false;
}
