import { describe, expect, it } from "vitest";
import { Heap } from "../../src/engine/heap.ts";
import { numbers } from "./reference.ts";

const start = 4096;
const page = 65536;

/** A heap of at most `limit` bytes on a memory that only counts its pages. */
function open(limit: number, pages = 2): { heap: Heap; held: () => number } {
  let held = pages * page;
  const heap = new Heap(
    start,
    held,
    (bytes) => {
      expect(bytes % page).toBe(0);
      held += bytes;
      return true;
    },
    limit,
  );
  return { heap, held: () => held };
}

/** Blocks of `byteLength` until there is no room. */
function fill(heap: Heap, byteLength: number): number[] {
  const blocks: number[] = [];
  for (let address = heap.alloc(byteLength); address !== 0; address = heap.alloc(byteLength)) blocks.push(address);
  return blocks;
}

// a block takes 16 bytes more than was asked for, and whole multiples of 64
const small = 48;
const large = 2 ** 16 - 16;

describe("a heap with a limit", () => {
  it("hands out all of it and no more, in blocks of any size, whatever the memory holds already", () => {
    for (const limit of [64, 1000, 100_000, 1 << 20, 10 << 20])
      for (const bytes of [small, 1000 - 16, large]) {
        const { heap, held } = open(limit);
        const block = Math.ceil((bytes + 16) / 64) * 64;
        const blocks = fill(heap, bytes);
        expect(blocks.length).toBe(Math.floor((Math.floor(limit / 64) * 64) / block));
        expect(heap.usedBytes).toBe(blocks.length * block);
        expect(blocks.every((address) => address >= start && address + block <= start + limit)).toBe(true);
        expect(held()).toBeLessThanOrEqual(Math.max(2 * page, Math.ceil((start + limit) / page) * page));
      }
  });

  it("a request that is too large takes nothing from the system and changes nothing", () => {
    const { heap, held } = open(64 << 20);
    const before = held();
    for (const bytes of [(64 << 20) - 15, 1 << 30, 2 ** 33, Number.NaN]) expect(heap.alloc(bytes)).toBe(0);
    expect([held(), heap.usedBytes]).toEqual([before, 0]);
    expect(heap.alloc((64 << 20) - 16)).toBe(start);
  });

  it("memory of small blocks serves large ones, and that of large ones small ones", () => {
    const { heap } = open(1 << 20);
    for (let round = 0; round < 3; round++)
      for (const [bytes, count] of [
        [small, 2 ** 14],
        [large, 16],
        [2000 - 16, 512],
        [(1 << 20) - 16, 1],
      ]) {
        const blocks = fill(heap, bytes);
        expect(blocks.length).toBe(count);
        for (const address of blocks) heap.free(address, bytes);
      }
  });

  it("neighbours that are free serve another size while the blocks beside them live", () => {
    const { heap } = open(1 << 20);
    const blocks = fill(heap, small).sort((a, b) => a - b);
    // of four in a row two in the middle go
    const gone = blocks.filter((_, i) => i % 4 === 1 || i % 4 === 2);
    for (const address of gone) heap.free(address, small);
    expect(heap.alloc(small + 128)).toBe(0);
    const pairs = fill(heap, small + 64);
    expect(pairs.sort((a, b) => a - b)).toEqual(gone.filter((_, i) => i % 2 === 0));
    // and blocks that outlive their slab come back one by one
    for (const address of pairs) heap.free(address, small + 64);
    const others = new Set(blocks).difference(new Set(gone));
    for (const address of others) heap.free(address, small);
    expect(heap.usedBytes).toBe(0);
    expect(heap.alloc((1 << 20) - 16)).toBe(start);
  });

  it("what is reserved comes on top of it", () => {
    const { heap } = open(1 << 20);
    const own: number[] = [];
    for (let i = 0; i < 10; i++) own.push(heap.reserve(100_000 - 16));
    const blocks = fill(heap, large);
    expect(heap.usedBytes).toBe(1 << 20);
    expect(heap.alloc(small)).toBe(0);
    own.push(heap.reserve(small), heap.reserve(1000), heap.reserve(5 << 20));
    expect(new Set([...own, ...blocks]).size).toBe(13 + 16);
    expect(own).not.toContain(0);
    expect([heap.usedBytes, heap.alloc(small)]).toEqual([1 << 20, 0]);
    heap.free(blocks[3], large);
    expect(fill(heap, small).length).toBe(1024);
  });

  it("never hands out a byte twice, nearly full with all sizes; empty, it is one piece again", () => {
    const limit = 3 << 20;
    const { heap } = open(limit);
    const next = numbers(3);
    const at = (n: number) => Math.floor(((next() + 1) / 2) * n);
    const owner = new Uint32Array((start + limit) / 64);
    const live: { address: number; bytes: number; id: number }[] = [];
    const unitsOf = ({ address, bytes }: { address: number; bytes: number }) =>
      owner.subarray(address / 64, address / 64 + Math.ceil((bytes + 16) / 64));
    const release = (i: number) => {
      const block = live[i];
      live[i] = live[live.length - 1];
      live.pop();
      if (unitsOf(block).some((id) => id !== block.id)) throw new Error(`block ${block.id} was overwritten`);
      unitsOf(block).fill(0);
      heap.free(block.address, block.bytes);
    };
    let failed = 0;
    for (let id = 1; id <= 30_000; id++) {
      const bytes = Math.floor(2 ** (9 + 9 * next()));
      const address = heap.alloc(bytes);
      if (address === 0) {
        failed++;
        for (let i = 0; i < 30 && live.length > 0; i++) release(at(live.length));
        continue;
      }
      const block = { address, bytes, id };
      if (unitsOf(block).some((other) => other !== 0)) throw new Error(`block ${id} lies on another one`);
      unitsOf(block).fill(id);
      live.push(block);
    }
    expect(failed).toBeGreaterThan(100);
    while (live.length > 0) release(live.length - 1);
    expect(heap.usedBytes).toBe(0);
    expect(heap.alloc(limit - 16)).toBe(start);
  });
});

describe("a heap on a memory that refuses to grow", () => {
  it("uses the last piece, and goes on when the memory grows again", () => {
    let allowed = false;
    const heap = new Heap(start, 2 * page, () => allowed);
    const blocks = fill(heap, small);
    expect(blocks.length).toBe((2 * page - start) / 64);
    expect(heap.alloc(small)).toBe(0);
    allowed = true;
    expect(heap.alloc(large)).toBe(2 * page);
    heap.free(blocks[5], small);
    expect(heap.alloc(small)).toBe(blocks[5]);
  });
});
