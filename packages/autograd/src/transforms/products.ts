import { onesLike, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction } from "@flambeau/tensor/plugin";
import { freeing } from "./freeing.ts";
import { directions, jvp } from "./jvp.ts";
import { runForGradients, scalarOf } from "./reverse.ts";
import { type Like, rebuild } from "./tree.ts";
import { listed, type Spread } from "./vjp.ts";

// Products with the Hessian, which is never formed.

/** The gradient of a scalar function of primals, with its value. */
const slope =
  (op: string, f: (...primals: never[]) => unknown) =>
  (...primals: readonly unknown[]): [gradients: Tensor[], value: Tensor] => {
    const all = primals.map((_, i) => i);
    const run = runForGradients(op, f, primals, all, false);
    const value = scalarOf(op, run.outputs);
    return [run.pull([onesLike(value)], false), value];
  };

/**
 * The value of the scalar function `f` at `primals` and the product of its Hessian with a vector, `[f(x), H v]`, by forward over reverse
 * mode: the cost of a few gradients.
 *
 * `primals` is one tensor or structure, or the list of the arguments of `f`; `v` and the product have the same structure.
 *
 * @throws AutogradError when `f` returns no scalar; ArgumentError, ShapeError, DTypeError when `v` does not fit the primals.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.hvp.html
 * @example
 * import { hvp, type Tensor, tensor } from "flambeau";
 * const [value, product] = hvp((x: Tensor) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 1]));
 * value.item(); // 9
 * product.tolist(); // [6, 12]
 */
export function hvp<P>(
  f: (...primals: Spread<P>) => Tensor,
  primals: P,
  v: Like<P, Tensor>,
): [value: Tensor, product: Like<P, Tensor>] {
  checkFunction("hvp", "f", f);
  const list = listed(primals);
  return freeing(() => {
    const [[, value], [moved]] = jvp(
      slope("hvp", f as (...primals: never[]) => unknown),
      list as never,
      listed(v) as never,
    );
    return [value, rebuild(primals, moved as Tensor[])];
  }) as never; // the structure is that of the primals
}

/**
 * The value of the scalar function `f` at `primals` and the product of a vector with its Hessian, `[f(x), v^T H]`, by reverse over reverse
 * mode. The Hessian is symmetric, so that it is what {@link hvp} gives, which is cheaper; this one needs no tangents of ops.
 *
 * Structures as of {@link hvp}.
 *
 * @throws AutogradError when `f` returns no scalar; ArgumentError, ShapeError, DTypeError when `v` does not fit the primals.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.functional.vhp.html
 * @example
 * import { tensor, type Tensor, vhp } from "flambeau";
 * const [, product] = vhp((x: Tensor) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 1]));
 * product.tolist(); // [6, 12]
 */
export function vhp<P>(
  f: (...primals: Spread<P>) => Tensor,
  primals: P,
  v: Like<P, Tensor>,
): [value: Tensor, product: Like<P, Tensor>] {
  checkFunction("vhp", "f", f);
  const list = listed(primals);
  const along = directions("vhp", list, v);
  return freeing(() => {
    const all = list.map((_, i) => i);
    const run = runForGradients("vhp", slope("vhp", f as (...primals: never[]) => unknown) as never, list, all, false);
    const [...gradients] = run.outputs;
    const value = gradients.pop();
    return [value, rebuild(primals, run.pull([...along, null], false))];
  }) as never; // the structure is that of the primals
}
