import { ArgumentError, AutogradError, type GradientEdge, type Tensor } from "@flambeau/tensor/functional";
import { checkFunction, checkOptions, checkTensor, checkTensors, option, tracer } from "@flambeau/tensor/plugin";
import { nodeOf } from "../node.ts";
import { edgeOf } from "../place.ts";
import { Walk } from "../walk.ts";
import type { PostAccumulateGradHook } from "./accumulate.ts";

/** What a multi-gradient hook has seen in one backward. */
interface Tally {
  readonly grads: (Tensor | null)[];
  left: number;
}

/**
 * Calls `fn` in each backward once all the gradients of `tensors` that come in it are there, with the list of them (null for those that
 * took no part); with `mode: "any"`, with the first one that comes. Gives a function that removes it.
 *
 * Shapes and dtypes: each gradient has those of its tensor.
 *
 * @throws AutogradError when one of `tensors` does not require gradients; ArgumentError for an unknown mode, or what is no list of tensors.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.graph.register_multi_grad_hook
 * @example
 * import { registerMultiGradHook, type Tensor, tensor } from "flambeau";
 * const a = tensor(2, { requiresGrad: true });
 * const b = tensor(3, { requiresGrad: true });
 * const seen: (number | undefined)[][] = [];
 * registerMultiGradHook([a, b], (grads: (Tensor | null)[]) => {
 *   seen.push(grads.map((g) => g?.item()));
 * });
 * a.mul(b).backward();
 * seen; // [[3, 2]]
 */
export function registerMultiGradHook(
  tensors: readonly Tensor[],
  fn: (grads: (Tensor | null)[]) => void,
  options?: { readonly mode?: "all" | undefined },
): () => void;
export function registerMultiGradHook(
  tensors: readonly Tensor[],
  fn: (grad: Tensor) => void,
  options: { readonly mode: "any" },
): () => void;
export function registerMultiGradHook(
  tensors: readonly Tensor[],
  fn: ((grads: (Tensor | null)[]) => void) | ((grad: Tensor) => void),
  options: { readonly mode?: "all" | "any" | undefined } = option.none,
): () => void {
  checkOptions("registerMultiGradHook", { mode: option.oneOf("all", "any") }, options);
  checkTensors("registerMultiGradHook", "tensors", tensors);
  checkFunction("registerMultiGradHook", "fn", fn);
  if (tensors.length === 0) throw new ArgumentError("registerMultiGradHook", "tensors must not be empty");
  for (const [i, t] of tensors.entries())
    if (!t.requiresGrad) throw new AutogradError(`registerMultiGradHook: tensor ${i} does not require gradients`);
  const places = tensors.map((t) => nodeOf(t) ?? t);
  const tallies = new WeakMap<Walk, Tally>();
  const any = options.mode === "any";
  const see = (i: number, g: Tensor) => {
    const during = Walk.current as Walk; // hooks are called by one
    let tally = tallies.get(during);
    if (tally === undefined) {
      const left = any ? 1 : places.filter((place) => during.reaches(place)).length;
      const begun: Tally = { grads: tensors.map(() => null), left };
      tallies.set(during, (tally = begun));
      // what led to a tensor may have given it nothing
      if (!any)
        during.last.push(() => {
          if (begun.left > 0) (fn as (grads: (Tensor | null)[]) => void)(begun.grads);
        });
    }
    if (tally.left === 0) return;
    tally.left--;
    tally.grads[i] = g;
    if (any) (fn as (grad: Tensor) => void)(g);
    else if (tally.left === 0) (fn as (grads: (Tensor | null)[]) => void)(tally.grads);
  };
  const removals = tensors.map((t, i) => t.registerHook((g) => see(i, g)));
  return () => {
    for (const remove of removals) remove();
  };
}

/**
 * {@link Tensor.registerPostAccumulateGradHook} as a function: calls `hook` with a leaf each time a backward has added to its `grad`, as soon as
 * the last path to it has been walked. Gives a function that removes it.
 *
 * An optimizer's step in it uses each gradient up while backward goes on, so that they are never all there at once.
 *
 * Shapes: the leaf's.
 *
 * @throws AutogradError when `leaf` is no leaf or does not require gradients; ArgumentError when `hook` is no function.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.register_post_accumulate_grad_hook.html
 * @example
 * import { noGrad, registerPostAccumulateGradHook, type Tensor, tensor } from "flambeau";
 * const w = tensor([1, 2], { requiresGrad: true });
 * registerPostAccumulateGradHook(w, (leaf: Tensor) => {
 *   noGrad(() => leaf.sub_(leaf.grad!.mul(0.5)));
 *   leaf.grad?.dispose();
 *   leaf.grad = null;
 * });
 * w.mul(2).sum().backward();
 * console.log(w.tolist()); // [0, 1]
 */
export function registerPostAccumulateGradHook(leaf: Tensor, hook: PostAccumulateGradHook): () => void {
  checkTensor("registerPostAccumulateGradHook", "leaf", leaf);
  return (tracer() as NonNullable<ReturnType<typeof tracer>>).registerPostAccumulateGradHook(leaf, hook); // this package's
}

/**
 * Where in the graph a tensor's gradient comes: the node that made it and which of its results it is, or the node of a leaf.
 *
 * Shape: any.
 *
 * @throws AutogradError when the tensor does not require gradients.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.graph.get_gradient_edge.html
 * @example
 * const x = tensor([2, 1], { requiresGrad: true });
 * const [values] = x.sort();
 * const { node, outputNr } = getGradientEdge(values);
 * [node.name, outputNr]; // ["SortBackward", 0]
 * getGradientEdge(x).node.name; // "AccumulateGrad"
 */
export function getGradientEdge(t: Tensor): GradientEdge {
  checkTensor("getGradientEdge", "t", t);
  if (!t.requiresGrad) throw new AutogradError("getGradientEdge: this tensor does not require gradients");
  return edgeOf(t);
}
