import type { Code } from "./assembler.ts";
import { DESC, END, START } from "./kernel.ts";
import type { ArgumentLayout } from "./layout.ts";
import { control, I32, i32 } from "./opcodes.ts";

/** The locals that walk over a kernel's views. */
export interface Walk {
  readonly layout: ArgumentLayout;
  /** Address of each view at the start of the current row. */
  readonly row: readonly number[];
  /** Address of each view in the inner loop. */
  readonly at: readonly number[];
  /** Elements left in the inner loop. */
  readonly left: number;
}

/**
 * Writes the loops of a kernel over [start, end) of the elements in row-major order. `before` writes what
 * is computed once, `inner` the code for one stretch of the innermost loop with `walk.left` > 0 elements. Divisions happen once
 * per call.
 */
export function writeLoops(code: Code, walk: Walk, before: () => void, inner: () => void): void {
  const { layout, row, at, left } = walk;
  const { views, loops } = layout;
  const word = (offset: number) => {
    code.get(DESC);
    code.op(i32.load);
    code.memarg(offset);
  };
  const position = code.local(I32);
  const remaining = code.local(I32);
  const coordinates = Array.from({ length: loops }, () => code.local(I32));
  code.get(END);
  code.get(START);
  code.op(i32.leS);
  code.if();
  code.op(control.return);
  code.end();
  for (let v = 0; v < views; v++) {
    word(4 * v);
    code.set(row[v]);
  }
  if (loops === 1) {
    code.get(START);
    code.set(position);
  } else {
    const rest = code.local(I32);
    const split = (d: number, into: number) => {
      code.get(rest);
      word(layout.size(d));
      code.op(i32.remU);
      code.set(into);
      code.get(rest);
      word(layout.size(d));
      code.op(i32.divU);
      code.set(rest);
    };
    code.get(START);
    code.set(rest);
    split(0, position);
    for (let d = 1; d < loops; d++) {
      if (d < loops - 1) split(d, coordinates[d]);
      else {
        code.get(rest);
        code.set(coordinates[d]);
      }
      for (let v = 0; v < views; v++) {
        code.get(coordinates[d]);
        word(layout.step(d, v));
        code.op(i32.mul);
        code.get(row[v]);
        code.op(i32.add);
        code.set(row[v]);
      }
    }
  }
  code.get(END);
  code.get(START);
  code.op(i32.sub);
  code.set(remaining);
  before();
  code.loop();
  {
    if (loops === 1) {
      code.get(remaining);
      code.set(left);
    } else {
      // left = min(size - position, remaining)
      word(layout.size(0));
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
    for (let v = 0; v < views; v++) {
      code.get(row[v]);
      code.get(position);
      word(layout.step(0, v));
      code.op(i32.mul);
      code.op(i32.add);
      code.set(at[v]);
    }
    inner();
    if (loops > 1) {
      code.get(remaining);
      code.op(i32.eqz);
      code.if();
      code.op(control.return);
      code.end();
      code.i32(0);
      code.set(position);
      writeOdometer(code, walk, coordinates, 1);
      code.br(0);
    }
  }
  code.end();
}

/** Moves the row to the next one: a step along loop `d`, which at its end starts over and steps along the next loop. */
function writeOdometer(code: Code, walk: Walk, coordinates: readonly number[], d: number): void {
  const { layout, row } = walk;
  const move = (loop: number, sign: 1 | -1, times: number | undefined) => {
    for (let v = 0; v < layout.views; v++) {
      code.get(row[v]);
      code.get(DESC);
      code.op(i32.load);
      code.memarg(layout.step(loop, v));
      if (times !== undefined) {
        code.get(times);
        code.op(i32.mul);
      }
      code.op(sign > 0 ? i32.add : i32.sub);
      code.set(row[v]);
    }
  };
  move(d, 1, undefined);
  if (d === layout.loops - 1) return;
  code.get(coordinates[d]);
  code.i32(1);
  code.op(i32.add);
  code.tee(coordinates[d]);
  code.get(DESC);
  code.op(i32.load);
  code.memarg(layout.size(d));
  code.op(i32.eq);
  code.if();
  move(d, -1, coordinates[d]);
  code.i32(0);
  code.set(coordinates[d]);
  writeOdometer(code, walk, coordinates, d + 1);
  code.end();
}
