import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/engine.ts";
import { type SortedType, sortRows } from "../../src/engine/sort.ts";
import { numbers } from "./reference.ts";

const engine = createEngine({ threads: 2 });
afterAll(() => engine.dispose());

type Values = ArrayLike<number | bigint>;
const stores: [SortedType, new (buffer: ArrayBufferLike, offset: number, length: number) => Values, number][] = [
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
