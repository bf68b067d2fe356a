import type { Tensor } from "@flambeau/tensor/functional";
import { backwardKinds, checkOptions, option } from "@flambeau/tensor/plugin";
import { backward as run } from "./engine.ts";
import { type Gradients, type GradOptions, gradients, list } from "./gradients.ts";
import { isNamed, type Named, placesOf } from "./place.ts";
import type { Argnums } from "./transforms/arguments.ts";
import { type GradFunction, type GradFunctionOptions, gradOf } from "./transforms/grad-of.ts";

/**
 * Gradients of `outputs` with respect to `inputs`, without touching any `.grad`: `sum(gradOutputs[k] * d outputs[k] / d inputs[i])` over k.
 *
 * Given a function, it is `torch.func.grad`: `grad(f)` is the function that gives the gradient of the scalar function `f` with respect to
 * its first argument (`argnums` names others). It nests, and goes with `vmap` and `jvp` in any order.
 *
 * Outputs and inputs may be named by their places in the graph, too: a {@link GradientEdge} of {@link getGradientEdge}, or made of what a node's
 * `nextFunctions` show, for which no tensor has to be kept.
 *
 * Shapes: each gradient has its input's shape and dtype.
 *
 * @throws AutogradError when an input does not require gradients or took no part (see allowUnused), an output is no scalar and has no
 * `gradOutputs`, or what the graph saved was freed by a backward before or changed in place; DeviceError for `gradOutputs` on another
 * device; ArgumentError for an edge that is no place in a graph.
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
  outputs: Named | readonly Named[],
  inputs: Named | readonly Named[],
  options: GradOptions & { allowUnused: true },
): Gradients;
export function grad(
  outputs: Named | readonly Named[],
  inputs: Named | readonly Named[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Named | readonly Named[] | ((...args: never[]) => unknown),
  inputs?: Named | readonly Named[] | GradFunctionOptions,
  options: GradOptions = {},
): Gradients | ((...args: never[]) => unknown) {
  // the overloads say which options go with which
  const ofFunction = typeof outputs === "function" || !(inputs === undefined || isNamed(inputs));
  if (ofFunction) return gradOf(outputs as () => unknown, inputs as GradFunctionOptions | undefined);
  return gradients(outputs, inputs as Named | readonly Named[], options);
}

const functionKinds = option.without(backwardKinds, "gradient");
/**
 * {@link Tensor.backward} as a function, for one or several roots: adds `sum(gradients[k] * d roots[k] / d leaf)` over k to each leaf's
 * `.grad`.
 *
 * `inputs` restricts it to some leaves and results, or to leaves by their places in the graph (for the place of a result there is no `.grad` to add to, and
 * nothing is done); `retainGraph` keeps the graph for another pass, `createGraph` records the gradient computation.
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
  roots: Named | readonly Named[],
  gradients?: Tensor | readonly Tensor[],
  options: {
    readonly retainGraph?: boolean | undefined;
    readonly createGraph?: boolean | undefined;
    readonly inputs?: readonly Named[] | undefined;
  } = {},
): void {
  checkOptions("backward", functionKinds, options);
  run(
    placesOf("backward", "roots", roots),
    gradients === undefined ? undefined : list("backward", "gradients", gradients),
    options,
  );
}
