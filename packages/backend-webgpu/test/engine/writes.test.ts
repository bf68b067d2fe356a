// Writes and commands keep the order in which they were asked for, whatever their sizes and offsets.
import { type Buffer, compileProgram, input, type View } from "@flambeau/tensor/plugin";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../src/index.ts";
import { adapterMissing, openBackend } from "../support/adapter.ts";

const plusOne = compileProgram(input(0).add(1), ["uint8"], 0, "int32", "uint8");

describe.skipIf(await adapterMissing())("writes in order with commands", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
  });
  afterAll(() => backend.dispose());

  const bytes = (n: number, seed: number): Uint8Array =>
    Uint8Array.from({ length: n }, (_, i) => (i * 7 + seed) & 0xff);
  const view = (buffer: Buffer, n: number): View => ({ buffer, dtype: "uint8", offset: 0, shape: [n], strides: [1] });
  const increment = (from: Buffer, to: Buffer, n: number) =>
    backend.kernels.map(plusOne, [view(from, n)], [], view(to, n), true);

  // around the bound between small writes, which are copied among the commands, and large ones, and beyond the upload buffer
  for (const n of [4, 7, 1000, 1003, 64 * 1024, 64 * 1024 + 4, 64 * 1024 + 5, 300_001])
    it(`${n} bytes written after a command that has not been sent`, async () => {
      const [a, b, c] = [0, 0, 0].map(() => backend.alloc(n));
      backend.write(a, bytes(n, 1));
      increment(a, b, n); // b: 2
      backend.write(a, bytes(n, 50)); // after it was read
      increment(a, c, n); // c: 51
      backend.write(b, bytes(n, 90)); // after it was written
      const [x, y, z] = await Promise.all([a, b, c].map((buffer) => backend.read(buffer, 0, n)));
      expect(x).toEqual(bytes(n, 50));
      expect(y).toEqual(bytes(n, 90));
      expect(z).toEqual(bytes(n, 51));
      for (const buffer of [a, b, c]) backend.free(buffer);
    });

  it("parts at any offset and of any length, others untouched, among commands", async () => {
    const n = 301;
    const buffer = backend.alloc(n);
    const expected = bytes(n, 3);
    backend.write(buffer, expected);
    let seed = 11;
    for (const offset of [0, 1, 2, 3, 4, 5, 97, 296, 300])
      for (const length of [1, 2, 3, 4, 5, 8, 31]) {
        if (offset + length > n) continue;
        const part = bytes(length, seed++);
        backend.write(buffer, part, offset);
        expected.set(part, offset);
        if (seed % 3 === 0) {
          increment(buffer, buffer, n);
          for (let i = 0; i < n; i++) expected[i]++;
        }
      }
    expect(await backend.read(buffer, 0, n)).toEqual(expected);
    for (const [offset, length] of [
      [0, 1],
      [1, 3],
      [2, 299],
      [299, 2],
      [300, 1],
    ]) // prettier-ignore
      expect(await backend.read(buffer, offset, length)).toEqual(expected.slice(offset, offset + length));
    backend.free(buffer);
  });

  it("more small writes than the upload buffer holds, in one batch", async () => {
    const n = 40_000;
    const [a, b] = [backend.alloc(n), backend.alloc(n)];
    const total = new Uint8Array(n);
    const sum = backend.alloc(n);
    backend.write(sum, total);
    for (let k = 0; k < 20; k++) {
      backend.write(a, bytes(n, k));
      increment(a, b, n);
      if (k === 13) increment(b, sum, n);
    }
    expect(await backend.read(b, 0, n)).toEqual(bytes(n, 20));
    expect(await backend.read(sum, 0, n)).toEqual(bytes(n, 15));
    for (const buffer of [a, b, sum]) backend.free(buffer);
  });

  it("the caller's bytes are taken at the call", async () => {
    const a = backend.alloc(8);
    increment(a, a, 8);
    const mine = bytes(8, 1);
    backend.write(a, mine);
    mine.fill(0);
    expect(await backend.read(a, 0, 8)).toEqual(bytes(8, 1));
    backend.free(a);
  });

  it("a block that was freed and taken again gets its new bytes after the old commands", async () => {
    const n = 1000;
    const out = backend.alloc(n);
    const a = backend.alloc(n);
    backend.write(a, bytes(n, 1));
    increment(a, out, n);
    backend.free(a);
    const again = backend.alloc(n); // the block of a
    backend.write(again, bytes(n, 77));
    expect(await backend.read(out, 0, n)).toEqual(bytes(n, 2));
    expect(await backend.read(again, 0, n)).toEqual(bytes(n, 77));
    backend.free(again);
    backend.free(out);
  });

  it("a read gives the bytes of its time, whatever is written before it settles", async () => {
    const a = backend.alloc(100);
    backend.write(a, bytes(100, 1));
    const first = backend.read(a, 0, 100);
    backend.write(a, bytes(100, 2));
    const second = backend.read(a, 0, 100);
    increment(a, a, 100);
    const third = backend.read(a, 0, 100);
    backend.free(a);
    expect(await first).toEqual(bytes(100, 1));
    expect(await second).toEqual(bytes(100, 2));
    expect(await third).toEqual(bytes(100, 3));
  });
});
