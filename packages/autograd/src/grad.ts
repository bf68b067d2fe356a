import { AutogradError, add, alias, keep, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensors, context, hasStorage, type Kinds, option } from "@flambeau/tensor/plugin";
import { propagate, backward as run } from "./engine.ts";
import type { Argnums } from "./transforms/arguments.ts";
import { type GradFunction, type GradFunctionOptions, gradOf } from "./transforms/grad-of.ts";

export interface GradOptions {
  /** Gradient of something with respect to each output, of its shape; default ones for scalars. */
  readonly gradOutputs?: Tensor | readonly Tensor[] | undefined;
  /** Keep the graph for another pass. Default: createGraph. */
  readonly retainGraph?: boolean | undefined;
  /** Record the gradient computation itself, for derivatives of derivatives. Default false. */
  readonly createGraph?: boolean | undefined;
  /** Give null for inputs that the outputs do not depend on, instead of an error. Default false. */
  readonly allowUnused?: boolean | undefined;
}
const gradKinds: Kinds<GradOptions> = {
  gradOutputs: option.either(option.tensor, option.listOf(option.tensor)),
  retainGraph: option.boolean,
  createGraph: option.boolean,
  allowUnused: option.boolean,
};

/** One tensor or several, as a list. */
function list(op: string, name: string, x: Tensor | readonly Tensor[]): readonly Tensor[] {
  const all: readonly unknown[] = Array.isArray(x) ? x : [x];
  checkTensors(op, name, all);
  return all;
}

type Gradients = (Tensor | null)[];

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

/** `grad` of outputs that are there. */
export function gradients(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): Gradients {
  checkOptions("grad", gradKinds, options);
  const targets = list("grad", "inputs", inputs);
  targets.forEach((t, i) => {
    if (!t.requiresGrad) throw new AutogradError(`grad: input ${i} does not require gradients`);
  });
  const found: Gradients = targets.map(() => null);
  const seeds = options.gradOutputs === undefined ? undefined : list("grad", "gradOutputs", options.gradOutputs);
  const outer = context.scope;
  /** Takes a gradient over from the walk: it lives on in the caller's scope. */
  const give = (i: number, g: Tensor) => {
    const before = found[i];
    const sum = before === null ? g : add(before, g);
    found[i] = sum;
    sum.owner = outer;
    if (outer) outer.owned.push(sum);
    else keep(sum);
  };
  const leaf = (at: Tensor, g: Tensor) => {
    const places = targets.flatMap((t, i) => (t === at ? [i] : []));
    if (places.length === 0) g.dispose();
    places.forEach((i, n) => {
      give(i, n === 0 ? g : alias(g));
    });
  };
  propagate(list("grad", "outputs", outputs), seeds, options, targets, leaf, give);
  if (!options.allowUnused)
    found.forEach((g, i) => {
      if (g === null)
        throw new AutogradError(
          `grad: the outputs do not depend on input ${i}`,
          "pass { allowUnused: true } to get null for it",
        );
    });
  return found;
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
