import { AutogradError, add, alias, keep, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensors, context, type Kinds, option } from "@flambeau/tensor/plugin";
import { propagate } from "./engine.ts";
import { checkWanted, type Named, placesOf } from "./place.ts";

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
export function list(op: string, name: string, x: Tensor | readonly Tensor[]): readonly Tensor[] {
  const all: readonly unknown[] = Array.isArray(x) ? x : [x];
  checkTensors(op, name, all);
  return all;
}

export type Gradients = (Tensor | null)[];

/** `grad` of outputs that are there. */
export function gradients(
  outputs: Named | readonly Named[],
  inputs: Named | readonly Named[],
  options: GradOptions = {},
): Gradients {
  checkOptions("grad", gradKinds, options);
  const targets = placesOf("grad", "inputs", inputs);
  checkWanted("grad", targets);
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
    const places = targets.flatMap((place, i) => (place.at === at ? [i] : []));
    if (places.length === 0) g.dispose();
    places.forEach((i, n) => {
      give(i, n === 0 ? g : alias(g));
    });
  };
  propagate(placesOf("grad", "outputs", outputs), seeds, options, targets, leaf, give);
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
