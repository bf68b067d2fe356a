import { argument } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { control, I32, i32 } from "./opcodes.ts";
import { copyLocals, increase, type Walk } from "./walk.ts";

/** What happens between stretches once no more elements remain than the local `below`, which is not negative, says. */
export interface Pause {
  readonly below: number;
  run(remaining: number): void;
}

/**
 * Writes loops over positions [start, end). `inner` writes the code for one stretch of the innermost loop: `left` > 0 elements
 * from `at`. Divisions happen once. Of several loops, what pauses does so in the place of the look at the end.
 */
export function writeLoops(code: Code, walk: Walk, inner: () => void, pause?: Pause): void {
  const { base, row, at, left, loops, start, end } = walk;
  const position = code.local(I32);
  const remaining = code.local(I32);
  const coordinates = Array.from({ length: loops }, () => code.local(I32));
  code.block();
  code.get(end);
  code.get(start);
  code.op(i32.leS);
  code.brIf(0);
  copyLocals(code, base, row);
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
    if (pause) {
      code.get(remaining);
      code.get(pause.below);
      code.op(i32.leS);
      code.if();
      pause.run(remaining);
      code.get(remaining);
      code.op(i32.eqz);
      code.brIf(2);
      code.end();
    } else {
      code.get(remaining);
      code.op(i32.eqz);
      code.brIf(1);
    }
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
