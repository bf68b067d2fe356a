import type { MemoryStats } from "@flambeau/tensor";
import type { NativeDevice } from "../addon.ts";
import * as errors from "../errors.ts";

/** What tensors hold: memory of the device from an address on. `pointer` is 0 where there are none. */
export interface DeviceBuffer {
  pointer: number;
  readonly byteLength: number;
  /** The block's size; -1 when it was freed. */
  capacity: number;
}

/** Blocks come in these sizes, so that those that were freed serve again: multiples of 512 bytes, above 1 MiB eight steps to a doubling. */
export function classBytes(byteLength: number): number {
  const step = byteLength <= 2 ** 20 ? 512 : 2 ** (Math.ceil(Math.log2(byteLength)) - 4);
  return Math.ceil(byteLength / step) * step;
}

/**
 * Hands out device memory and keeps what is freed: calls take effect in order, so a block is free for later calls as soon as it is
 * given back. Where the driver has no room, all that is kept goes back to it before the second try.
 */
export class Allocator {
  readonly #native: NativeDevice;
  readonly #device: string;
  readonly #limit: number;
  readonly #round: (byteLength: number) => number;
  readonly #spare = new Map<number, number[]>();
  #spareBytes = 0;
  #capacity = 0;
  #bytes = 0;
  #peak = 0;
  #buffers = 0;

  constructor(device: string, native: NativeDevice, limit: number, round = classBytes) {
    this.#device = device;
    this.#native = native;
    this.#limit = limit;
    this.#round = round;
  }

  alloc(byteLength: number): DeviceBuffer {
    const capacity = this.#round(byteLength);
    const pointer = capacity === 0 ? 0 : (this.#spareOf(capacity) ?? this.#reserve(capacity, byteLength));
    this.#capacity += capacity;
    this.#bytes += byteLength;
    this.#buffers++;
    if (this.#bytes > this.#peak) this.#peak = this.#bytes;
    return { pointer, byteLength, capacity };
  }
  #spareOf(capacity: number): number | undefined {
    const pointer = this.#spare.get(capacity)?.pop();
    if (pointer !== undefined) this.#spareBytes -= capacity;
    return pointer;
  }
  #reserve(capacity: number, byteLength: number): number {
    if (this.#capacity + this.#spareBytes + capacity > this.#limit) this.release();
    if (this.#capacity + capacity > this.#limit)
      throw errors.beyondLimit(this.#device, byteLength, this.#bytes, this.#limit);
    try {
      return this.#native.alloc(capacity);
    } catch (first) {
      if (!errors.isOutOfMemory(first)) throw first;
      this.release();
      try {
        return this.#native.alloc(capacity);
      } catch (second) {
        if (!errors.isOutOfMemory(second) || !(second instanceof Error)) throw second;
        throw errors.noRoom(this.#device, byteLength, this.#bytes, second.message);
      }
    }
  }

  free(buffer: DeviceBuffer): void {
    const { pointer, capacity } = buffer;
    if (capacity < 0) return;
    buffer.pointer = 0;
    buffer.capacity = -1;
    this.#buffers--;
    this.#bytes -= buffer.byteLength;
    if (capacity === 0) return;
    this.#capacity -= capacity;
    this.#spareBytes += capacity;
    const same = this.#spare.get(capacity);
    if (same) same.push(pointer);
    else this.#spare.set(capacity, [pointer]);
  }

  /** Gives the driver back what nobody uses. */
  release(): void {
    for (const [capacity, pointers] of this.#spare)
      for (let pointer = pointers.pop(); pointer !== undefined; pointer = pointers.pop()) {
        this.#spareBytes -= capacity;
        this.#native.free(pointer);
      }
    this.#spare.clear();
  }

  memory(): MemoryStats {
    return {
      bytes: this.#bytes,
      peakBytes: this.#peak,
      reservedBytes: this.#capacity + this.#spareBytes,
      buffers: this.#buffers,
      ...(Number.isFinite(this.#limit) ? { limitBytes: this.#limit } : {}),
    };
  }
}
