import { bytesOf, type FusedKernel } from "@flambeau/tensor/plugin";
import { isCopy } from "./compose-programs.ts";
import { composeWindows } from "./compose-windows.ts";
import { isAtStart, type Ref, type Seen } from "./instruction.ts";
import { sameNumbers } from "./tree.ts";
import { elements, isRowMajor, isUntouched, rowMajor, type Uses, type Work } from "./uses.ts";

// A result that is only copied into another layout: the kernel stores it there itself, where it can.

/** Has the kernel that made what `copy` copies store it where the copy would have, if that can be: the copy is not needed any more. */
export function isPlaced(copy: Work, uses: Uses, bytes: ReadonlyMap<Ref, number>): boolean {
  const { kind, backend, what, reads, writes } = copy.instruction;
  if (kind !== "map" || !isCopy(what)) return false;
  const [from] = reads;
  const [to] = writes;
  const made = uses.writers.get(from.ref);
  if (made?.size !== 1 || uses.readers.get(from.ref)?.size !== 1) return false;
  const [maker] = made;
  const { instruction } = maker;
  if (instruction.kind !== "fused" || instruction.backend !== backend || maker.at > copy.at) return false;
  const which = instruction.writes.findIndex(({ ref }) => ref === from.ref);
  if (!(instruction.what as FusedKernel).placed?.includes(which)) return false;
  const out = instruction.writes[which];
  // all of the memory, seen by nobody outside, and all of it copied
  if (
    !isAtStart(out) ||
    to.moving !== null ||
    bytes.get(out.ref) !== elements(out) * bytesOf(out.dtype) ||
    !isRowMajor(out)
  )
    return false;
  // what was there before keeps its contents until its turn
  if (to.ref < 0 || !isUntouched(uses, to.ref, maker, copy)) return false;
  const window = windowOn(to, from, out);
  if (window === null || (window.shape.length > 0 && window.strides[window.shape.length - 1] !== 1)) return false;
  // of what is copied into the same place, the last copy stays
  if (instruction.writes.some((w) => w.ref === to.ref && !isBeside(w, window))) return false;
  uses.forget(maker);
  uses.forget(copy);
  maker.instruction = {
    ...instruction,
    writes: instruction.writes.map((w, i) => (i === which ? window : w)),
  };
  maker.calls += copy.calls;
  uses.add(maker);
  return true;
}

/** The window on the copy's target whose elements, in the order of the kernel's result, are those that the copy puts there. */
function windowOn(to: Seen, from: Seen, out: Seen): Seen | null {
  // the copy's loops in the order in which the result lies
  const order = from.shape.map((_, d) => d).filter((d) => from.shape[d] !== 1);
  order.sort((a, b) => from.strides[b] - from.strides[a]);
  const shape = order.map((d) => from.shape[d]);
  const lying: Seen = { ...from, shape, strides: order.map((d) => from.strides[d]) };
  if (!isAtStart(from) || elements(from) !== elements(out) || !isRowMajor(lying)) return null;
  const target: Seen = { ...to, shape, strides: order.map((d) => to.strides[d]) };
  const windows = composeWindows(lying, [target], { ...out, strides: rowMajor(out.shape) });
  return windows === null ? null : windows[0];
}

/** Whether two windows of one layout lie side by side, as parts of the same rows: so they share no element. */
function isBeside(a: Seen, b: Seen): boolean {
  if (!sameNumbers(a.shape, b.shape) || !sameNumbers(a.strides, b.strides)) return false;
  const order = a.shape.map((_, d) => d).filter((d) => a.shape[d] !== 1);
  order.sort((c, d) => a.strides[c] - a.strides[d]);
  // the stretch of neighbours in a row, and the step from row to row
  let stretch = 1;
  let next = 0;
  while (next < order.length && a.strides[order[next]] === stretch) stretch *= a.shape[order[next++]];
  const row = next < order.length ? a.strides[order[next]] : Math.abs(a.offset - b.offset) + stretch;
  if (order.slice(next).some((d) => a.strides[d] % row !== 0)) return false;
  const [from, to] = [a.offset % row, b.offset % row];
  return Math.abs(from - to) >= stretch && Math.max(from, to) + stretch <= row;
}
