import { tidy } from "flambeau";
import { type Prepared, timed } from "../protocol.ts";
import type { Task } from "../rivals/ours-models.ts";
import { training } from "../rivals/ours-workloads.ts";
import type { Workload } from "../workloads.ts";

/** What our time by PyTorch's is to come down to: with wasm kernels, and with native ones. */
export type Target = { readonly wasm: number; readonly native: number };

/** One row: what is timed, how it is made, and what is asked of it beyond what is asked of all rows. */
export type ScalingRow = Workload & {
  readonly target?: Target;
  /** Our own time by that of our row so named, at most. */
  readonly within?: { readonly row: string; readonly times: number };
  /** The share of the SIMD limit that it reaches with wasm kernels, at least. */
  readonly share?: number;
  /**
   * What the vector operations of the wasm kernel take at least, where multiply-adds do not tell: cycles of a core that makes two products, or four
   * other operations, in each. Counted in the kernel's machine code.
   */
  readonly cycles?: number;
  /** Makes the tensors, and gives what is timed on them. */
  readonly make: () => Prepared;
};

export type More = Partial<Pick<ScalingRow, "target" | "within" | "share" | "flops" | "cycles">>;

/** One figure for both kinds of kernels. */
export const both = (times: number): Target => ({ wasm: times, native: times });

/** A row of an op: `make` gives the call, whose results a scope frees. */
export function op(name: string, title: string, make: () => () => unknown, more: More = {}): ScalingRow {
  const prepared = (): Prepared => {
    const call = make();
    return { run: timed(() => tidy(() => void call())) };
  };
  return { name, unit: "us", title, make: prepared, ...more };
}

/** A row of a training step. */
export function step(name: string, title: string, make: () => Task, more: More = {}): ScalingRow {
  return { name, unit: "ms", title, make: () => training(make()), ...more };
}
