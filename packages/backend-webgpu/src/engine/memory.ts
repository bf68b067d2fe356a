import type { Buffer } from "@flambeau/tensor";

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
const spareKept = 64 * 2 ** 20;
const spareAge = 64;

/** Blocks that nothing uses, by size class, the last one freed first: its caches are warm, and the order of a step repeats. */
export class Pool {
  readonly #free: Block[][] = [];
  #spareBytes = 0;

  /** Bytes in spare blocks. */
  get spareBytes(): number {
    return this.#spareBytes;
  }
  take(cls: number): Block | undefined {
    const list = this.#free[cls];
    let block = list?.pop();
    while (block) {
      this.#spareBytes -= block.capacity;
      if (block.usable) break;
      block = list?.pop();
    }
    return block;
  }
  give(cls: number, block: Block): void {
    let list = this.#free[cls];
    if (!list) this.#free[cls] = list = [];
    list.push(block);
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
