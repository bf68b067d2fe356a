import type { Code } from "./assembler.ts";
import { DESC } from "./kernel.ts";
import { control, I32, i32 } from "./opcodes.ts";

/** A nest of loops over elements in row-major order, and the locals that walk over the views. */
export interface Walk {
  readonly loops: number;
  /** Where in the arguments a view's step along a loop stands, in bytes; loops are numbered innermost first. */
  step(loop: number, view: number): number;
  /** Where in the arguments a loop's size stands. */
  size(loop: number): number;
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

/** Reads a word of the arguments. */
export function argument(code: Code, offset: number): void {
  code.get(DESC);
  code.op(i32.load);
  code.memarg(offset);
}

/**
 * Writes loops over positions [start, end). `inner` writes the code for one stretch of the innermost loop: `left` > 0 elements
 * from `at`. Divisions happen once.
 */
export function writeLoops(code: Code, walk: Walk, inner: () => void): void {
  const { base, row, at, left, loops, start, end } = walk;
  const position = code.local(I32);
  const remaining = code.local(I32);
  const coordinates = Array.from({ length: loops }, () => code.local(I32));
  code.block();
  code.get(end);
  code.get(start);
  code.op(i32.leS);
  code.brIf(0);
  base.forEach((local, v) => {
    code.get(local);
    code.set(row[v]);
  });
  code.get(start);
  code.set(position);
  if (loops > 1) writeDecomposition(code, walk, position, coordinates);
  code.get(end);
  code.get(start);
  code.op(i32.sub);
  code.set(remaining);
  code.loop();
  code.get(remaining);
  code.set(left);
  if (loops > 1) {
    // left = min(size - position, remaining)
    argument(code, walk.size(0));
    code.get(position);
    code.op(i32.sub);
    code.tee(left);
    code.get(remaining);
    code.get(left);
    code.get(remaining);
    code.op(i32.ltS);
    code.op(control.select);
    code.set(left);
    code.get(remaining);
    code.get(left);
    code.op(i32.sub);
    code.set(remaining);
  }
  row.forEach((local, v) => {
    code.get(local);
    code.get(position);
    argument(code, walk.step(0, v));
    code.op(i32.mul);
    code.op(i32.add);
    code.set(at[v]);
  });
  inner();
  if (loops > 1) {
    code.get(remaining);
    code.op(i32.eqz);
    code.brIf(1);
    code.i32(0);
    code.set(position);
    writeOdometer(code, walk, coordinates, 1);
    code.br(0);
  }
  code.end();
  code.end();
}

/** Splits the first position into coordinates, the innermost one left in `position`, and moves the rows there. */
function writeDecomposition(code: Code, walk: Walk, position: number, coordinates: readonly number[]): void {
  const rest = code.local(I32);
  code.get(position);
  code.set(rest);
  for (let d = 0; d < walk.loops; d++) {
    const into = d === 0 ? position : coordinates[d];
    code.get(rest);
    if (d < walk.loops - 1) {
      argument(code, walk.size(d));
      code.op(i32.remU);
      code.set(into);
      code.get(rest);
      argument(code, walk.size(d));
      code.op(i32.divU);
      code.set(rest);
    } else code.set(into);
    if (d === 0) continue;
    walk.row.forEach((local, v) => {
      code.get(local);
      code.get(into);
      argument(code, walk.step(d, v));
      code.op(i32.mul);
      code.op(i32.add);
      code.set(local);
    });
  }
}

/** Moves the rows to the next ones: a step along loop `d`, which at its end starts over and steps along the next loop. */
function writeOdometer(code: Code, walk: Walk, coordinates: readonly number[], d: number): void {
  walk.row.forEach((local, v) => {
    code.get(local);
    argument(code, walk.step(d, v));
    code.op(i32.add);
    code.set(local);
  });
  if (d === walk.loops - 1) return;
  code.get(coordinates[d]);
  code.i32(1);
  code.op(i32.add);
  code.tee(coordinates[d]);
  argument(code, walk.size(d));
  code.op(i32.eq);
  code.if();
  walk.row.forEach((local, v) => {
    code.get(local);
    code.get(coordinates[d]);
    argument(code, walk.step(d, v));
    code.op(i32.mul);
    code.op(i32.sub);
    code.set(local);
  });
  code.i32(0);
  code.set(coordinates[d]);
  writeOdometer(code, walk, coordinates, d + 1);
  code.end();
}

/** Writes `while (left >= elements) { body; left -= elements }`. */
export function writeWhile(code: Code, left: number, elements: number, body: () => void): void {
  code.get(left);
  code.i32(elements);
  code.op(i32.geS);
  code.if();
  code.loop();
  body();
  code.get(left);
  code.i32(elements);
  code.op(i32.sub);
  code.tee(left);
  code.i32(elements);
  code.op(i32.geS);
  code.brIf(0);
  code.end();
  code.end();
}
