import { usage } from "./memory.ts";

const largestKept = 2 ** 26;

/** Buffers through which bytes come back to the CPU, kept by size. */
export class Readers {
  readonly #device: GPUDevice;
  readonly #spare = new Map<number, GPUBuffer[]>();
  created = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }
  take(byteLength: number): GPUBuffer {
    // large ones are not kept, and rounded up they might be larger than a buffer can be
    const size = byteLength > largestKept ? byteLength : Math.max(256, 2 ** Math.ceil(Math.log2(byteLength)));
    const spare = this.#spare.get(size)?.pop();
    if (spare) return spare;
    this.created++;
    return this.#device.createBuffer({ label: "read", size, usage: usage.mapRead | usage.copyTarget });
  }
  /** Takes a mapped buffer back. Large ones, and more than a few of a size, are not kept. */
  give(buffer: GPUBuffer): void {
    buffer.unmap();
    let list = this.#spare.get(buffer.size);
    if (!list) this.#spare.set(buffer.size, (list = []));
    if (list.length < 4 && buffer.size <= largestKept) list.push(buffer);
    else buffer.destroy();
  }
  clear(): void {
    for (const list of this.#spare.values()) for (const buffer of list) buffer.destroy();
    this.#spare.clear();
  }
}
