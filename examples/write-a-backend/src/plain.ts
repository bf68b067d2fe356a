import { type Backend, type DType, dtypes, type MemoryStats } from "@flambeau/tensor";
import type { Buffer, Kernels, View } from "@flambeau/tensor/plugin";
import { elementsOf, placesOf } from "./elements.ts";
import { kernelsOf } from "./kernels.ts";
import { matmulFloat32 } from "./matmul.ts";
import { Memory } from "./memory.ts";

/** The template's loops, and products of float32 matrices in one of our own. */
function plainKernels(owner: object): Kernels {
  const loops = kernelsOf(owner);
  return {
    ...loops,
    matmul(a, b, output) {
      if (output.dtype === "float32") matmulFloat32(a, b, output);
      else loops.matmul(a, b, output);
    },
  };
}

// part: backend
/** A device in plain TypeScript, with 1 GiB of memory. */
export class PlainBackend implements Backend {
  readonly name: string = "plain";
  readonly contract = 2;
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);
  readonly info: string = "TypeScript loops, one thread";
  readonly kernels: Kernels = plainKernels(this);
  private readonly blocks = new Memory("plain", 2 ** 30);

  alloc(byteLength: number): Buffer {
    return this.blocks.alloc(byteLength);
  }
  free(buffer: Buffer): void {
    this.blocks.free(buffer);
  }
  write(buffer: Buffer, bytes: Uint8Array, offset = 0): void {
    this.blocks.of(buffer).set(bytes, offset);
  }
  readSync(buffer: Buffer, offset: number, byteLength: number): Uint8Array {
    return this.blocks.of(buffer).slice(offset, offset + byteLength);
  }
  async read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    return this.readSync(buffer, offset, byteLength);
  }
  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    const elements = elementsOf(index);
    for (const place of placesOf(index)) {
      const value = Number(elements.get(place));
      if (value < 0 || value >= size) throw fail(value);
    }
  }
  memory(): MemoryStats {
    return this.blocks.stats();
  }
  dispose(): void {
    this.blocks.end();
  }
}
