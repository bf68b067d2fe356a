import type { Tensor } from "@flambeau/tensor/functional";
import type { Op, Recorded } from "@flambeau/tensor/plugin";

/** A call whose results get tangents. */
export interface TangentCall<A extends object = object> {
  readonly op: Op<A>;
  readonly attrs: A;
  /** What the graph gets of the call: the rule that is differentiated. */
  readonly rule: Recorded;
  readonly primals: readonly Tensor[];
  /** Null for zero. */
  readonly tangents: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  /** Runs the op with other inputs or attributes. */
  next(inputs: readonly Tensor[], attrs?: A): readonly Tensor[];
}
/** The tangents of the results, null for zero. Null for all of it: the rule does not know. */
// biome-ignore lint/suspicious/noExplicitAny: a rule knows the attributes of its op, and stands under its name
export type TangentRule<A extends object = any> = (call: TangentCall<A>) => readonly (Tensor | null)[] | null;
