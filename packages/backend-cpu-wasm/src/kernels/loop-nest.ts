import { ArgumentError } from "@flambeau/tensor/functional";
import { type Access, STILL, STRIDED, UNIT } from "../emit/layout.ts";
import type { Engine } from "../engine/engine.ts";

/** Loops over some dimensions, innermost first: sizes, and steps in bytes by `loop * views + view`. */
export class LoopNest {
  readonly sizes: number[] = [];
  readonly steps: number[] = [];
  loops = 0;
  /** How many elements the loops visit. */
  total = 1;

  clear(): void {
    this.loops = 0;
    this.total = 1;
  }
  /** Adds a loop of `size` around the others whose steps stand behind the last loop's; joins it to that one where it can. */
  push(size: number, views: number): void {
    this.total *= size;
    if (size === 1) return;
    const { sizes, steps } = this;
    const next = this.loops * views;
    if (this.loops > 0) {
      const last = next - views;
      let joins = true;
      for (let v = 0; joins && v < views; v++) joins = steps[next + v] === steps[last + v] * sizes[this.loops - 1];
      if (joins) {
        sizes[this.loops - 1] *= size;
        return;
      }
    }
    sizes[this.loops++] = size;
  }
  /** Writes the steps and sizes where a kernel's layout has them, from word `at` on; gives their end. */
  write(words: Int32Array, at: number, views: number): number {
    const { sizes, steps, loops } = this;
    for (let s = 0; s < loops * views; s++) words[at++] = steps[s];
    for (let d = 0; d < loops; d++) words[at++] = sizes[d];
    return at;
  }
  /** A nest without loops becomes one of a single step. */
  close(views: number, step: (view: number) => number): void {
    if (this.loops > 0) return;
    this.loops = 1;
    this.sizes[0] = 1;
    for (let v = 0; v < views; v++) this.steps[v] = step(v);
  }
}

/** Where a kernel's params stand, as a word: behind the others, of which `end` is the end, at a multiple of 8 bytes. */
export const paramsAfter = (end: number): number => (end + 1) & ~1;

/** Writes a program's run-time numbers behind the other arguments. */
export function writeParams({ f64 }: Engine, end: number, params: readonly number[]): void {
  const at = paramsAfter(end) >>> 1;
  for (let p = 0; p < params.length; p++) f64[at + p] = params[p];
}

export const accessOf = (step: number, bytes: number): Access => (step === bytes ? UNIT : step === 0 ? STILL : STRIDED);

/**
 * Names the kernel for views `from` to `to` (exclusive) that move along a loop by `steps`: an integer, for a quick look-up, as
 * long as that is exact. `form` stands for all else.
 */
export function variantKey(
  form: number,
  steps: readonly number[],
  bytes: readonly number[],
  from: number,
  to: number,
): number | string {
  let key = form;
  if (to - from <= 20) {
    for (let v = from; v < to; v++) key = key * 3 + accessOf(steps[v], bytes[v]);
    return key;
  }
  return `${form} ${steps.slice(from, to).map((step, v) => accessOf(step, bytes[from + v]))}`;
}

/** What an argument area of `engine.desc` holds. */
const argumentBytes = 4096;

/** Refuses what no kernel can take. */
export function checkArguments(op: string, bytes: number): void {
  if (bytes <= argumentBytes) return;
  throw new ArgumentError(
    op,
    `a fused expression needs ${bytes} bytes of arguments, a kernel takes ${argumentBytes}`,
    "split it",
  );
}
