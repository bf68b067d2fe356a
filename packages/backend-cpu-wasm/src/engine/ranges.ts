/** Eight bins for each doubling of the size. */
function binOf(bytes: number): number {
  const exponent = 31 - Math.clz32(bytes);
  return (exponent << 3) + ((bytes / 2 ** (exponent - 3)) & 7);
}

/** The bytes [start, end). */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Free ranges of memory, merged with their neighbours, found by best fit. */
export class Ranges {
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
      if (this.#bins[bin].size === 0) continue;
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

  /** Takes pieces of at least `least` bytes, the largest first, up to `total` bytes or as many as there are. */
  takePieces(least: number, total: number): Piece[] {
    const pieces: Piece[] = [];
    for (let bin = this.#bins.length - 1; bin >= binOf(least); bin--) {
      if (this.#bins[bin].size === 0) continue;
      for (const start of this.#bins[bin]) {
        const size = this.#sizes.get(start)!;
        if (size < least) continue;
        const bytes = Math.min(size, total);
        this.#remove(start, size);
        if (size > bytes) this.#insert(start + bytes, size - bytes);
        pieces.push({ start, end: start + bytes });
        total -= bytes;
        if (total < least) return pieces;
      }
    }
    return pieces;
  }

  /** The size of the range that ends at `address`, or 0. */
  tail(address: number): number {
    const start = this.#ends.get(address);
    return start === undefined ? 0 : address - start;
  }
}
