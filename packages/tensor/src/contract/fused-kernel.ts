import type { View } from "./view.ts";

/** What a kernel is given: views in the order of the op's, of which those at the end may be absent. */
export type Views = readonly (View | undefined)[];

/** What one op's fast path is given, and what it writes: an entry of {@link FusedOps}. */
export interface Fused<Inputs extends Views = Views, Outputs extends Views = Views, Attrs extends object = object> {
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly attrs: Attrs;
}

/**
 * A fast path for one op. When `supports` says no, or it is absent, core decomposes the op into primitives.
 * Inputs come row-major contiguous unless `strided` is set; so do outputs.
 */
export interface FusedKernel<F extends Fused = Fused> {
  /** The kernel takes inputs of any strides (`supports` may still refuse some). */
  readonly strided?: boolean;
  /**
   * Outputs, by their places, that may be windows of any strides but the last one, which is 1, several on the same memory: a compiled
   * function has them stored where they would be copied to. Core itself allocates outputs row-major.
   */
  readonly placed?: readonly number[];
  supports(inputs: F["inputs"], attrs: F["attrs"]): boolean;
  run(inputs: F["inputs"], outputs: F["outputs"], attrs: F["attrs"]): void;
}
