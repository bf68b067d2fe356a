// The allocator of the linear memory. Blocks are multiples of 64 bytes, aligned to 64.
// Small blocks (up to 32 KiB) come from slabs of one size class and are reused last in, first out.
// Large ones are kept first by exact size (a training step asks for the same sizes again and again); when none fits,
// everything kept is merged with its neighbours and the best fit is taken, and only then memory grows.

const slack = 16;
const smallest = 64;
const fineLimit = 4096;
const fineClasses = fineLimit / smallest;
const coarse = 512;
const smallLimit = 32768;
const classes = fineClasses + (smallLimit - fineLimit) / coarse + 1;
const slabBytes = 1 << 18;

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

/** Eight bins for each doubling of the size. */
function binOf(bytes: number): number {
  const exponent = 31 - Math.clz32(bytes);
  return (exponent << 3) + ((bytes / 2 ** (exponent - 3)) & 7);
}

interface SmallClass {
  readonly bytes: number;
  readonly free: number[];
  slabs: number[];
  next: number;
  end: number;
}

/** Free ranges of memory, merged with their neighbours, found by best fit. */
class Ranges {
  readonly #sizes = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  readonly #bins: Set<number>[] = Array.from({ length: 32 << 3 }, () => new Set());

  #insert(address: number, bytes: number): void {
    this.#sizes.set(address, bytes);
    this.#ends.set(address + bytes, address);
    this.#bins[binOf(bytes)].add(address);
  }

  #remove(address: number, bytes: number): void {
    this.#sizes.delete(address);
    this.#ends.delete(address + bytes);
    this.#bins[binOf(bytes)].delete(address);
  }

  add(address: number, bytes: number): void {
    const before = this.#ends.get(address);
    if (before !== undefined) {
      const size = address - before;
      this.#remove(before, size);
      address = before;
      bytes += size;
    }
    const after = this.#sizes.get(address + bytes);
    if (after !== undefined) {
      this.#remove(address + bytes, after);
      bytes += after;
    }
    this.#insert(address, bytes);
  }

  /** Takes `bytes` from the smallest range that holds them; 0 when there is none. */
  take(bytes: number): number {
    for (let bin = binOf(bytes); bin < this.#bins.length; bin++) {
      let best = 0;
      let bestSize = Number.POSITIVE_INFINITY;
      for (const address of this.#bins[bin]) {
        const size = this.#sizes.get(address)!;
        if (size >= bytes && (size < bestSize || (size === bestSize && address < best))) {
          best = address;
          bestSize = size;
        }
      }
      if (best === 0) continue;
      this.#remove(best, bestSize);
      if (bestSize > bytes) this.#insert(best + bytes, bestSize - bytes);
      return best;
    }
    return 0;
  }

  /** The size of the range that ends at `address`, or 0. */
  tail(address: number): number {
    const start = this.#ends.get(address);
    return start === undefined ? 0 : address - start;
  }
}

/** Allocates from [start, end) of a memory that `grow` can make longer by a number of bytes (it says false when it cannot). */
export class Heap {
  readonly #grow: (bytes: number) => boolean;
  readonly #small: (SmallClass | undefined)[] = new Array(classes).fill(undefined);
  readonly #kept = new Map<number, number[]>();
  readonly #ranges = new Ranges();
  #end: number;
  #used = 0;

  constructor(start: number, end: number, grow: (bytes: number) => boolean) {
    this.#grow = grow;
    this.#end = end;
    this.#ranges.add(start, end - start);
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** The address of a new block, 64-byte aligned, or 0 when memory is full. */
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
    let address = own.free.pop();
    if (address === undefined) {
      if (own.next + own.bytes > own.end && !this.#addSlab(own)) return 0;
      address = own.next;
      own.next += own.bytes;
    }
    this.#used += own.bytes;
    return address;
  }

  /** Gives a block back; `byteLength` is what it was asked with. */
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

  #addSlab(own: SmallClass): boolean {
    const slab = this.#large(slabBytes);
    if (slab === 0) return false;
    own.slabs.push(slab);
    own.next = slab;
    own.end = slab + slabBytes;
    return true;
  }

  #large(bytes: number): number {
    let address = this.#ranges.take(bytes);
    if (address !== 0) return address;
    this.#merge();
    address = this.#ranges.take(bytes);
    if (address !== 0) return address;
    const missing = bytes - this.#ranges.tail(this.#end);
    // growing by a fraction of what is held keeps the number of merges small
    const wanted = [Math.max(missing, this.#end / 8, 1 << 24), missing];
    for (const more of wanted) {
      const whole = Math.ceil(more / 65536) * 65536;
      if (!this.#grow(whole)) continue;
      this.#ranges.add(this.#end, whole);
      this.#end += whole;
      return this.#ranges.take(bytes);
    }
    return 0;
  }

  /** Returns kept large blocks, and slabs of which no block is in use, to the ranges. */
  #merge(): void {
    for (const [bytes, kept] of this.#kept) for (const address of kept) this.#ranges.add(address, bytes);
    this.#kept.clear();
    for (const own of this.#small) {
      if (own === undefined || own.free.length === 0) continue;
      const perSlab = Math.floor(slabBytes / own.bytes);
      const current = own.end - slabBytes;
      own.slabs.sort((a, b) => a - b);
      own.free.sort((a, b) => a - b);
      const staying: number[] = [];
      let at = 0;
      own.slabs = own.slabs.filter((slab) => {
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
      own.free.length = 0;
      for (const address of staying) own.free.push(address);
    }
  }
}
