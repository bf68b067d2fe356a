import { type Op, records } from "../apply.ts";
import { context } from "../context.ts";
import { noGrad } from "../grad-mode.ts";
import { fillInto } from "../raw.ts";
import { empty, type Tensor } from "../tensor.ts";

const rule: Omit<Op, "name"> = {
  forward: ([x]) => x, // not called: the result is made before it is recorded
  vjp: ({ shapes, dtypes, needs }, [g]) =>
    needs.map((needed, i) => (needed && g ? fillInto(empty(g.backend, dtypes[i], shapes[i]), 0) : null)),
};

/**
 * The new tensor that `make` gives, which depends on `inputs` without a slope (a draw, a constant, a rounded quotient): as in PyTorch
 * their gradients are zeros, and not absent.
 */
export function slopeless(name: string, inputs: readonly Tensor[], make: () => Tensor): Tensor {
  const out = noGrad(make);
  if (context.tracer !== null && records(inputs)) context.tracer.record({ ...rule, name }, inputs, {}, [out]);
  return out;
}
