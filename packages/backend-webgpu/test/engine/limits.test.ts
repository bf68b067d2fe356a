// Memory that does not suffice, tensors that do not fit, and one that needs more workgroups than a dispatch has in a row.
import { MemoryError } from "@flambeau/tensor";
import { add, arange, full, ones, registerBackend, tidy, zeros } from "flambeau";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../src/index.ts";
import { adapterMissing, openBackend } from "../support/adapter.ts";

const device = "webgpu";

describe.skipIf(await adapterMissing())("memoryLimit", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend({ memoryLimit: 10 * 2 ** 20 });
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  it("is a positive number", async () => {
    for (const memoryLimit of [0, -1, Number.NaN])
      await expect(openBackend({ memoryLimit })).rejects.toThrow(`positive number of bytes, got ${memoryLimit}`);
  });

  it("a request beyond it is a MemoryError at once; everything is as before", async () => {
    const x = full([2 ** 20], 2, { device });
    const y = tidy(() => add(x, 1)); // not sent yet
    const { bytes, buffers } = backend.memory();
    expect(() => ones([2 ** 20], { device })).toThrow(MemoryError);
    expect(() => add(x, y)).toThrow(/4194304 bytes.*memoryLimit/);
    expect(backend.memory()).toMatchObject({ bytes, buffers });
    const values = await y.data();
    expect([values[0], values[2 ** 20 - 1]]).toEqual([3, 3]);
    y.dispose();
    const z = add(x, 5); // there is room again
    expect((await z.data())[12345]).toBe(7);
    z.dispose();
    x.dispose();
  });

  it("spare memory of other sizes makes room; commands that are not sent yet keep theirs", async () => {
    // each round fills the limit with another size: spare blocks are destroyed while the last commands on them are unsent
    const found: number[] = [];
    const expected: number[] = [];
    for (let round = 0; round < 12; round++) {
      const n = 300_000 + 100_000 * (round % 6);
      const small = tidy(() => {
        const a = full([n], round, { device });
        const b = add(a, 1);
        return add(b.at({ from: n - 3, to: n }), a.at({ from: 0, to: 3 }));
      });
      found.push(...((await small.data()) as Float32Array));
      expected.push(...new Array(3).fill(2 * round + 1));
      small.dispose();
    }
    expect(found).toEqual(expected);
    expect(backend.memory().reservedBytes).toBeLessThanOrEqual(10 * 2 ** 20);
  });

  it("the results of many unsent commands on destroyed spare blocks are right", async () => {
    const kept = Array.from({ length: 12 }, (_, round) =>
      tidy(() => {
        const n = 250_000 + 130_000 * (round % 5);
        return add(full([n], round, { device }), 1)
          .at({ from: 5, to: 6 })
          .clone();
      }),
    );
    for (const [round, x] of kept.entries()) {
      expect([...(await x.data())]).toEqual([round + 1]);
      x.dispose();
    }
  });
});

describe.skipIf(await adapterMissing())("sizes", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());
  afterEach(() => {
    expect(backend.memory().buffers).toBe(0);
  });

  it("a tensor beyond the largest buffer is a MemoryError that says how large one is", async () => {
    const most = Math.min(backend.device.limits.maxBufferSize, backend.device.limits.maxStorageBufferBindingSize);
    const before = backend.memory();
    expect(() => zeros([most / 4 + 1], { device })).toThrow(MemoryError);
    expect(() => zeros([most / 4 + 1], { device })).toThrow(new RegExp(`${most + 4}.*${most}`));
    expect(backend.memory()).toEqual(before);
    const x = ones([3], { device });
    expect([...(await x.data())]).toEqual([1, 1, 1]);
    x.dispose();
  });

  it("a map over 100 million elements, past 65,535 workgroups, is right at the start, the middle and the end", async () => {
    const n = 100_000_000;
    const x = zeros([1], { device, dtype: "uint8" });
    const y = tidy(() => add(x.expand([n]), 7));
    const ends = [0, 12_345_678, 65535 * 64 * 4 - 2, 65535 * 64 * 4 + 2, n / 2, n - 5].map((at) =>
      y.at({ from: at, to: at + 5 }),
    );
    for (const end of ends) expect([...(await end.data())]).toEqual([7, 7, 7, 7, 7]);
    for (const t of [...ends, x, y]) t.dispose();
  });

  it("positions past 65,535 workgroups are those of a count", async () => {
    const n = 5_000_000;
    const x = arange(0, n, 1, { device, dtype: "int32" });
    const y = add(x, 1);
    const ends = [0, 65535 * 64 - 1, 65535 * 64, n - 1].map((at) => y.at(at));
    expect(await Promise.all(ends.map((end) => end.itemAsync()))).toEqual([1, 65535 * 64, 65535 * 64 + 1, n]);
    for (const t of [...ends, x, y]) t.dispose();
  });

  it("device memory that turns out to be too little: a MemoryError, and the block is not used again", async () => {
    // what a device without room does: the creation's error scope gives an error
    const real = backend.device.popErrorScope;
    backend.device.popErrorScope = () => Promise.resolve({ message: "no room" } as GPUError);
    const bad = backend.alloc(123_456);
    backend.device.popErrorScope = real;
    await Promise.resolve();
    await expect(backend.read(bad, 0, 4)).rejects.toThrow(/no room for 123456 bytes/);
    const before = backend.counters.buffersCreated;
    backend.free(bad);
    const good = backend.alloc(123_456);
    expect(backend.counters.buffersCreated).toBe(before + 1);
    backend.free(good);
  });
});
