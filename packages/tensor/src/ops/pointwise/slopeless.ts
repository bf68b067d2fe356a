import { context } from "../../core/context.ts";
import { noGrad } from "../../core/modes.ts";
import { type Tensor, viewOf } from "../../core/tensor.ts";
import { records, tracer } from "../../door/interpreter.ts";
import type { Op } from "../../door/op.ts";
import { interpret } from "../../door/stack.ts";
import { filledLike } from "../create/allocation.ts";

/** Another handle on its first input, which depends on the others without a slope. */
export const slopelessOp: Op = {
  name: "slopeless",
  aliases: [[0, 0]],
  call: (inputs) => linked(slopelessOp, inputs),
  forward: ([x]) => viewOf(x, x.shape, x.strides, x.offset),
  vjp: ({ shapes, dtypes, needs }, [g]) =>
    needs.map((needed, i) =>
      needed && g ? (i === 0 ? g : filledLike({ dtype: dtypes[i], device: g.device }, shapes[i], 0)) : null,
    ),
};
/** Its way through the door, which gives other results memory of their own. */
function linked(op: Op, inputs: readonly Tensor[]): readonly Tensor[] {
  if (context.stack !== null) return interpret(op, inputs, {}, linked);
  const out = [op.forward(inputs, {}) as Tensor]; // it gives one
  if (records(inputs)) tracer()?.record(op, inputs, {}, out);
  return out;
}

/**
 * The new tensor that `make` gives, which depends on `inputs` without a slope (a draw, a constant, a rounded quotient): as in PyTorch
 * their gradients are zeros, and not absent. `title` is what its place in the graph is called.
 */
export function slopeless(title: string, inputs: readonly Tensor[], make: () => Tensor): Tensor {
  const made = noGrad(make);
  if (context.stack === null && !records(inputs)) return made;
  const [out] = linked({ ...slopelessOp, title }, [made, ...inputs]);
  made.dispose(); // nobody else has this handle
  return out;
}
