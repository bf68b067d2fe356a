import type { Tensor } from "@flambeau/tensor/functional";
import type { Op } from "@flambeau/tensor/plugin";

/** An input of a call under vmap: with the batch along dimension 0 of its value, or the same for all samples. */
export interface Lane {
  readonly value: Tensor;
  readonly batched: boolean;
}

/** A call on one sample, which is to be made for all of them. */
export interface BatchCall<A extends object = object> {
  readonly op: Op<A>;
  readonly attrs: A;
  readonly lanes: readonly Lane[];
  /** What the function sees of the inputs: shapes and dtypes of one sample. */
  readonly samples: readonly Tensor[];
  /** Number of samples. */
  readonly size: number;
  /** Runs the op on the level below, with these inputs and attributes. */
  next(inputs: readonly Tensor[], attrs?: A): readonly Tensor[];
}

/** Makes a call for all samples at once: the results, with the batch along dimension 0. Null where it must be made sample by sample. */
// biome-ignore lint/suspicious/noExplicitAny: a rule knows the attributes of its op, and stands under its name
export type BatchRule<A extends object = any> = (call: BatchCall<A>) => readonly Tensor[] | null;
