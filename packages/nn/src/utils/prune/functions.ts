import {
  ArgumentError,
  cat,
  detach,
  narrow,
  noGrad,
  onesLike,
  reshape,
  type Tensor,
  tidy,
  to,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { isModule, type Module } from "../../module.ts";
import { keyOf, tensorOf } from "../fields.ts";
import { type BasePruningMethod, type PruneApplyOptions, PruningContainer } from "./method.ts";
import {
  CustomFromMask,
  Identity,
  L1Unstructured,
  LnStructured,
  RandomStructured,
  RandomUnstructured,
} from "./methods.ts";

const applied = <M extends Module>(
  method: BasePruningMethod,
  module: M,
  name: string,
  options?: PruneApplyOptions,
): M => {
  method.apply(module, name, options);
  return module;
};
const scoreKinds: Kinds<PruneApplyOptions> = { importanceScores: option.tensor };

/**
 * Brings a parameter into the form of pruned ones, `weight = weight_orig * weight_mask`, with a mask of ones.
 *
 * Shapes: the mask has that of the parameter.
 *
 * @throws ArgumentError when the module has no such parameter.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.identity.html
 * @example
 * const layer = nn.utils.prune.identity(new nn.Linear(2, 2), "weight");
 * [...layer.stateDict().keys()]; // ["bias", "weight_orig", "weight_mask"]
 */
export const identity = <M extends Module>(module: M, name: string): M => applied(new Identity(), module, name);
/**
 * Prunes elements of a parameter by chance: `weight = weight_orig * weight_mask` with zeros at `amount` places, a share below 1 or a number.
 *
 * Shapes: the mask has that of the parameter.
 *
 * @throws ArgumentError when the module has no such parameter, or `amount` is neither, or more than there are.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_unstructured.html
 * @example
 * const layer = nn.utils.prune.randomUnstructured(new nn.Linear(4, 2), "weight", 0.25);
 * layer.weight.eq(0).sum().item(); // 2
 */
export const randomUnstructured = <M extends Module>(module: M, name: string, amount: number): M =>
  applied(new RandomUnstructured(amount), module, name);
/**
 * Prunes the elements of a parameter with the smallest |x|: `weight = weight_orig * weight_mask` with zeros at `amount` places, a share below 1
 * or a number.
 *
 * Shapes: the mask, and the importance scores, have that of the parameter.
 *
 * @throws ArgumentError when the module has no such parameter, or `amount` is neither, or more than there are.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.l1_unstructured.html
 * @example
 * const layer = nn.utils.prune.l1Unstructured(new nn.Linear(4, 2), "weight", 3);
 * layer.weight.eq(0).sum().item(); // 3
 */
export function l1Unstructured<M extends Module>(
  module: M,
  name: string,
  amount: number,
  options: PruneApplyOptions = option.none,
): M {
  checkOptions("l1Unstructured", scoreKinds, options);
  return applied(new L1Unstructured(amount), module, name, options);
}
/**
 * Prunes channels of a parameter by chance: `weight = weight_orig * weight_mask` with zeros in `amount` slices along `dim`, a share below 1 or a
 * number of them.
 *
 * Shapes: the mask has that of the parameter.
 *
 * @throws ArgumentError when the module has no such parameter, or `amount` is neither, or more than there are; IndexError for a `dim` out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_structured.html
 * @example
 * const layer = nn.utils.prune.randomStructured(new nn.Linear(4, 2), "weight", 1, 0);
 * layer.weight.eq(0).sum().item(); // 4
 */
export const randomStructured = <M extends Module>(module: M, name: string, amount: number, dim: number): M =>
  applied(new RandomStructured(amount, dim), module, name);
/**
 * Prunes the channels of a parameter with the smallest n-norms: `weight = weight_orig * weight_mask` with zeros in `amount` slices along `dim`, a
 * share below 1 or a number of them.
 *
 * Shapes: the mask, and the importance scores, have that of the parameter.
 *
 * @throws ArgumentError when the module has no such parameter, or `amount` is neither, or more than there are; IndexError for a `dim` out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.ln_structured.html
 * @example
 * const layer = nn.utils.prune.lnStructured(new nn.Conv2d(3, 2, 3), "weight", 0.5, 2, 0);
 * layer.weight.eq(0).sum().item(); // 27
 */
export function lnStructured<M extends Module>(
  module: M,
  name: string,
  amount: number,
  n: number | "fro" | "nuc",
  dim: number,
  options: PruneApplyOptions = option.none,
): M {
  checkOptions("lnStructured", scoreKinds, options);
  return applied(new LnStructured(amount, n, dim), module, name, options);
}
/**
 * Prunes a parameter by a mask that is given: `weight = weight_orig * weight_mask`.
 *
 * Shapes: the mask has that of the parameter.
 *
 * @throws ArgumentError when the module has no such parameter; ShapeError when the mask has another shape.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.custom_from_mask.html
 * @example
 * const layer = nn.utils.prune.customFromMask(new nn.Linear(3, 1), "weight", tensor([[1, 0, 1]]));
 * layer.weight.eq(0).tolist(); // [[false, true, false]]
 */
export const customFromMask = <M extends Module>(module: M, name: string, mask: Tensor): M =>
  applied(new CustomFromMask(mask), module, name);

export interface GlobalUnstructuredOptions {
  /** How many of all elements go: a share below 1, or a number. */
  readonly amount: number;
  /** How much the elements of each parameter count, in the order of the parameters; null: the parameter itself. */
  readonly importanceScores?: readonly (Tensor | null)[] | undefined;
}
const globalKinds: Kinds<GlobalUnstructuredOptions> = {
  amount: option.number,
  importanceScores: option.listOf(option.orNull(option.tensor)),
};
/**
 * Prunes several parameters as if they were one: `amount` of all their elements, those that `method` names, go, wherever they are. Each is
 * `weight = weight_orig * weight_mask` then.
 *
 * Shapes: the masks have those of the parameters.
 *
 * @throws ArgumentError when a module has no such parameter, or the way is not an unstructured one.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.global_unstructured.html
 * @example
 * const { prune } = nn.utils;
 * const [a, b] = [new nn.Linear(4, 4), new nn.Linear(4, 4)];
 * prune.globalUnstructured([[a, "weight"], [b, "weight"]], prune.L1Unstructured, { amount: 10 });
 * a.weight.eq(0).sum().add(b.weight.eq(0).sum()).item(); // 10
 */
export function globalUnstructured(
  parameters: Iterable<readonly [module: Module, name: string]>,
  method: new (amount: number) => BasePruningMethod,
  options: GlobalUnstructuredOptions,
): void {
  const op = "globalUnstructured";
  checkOptions(op, globalKinds, options);
  const { amount, importanceScores = [] } = options;
  if (!option.iterable.takes(parameters))
    throw new ArgumentError(op, `parameters must be a list of [module, name], got ${show(parameters)}`);
  if (typeof method !== "function")
    throw new ArgumentError(op, `method must be a class of pruning, got ${show(method)}`);
  const all = [...parameters];
  if (all.length === 0) throw new ArgumentError(op, "parameters must name one or more");
  for (const each of all)
    if (!Array.isArray(each) || !isModule(each[0]))
      throw new ArgumentError(op, `parameters must be a list of [module, name], got ${show(each)}`);
  const way = new method(amount);
  if (way.pruningType !== "unstructured")
    throw new ArgumentError(op, `takes unstructured ways of pruning, got a ${show(way.pruningType)} one`);
  noGrad(() =>
    tidy(() => {
      const tensors = all.map(([module, name]) => detach(tensorOf(op, module, name)));
      const flat = (list: readonly Tensor[]) => cat(list.map((t) => reshape(t, [-1])));
      const scores = flat(tensors.map((t, i) => importanceScores[i] ?? t));
      const masks = flat(all.map(([module, name], i) => maskOf(module, name) ?? onesLike(tensors[i])));
      const mask = new PruningContainer(way).computeMask(scores, masks);
      let start = 0;
      for (const [i, [module, name]] of all.entries()) {
        const { shape, size, dtype } = tensors[i];
        // a mask of its own, that of all is freed
        customFromMask(module, name, to(reshape(narrow(mask, 0, start, size), shape), dtype));
        start += size;
      }
    }),
  );
}
const maskOf = (module: Module, name: string): Tensor | undefined =>
  Reflect.get(module, `${keyOf(module, name)}_mask`) as Tensor | undefined;
