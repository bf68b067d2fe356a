import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/engine.ts";
import { gather, type IndexedType, type ScatterOperation, scatter, sortRows } from "../../src/engine/indexing.ts";
import { numbers, put, putInt } from "./reference.ts";

const engine = createEngine({ threads: 2 });
afterAll(() => engine.dispose());

type Values = ArrayLike<number | bigint>;
const stores: [IndexedType, new (buffer: ArrayBufferLike, offset: number, length: number) => Values, number][] = [
  ["float32", Float32Array, 4],
  ["float64", Float64Array, 8],
  ["int64", BigInt64Array, 8],
  ["int32", Int32Array, 4],
  ["int16", Int16Array, 2],
  ["int8", Int8Array, 1],
  ["uint8", Uint8Array, 1],
];

/** PyTorch's order: NaN above all, -0 equal to 0. */
function compare(a: number | bigint, b: number | bigint): number {
  if (a !== a) return b !== b ? 0 : 1;
  if (b !== b) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

describe("sort", () => {
  for (const [dtype, View, bytes] of stores) {
    for (const [rows, n] of [
      [4, 1],
      [9, 30],
      [3, 49],
      [2, 5000],
      [1, 300_000],
    ]) {
      it(`${dtype}: ${rows} rows of ${n}, stable, both directions`, () => {
        const next = numbers(n + bytes);
        const x = engine.alloc(rows * n * bytes);
        const y = engine.alloc(rows * n * bytes);
        const p = engine.alloc(rows * n * 4);
        const data = new View(engine.memory.buffer, x, rows * n) as unknown as (number | bigint)[];
        const specials = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (let i = 0; i < rows * n; i++) {
          const value = Math.floor(next() * (n < 100 ? 9 : 2 ** 31));
          if (dtype === "int64") data[i] = BigInt(value) * (i % 3 === 0 ? 2n ** 20n : 1n);
          else if (dtype.startsWith("float")) data[i] = i % 7 === 0 ? specials[(i / 7) % 5] : value / 8;
          else data[i] = value;
        }
        for (const descending of [false, true]) {
          sortRows(engine, dtype, rows, n, descending, x, y, p);
          const sorted = new View(engine.memory.buffer, y, rows * n);
          for (let r = 0; r < rows; r++) {
            const order = Array.from({ length: n }, (_, i) => i);
            const sign = descending ? -1 : 1;
            order.sort((a, b) => sign * compare(data[r * n + a], data[r * n + b]) || a - b);
            const got = engine.i32.subarray(p / 4 + r * n, p / 4 + (r + 1) * n);
            let wrong = -1;
            for (let i = 0; i < n && wrong < 0; i++) {
              if (got[i] !== order[i] || !Object.is(sorted[r * n + i], data[r * n + order[i]])) wrong = i;
            }
            expect(wrong).toBe(-1);
          }
        }
        engine.free(x, rows * n * bytes);
        engine.free(y, rows * n * bytes);
        engine.free(p, rows * n * 4);
      });
    }
  }
});

const layouts = [
  { outer: 1, dim: 10, inner: 70, count: 300 },
  { outer: 3, dim: 5, inner: 1, count: 40 },
  { outer: 40, dim: 33, inner: 7, count: 20 },
  { outer: 2, dim: 4, inner: 129, count: 9 },
];

function indicesFor(l: (typeof layouts)[number], elementwise: boolean) {
  const next = numbers(l.inner);
  const length = elementwise ? l.outer * l.count * l.inner : l.count;
  const list = Array.from({ length }, () => Math.floor(((next() + 1) / 2) * l.dim));
  const at = (o: number, j: number, i: number) => (elementwise ? list[(o * l.count + j) * l.inner + i] : list[j]);
  return { list, at, args: { ...l, elementwise, indices: putInt(engine, list) } };
}

describe("gather and scatter", () => {
  const cases = layouts.flatMap((l) => [false, true].map((elementwise) => ({ l, elementwise })));
  it.each(cases)("gather values of 1 to 8 bytes: %j", ({ l, elementwise }) => {
    const { at, args } = indicesFor(l, elementwise);
    for (const [, View, bytes] of stores) {
      const table = engine.alloc(l.outer * l.dim * l.inner * bytes);
      const out = engine.alloc(l.outer * l.count * l.inner * bytes);
      const next = numbers(bytes);
      const bytesOf = engine.u8.subarray(table, table + l.outer * l.dim * l.inner * bytes);
      for (let i = 0; i < bytesOf.length; i++) bytesOf[i] = next() * 128;
      expect(gather(engine, bytes, args, table, out)).toBe(true);
      const source = new View(engine.memory.buffer, table, l.outer * l.dim * l.inner);
      const got = new View(engine.memory.buffer, out, l.outer * l.count * l.inner);
      let wrong = 0;
      for (let o = 0; o < l.outer; o++) {
        for (let j = 0; j < l.count; j++) {
          for (let i = 0; i < l.inner; i++) {
            const expected = source[(o * l.dim + at(o, j, i)) * l.inner + i];
            if (!Object.is(got[(o * l.count + j) * l.inner + i], expected)) wrong++;
          }
        }
      }
      expect(wrong).toBe(0);
    }
  });

  const f = {
    set: (_: number, x: number) => x,
    add: (a: number, x: number) => a + x,
    mul: (a: number, x: number) => a * x,
    max: Math.max,
    min: Math.min,
  };
  it.each(cases)("scatter with each operation, in the order of the indices: %j", ({ l, elementwise }) => {
    const { at, args } = indicesFor(l, elementwise);
    for (const [dtype, View, bytes] of stores) {
      for (const operation of Object.keys(f) as ScatterOperation[]) {
        const size = l.outer * l.dim * l.inner;
        const many = l.outer * l.count * l.inner;
        const table = engine.alloc(size * bytes);
        const source = engine.alloc(many * bytes);
        const big = dtype === "int64";
        const cast = (v: number) => (big ? BigInt(v) : v) as number;
        const view = new View(engine.memory.buffer, table, size) as unknown as number[];
        const from = new View(engine.memory.buffer, source, many) as unknown as number[];
        // small whole numbers, so that each operation is exact or wraps
        for (let i = 0; i < size; i++) view[i] = cast(i % 5);
        for (let i = 0; i < many; i++) from[i] = cast((i * 7) % 4);
        const expected = new (view.constructor as new (v: ArrayLike<number>) => number[])(view);
        for (let o = 0; o < l.outer; o++) {
          for (let j = 0; j < l.count; j++) {
            for (let i = 0; i < l.inner; i++) {
              const to = (o * l.dim + at(o, j, i)) * l.inner + i;
              const x = from[(o * l.count + j) * l.inner + i];
              const old = expected[to];
              if (big && operation === "max") expected[to] = old > x ? old : x;
              else if (big && operation === "min") expected[to] = old < x ? old : x;
              else expected[to] = f[operation](old, x);
            }
          }
        }
        expect(scatter(engine, dtype, operation, args, source, table)).toBe(true);
        let wrong = 0;
        for (let i = 0; i < size; i++) if (view[i] !== expected[i]) wrong++;
        expect(wrong, `${dtype} ${operation}`).toBe(0);
        engine.free(table, size * bytes);
        engine.free(source, many * bytes);
      }
    }
  });

  it.each([[-1], [4]])("says so when an index is %i of 4, and touches nothing outside", (bad) => {
    const indices = putInt(engine, [0, bad, 3]);
    const base = put(engine, new Float32Array(24).fill(7));
    const table = base + 32;
    const out = put(engine, new Float32Array(6));
    for (const elementwise of [false, true]) {
      const inner = elementwise ? 1 : 2;
      const args = { outer: 1, dim: 4, inner, count: 3, indices, elementwise };
      expect(gather(engine, 4, args, table, out)).toBe(false);
      expect(scatter(engine, "float32", "set", args, put(engine, new Float32Array(6).fill(1)), table)).toBe(false);
      expect([...engine.f32.slice(base / 4, table / 4)]).toEqual(new Array(8).fill(7));
      expect([...engine.f32.slice(table / 4 + 8, table / 4 + 16)]).toEqual(new Array(8).fill(7));
    }
  });
});
