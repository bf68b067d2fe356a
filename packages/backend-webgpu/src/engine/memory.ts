import type { Buffer } from "@flambeau/tensor/plugin";
import { Care, type Doubt } from "./doubts.ts";

/** WebGPU's flags, as numbers: Node has no globals for them. */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;

/**
 * One GPU buffer of the pool. `batch` is the number of the last batch of commands that refers to it; it is not `usable` when the
 * device turned out to have no room for it.
 */
export interface Block {
  readonly gpu: GPUBuffer;
  readonly id: number;
  readonly capacity: number;
  batch: number;
  usable: boolean;
  /** What is to be minded about its contents; null for nothing. */
  care: Care | null;
  /** Settled once it is known whether the device has room for it; null from then on, or where that is not awaited. */
  proof: Proof | null;
  /** Made by somebody else, who destroys it. */
  readonly foreign?: boolean;
}

/** The doubt whether the device has room for a block. `known` resolves when it is settled. */
export interface Proof extends Doubt {
  known: Promise<void>;
}

/** The contents are new: nothing is to be minded about them but whether the block is there at all. */
export function renew(block: Block): void {
  if (block.proof === null) block.care = null;
  else {
    block.care = new Care();
    block.care.doubts = [block.proof];
  }
}

/** What the backend hands out as memory: a block while it is live. */
export interface DeviceBuffer {
  block: Block | null;
  readonly byteLength: number;
}

/** The block behind a buffer that this backend made. */
export function blockOf(buffer: Buffer): Block {
  const { block } = buffer as DeviceBuffer; // core hands back what alloc made
  if (block === null) throw new Error("webgpu: this buffer was freed");
  return block;
}

/** Bytes in whole words. Not by bit operations: buffers may have more than 2^31 bytes. */
export const words = (byteLength: number): number => 4 * Math.ceil(byteLength / 4);

const smallest = 256;

/** The size class of a request: four steps to each power of two, so that at most a fifth is unused. */
export function sizeClass(byteLength: number): number {
  if (byteLength <= smallest) return 0;
  const power = Math.floor(Math.log2(byteLength - 1));
  return 4 * (power - 8) + Math.ceil((byteLength - 2 ** power) / 2 ** (power - 2));
}
/** Bytes in a block of a size class. */
export const classBytes = (cls: number): number => (2 ** (8 + Math.floor(cls / 4)) * (4 + (cls % 4))) / 4;

/** Spare memory that is never given back, and the age (in batches) at which a spare block beyond it may be. */
const spareKept = 128 * 2 ** 20;
const spareAge = 256;

/**
 * Blocks that nothing uses, by size class. The oldest goes first: a step that repeats then gets the same blocks for the same
 * tensors whatever the order in which it freed them, and bind groups made once serve it for ever.
 */
export class Pool {
  /** A heap for each class: the oldest block on top. */
  readonly #free: Block[][] = [];
  #spareBytes = 0;

  /** Bytes in spare blocks. */
  get spareBytes(): number {
    return this.#spareBytes;
  }
  take(cls: number): Block | undefined {
    const heap = this.#free[cls];
    while (heap !== undefined && heap.length > 0) {
      const block = heap[0];
      const last = heap.pop() as Block; // there is one
      if (last !== block) sink(heap, last);
      this.#spareBytes -= block.capacity;
      if (block.usable) return block;
    }
    return undefined;
  }
  give(cls: number, block: Block): void {
    let heap = this.#free[cls];
    if (!heap) this.#free[cls] = heap = [];
    rise(heap, block);
    this.#spareBytes += block.capacity;
  }
  /** Destroys spare blocks that no batch since `batch - spareAge` used, while more than a fixed reserve is spare. Gives their number. */
  trim(batch: number): number {
    return this.#spareBytes <= spareKept ? 0 : this.#destroy(spareKept, batch - spareAge);
  }
  /** Destroys all spare blocks. No unsubmitted command may refer to one. */
  clear(): number {
    return this.#destroy(0, Number.POSITIVE_INFINITY);
  }
  #destroy(keep: number, lastBatch: number): number {
    let destroyed = 0;
    for (const list of this.#free) {
      if (!list) continue;
      list.sort((a, b) => a.id - b.id); // and so a heap again without those that go
      let kept = 0;
      for (const block of list) {
        if (this.#spareBytes > keep && block.batch < lastBatch) {
          block.gpu.destroy();
          this.#spareBytes -= block.capacity;
          destroyed++;
        } else list[kept++] = block;
      }
      list.length = kept;
    }
    return destroyed;
  }
}

/** Puts a block into a heap. */
function rise(heap: Block[], block: Block): void {
  let at = heap.length;
  heap.push(block);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent].id <= block.id) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = block;
}
/** Puts a block in the place of a heap's top. */
function sink(heap: Block[], block: Block): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1].id < heap[child].id) child++;
    if (heap[child].id >= block.id) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = block;
}
