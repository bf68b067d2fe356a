import { AutogradError, add, alias, context, keep, type Tensor } from "@flambeau/tensor/functional";
import { propagate, backward as run } from "./engine.ts";

export interface GradOptions {
  /** Gradient of something with respect to each output; default ones for scalars. */
  readonly gradOutputs?: Tensor | readonly Tensor[];
  /** Keep the graph for another pass. Default: createGraph. */
  readonly retainGraph?: boolean;
  /** Record the gradient computation itself, for derivatives of derivatives. */
  readonly createGraph?: boolean;
  /** Give null for inputs that the outputs do not depend on, instead of an error. */
  readonly allowUnused?: boolean;
}

const list = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? x : [x as T]);

type Gradients = (Tensor | null)[];

/**
 * Gradients of `outputs` (their sum, weighted by gradOutputs) with respect to `inputs`, without touching any `.grad`.
 *
 * @throws AutogradError when an input does not require gradients or took no part (see allowUnused).
 * @example
 * import { grad, tensor } from "flambeau";
 * const x = tensor(3, { requiresGrad: true });
 * const [dx] = grad(x.mul(x), [x]);
 * console.log(dx.item()); // 6
 */
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
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): Gradients {
  const targets = list(inputs);
  targets.forEach((t, i) => {
    if (!t.requiresGrad) throw new AutogradError(`grad: input ${i} does not require gradients`);
  });
  const found: Gradients = targets.map(() => null);
  const seeds = options.gradOutputs === undefined ? undefined : list(options.gradOutputs);
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
  propagate(list(outputs), seeds, options, targets, leaf, give);
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

/** {@link Tensor.backward} as a function, for one or several roots. */
export function backward(
  roots: Tensor | readonly Tensor[],
  gradients?: Tensor | readonly Tensor[],
  options: { retainGraph?: boolean; createGraph?: boolean; inputs?: readonly Tensor[] } = {},
): void {
  run(list(roots), gradients === undefined ? undefined : list(gradients), options);
}
