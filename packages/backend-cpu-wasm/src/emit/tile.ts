import type { LeafNode, Program } from "@flambeau/tensor";
import { elementBytes, elementType } from "./elements.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, DESC, END, START, type Target } from "./kernel.ts";
import { castLanes, type LaneSource, type LaneType, loadLanes, packLanes, splat, storeLanes } from "./lanes.ts";
import { type Access, argumentLayout, STILL, STRIDED, UNIT } from "./layout.ts";
import { addressLocals, argument, type Walk, writeLoops, writeWhile } from "./loops.ts";
import { F64, f64, I32, i32, V128, v128 } from "./opcodes.ts";
import { paramScalar } from "./scalar.ts";
import { lowerVector } from "./vector.ts";

/**
 * A map where some inputs are neighbours along the rows of the output and others along its columns (a transposed copy, x + y.T):
 * tiles of four rows by four columns, which are transposed in registers. `columns` is how each view (output first) moves from
 * column to column, `rows` how it moves from row to row. Items are groups of four rows; `loops` counts those and the loops around.
 */
export interface TileVariant {
  readonly loops: number;
  readonly columns: readonly Access[];
  readonly rows: readonly Access[];
}

export const tileRows = 4;

/** Whether a view can be read in tiles: along rows, or transposed where a lane is an element. */
export function fitsTile(columns: Access, rows: Access, bytes: number): boolean {
  return columns !== STRIDED || (rows === UNIT && bytes === 4);
}

/** Addresses, steps and sizes of the loops over groups of rows; then each view's step to the next column and row; columns; params. */
export function tileLayout(views: number, loops: number, params: number) {
  const base = argumentLayout(views, loops, 0);
  const at = base.params;
  const paramsAt = (at + 4 * (2 * views + 1) + 7) & ~7;
  return {
    ...base,
    columnStep: (view: number): number => at + 4 * view,
    rowStep: (view: number): number => at + 4 * (views + view),
    columns: at + 8 * views,
    params: paramsAt,
    bytes: paramsAt + 8 * params,
  };
}

export function compileTile(target: Target, program: Program, variant: TileVariant): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code, schedule) => {
    const views = 1 + program.inputs.length;
    const layout = tileLayout(views, variant.loops, program.params);
    const row = addressLocals(code, views);
    row.forEach((local, v) => {
      argument(code, 4 * v);
      code.set(local);
    });
    const walk: Walk = {
      loops: variant.loops,
      step: layout.step,
      size: layout.size,
      base: [],
      row,
      at: addressLocals(code, views),
      left: code.local(I32),
      start: START,
      end: END,
    };
    const here = addressLocals(code, views);
    const columns = code.local(I32);
    const args = g.local(I32, DESC, 0);
    const word = (offset: number) => g.load(I32, i32.load, args, offset);
    const at = (v: number, rows: number) => {
      const address = g.local(I32, here[v], 2);
      return rows === 0 ? address : g.i(i32.add, address, g.i(i32.mul, word(layout.rowStep(v)), g.ic(rows)));
    };
    const param = (e: LeafNode) => {
      const type = e.type as LaneType; // the program fills lanes
      return splat(g, paramScalar(g, g.load(F64, f64.load, args, layout.params + 8 * e.value), type), type);
    };
    const transposed = program.inputs.map((_, i) =>
      variant.columns[i + 1] === STRIDED ? transposedRows(g, at(i + 1, 0), word(layout.columnStep(i + 1))) : undefined,
    );
    // four columns at a time, a vector for each row
    const inRow = (r: number) => (e: LeafNode) => {
      if (e.op === "param") return param(e);
      const type = e.type as LaneType; // the program fills lanes
      const dtype = program.inputs[e.value];
      const tile = transposed[e.value];
      if (tile) return castLanes(g, tile[r], elementType[dtype], type);
      const v = e.value + 1;
      const source = {
        access: variant.columns[v],
        at: at(v, r),
        step: word(layout.columnStep(v)),
        first: 0,
        left: undefined,
      };
      return loadLanes(g, dtype, type, source);
    };
    const output = (r: number): LaneSource => ({
      access: UNIT,
      at: at(0, r),
      step: g.ic(0),
      first: 0,
      left: undefined,
    });
    const tile = [0, 1, 2, 3].flatMap((r) =>
      storeLanes(g, program.output, output(r), packLanes(g, program.output, lowerVector(g, program, inRow(r)))),
    );
    // one column at a time, a lane for each row
    const alongRows = (v: number): LaneSource => ({
      access: variant.rows[v],
      at: at(v, 0),
      step: word(layout.rowStep(v)),
      first: 0,
      left: undefined,
    });
    const inColumn = (e: LeafNode) =>
      e.op === "param" ? param(e) : loadLanes(g, program.inputs[e.value], e.type as LaneType, alongRows(e.value + 1)); // fills lanes
    const column = storeLanes(
      g,
      program.output,
      alongRows(0),
      packLanes(g, program.output, lowerVector(g, program, inColumn)),
    );
    schedule.hoist([...tile, ...column], 0);
    const goAlong = (count: number, body: readonly Node[]) =>
      writeWhile(code, columns, count, () => {
        schedule.run(body);
        here.forEach((local, v) => {
          if (variant.columns[v] === STILL) return;
          code.get(local);
          if (variant.columns[v] === UNIT)
            code.i32(count * elementBytes[v === 0 ? program.output : program.inputs[v - 1]]);
          else {
            argument(code, layout.columnStep(v));
            code.i32(count);
            code.op(i32.mul);
          }
          code.op(i32.add);
          code.set(local);
        });
      });
    writeLoops(code, walk, () =>
      writeWhile(code, walk.left, 1, () => {
        here.forEach((local, v) => {
          code.get(walk.at[v]);
          code.set(local);
        });
        argument(code, layout.columns);
        code.set(columns);
        goAlong(4, tile);
        goAlong(1, column);
        walk.at.forEach((local, v) => {
          code.get(local);
          argument(code, layout.step(0, v));
          code.op(i32.add);
          code.set(local);
        });
      }),
    );
  });
}

/** Four columns of four rows each, from memory where rows are neighbours, as rows. */
function transposedRows(g: Graph, at: Node, step: Node): Node[] {
  const load = (c: number) => g.load(V128, v128.load, c === 0 ? at : g.i(i32.add, at, g.i(i32.mul, step, g.ic(c))));
  const [a, b, c, d] = [load(0), load(1), load(2), load(3)];
  const words = (...order: number[]) => order.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]);
  const low = (x: Node, y: Node) => g.shuffle(words(0, 4, 1, 5), x, y);
  const high = (x: Node, y: Node) => g.shuffle(words(2, 6, 3, 7), x, y);
  const [ab, cd, AB, CD] = [low(a, b), low(c, d), high(a, b), high(c, d)];
  const first = (x: Node, y: Node) => g.shuffle(words(0, 1, 4, 5), x, y);
  const second = (x: Node, y: Node) => g.shuffle(words(2, 3, 6, 7), x, y);
  return [first(ab, cd), second(ab, cd), first(AB, CD), second(AB, CD)];
}
