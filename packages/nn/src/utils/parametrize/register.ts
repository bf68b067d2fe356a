import { ArgumentError, isTensor, noGrad, type Tensor, tidy } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, scoped, show, unscoped } from "@flambeau/tensor/plugin";
import { ModuleDict } from "../../containers.ts";
import { isModule, type Module } from "../../module.ts";
import { isBuffer, isParameter, Parameter } from "../../parameter.ts";
import { fieldOf, keyOf } from "../fields.ts";
import { computed } from "./cache.ts";
import { compute } from "./computed.ts";
import { checkParametrization, checkSame, type Parametrization, ParametrizationList } from "./list.ts";

/** A module with parametrized tensors: the lists of their parametrizations by the names of the tensors. */
export interface Parametrized {
  readonly parametrizations: ModuleDict<ParametrizationList>;
}
export interface RegisterParametrizationOptions {
  /** The parametrization may change shape and dtype, and is not tried out. Default false. */
  readonly unsafe?: boolean | undefined;
}
const registerKinds: Kinds<RegisterParametrizationOptions> = { unsafe: option.boolean };
export interface RemoveParametrizationsOptions {
  /** The tensor keeps the value that it had; otherwise it gets that of the original. Default true. */
  readonly leaveParametrized?: boolean | undefined;
}
const removeKinds: Kinds<RemoveParametrizationsOptions> = { leaveParametrized: option.boolean };

type Class = abstract new (...args: never[]) => Module;
/** The classes of modules with parametrized tensors: as the ones they had, with a name that tells. */
const parametrizedClasses = new WeakMap<Class, Class>();
const plainClasses = new WeakMap<Class, Class>();

function parametrizedClass(plain: Class): Class {
  const known = parametrizedClasses.get(plain);
  if (known !== undefined) return known;
  const made = class extends (plain as new () => Module & { forward(): unknown }) {};
  Object.defineProperty(made, "name", { value: `Parametrized${plain.name}`, configurable: true });
  parametrizedClasses.set(plain, made);
  plainClasses.set(made, plain);
  return made;
}
const classOf = (module: Module): Class => module.constructor as Class; // what a module was made by
const become = (module: Module, as: Class): void => void Object.setPrototypeOf(module, as.prototype);

function checkModule(op: string, module: unknown): asserts module is Module {
  if (!isModule(module)) throw new ArgumentError(op, `module must be a Module, got ${show(module)}`);
}
const dictOf = (module: Module): ModuleDict<ParametrizationList> | null => {
  const found: unknown = Reflect.get(module, "parametrizations");
  return found instanceof ModuleDict ? found : null;
};
const listOf = (module: Module, name: string): ParametrizationList | null => {
  const dict = dictOf(module);
  const key = keyOf(module, name);
  return dict?.has(key) ? dict.get(key) : null;
};

/**
 * Computes a parameter or buffer of a module from another tensor, which training changes: from here on `module.weight` is
 * `parametrization.forward(original)`, and gradients go to the original. The original is what `parametrization.rightInverse(weight)` gives,
 * where there is a `rightInverse`, else the tensor itself: the same object, which optimizers know. Where it gives a list, `forward` takes
 * its tensors, which are new parameters.
 *
 * A further parametrization of the same tensor takes what the ones before give. Where all have a `rightInverse`, a value can be assigned:
 * `module.weight = value`. Keys in the state are PyTorch's (`parametrizations.weight.original`).
 *
 * Shapes: what `parametrization` gives has the shape and dtype of the tensor, unless `unsafe` is true.
 *
 * @throws ArgumentError when the module has no such tensor, or the parametrization is no module or gives no tensor.
 * @throws ShapeError, DTypeError when what it gives, or what its `rightInverse` gives, has another shape or dtype.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
 * @example
 * import { nn, type Tensor } from "flambeau";
 * class Symmetric extends nn.Module {
 *   forward(x: Tensor): Tensor {
 *     return x.triu().add(x.triu(1).t());
 *   }
 *   rightInverse(y: Tensor): Tensor {
 *     return y.triu();
 *   }
 * }
 * const layer = nn.utils.parametrize.registerParametrization(new nn.Linear(3, 3), "weight", new Symmetric());
 * layer.weight.equal(layer.weight.t()); // true
 * [...layer.stateDict().keys()]; // ["bias", "parametrizations.weight.original"]
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
  options: RegisterParametrizationOptions = option.none,
): M & Parametrized {
  const op = "registerParametrization";
  checkOptions(op, registerKinds, options);
  const { unsafe = false } = options;
  checkModule(op, module);
  checkParametrization(op, parametrization);
  parametrization.train(module.training);
  const there = listOf(module, tensorName);
  if (there !== null) {
    if (!unsafe) tryOut(op, there, parametrization);
    there.append(parametrization);
    there.unsafe ||= unsafe;
    return module as M & Parametrized;
  }
  const { field, key, tensor } = fieldOf(op, module, tensorName);
  if (tensor === null) throw new ArgumentError(op, `${show(tensorName)} is computed already, by something else`);
  const list = new ParametrizationList([parametrization], tensor, unsafe);
  Reflect.deleteProperty(module, field);
  if (dictOf(module) === null) {
    become(module, parametrizedClass(classOf(module)));
    Object.assign(module, { parametrizations: new ModuleDict<ParametrizationList>() });
  }
  compute(
    module,
    field,
    (self) => read(listOf(self, key)),
    (self, value) => listOf(self, key)?.rightInverse(value),
  );
  dictOf(module)?.set(key, list);
  return module as M & Parametrized;
}
function read(list: ParametrizationList | null): Tensor {
  if (list === null) throw new ArgumentError("parametrize", "the parametrizations of this tensor were taken away");
  return computed(list, () => (unscoped() ? scoped(() => list.forward()) : list.forward()));
}
/** A further parametrization takes a tensor to one of its kind, and back. */
function tryOut(op: string, there: ParametrizationList, parametrization: Parametrization): void {
  noGrad(() =>
    tidy(() => {
      const before = there.forward();
      const after: unknown = parametrization.forward(before);
      checkSame(op, "a parametrization's result", after, before);
      const back = parametrization.rightInverse?.(after) ?? null;
      if (back !== null) checkSame(op, "what rightInverse gives", back, before);
    }),
  );
}

/**
 * Whether a module has parametrizations, `tensorName` of them where it is given: `isParametrized(module, "weight")`.
 *
 * Shape: none; a bool comes out.
 *
 * @throws ArgumentError when `module` is no Module, or `tensorName` no string.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.is_parametrized.html
 * @example
 * const normed = nn.utils.parametrizations.weightNorm(new nn.Linear(2, 2));
 * nn.utils.parametrize.isParametrized(normed); // true
 * nn.utils.parametrize.isParametrized(normed, "bias"); // false
 */
export function isParametrized(module: Module, tensorName?: string): boolean {
  checkModule("isParametrized", module);
  if (tensorName === undefined) return (dictOf(module)?.keys().length ?? 0) > 0;
  if (typeof tensorName !== "string")
    throw new ArgumentError("isParametrized", `tensorName must be a string, got ${show(tensorName)}`);
  return listOf(module, tensorName) !== null;
}

/**
 * Takes the parametrizations of a tensor away: from here on it is a parameter or buffer as before, `weight = f(original)`, or
 * `weight = original` with `leaveParametrized: false`. With one original it is that object, which optimizers know.
 *
 * Shape: that of the tensor.
 *
 * @throws ArgumentError when the module has no parametrization of that tensor, or one of several originals is to be left unparametrized.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.remove_parametrizations.html
 * @example
 * const { parametrizations, parametrize } = nn.utils;
 * const layer = parametrizations.weightNorm(new nn.Linear(2, 2));
 * parametrize.removeParametrizations(layer, "weight");
 * [...layer.stateDict().keys()]; // ["bias", "weight"]
 */
export function removeParametrizations<M extends Module>(
  module: M,
  tensorName: string,
  options: RemoveParametrizationsOptions = option.none,
): M {
  const op = "removeParametrizations";
  checkOptions(op, removeKinds, options);
  const { leaveParametrized = true } = options;
  checkModule(op, module);
  const list = listOf(module, tensorName);
  const dict = dictOf(module);
  if (list === null || dict === null)
    throw new ArgumentError(op, `the module has no parametrization of ${show(tensorName)}`);
  const key = keyOf(module, tensorName);
  const { field } = fieldOf(op, module, tensorName);
  const settled = settle(op, list, leaveParametrized);
  Reflect.deleteProperty(module, field);
  Reflect.deleteProperty(dict, key);
  Object.assign(module, { [field]: settled });
  if (dict.keys().length === 0) {
    Reflect.deleteProperty(module, "parametrizations");
    become(module, typeBeforeParametrizations(module));
  }
  return module;
}
function settle(op: string, list: ParametrizationList, leaveParametrized: boolean): Tensor {
  const { original } = list;
  if (original !== undefined) {
    if (leaveParametrized) noGrad(() => tidy(() => original.setData(list.forward())));
    return original;
  }
  if (!leaveParametrized)
    throw new ArgumentError(
      op,
      "a tensor of several originals cannot be left unparametrized",
      "leave { leaveParametrized: false } out",
    );
  const trained = list.originals().some((t) => t.requiresGrad);
  return noGrad(() => tidy(() => new Parameter(list.forward(), trained)));
}

/**
 * The class that a module had before its first parametrization, `module.constructor` where it has none.
 *
 * Shape: none; a class comes out.
 *
 * @throws ArgumentError when `module` is no Module.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.type_before_parametrizations.html
 * @example
 * const layer = nn.utils.parametrizations.weightNorm(new nn.Linear(2, 2));
 * layer.constructor.name; // "ParametrizedLinear"
 * nn.utils.parametrize.typeBeforeParametrizations(layer) === nn.Linear; // true
 */
export function typeBeforeParametrizations(module: Module): abstract new (...args: never[]) => Module {
  checkModule("typeBeforeParametrizations", module);
  return plainClasses.get(classOf(module)) ?? classOf(module);
}

/**
 * Hands a module's parametrizations, and the tensors that they compute from, on to another module: `to.weight = f(original)` with the same f
 * and original as in `from`. A tensor that `to` lacks is made. All of them, or that of `tensorName` alone.
 *
 * Shapes: those of the tensors in `from`.
 *
 * @throws ArgumentError when one of the two is no module, or `from` has no parametrization of `tensorName`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.transfer_parametrizations_and_params.html
 * @example
 * const { parametrizations, parametrize } = nn.utils;
 * const from = parametrizations.weightNorm(new nn.Linear(2, 3));
 * const to = parametrize.transferParametrizationsAndParams(from, new nn.Linear(2, 3));
 * to.weight.equal(from.weight); // true
 */
export function transferParametrizationsAndParams<M extends Module>(from: Module, to: M, tensorName?: string): M {
  const op = "transferParametrizationsAndParams";
  checkModule(op, from);
  checkModule(op, to);
  const dict = dictOf(from);
  if (dict === null) return to;
  const names = tensorName === undefined ? dict.keys() : [keyOf(from, tensorName)];
  for (const name of names) {
    const list = listOf(from, name);
    if (list === null) throw new ArgumentError(op, `the module has no parametrization of ${show(name)}`);
    const { field } = fieldOf(op, from, name);
    if (!isTensor(Reflect.get(to, field)))
      Object.assign(to, { [field]: noGrad(() => tidy(() => new Parameter(list.forward()))) });
    for (const parametrization of list) registerParametrization(to, name, parametrization, { unsafe: list.unsafe });
    const target = listOf(to, name);
    for (const [at, t] of Object.entries(list))
      if (isParameter(t) || isBuffer(t)) Object.assign(target ?? {}, { [at]: t });
  }
  return to;
}
