/** A compute shader with its bindings. The pipeline is made at first use, or ahead of it by a warm-up. */
export interface Kernel {
  readonly label: string;
  readonly code: string;
  /** See `Bindings.layout`. */
  readonly layout: number;
  /** Blocks that it binds. */
  readonly blocks: number;
  pipeline: GPUComputePipeline | null;
  /** The last batch that ran it. */
  used: number;
}

/** What a kernel's source says of itself. */
export interface KernelSource {
  readonly label: string;
  /** WGSL element types of the buffers it writes (`w0`, `w1`...; it may read them too) and of those it only reads (`r0`...). */
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  readonly code: string;
}
