import type { DType } from "@flambeau/tensor";
import { bytesOf, type ScatterMode, scalarType } from "@flambeau/tensor/plugin";
import { word } from "./arguments.ts";
import type { Code } from "./assembler.ts";
import { combineScalar } from "./combine.ts";
import { loadElement, storeElement } from "./elements.ts";
import { Graph, type Node } from "./graph.ts";
import { buildKernel, type Target } from "./kernel.ts";
import { type Access, argumentLayout, STILL, UNIT } from "./layout.ts";
import { writeLoops, writeWhile } from "./loops.ts";
import { f32x4, I32, I64, i32, i64, V128, v128 } from "./opcodes.ts";
import type { Schedule } from "./schedule.ts";
import { advance, type Motion, openWalk } from "./walk.ts";

/** A kernel that reads or writes where an index says. Views: 0 moves with the index's dim only by it, 1 is the index, 2 the other side. */
export interface IndexedVariant {
  readonly dtype: DType;
  readonly index: "int32" | "int64";
  readonly loops: number;
  readonly access: readonly [Access, Access, Access];
}

/** The indexed view's bytes from one position of the index's dim to the next: the one param, as an int32. */
export const indexedLayout = (loops: number) => argumentLayout(3, loops, 1);

/** One element's bits, without looking at them. */
function loadBits(g: Graph, bytes: number, address: Node, offset = 0): Node {
  if (bytes === 8) return g.load(I64, i64.load, address, offset);
  return g.load(I32, bytes === 4 ? i32.load : bytes === 2 ? i32.load16u : i32.load8u, address, offset);
}
function storeBits(g: Graph, bytes: number, address: Node, value: Node, offset = 0): Node {
  return g.store(
    bytes === 8 ? i64.store : bytes === 4 ? i32.store : bytes === 2 ? i32.store16 : i32.store8,
    address,
    value,
    offset,
  );
}

/** Writes the loops; `along` has the code for neighbours under one index, `element` the stores for a single element. */
function buildIndexed(
  target: Target,
  variant: IndexedVariant,
  element: (g: Graph, indexed: Node, other: Node, offset: number) => Node,
  vector: ((g: Graph, indexed: Node, other: Node) => Node) | undefined,
): Uint8Array {
  const g = new Graph(target.relaxed);
  return buildKernel(target, g, (code: Code, schedule: Schedule) => {
    const { access, loops, dtype } = variant;
    const layout = indexedLayout(loops);
    const walk = openWalk(code, layout.views, layout);
    const { at } = walk;
    const bytes = [bytesOf(dtype), bytesOf(variant.index), bytesOf(dtype)];
    const motion: Motion = { access, bytes: (v) => bytes[v], step: (v) => walk.step(0, v) };
    /** Where the index of the k-th neighbour leads; it is below 2^31: of an int64 the low word. */
    const offset = (k: number) =>
      g.i(i32.mul, g.load(I32, i32.load, g.local(I32, at[1], 2), k * bytes[1]), word(g, layout.params));
    const indexed = g.local(I32, at[0], 2);
    const other = g.local(I32, at[2], 2);
    if (access[1] === STILL) {
      // one index for the whole stretch: move there, then on along neighbours
      const move = [g.set(at[0], g.i(i32.add, indexed, offset(0)))];
      const one = [element(g, indexed, other, 0)];
      const lanes = 16 / bytesOf(dtype);
      const many = vector && access[0] === UNIT && access[2] === UNIT ? [vector(g, indexed, other)] : undefined;
      writeLoops(code, walk, () => {
        schedule.run(move);
        if (many)
          writeWhile(code, walk.left, lanes, () => {
            schedule.run(many);
            advance(code, at, motion, lanes);
          });
        writeWhile(code, walk.left, 1, () => {
          schedule.run(one);
          advance(code, at, motion, 1);
        });
      });
      return;
    }
    const one = (k: number) => element(g, g.i(i32.add, indexed, offset(k)), other, k * bytes[2]);
    const four = access[0] === STILL && access[1] === UNIT && access[2] === UNIT;
    const rounds = (four ? [4, 1] : [1]).map((n) => ({ n, stores: Array.from({ length: n }, (_, k) => one(k)) }));
    for (const { stores } of rounds) schedule.hoist(stores, 0);
    writeLoops(code, walk, () => {
      for (const { n, stores } of rounds)
        writeWhile(code, walk.left, n, () => {
          schedule.run(stores);
          advance(code, at, motion, n);
        });
    });
  });
}

/** other[...] = indexed[index[...]]. */
export function compileGather(target: Target, variant: IndexedVariant): Uint8Array {
  const bytes = bytesOf(variant.dtype);
  return buildIndexed(
    target,
    variant,
    (g, indexed, other, offset) => storeBits(g, bytes, other, loadBits(g, bytes, indexed), offset),
    (g, indexed, other) => g.store(v128.store, other, g.load(V128, v128.load, indexed)),
  );
}

/** indexed[index[...]] (mode)= other[...]. */
export function compileScatter(target: Target, mode: ScatterMode, variant: IndexedVariant): Uint8Array {
  const { dtype } = variant;
  const bytes = bytesOf(dtype);
  if (mode === "set")
    return buildIndexed(
      target,
      variant,
      (g, indexed, other, offset) => storeBits(g, bytes, indexed, loadBits(g, bytes, other, offset)),
      (g, indexed, other) => g.store(v128.store, indexed, g.load(V128, v128.load, other)),
    );
  const kind = mode === "add" ? "sum" : mode === "mul" ? "prod" : mode;
  const type = scalarType(dtype);
  return buildIndexed(
    target,
    variant,
    (g, indexed, other, offset) =>
      storeElement(
        g,
        dtype,
        indexed,
        combineScalar(g, kind, type, loadElement(g, dtype, indexed), loadElement(g, dtype, other, offset)),
      ),
    dtype === "float32" && mode === "add"
      ? (g, indexed, other) =>
          g.store(v128.store, indexed, g.v(f32x4.add, g.load(V128, v128.load, indexed), g.load(V128, v128.load, other)))
      : undefined,
  );
}
