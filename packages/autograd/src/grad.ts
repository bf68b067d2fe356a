import type { Tensor } from "@flambeau/tensor/functional";
import { checkOptions, hasStorage, option } from "@flambeau/tensor/plugin";
import { backward as run } from "./engine.ts";
import { type Gradients, type GradOptions, gradients, list } from "./gradients.ts";
import type { Argnums } from "./transforms/arguments.ts";
import { type GradFunction, type GradFunctionOptions, gradOf } from "./transforms/grad-of.ts";

/**
 * Gradients of `outputs` with respect to `inputs`, without touching any `.grad`: `sum(gradOutputs[k] * d outputs[k] / d inputs[i])` over k.
 *
 * Given a function, it is `torch.func.grad`: `grad(f)` is the function that gives the gradient of the scalar function `f` with respect to
 * its first argument (`argnums` names others). It nests, and goes with `vmap` and `jvp` in any order.
 *
 * Shapes: each gradient has its input's shape and dtype.
 *
 * @throws AutogradError when an input does not require gradients or took no part (see allowUnused), an output is no scalar and has no
 * `gradOutputs`, or what the graph saved was freed by a backward before or changed in place; DeviceError for `gradOutputs` on another
 * device.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
 * @example
 * import { grad, type Tensor, tensor } from "flambeau";
 * const x = tensor(3, { requiresGrad: true });
 * const [dx] = grad(x.mul(x), [x], { createGraph: true });
 * console.log(dx.item()); // 6
 * grad(dx, [x])[0].item(); // 2
 * const slope = grad((x: Tensor) => x.pow(3));
 * grad(slope)(tensor(2)).item(); // 12
 */
export function grad<A extends readonly unknown[], R, const N extends Argnums = 0, Aux extends boolean = false>(
  f: (...args: A) => R,
  options?: GradFunctionOptions<N, Aux>,
): GradFunction<A, N, Aux, R>;
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): Gradients;
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[] | ((...args: never[]) => unknown),
  inputs?: Tensor | readonly Tensor[] | GradFunctionOptions,
  options: GradOptions = {},
): Gradients | ((...args: never[]) => unknown) {
  // the overloads say which options go with which
  const ofFunction =
    typeof outputs === "function" || !(inputs === undefined || hasStorage(inputs) || Array.isArray(inputs));
  if (ofFunction) return gradOf(outputs as () => unknown, inputs as GradFunctionOptions | undefined);
  return gradients(outputs, inputs as Tensor | readonly Tensor[], options);
}

const backwardKinds = {
  retainGraph: option.boolean,
  createGraph: option.boolean,
  inputs: option.listOf(option.tensor),
};
/**
 * {@link Tensor.backward} as a function, for one or several roots: adds `sum(gradients[k] * d roots[k] / d leaf)` over k to each leaf's
 * `.grad`.
 *
 * `inputs` restricts it to some leaves; `retainGraph` keeps the graph for another pass, `createGraph` records the gradient computation.
 *
 * Shapes: each of `gradients` has its root's shape; a root that is a scalar needs none.
 *
 * @throws AutogradError when a root does not require gradients, is no scalar and has no gradient, or has one of another shape, or when what
 * the graph saved was freed by a backward before or changed in place; DeviceError for a gradient on another device.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * backward([x.mul(2), x.mul(3)], [tensor([1, 1]), tensor([1, 0])]);
 * x.grad?.tolist(); // [5, 2]
 */
export function backward(
  roots: Tensor | readonly Tensor[],
  gradients?: Tensor | readonly Tensor[],
  options: {
    readonly retainGraph?: boolean | undefined;
    readonly createGraph?: boolean | undefined;
    readonly inputs?: readonly Tensor[] | undefined;
  } = {},
): void {
  checkOptions("backward", backwardKinds, options);
  run(
    list("backward", "roots", roots),
    gradients === undefined ? undefined : list("backward", "gradients", gradients),
    options,
  );
}
