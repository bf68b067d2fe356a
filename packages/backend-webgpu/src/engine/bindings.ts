import type { Block } from "./memory.ts";

interface Node {
  readonly next: Map<number, Node>;
  group: GPUBindGroup | null;
}
const node = (): Node => ({ next: new Map(), group: null });

/** Bind groups kept before all are dropped. */
const most = 8192;

/** The layouts of kernels, and bind groups by layout and blocks. Binding 0 is the parameter ring, then come written and read blocks. */
export class Bindings {
  readonly #device: GPUDevice;
  readonly #params: GPUBindingResource;
  readonly #layouts = new Map<number, GPUBindGroupLayout>();
  readonly #pipelineLayouts = new Map<number, GPUPipelineLayout>();
  #root = node();
  #count = 0;

  constructor(device: GPUDevice, params: GPUBufferBinding) {
    this.#device = device;
    this.#params = params;
  }

  /** A layout's number: how many blocks it writes, and how many it only reads. */
  static layout(writes: number, reads: number): number {
    return writes * 32 + reads;
  }
  static writes(layout: number): number {
    return layout >> 5;
  }

  #layout(layout: number): GPUBindGroupLayout {
    let made = this.#layouts.get(layout);
    if (!made) {
      const compute = 4; // GPUShaderStage.COMPUTE
      const writes = Bindings.writes(layout);
      const entries: GPUBindGroupLayoutEntry[] = [
        { binding: 0, visibility: compute, buffer: { type: "uniform", hasDynamicOffset: true } },
      ];
      for (let i = 0; i < writes + (layout & 31); i++)
        entries.push({
          binding: i + 1,
          visibility: compute,
          buffer: { type: i < writes ? "storage" : "read-only-storage" },
        });
      this.#layouts.set(layout, (made = this.#device.createBindGroupLayout({ entries })));
    }
    return made;
  }

  pipelineLayout(layout: number): GPUPipelineLayout {
    let made = this.#pipelineLayouts.get(layout);
    if (!made) {
      made = this.#device.createPipelineLayout({ bindGroupLayouts: [this.#layout(layout)] });
      this.#pipelineLayouts.set(layout, made);
    }
    return made;
  }

  /** The bind group of a layout over the first `count` of `blocks`. */
  group(layout: number, blocks: readonly Block[], count: number): GPUBindGroup {
    let at = this.#step(this.#root, layout);
    for (let i = 0; i < count; i++) at = this.#step(at, blocks[i].id);
    return at.group ?? this.#make(at, layout, blocks, count);
  }
  #step(from: Node, key: number): Node {
    let to = from.next.get(key);
    if (!to) from.next.set(key, (to = node()));
    return to;
  }
  #make(at: Node, layout: number, blocks: readonly Block[], count: number): GPUBindGroup {
    const entries: GPUBindGroupEntry[] = [{ binding: 0, resource: this.#params }];
    for (let i = 0; i < count; i++) entries.push({ binding: i + 1, resource: { buffer: blocks[i].gpu } });
    const group = this.#device.createBindGroup({ layout: this.#layout(layout), entries });
    if (++this.#count > most) this.forget();
    at.group = group;
    return group;
  }

  /** Drops all bind groups: after buffers were destroyed. */
  forget(): void {
    this.#root = node();
    this.#count = 0;
  }
}
