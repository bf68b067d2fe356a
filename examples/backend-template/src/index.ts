import { type Backend, DeviceError, type DType, dtypes, MemoryError, type MemoryStats } from "@flambeau/tensor";
import type { Buffer, Kernels, View } from "@flambeau/tensor/plugin";
import { type Block, elementsOf, placesOf } from "./elements.ts";
import { kernelsOf } from "./kernels.ts";

/** What JavaScript engines allow one buffer to hold. */
const limit = 2 ** 33;

/** A backend in plain JavaScript: every primitive a loop. Copy it and replace the loops, one by one, with what your device does. */
export class ReferenceBackend implements Backend {
  /** The device name that tensors are made with: `zeros([2], { device: "reference" })`. */
  readonly name = "reference";
  readonly contract = 2;
  /** Leave out what your device lacks: the framework then refuses it, and the test suite checks that claim. */
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);
  readonly info = "plain JavaScript loops, one thread";
  readonly kernels: Kernels = kernelsOf(this);
  private bytes = 0;
  private disposed = false;
  private peak = 0;
  private buffers = 0;

  alloc(byteLength: number): Buffer {
    this.alive();
    const block: Block = { bytes: this.reserve(byteLength) };
    this.buffers++;
    this.bytes += byteLength;
    this.peak = Math.max(this.peak, this.bytes);
    return block;
  }
  private alive(): void {
    if (this.disposed) throw new DeviceError(`${this.name}: this backend was disposed`, "make another one");
  }
  /** Memory, or the framework's error that says how much was wanted and how much is in use. Nothing has changed then. */
  private reserve(byteLength: number): ArrayBuffer {
    try {
      if (byteLength > limit) throw new RangeError("more than one buffer can hold");
      return new ArrayBuffer(byteLength);
    } catch (cause) {
      throw new MemoryError(
        `${this.name}: no room for ${byteLength} bytes, ${this.bytes} are in use (${String(cause)})`,
        "free tensors, or use smaller batches",
      );
    }
  }
  free(buffer: Buffer): void {
    const block = buffer as Block; // alloc made it
    if (block.bytes === null) return;
    this.buffers--;
    this.bytes -= block.bytes.byteLength;
    block.bytes = null;
  }

  write(buffer: Buffer, bytes: Uint8Array, offset = 0): void {
    this.alive();
    new Uint8Array((buffer as Block).bytes ?? new ArrayBuffer(0)).set(bytes, offset);
  }
  /** Leave this one out when the platform cannot wait for the device; `read` is always there. */
  readSync(buffer: Buffer, offset: number, byteLength: number): Uint8Array {
    this.alive();
    return new Uint8Array((buffer as Block).bytes ?? new ArrayBuffer(0)).slice(offset, offset + byteLength);
  }
  async read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    return this.readSync(buffer, offset, byteLength);
  }

  /** Core has made negative positions positive; what still lies outside is the user's error. */
  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    const elements = elementsOf(index);
    for (const place of placesOf(index)) {
      const value = Number(elements.get(place));
      if (value < 0 || value >= size) throw fail(value);
    }
  }

  memory(): MemoryStats {
    return { bytes: this.bytes, peakBytes: this.peak, reservedBytes: this.bytes, buffers: this.buffers };
  }
  dispose(): void {
    this.disposed = true;
  }
}

/** Makes the backend: `registerBackend(referenceBackend())`. */
export const referenceBackend = (): ReferenceBackend => new ReferenceBackend();
