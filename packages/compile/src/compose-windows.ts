import type { Seen } from "./instruction.ts";

// Where a kernel that reads another's result finds the inputs of that other one: layouts put one behind the other.

/** Loops over a kernel's windows: as few as there can be, the outermost first. */
interface Loops {
  readonly sizes: number[];
  /** Steps in the output, and in each input by loop. */
  readonly out: number[];
  readonly reads: number[][];
}

/** The fewest loops over a row-major output and its inputs. */
function loopsOf({ shape, strides }: Seen, reads: readonly Seen[]): Loops {
  const loops: Loops = { sizes: [], out: [], reads: reads.map(() => []) };
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 1) continue;
    const last = loops.sizes.length - 1;
    const joins =
      last >= 0 &&
      loops.out[last] === strides[d] * shape[d] &&
      reads.every((r, i) => loops.reads[i][last] === r.strides[d] * shape[d]);
    if (!joins) loops.sizes.push(1);
    const at = loops.sizes.length - 1;
    loops.sizes[at] *= shape[d];
    loops.out[at] = strides[d];
    for (let i = 0; i < reads.length; i++) loops.reads[i][at] = reads[i].strides[d];
  }
  return loops;
}

/**
 * The windows on a kernel's inputs that belong to the elements which `view` shows of its output, in the order of the view; null where they are
 * no windows, or where the view moves. The output lies row-major from the start of its memory.
 */
export function composeWindows(out: Seen, reads: readonly Seen[], view: Seen): Seen[] | null {
  if (view.moving !== null) return null;
  const loops = loopsOf(out, reads);
  const last = loops.sizes.map(() => 0); // what the view's dimensions reach of each loop
  const strides: number[][] = reads.map(() => []);
  for (let d = 0; d < view.shape.length; d++) {
    const [size, step] = [view.shape[d], view.strides[d]];
    if (size === 1 || step === 0) {
      for (const s of strides) s.push(0);
      continue;
    }
    const loop = loops.out.findIndex((s) => s <= step);
    if (loop < 0 || step % loops.out[loop] !== 0) return null;
    const times = step / loops.out[loop];
    last[loop] += (size - 1) * times;
    for (let i = 0; i < reads.length; i++) strides[i].push(times * loops.reads[i][loop]);
  }
  const offsets = reads.map((r) => r.offset);
  let rest = view.offset;
  for (let loop = 0; loop < loops.sizes.length; loop++) {
    const first = Math.floor(rest / loops.out[loop]);
    rest -= first * loops.out[loop];
    // beyond, an element of the view would belong to the next round of the loop around
    if (first + last[loop] >= loops.sizes[loop]) return null;
    for (let i = 0; i < reads.length; i++) offsets[i] += first * loops.reads[i][loop];
  }
  return reads.map(({ ref, dtype, moving }, i) => ({
    ref,
    dtype,
    moving,
    offset: offsets[i],
    shape: view.shape,
    strides: strides[i],
  }));
}

/** By how many elements each dimension of a window is to be divided, from the outermost part to the innermost. */
export type Split = readonly (readonly number[])[];

/**
 * How a window on a kernel's output is to be divided for {@link composeWindows}, where a dimension of it runs over several loops of that
 * kernel; null where that is not what stands in the way.
 */
export function splitFor(out: Seen, reads: readonly Seen[], view: Seen): Split | null {
  const loops = loopsOf(out, reads);
  let isSplit = false;
  const split: number[][] = [];
  for (let d = 0; d < view.shape.length; d++) {
    let [size, step] = [view.shape[d], view.strides[d]];
    const parts: number[] = [];
    while (size > 1 && step > 0) {
      const loop = loops.out.findIndex((s) => s <= step);
      if (loop < 0) return null;
      const most = (loops.sizes[loop] * loops.out[loop]) / step;
      if (size <= most) break;
      if (most <= 1 || size % most !== 0) return null;
      parts.unshift(most);
      size /= most;
      step *= most;
      isSplit = true;
    }
    parts.unshift(size);
    split.push(parts);
  }
  return isSplit ? split : null;
}

/** A window with its dimensions divided: the same elements in the same order. */
export function splitWindow(seen: Seen, split: Split): Seen {
  const strides = split.flatMap((parts, d) => {
    let step = seen.strides[d];
    const steps: number[] = [];
    for (let i = parts.length - 1; i >= 0; i--) {
      steps.unshift(step);
      step *= parts[i];
    }
    return steps;
  });
  return { ...seen, shape: split.flat(), strides };
}
