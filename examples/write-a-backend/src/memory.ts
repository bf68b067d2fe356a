import { DeviceError, MemoryError, type MemoryStats } from "@flambeau/tensor";
import type { Buffer } from "@flambeau/tensor/plugin";
import type { Block } from "./elements.ts";

/** Memory of a fixed size. What was given back is kept, and serves who asks for as many bytes next. */
export class Memory {
  private readonly device: string;
  private readonly size: number;
  private readonly spare = new Map<number, ArrayBuffer[]>();
  private bytes = 0;
  private peak = 0;
  private reserved = 0;
  private buffers = 0;
  private ended = false;

  constructor(device: string, size: number) {
    this.device = device;
    this.size = size;
  }

  // part: alloc
  alloc(length: number): Block {
    this.alive();
    const bytes = this.spare.get(length)?.pop() ?? this.fresh(length); // dirty: zeros are nobody's due
    this.buffers++;
    this.bytes += length;
    this.peak = Math.max(this.peak, this.bytes);
    return { bytes };
  }

  private fresh(length: number): ArrayBuffer {
    if (this.reserved + length > this.size) this.dropSpare();
    const full = () =>
      new MemoryError(
        `${this.device}: no room for ${length} bytes, ${this.bytes} of ${this.size} are in use`,
        "free tensors, or use smaller batches",
      );
    if (this.reserved + length > this.size) throw full();
    try {
      const bytes = new ArrayBuffer(length);
      this.reserved += length;
      return bytes;
    } catch {
      throw full(); // the process has no more, whatever size was promised
    }
  }

  // part: free
  free(buffer: Buffer): void {
    const block = buffer as Block; // alloc made it
    if (block.bytes === null) return; // given back before
    const { byteLength } = block.bytes;
    const spare = this.spare.get(byteLength);
    if (spare) spare.push(block.bytes);
    else this.spare.set(byteLength, [block.bytes]);
    block.bytes = null;
    this.buffers--;
    this.bytes -= byteLength;
  }

  private dropSpare(): void {
    this.spare.clear();
    this.reserved = this.bytes;
  }

  end(): void {
    this.ended = true;
    this.dropSpare();
  }

  // part: bytes
  /** The bytes themselves, while the device lives and the buffer was not given back. */
  of(buffer: Buffer): Uint8Array {
    this.alive();
    const { bytes } = buffer as Block;
    if (bytes === null) throw new DeviceError(`${this.device}: this buffer was freed`, "use it before it is freed");
    return new Uint8Array(bytes);
  }

  private alive(): void {
    if (this.ended) throw new DeviceError(`${this.device}: this backend was disposed`, "make another one");
  }

  stats(): MemoryStats {
    const { bytes, peak, reserved, buffers, size } = this;
    return { bytes, peakBytes: peak, reservedBytes: reserved, buffers, limitBytes: size };
  }
}
