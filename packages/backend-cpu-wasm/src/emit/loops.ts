import { argument } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { control, I32, i32 } from "./opcodes.ts";
import { copyLocals, increase, type Walk } from "./walk.ts";

/** What happens between stretches after each block of them. */
export interface Pause {
  /** Writes the length of a block, which is of whole stretches. */
  block(): void;
  run(): void;
}

/**
 * Writes loops over positions [start, end). `inner` writes the code for one stretch of the innermost loop: `left` > 0 elements
 * from `at`. Divisions happen once. Of several loops, what pauses does so in the place of the look at the end: stretches pay nothing
 * for it.
 */
export function writeLoops(code: Code, walk: Walk, inner: () => void, pause?: Pause): void {
  const { base, row, at, left, loops, start, end } = walk;
  const position = code.local(I32);
  const remaining = code.local(I32);
  code.block();
  code.get(end);
  code.get(start);
  code.op(i32.leS);
  code.brIf(0);
  copyLocals(code, base, row);
  code.get(start);
  code.set(position);
  const coordinates = Array.from({ length: loops }, () => code.local(I32));
  if (loops > 1) writeDecomposition(code, walk, position, coordinates);
  const toPosition = () =>
    row.forEach((local, v) => {
      code.get(local);
      code.get(position);
      argument(code, walk.step(0, v));
      code.op(i32.mul);
      code.op(i32.add);
      code.set(at[v]);
    });
  code.get(end);
  code.get(start);
  code.op(i32.sub);
  if (loops === 1) {
    code.set(left);
    toPosition();
    inner();
    code.end();
    return;
  }
  // of the first block and the first stretch only what follows the position
  const fromPosition = (size: () => void) => {
    size();
    code.get(position);
    code.op(i32.sub);
  };
  const size = () => argument(code, walk.size(0));
  /** Elements after the block. */
  const beyond = code.local(I32);
  if (pause) {
    code.set(beyond);
    fromPosition(pause.block);
    take(code, remaining, beyond);
  } else code.set(remaining);
  fromPosition(size);
  take(code, left, remaining);
  toPosition();
  code.loop();
  inner();
  code.get(remaining);
  code.op(i32.eqz);
  if (pause) {
    code.if();
    pause.run();
    code.get(beyond);
    code.op(i32.eqz);
    code.brIf(2);
    pause.block();
    take(code, remaining, beyond);
    code.end();
  } else code.brIf(1);
  writeOdometer(code, walk, coordinates, 1);
  copyLocals(code, row, at);
  size();
  take(code, left, remaining);
  code.br(0);
  code.end();
  code.end();
}

/** Writes that `part` gets the number on the stack, or all of `whole` if that is less, and `whole` loses it. */
function take(code: Code, part: number, whole: number): void {
  code.tee(part);
  code.get(whole);
  code.get(part);
  code.get(whole);
  code.op(i32.ltS);
  code.op(control.select);
  code.set(part);
  code.get(whole);
  code.get(part);
  code.op(i32.sub);
  code.set(whole);
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
      increase(code, local, () => {
        code.get(into);
        argument(code, walk.step(d, v));
        code.op(i32.mul);
      });
    });
  }
}

/** Moves the rows to the next ones: a step along loop `d`, which at its end starts over and steps along the next loop. */
function writeOdometer(code: Code, walk: Walk, coordinates: readonly number[], d: number): void {
  walk.row.forEach((local, v) => {
    increase(code, local, () => argument(code, walk.step(d, v)));
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

/** Writes `if (local !== 0) { body }`. */
export function writeIf(code: Code, local: number, body: () => void): void {
  code.get(local);
  code.if();
  body();
  code.end();
}

/** Writes what a tail of one to three elements does with each: `element(j)` is code for the j-th, and runs where there is one. */
export function writeTail(code: Code, left: number, element: (j: number) => void): void {
  element(0);
  for (const j of [1, 2]) {
    code.get(left);
    code.i32(j);
    code.op(i32.gtS);
    code.if();
    element(j);
    code.end();
  }
}
