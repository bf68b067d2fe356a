import type { MemoryStats } from "@flambeau/tensor";
import type { Bindings } from "./bindings.ts";
import { Doubt } from "./doubts.ts";
import * as errors from "./errors.ts";
import { type Block, classBytes, type DeviceBuffer, Pool, type Proof, renew, sizeClass, usage } from "./memory.ts";

/** From this size on, a new block may be more than the device has: what uses it before that is known is sent on its own. */
export const large = 2 ** 24;

/** What the allocator needs of the engine around it. */
export interface AllocatorHost {
  readonly device: GPUDevice;
  readonly bindings: Bindings;
  /** The number of the batch at hand. */
  readonly batch: number;
  readonly lost: boolean;
  submit(): void;
  fail(error: Error): void;
  later<T>(fn: () => Promise<T>): Promise<T>;
}

/** Hands out blocks, from the pool where it has one of the size, and counts them. */
export class Allocator {
  /** The largest buffer that a kernel can bind. */
  readonly largest: number;
  /** Blocks made so far. */
  created = 0;
  readonly #host: AllocatorHost;
  readonly #limit: number;
  readonly #pool = new Pool();
  #live = 0;
  #bytes = 0;
  #capacity = 0;
  #peak = 0;

  constructor(host: AllocatorHost, limit: number) {
    this.#host = host;
    this.#limit = limit;
    const { limits } = host.device;
    this.largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  }

  alloc(byteLength: number): DeviceBuffer {
    if (byteLength > this.largest) throw errors.tooLarge(byteLength, this.largest);
    const cls = sizeClass(byteLength);
    const block = this.#pool.take(cls) ?? this.#create(Math.min(classBytes(cls), this.largest), byteLength);
    if (block.care !== null || block.proof !== null) renew(block);
    this.#live++;
    this.#bytes += byteLength;
    this.#capacity += block.capacity;
    if (this.#bytes > this.#peak) this.#peak = this.#bytes;
    return { block, byteLength };
  }

  #create(capacity: number, byteLength: number): Block {
    const host = this.#host;
    if (this.#capacity + this.#pool.spareBytes + capacity > this.#limit) this.#dropSpare();
    if (this.#capacity + capacity > this.#limit) throw errors.beyondLimit(byteLength, this.#bytes, this.#limit);
    const { device } = host;
    device.pushErrorScope("out-of-memory");
    const gpu = device.createBuffer({ size: capacity, usage: usage.storage | usage.copySource | usage.copyTarget });
    const proof = capacity >= large ? (new Doubt() as Proof) : null; // `known` is set below
    const block: Block = { gpu, id: this.created++, capacity, batch: 0, usable: true, care: null, proof };
    const known = host
      .later(() => device.popErrorScope())
      .then(
        (error) => {
          if (error === null) {
            proof?.settle(null);
            block.proof = null;
            return;
          }
          block.usable = false;
          const noRoom = errors.noRoom(byteLength, this.#bytes, error.message);
          if (proof === null) host.fail(noRoom);
          else proof.settle(noRoom);
          // what comes next may have the room that nothing uses
          this.#dropSpare();
        },
        () => proof?.settle(null), // the device is lost: its own promise says so
      );
    if (proof !== null) proof.known = known;
    return block;
  }

  /** A buffer of the program's own as one of ours, until it is freed. */
  adopt(gpu: GPUBuffer, byteLength: number): DeviceBuffer {
    const block: Block = {
      gpu,
      id: this.created++,
      capacity: gpu.size,
      batch: 0,
      usable: true,
      care: null,
      proof: null,
      foreign: true,
    };
    this.#live++;
    this.#bytes += byteLength;
    this.#capacity += block.capacity;
    return { block, byteLength };
  }

  #dropSpare(): void {
    this.#host.submit();
    if (this.#pool.clear() > 0) this.#host.bindings.forget();
  }

  free(buffer: DeviceBuffer): void {
    const { block } = buffer;
    if (block === null) return;
    buffer.block = null;
    this.#live--;
    this.#bytes -= buffer.byteLength;
    this.#capacity -= block.capacity;
    if (!this.#host.lost && block.usable && !block.foreign) this.#pool.give(sizeClass(block.capacity), block);
  }

  /** Gives back what was not used for long. */
  trim(): void {
    if (this.#pool.trim(this.#host.batch) > 0) this.#host.bindings.forget();
  }

  memory(): MemoryStats {
    return {
      bytes: this.#bytes,
      peakBytes: this.#peak,
      reservedBytes: this.#capacity + this.#pool.spareBytes,
      buffers: this.#live,
      ...(Number.isFinite(this.#limit) ? { limitBytes: this.#limit } : {}),
    };
  }
}
