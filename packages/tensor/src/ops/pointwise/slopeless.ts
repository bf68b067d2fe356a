import { noGrad } from "../../core/modes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { records, tracer } from "../../door/interpreter.ts";
import type { Op } from "../../door/op.ts";
import { filledLike } from "../create/allocation.ts";

const rule: Omit<Op, "name"> = {
  forward: ([x]) => x, // not called: the result is made before it is recorded
  vjp: ({ shapes, dtypes, needs }, [g]) =>
    needs.map((needed, i) => (needed && g ? filledLike({ dtype: dtypes[i], device: g.device }, shapes[i], 0) : null)),
};

/**
 * The new tensor that `make` gives, which depends on `inputs` without a slope (a draw, a constant, a rounded quotient): as in PyTorch
 * their gradients are zeros, and not absent.
 */
export function slopeless(name: string, inputs: readonly Tensor[], make: () => Tensor): Tensor {
  const out = noGrad(make);
  if (records(inputs)) tracer()?.record({ ...rule, name }, inputs, {}, [out]);
  return out;
}
