// The gradient of an embedding: rows that are looked up often, seldom and never.
import "@flambeau/autograd";
import { embedding, indexAdd, mul, registerBackend, sum, tensor, tidy, zeros } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const device = "webgpu";

describe.skipIf(await adapterMissing())("embedding", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  it("gradients add up in the order of the index, the same bits as a loop", async () => {
    const [rows, width, n] = [301, 7, 900];
    const ids = Int32Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 5 : (i * i * 31) % rows));
    const g = Float32Array.from({ length: n * width }, (_, i) => Math.sin(i) * 10 ** ((i % 7) - 3));
    const weight = tensor(
      Float32Array.from({ length: rows * width }, (_, i) => i),
      { shape: [rows, width], device, requiresGrad: true },
    ); // prettier-ignore
    const out = embedding(weight, tensor(ids, { shape: [30, 30], device }), { paddingIdx: 2 });
    const looked = (await out.data()) as Float32Array;
    for (let i = 0; i < n; i++) expect(looked[i * width + 3]).toBe(ids[i] * width + 3);
    sum(mul(out, tensor(g, { shape: [30, 30, width], device }))).backward();
    const expected = new Float32Array(rows * width);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < width; c++) if (ids[i] !== 2) expected[ids[i] * width + c] += g[i * width + c];
    expect(await weight.grad?.data()).toEqual(expected);
  });

  it("adding 4,096 rows to a table of 1,000 takes a fixed number of dispatches", async () => {
    const [rows, width, n] = [1000, 64, 4096];
    const ids = Int32Array.from({ length: n }, (_, i) => (i * 7919) % rows);
    const into = zeros([rows, width], { device });
    const index = tensor(ids, { device });
    const source = tensor(
      Float32Array.from({ length: n * width }, (_, i) => (i % 13) / 8),
      { shape: [n, width], device },
    ); // prettier-ignore
    const work = () => tidy(() => indexAdd(into, 0, index, source));
    await work().data();
    const before = backend.counters;
    const out = (await work().data()) as Float32Array;
    // the copy of the table, keys, three passes of a sort, the sums, and what checks the index
    expect(backend.counters.dispatches - before.dispatches).toBeLessThanOrEqual(16);
    const expected = new Float32Array(rows * width);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < width; c++) expected[ids[i] * width + c] += ((i * width + c) % 13) / 8;
    expect(out).toEqual(expected);
  });
});
