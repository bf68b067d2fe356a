import { type Program, scalarType } from "@flambeau/tensor/plugin";
import { argument, word } from "./arguments.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, type Target } from "./kernel.ts";
import { castLanes, type LaneSource, neighbours, packLanes, storeLanes } from "./lanes.ts";
import { type Access, argumentLayout, STRIDED, UNIT } from "./layout.ts";
import { laneLeaf } from "./leaves.ts";
import { writeLoops, writeWhile } from "./loops.ts";
import type { Leaf } from "./lower.ts";
import { I32, i32, V128, v128 } from "./opcodes.ts";
import { lowerVector } from "./vector.ts";
import { motionOf } from "./views.ts";
import { addressLocals, advance, copyLocals, moveAlong, openWalk } from "./walk.ts";

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
    const walk = openWalk(code, views, layout);
    const here = addressLocals(code, views);
    const columns = code.local(I32);
    const at = (v: number, rows: number) => {
      const address = g.local(I32, here[v], 2);
      return rows === 0 ? address : g.i(i32.add, address, g.i(i32.mul, word(g, layout.rowStep(v)), g.ic(rows)));
    };
    const four = (access: Access, at: Node, step: number): LaneSource => ({
      access,
      at,
      step: word(g, step),
      first: 0,
      left: undefined,
    });
    const alongColumns = (v: number, r: number) => four(variant.columns[v], at(v, r), layout.columnStep(v));
    const alongRows = (v: number) => four(variant.rows[v], at(v, 0), layout.rowStep(v));
    const stores = (to: LaneSource, leaf: Leaf) =>
      storeLanes(g, program.output, to, packLanes(g, program.output, lowerVector(g, program, leaf)));
    const transposed = program.inputs.map((_, i) =>
      variant.columns[i + 1] === STRIDED
        ? transposedRows(g, at(i + 1, 0), word(g, layout.columnStep(i + 1)))
        : undefined,
    );
    // four columns at a time, a vector for each row
    const inRow = (r: number): Leaf => {
      const direct = laneLeaf(g, program, layout.params, (v) => alongColumns(v + 1, r));
      return (e) => {
        const tile = e.op === "input" ? transposed[e.value] : undefined;
        return tile ? castLanes(g, tile[r], scalarType(program.inputs[e.value]), e.type) : direct(e);
      };
    };
    const tile = [0, 1, 2, 3].flatMap((r) => stores(neighbours(g, at(0, r)), inRow(r)));
    // one column at a time, a lane for each row
    const column = stores(
      alongRows(0),
      laneLeaf(g, program, layout.params, (v) => alongRows(v + 1)),
    );
    schedule.hoist([...tile, ...column], 0);
    const motion = motionOf(program, variant.columns, layout.columnStep);
    const goAlong = (count: number, body: readonly Node[]) =>
      writeWhile(code, columns, count, () => {
        schedule.run(body);
        advance(code, here, motion, count);
      });
    writeLoops(code, walk, () =>
      writeWhile(code, walk.left, 1, () => {
        copyLocals(code, walk.at, here);
        argument(code, layout.columns);
        code.set(columns);
        goAlong(4, tile);
        goAlong(1, column);
        moveAlong(code, walk, 1);
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
