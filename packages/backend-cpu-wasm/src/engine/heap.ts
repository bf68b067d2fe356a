import { Ranges } from "./ranges.ts";

// The allocator of the linear memory. Blocks are multiples of 64 bytes, aligned to 64.
// Small blocks (up to 32 KiB) come from slabs of one size class and are reused last in, first out.
// Large ones are kept first by exact size (a training step asks for the same sizes again and again); when none fits,
// everything kept is merged with its neighbours and the best fit is taken, and only then memory grows. Where it cannot, all
// that is free is put together, slabs in use or not: a block fails only when no piece of memory is long enough for it.

const slack = 16;
const smallest = 64;
const fineLimit = 4096;
const fineClasses = fineLimit / smallest;
const coarse = 512;
const smallLimit = 32768;
const classes = fineClasses + (smallLimit - fineLimit) / coarse + 1;
const slabBytes = 1 << 18;
/** Blocks to gather at a time where there is no room for a slab. */
const gathered = 32;
const pageBytes = 65536;

/** The bytes that a block of `byteLength` takes: with 16 readable bytes behind it, a multiple of 64. */
function blockBytes(byteLength: number): number {
  return ((byteLength + slack + 63) & ~63) >>> 0;
}

function classOf(bytes: number): number {
  return bytes <= fineLimit ? bytes >>> 6 : fineClasses + (((bytes - fineLimit + coarse - 1) / coarse) | 0);
}

function classBytes(index: number): number {
  return index <= fineClasses ? index * smallest : fineLimit + (index - fineClasses) * coarse;
}

const wholePages = (bytes: number): number => Math.ceil(bytes / pageBytes) * pageBytes;

interface SmallClass {
  readonly bytes: number;
  readonly free: number[];
  /** All blocks in one are this class's: in use, free, or (of one of them, which ends at `end`) from `next` on not handed out yet. */
  slabs: number[];
  next: number;
  end: number;
}

/** What hands out the memory's blocks. */
export interface Allocator {
  /** Bytes in live blocks, those of `reserve` apart. */
  readonly usedBytes: number;
  /** The address of a new block, 64-byte aligned, or 0 when memory is full. */
  alloc(byteLength: number): number;
  /** Gives a block back; `byteLength` is what it was asked with. */
  free(address: number, byteLength: number): void;
  /** A block for good, on top of the limit: what the engine itself needs. */
  reserve(byteLength: number): number;
}

/**
 * Allocates from [start, end) of a memory that `grow` can make longer by a number of bytes (it says false when it cannot), up to
 * `limit` bytes in all, whether in use or between blocks.
 */
export class Heap implements Allocator {
  readonly #grow: (bytes: number) => boolean;
  readonly #small: (SmallClass | undefined)[] = new Array(classes).fill(undefined);
  readonly #kept = new Map<number, number[]>();
  readonly #ranges = new Ranges();
  /** Where the range ends that blocks may lie in, the memory, and how far the range may ever reach. */
  #end: number;
  #memoryEnd: number;
  #most: number;
  #used = 0;

  constructor(start: number, end: number, grow: (bytes: number) => boolean, limit = Number.POSITIVE_INFINITY) {
    this.#grow = grow;
    this.#memoryEnd = end;
    this.#most = start + Math.floor(limit / smallest) * smallest;
    this.#end = Math.min(end, this.#most);
    if (this.#end > start) this.#ranges.add(start, this.#end - start);
  }

  get usedBytes(): number {
    return this.#used;
  }

  alloc(byteLength: number): number {
    if (!(byteLength <= 0xffff0000)) return 0;
    const bytes = blockBytes(byteLength);
    if (bytes > smallLimit) {
      const address = this.#kept.get(bytes)?.pop() ?? this.#large(bytes);
      if (address !== 0) this.#used += bytes;
      return address;
    }
    const index = classOf(bytes);
    let own = this.#small[index];
    if (own === undefined) {
      own = { bytes: classBytes(index), free: [], slabs: [], next: 0, end: 0 };
      this.#small[index] = own;
    }
    const address = own.free.pop() ?? this.#next(own);
    if (address !== 0) this.#used += own.bytes;
    return address;
  }

  free(address: number, byteLength: number): void {
    const bytes = blockBytes(byteLength);
    if (bytes <= smallLimit) {
      const own = this.#small[classOf(bytes)]!;
      own.free.push(address);
      this.#used -= own.bytes;
      return;
    }
    this.#used -= bytes;
    const kept = this.#kept.get(bytes);
    if (kept === undefined) this.#kept.set(bytes, [address]);
    else kept.push(address);
  }

  reserve(byteLength: number): number {
    const before = this.#used;
    const room = blockBytes(byteLength);
    const bytes = room > smallLimit ? room : classBytes(classOf(room));
    this.#most += bytes;
    const address = this.alloc(byteLength);
    if (address === 0) this.#most -= bytes;
    this.#used = before;
    return address;
  }

  /** A block of a class that has none free; 0 when memory is full. */
  #next(own: SmallClass): number {
    if (own.next + own.bytes > own.end) {
      const slab = this.#large(slabBytes);
      if (slab === 0) return this.#gather(own);
      own.slabs.push(slab);
      own.next = slab;
      own.end = slab + slabBytes;
    }
    const address = own.next;
    own.next += own.bytes;
    return address;
  }

  /** Blocks from shorter pieces than a slab, where memory is full. */
  #gather(own: SmallClass): number {
    const some = Math.min(slabBytes, gathered * own.bytes);
    let pieces = this.#ranges.takePieces(own.bytes, some);
    if (pieces.length === 0 && this.#lengthen(own.bytes)) pieces = this.#ranges.takePieces(own.bytes, some);
    for (const { start, end } of pieces) {
      let at = start;
      for (; at + own.bytes <= end; at += own.bytes) own.free.push(at);
      if (at < end) this.#ranges.add(at, end - at);
    }
    return own.free.pop() ?? 0;
  }

  #large(bytes: number): number {
    let address = this.#ranges.take(bytes);
    if (address !== 0) return address;
    this.#merge();
    address = this.#ranges.take(bytes);
    if (address !== 0) return address;
    if (!this.#lengthen(bytes)) this.#shred();
    return this.#ranges.take(bytes);
  }

  /** Makes the range longer, so that a block of `bytes` fits at its end. */
  #lengthen(bytes: number): boolean {
    const missing = bytes - this.#ranges.tail(this.#end);
    // growing by a fraction of what is held keeps the number of merges small
    for (const more of [Math.max(missing, this.#end / 8, 1 << 24), missing]) {
      const end = Math.min(wholePages(this.#end + more), this.#most);
      if (end === this.#end || end - this.#end < missing) continue;
      if (end > this.#memoryEnd) {
        const longer = wholePages(end) - this.#memoryEnd;
        if (!this.#grow(longer)) continue;
        this.#memoryEnd += longer;
      }
      this.#ranges.add(this.#end, end - this.#end);
      this.#end = end;
      return true;
    }
    return false;
  }

  /** Returns kept large blocks, and slabs of which no block is in use, to the ranges. */
  #merge(): void {
    for (const [bytes, kept] of this.#kept) for (const address of kept) this.#ranges.add(address, bytes);
    this.#kept.clear();
    for (const own of this.#small) {
      if (own === undefined || own.free.length === 0) continue;
      own.slabs.sort((a, b) => a - b);
      own.free.sort((a, b) => a - b);
      const perSlab = Math.floor(slabBytes / own.bytes);
      const current = own.end - slabBytes;
      const staying: number[] = [];
      let at = 0;
      own.slabs = own.slabs.filter((slab) => {
        // blocks that are in no slab
        while (at < own.free.length && own.free[at] < slab) staying.push(own.free[at++]);
        const from = at;
        while (at < own.free.length && own.free[at] < slab + slabBytes) at++;
        const issued = slab === current ? Math.floor((own.next - slab) / own.bytes) : perSlab;
        if (at - from < issued) {
          for (let i = from; i < at; i++) staying.push(own.free[i]);
          return true;
        }
        if (slab === current) own.next = own.end = 0;
        this.#ranges.add(slab, slabBytes);
        return false;
      });
      while (at < own.free.length) staying.push(own.free[at++]);
      own.free.length = 0;
      for (const address of staying) own.free.push(address);
    }
  }

  /** Returns every free block to the ranges by itself. Slabs are none then: blocks of theirs that are in use come back one by one. */
  #shred(): void {
    for (const own of this.#small) {
      if (own === undefined) continue;
      for (const address of own.free) this.#ranges.add(address, own.bytes);
      for (const slab of own.slabs) {
        // what was never handed out, or is too short for a block
        const end = slab + slabBytes;
        const rest = end === own.end ? own.next : end - (slabBytes % own.bytes);
        if (rest < end) this.#ranges.add(rest, end - rest);
      }
      own.free.length = 0;
      own.slabs = [];
      own.next = own.end = 0;
    }
  }
}
