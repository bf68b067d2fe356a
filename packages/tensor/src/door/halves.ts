import { context } from "../core/context.ts";
import { accumulationType, type DType, isFloat, isHalf, promoteTypes } from "../core/dtype.ts";
import { empty, type Tensor } from "../core/tensor.ts";
import { canTake } from "../lower/fused.ts";
import { copyInto } from "../lower/move.ts";
import type { Op } from "./op.ts";

// Half floats are stored and not computed with: an op that `rounds` works in float32 and rounds its results once.

/** Whether `op` shall not see these inputs as they are. */
export function widens<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): boolean {
  let some = false;
  for (let i = 0; i < inputs.length; i++) {
    if (!isHalf(inputs[i].dtype)) continue;
    if (op.writes?.includes(i)) return false; // what is written to a stand-in would be lost
    some = true;
  }
  return some && !(context.fused && takesHalves(op.name, inputs, attrs));
}
/** Whether the device takes halves as they are: by a fast path, products by its `matmul`. */
const takesHalves = (name: string, inputs: readonly Tensor[], attrs: object): boolean =>
  canTake(name, inputs, attrs) || (name === "matmul" && inputs[0].backend.halfProducts === true);

/** The dtype of the results: what the floating inputs promote to. */
function resultOf(inputs: readonly Tensor[]): DType {
  let found: DType | null = null;
  for (const { dtype } of inputs) if (isFloat(dtype)) found = found === null ? dtype : promoteTypes(found, dtype);
  return found as DType; // one of them is a half
}

/** `forward` on float32 in place of halves, and its first results rounded. */
export function forwardWide<A extends object>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attrs: A,
): Tensor | readonly Tensor[] {
  const dtype = resultOf(inputs);
  const out = op.forward(
    inputs.map((t) => (isHalf(t.dtype) ? cast(t, accumulationType(t.dtype)) : t)),
    attrs,
  );
  const written = op.writes?.length ?? 0;
  const rounded = (t: Tensor, i: number): Tensor =>
    i >= written && i < written + (op.rounds ?? 0) && isHalf(dtype) && t.dtype === accumulationType(dtype)
      ? cast(t, dtype)
      : t;
  return Array.isArray(out) ? out.map(rounded) : rounded(out as Tensor, 0);
}
const cast = (t: Tensor, dtype: DType): Tensor => copyInto(empty(t.backend, dtype, t.shape), t);
