import { MemoryError } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { Draw } from "./draw.ts";
import type { Subject } from "./subject.ts";

/** What a backend says of itself, its memory, and reading and writing. */
export function memoryTests({ backend }: Subject): void {
  describe("backend", () => {
    test("names itself, its contract and what runs", () => {
      expect(backend.name).toMatch(/^[a-z][a-z0-9-]*(:\d+)?$/);
      expect(backend.contract).toBe(2);
      expect(backend.info.length).toBeGreaterThan(0);
      expect(backend.dtypes.size).toBeGreaterThan(0);
      expect(backend.dtypes.has("float32"), "float32 is the default dtype").toBe(true);
      expect(backend.dtypes.has("int32"), "int32 is the dtype of indices").toBe(true);
      expect(backend.dtypes.has("bool"), "bool is the dtype of comparisons").toBe(true);
    });
  });

  describe("memory", () => {
    test("counts live buffers, their bytes and the peak", () => {
      const before = backend.memory();
      const a = backend.alloc(1000);
      const b = backend.alloc(24);
      const held = backend.memory();
      expect(held.buffers).toBe(before.buffers + 2);
      expect(held.bytes).toBeGreaterThanOrEqual(before.bytes + 1024);
      expect(held.peakBytes).toBeGreaterThanOrEqual(held.bytes);
      expect(held.reservedBytes).toBeGreaterThanOrEqual(held.bytes);
      backend.free(a);
      backend.free(b);
      const after = backend.memory();
      expect({ bytes: after.bytes, buffers: after.buffers }).toEqual({ bytes: before.bytes, buffers: before.buffers });
      expect(after.peakBytes).toBeGreaterThanOrEqual(held.bytes);
      const small = backend.alloc(4);
      expect(backend.memory().peakBytes, "the peak stays").toBeGreaterThanOrEqual(held.bytes);
      backend.free(small);
    });

    test("a freed buffer's memory is used again", () => {
      const cycle = () => {
        const buffers = Array.from({ length: 8 }, (_, i) => backend.alloc(1000 * (i + 1)));
        for (const b of buffers) backend.free(b);
      };
      cycle();
      const before = backend.memory().reservedBytes;
      for (let i = 0; i < 50; i++) cycle();
      expect(backend.memory().reservedBytes).toBeLessThanOrEqual(before * 2 + 2 ** 20);
    });

    test("empty buffers are fine", async () => {
      const empty = backend.alloc(0);
      expect(await backend.read(empty, 0, 0)).toHaveLength(0);
      backend.free(empty);
    });

    test("write and read, whole and in parts; reading gives a copy", async () => {
      const draw = new Draw(41);
      const bytes = Uint8Array.from({ length: 96 }, () => draw.bits() & 255);
      const buffer = backend.alloc(96);
      backend.write(buffer, bytes);
      expect(await backend.read(buffer, 0, 96)).toEqual(bytes);
      expect(await backend.read(buffer, 16, 8)).toEqual(bytes.slice(16, 24));
      backend.write(buffer, Uint8Array.of(9, 8, 7, 6), 40);
      bytes.set([9, 8, 7, 6], 40);
      const copy = await backend.read(buffer, 0, 96);
      expect(copy).toEqual(bytes);
      copy.fill(0);
      bytes.fill(1, 0, 4); // and writing took a copy, too
      expect((await backend.read(buffer, 0, 4)).every((v) => v === 1)).toBe(false);
      expect(backend.readSync?.(buffer, 40, 4) ?? Uint8Array.of(9, 8, 7, 6)).toEqual(Uint8Array.of(9, 8, 7, 6));
      backend.free(buffer);
    });

    test("out of memory: a MemoryError that says how much, and everything as before", async () => {
      const kept = backend.alloc(16);
      backend.write(kept, new Uint8Array(16).fill(7));
      const { bytes, buffers } = backend.memory();
      expect(() => backend.alloc(2 ** 45)).toThrow(MemoryError);
      expect(() => backend.alloc(2 ** 45)).toThrow(/35184372088832/);
      const after = backend.memory();
      expect({ bytes: after.bytes, buffers: after.buffers }).toEqual({ bytes, buffers });
      expect(await backend.read(kept, 0, 16)).toEqual(new Uint8Array(16).fill(7));
      const next = backend.alloc(16);
      backend.free(next);
      backend.free(kept);
    });
  });

  describe("random", () => {
    // known answers of Random123's philox4x32-10, and its definition for the rest
    test("Philox4x32-10 bits: the counter starts at the offset, the key is the seed", async () => {
      const draw = async (seed: bigint, offset: bigint, n: number): Promise<number[]> => {
        const buffer = backend.alloc(4 * n);
        backend.kernels.random({ buffer, dtype: "int32", offset: 0, shape: [n], strides: [1] }, seed, offset);
        const bytes = new Uint8Array(await backend.read(buffer, 0, 4 * n));
        backend.free(buffer);
        return [...new Uint32Array(bytes.buffer)];
      };
      expect(await draw(0n, 0n, 4)).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
      for (const [seed, offset] of [
        [1n, 0n],
        [2n ** 63n + 12345n, 7n],
        [42n, 2n ** 32n - 2n],
        [3n, 2n ** 40n],
      ] as const)
        for (const n of [1, 6, 21]) expect(await draw(seed, offset, n)).toEqual(philox(seed, offset, n));
      const long = await draw(5n, 0n, 20_001);
      expect(long.slice(4000, 4004)).toEqual(await draw(5n, 1000n, 4));
      expect(long.at(-1)).toBe((await draw(5n, 5000n, 1))[0]);
    });
  });
}

/** Philox4x32-10 (Salmon et al. 2011), by its definition, in big integers. */
function philox(seed: bigint, offset: bigint, n: number): number[] {
  const word = (x: bigint) => BigInt.asUintN(32, x);
  const out: number[] = [];
  for (let block = offset; out.length < n; block++) {
    let c = [word(block), word(block >> 32n), 0n, 0n];
    let k = [word(seed), word(seed >> 32n)];
    for (let round = 0; round < 10; round++) {
      const a = 0xd2511f53n * c[0];
      const b = 0xcd9e8d57n * c[2];
      c = [word(b >> 32n) ^ c[1] ^ k[0], word(b), word(a >> 32n) ^ c[3] ^ k[1], word(a)];
      k = [word(k[0] + 0x9e3779b9n), word(k[1] + 0xbb67ae85n)];
    }
    out.push(...c.map(Number));
  }
  return out.slice(0, n);
}
