import { argument } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { END, START } from "./kernel.ts";
import { type Access, type LoopLayout, STILL, UNIT } from "./layout.ts";
import { I32, i32 } from "./opcodes.ts";

/** A nest of loops over elements in row-major order, and the locals that walk over the views. */
export interface Walk extends LoopLayout {
  /** Locals with each view's address at position 0. */
  readonly base: readonly number[];
  /** Locals with each view's address at the start of the current row. */
  readonly row: readonly number[];
  /** Locals with each view's address in the inner loop. */
  readonly at: readonly number[];
  /** Local with the number of elements left in the current stretch of the inner loop. */
  readonly left: number;
  /** Locals with the first and last (exclusive) position to visit. */
  readonly start: number;
  readonly end: number;
}

/** Fresh locals, one for each of `count` views. */
export const addressLocals = (code: Code, count: number): number[] =>
  Array.from({ length: count }, () => code.local(I32));

/** Opens a kernel's walk over the positions it was asked for, from the views' addresses, with which its arguments begin. */
export function openWalk(code: Code, views: number, { loops, step, size }: LoopLayout): Walk {
  const row = addressLocals(code, views);
  row.forEach((local, v) => {
    argument(code, 4 * v);
    code.set(local);
  });
  const at = addressLocals(code, views);
  return { loops, step, size, base: [], row, at, left: code.local(I32), start: START, end: END };
}

/** Writes `to = from` for each of some locals. */
export const copyLocals = (code: Code, from: readonly number[], to: readonly number[]): void =>
  from.forEach((local, v) => {
    code.get(local);
    code.set(to[v]);
  });

/** Writes `local += by`, where `by` writes a number. */
export function increase(code: Code, local: number, by: () => void): void {
  code.get(local);
  by();
  code.op(i32.add);
  code.set(local);
}

/** Writes `count` times the step that stands at `offset`. */
function steps(code: Code, offset: number, count: number): void {
  argument(code, offset);
  if (count === 1) return;
  code.i32(count);
  code.op(i32.mul);
}

/** Writes that views of a walk move by `count` steps of its innermost loop. */
export function moveAlong(code: Code, walk: Walk, count: number, views: Iterable<number> = walk.at.keys()): void {
  for (const v of views) increase(code, walk.at[v], () => steps(code, walk.step(0, v), count));
}

/** How views move along a loop: neighbours, whose `bytes` are known, need no look at the arguments. */
export interface Motion {
  readonly access: readonly Access[];
  bytes(view: number): number;
  /** Where in the arguments the view's step stands. */
  step(view: number): number;
}

/** Writes that the views at the addresses move by `count` elements. */
export function advance(code: Code, at: readonly number[], motion: Motion, count: number): void {
  at.forEach((local, v) => {
    const access = motion.access[v];
    if (access === STILL) return;
    increase(code, local, () =>
      access === UNIT ? code.i32(count * motion.bytes(v)) : steps(code, motion.step(v), count),
    );
  });
}
