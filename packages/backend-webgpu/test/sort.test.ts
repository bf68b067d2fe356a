// Rows of every length class, with many equal elements, against a stable sort in JavaScript; and positions of extremes.
import { argmax, argmin, permute, registerBackend, sort, tensor } from "@flambeau/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

/** Few different values, among them NaN, both zeros and the infinities. */
const special = [Number.NaN, 0, -0, Infinity, -Infinity, 1, 1 + 2 ** -23, -3, 2 ** -149, -(2 ** -149)];
const drawn = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => {
    const r = Math.imul(i + 17, 2654435761) >>> 8;
    return r % 5 === 0 ? special[(r >> 4) % special.length] : ((r >> 3) % 1000) / 8 - 60;
  });
const rank = (x: number) => (Number.isNaN(x) ? 1 : 0);
const ascending = (x: number, y: number) => rank(x) - rank(y) || (x < y ? -1 : x > y ? 1 : 0);

describe.skipIf(await adapterMissing())("sort and argReduce", () => {
  let dispose = (): void => {};
  beforeAll(async () => {
    const backend = registerBackend(await openBackend());
    dispose = () => backend.dispose();
  });
  afterAll(() => dispose());

  test.each([
    [1000, 3],
    [70, 8],
    [9, 100],
    [5, 600],
    [3, 2048],
    [3, 2049],
    [2, 70_001],
  ])("%i rows of %i", (rows, n) => {
    const x = drawn(rows * n);
    const onDevice = tensor(x, { shape: [rows, n], device: "webgpu" });
    for (const descending of [false, true]) {
      const sign = descending ? -1 : 1;
      const { values, indices } = sort(onDevice, -1, { descending });
      const order = Array.from({ length: rows }, (_, r) => {
        const row = x.subarray(r * n, (r + 1) * n);
        return Array.from(row.keys()).sort((i, j) => sign * ascending(row[i], row[j]) || i - j);
      });
      expect(indices.tolist()).toEqual(order);
      expect(values.tolist()).toEqual(order.map((row, r) => row.map((i) => x[r * n + i])));
    }
  });

  test.each([
    ["one long line", [1, 300_000], 1],
    ["few lines", [3, 5000], 1],
    ["many lines", [700, 900], 1],
    ["columns", [900, 40], 0],
  ] as const)("positions of extremes: %s", (_, [rows, n], dim) => {
    const x = Float32Array.from({ length: rows * n }, (_, i) => (Math.imul(i + 3, 2654435761) >>> 12) % 1009);
    const lines = Array.from({ length: dim === 1 ? rows : n }, (_, l) =>
      Array.from({ length: dim === 1 ? n : rows }, (_, k) => x[dim === 1 ? l * n + k : k * n + l]),
    );
    const high = lines.map((line) => line.indexOf(line.reduce((a, b) => Math.max(a, b))));
    const low = lines.map((line) => line.indexOf(line.reduce((a, b) => Math.min(a, b))));
    const onDevice = tensor(x, { shape: [rows, n], device: "webgpu" });
    expect(argmax(onDevice, dim).tolist()).toEqual(high);
    expect(argmin(permute(onDevice, [1, 0]), 1 - dim).tolist()).toEqual(low);
  });
});
