import { backendOf } from "../core/context.ts";
import type { DType } from "../core/dtype.ts";
import { empty, type Tensor } from "../core/tensor.ts";
import { writeBytes } from "../lower/machine.ts";
import type { Op } from "./op.ts";

// New tensors whose elements the host has: what creation ends in, and what scalars become that are no numbers.

/** What every new tensor has: attributes of the ops that make one. */
export interface Made {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly device: string;
}

/** Memory for a new tensor. */
export const allocateFor = ({ shape, dtype, device }: Made): Tensor => empty(backendOf(device), dtype, shape);

/** Elements, as they lie in memory. */
export const constantOp: Op<Made & { readonly bytes: Uint8Array }> = {
  name: "constant",
  forward(_, attrs) {
    const out = allocateFor(attrs);
    writeBytes(out, attrs.bytes);
    return out;
  },
};
