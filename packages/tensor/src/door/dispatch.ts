import type { Tensor } from "../core/tensor.ts";
import type { Op } from "./op.ts";
import { applyMany } from "./run.ts";
import { applyInPlace, applyWrites } from "./write.ts";

/**
 * Sends a call of any op through the door: what a function of the library does once it has looked at its arguments, and what
 * replaying a record does.
 */
export function dispatch<A extends object>(op: Op<A>, inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
  if (op.call) return op.call(inputs, attrs);
  if (op.writesOf) return applyWrites(op, inputs, attrs);
  if (op.writes?.[0] === 0) return [applyInPlace(op, inputs[0], inputs, attrs)];
  return applyMany(op, inputs, attrs);
}
