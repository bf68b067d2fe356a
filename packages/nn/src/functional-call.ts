import { ArgumentError, FlambeauError, isTensor, noGrad, stack, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, show, synchronous } from "@flambeau/tensor/plugin";
import { isModule, type Module, type Place, standIns } from "./module.ts";
import type { StateDictLike } from "./state.ts";

/** A module's arguments: a list, or the one tensor. */
type Inputs<M extends Module> = Readonly<Parameters<M["forward"]>> | Tensor;
export interface FunctionalCallOptions {
  /** The last argument of `forward`: its options by name. */
  readonly kwargs?: object | undefined;
  /** A tensor given for one name of a shared parameter or buffer stands for it under all its names. Default true. */
  readonly tieWeights?: boolean | undefined;
  /** Every parameter and buffer must be given. Default false. */
  readonly strict?: boolean | undefined;
}
const kinds: Kinds<FunctionalCallOptions> = {
  kwargs: option.object,
  tieWeights: option.boolean,
  strict: option.boolean,
};

/** A given tensor, and where to put what the module assigns in its place. */
interface Stand {
  readonly tensor: Tensor;
  readonly reassign: (tensor: Tensor) => void;
}

/**
 * `module.forward(...args)` with other tensors in the place of its parameters and buffers, for this call: a module as a function of its
 * parameters. The module's own come back also when it throws. Any tensors will do, those that a graph made too: gradients flow to them.
 *
 * Names are those of `stateDict()` and `namedParameters()`. What is not given stays. What the module writes in place goes to the tensors that
 * were given (statistics of a batch norm, say), what it assigns to a field goes to the object or Map that they came in.
 *
 * Shapes: those of the tensors that they stand for, as far as `forward` wants them; the result is that of `forward`.
 *
 * @throws ArgumentError for a name that the module has not, a value that is no tensor, a name in two of several objects, or different
 * tensors for one shared parameter; FlambeauError naming what is missing with `strict`, or when `forward` is asynchronous.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.functional_call.html
 * @example
 * import { grad, nn, ones, tensor } from "flambeau";
 * const layer = new nn.Linear(2, 1, { bias: false });
 * const weight = tensor([[2, 3]], { requiresGrad: true });
 * const y = nn.functionalCall(layer, { weight: weight.mul(10) }, ones([1, 2]));
 * console.log(y.item()); // 50
 * grad(y, weight)[0].tolist(); // [[10, 10]]
 */
export function functionalCall<M extends Module>(
  module: M,
  parametersAndBuffers: StateDictLike | readonly StateDictLike[],
  args: Inputs<M>,
  options: FunctionalCallOptions = option.none,
): ReturnType<M["forward"]> {
  checkOptions("functionalCall", kinds, options);
  if (!isModule(module)) throw new ArgumentError("functionalCall", `module must be a Module, got ${show(module)}`);
  const { kwargs, tieWeights = true, strict = false } = options;
  const given: unknown = args;
  if (!isTensor(given) && !Array.isArray(given))
    throw new ArgumentError(
      "functionalCall",
      `args must be a tensor or the list of forward's arguments, got ${show(given)}`,
    );
  const inputs: readonly unknown[] = isTensor(given) ? [given] : given;
  const places = [...module.namedPlaces()];
  const stands = read(parametersAndBuffers);
  checkNames(places, stands, tieWeights, strict);
  const swapped = swap(places, tieWeights ? spread(places, stands) : stands);
  try {
    return synchronous("functionalCall", module.forward(...inputs, ...(kwargs === undefined ? [] : [kwargs])));
  } finally {
    for (const back of swapped.reverse()) back();
  }
}

/** @throws ArgumentError for what holds no tensors by name, and for a name that comes twice. */
function read(state: StateDictLike | readonly StateDictLike[]): Map<string, Stand> {
  const stands = new Map<string, Stand>();
  for (const part of (Array.isArray(state) ? state : [state]) as readonly StateDictLike[]) {
    if (!option.object.takes(part) || isTensor(part))
      throw new ArgumentError(
        "functionalCall",
        `parameters and buffers come in a Map or an object of tensors by name, got ${show(part)}`,
      );
    const map = part instanceof Map;
    for (const [name, tensor] of (map ? part : Object.entries(part)) as Iterable<[string, Tensor]>) {
      checkTensor("functionalCall", `"${name}"`, tensor);
      if (stands.has(name))
        throw new ArgumentError("functionalCall", `"${name}" is given twice`, "give each name in one of the objects");
      const reassign = (t: Tensor) => void (map ? part.set(name, t) : Reflect.set(part, name, t));
      stands.set(name, { tensor, reassign });
    }
  }
  return stands;
}

function checkNames(places: readonly Place[], stands: Map<string, Stand>, tied: boolean, strict: boolean): void {
  const names = new Set(places.map(({ name }) => name));
  const unknown = [...stands.keys()].filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new ArgumentError(
      "functionalCall",
      `the module has no parameter or buffer ${unknown.map(show).join(", ")}`,
      `it has: ${[...names].join(", ") || "none"}`,
    );
  const met = new Set(places.filter(({ name }) => stands.has(name)).map(({ tensor }) => tensor));
  const missing = places.filter(({ name, tensor }) => !(tied ? met.has(tensor) : stands.has(name)));
  if (strict && missing.length > 0)
    throw new FlambeauError(
      `functionalCall: missing keys: ${missing.map(({ name }) => name).join(", ")}`,
      "leave { strict: true } out to keep the module's own for them",
    );
}

/** What is given for one name of a shared tensor, for all its names. @throws ArgumentError when that would be several tensors. */
function spread(places: readonly Place[], stands: Map<string, Stand>): Map<string, Stand> {
  const shared = new Map<Tensor, { readonly name: string; readonly stand: Stand }>();
  for (const { name, tensor } of places) {
    const stand = stands.get(name);
    if (stand === undefined) continue;
    const other = shared.get(tensor);
    if (other !== undefined && other.stand.tensor !== stand.tensor)
      throw new ArgumentError(
        "functionalCall",
        `"${other.name}" and "${name}" are one shared tensor, and are given two`,
        "give one of them, or pass { tieWeights: false }",
      );
    shared.set(tensor, other ?? { name, stand });
  }
  const all = new Map<string, Stand>();
  for (const { name, tensor } of places) {
    const found = shared.get(tensor);
    if (found !== undefined) all.set(name, found.stand);
  }
  return all;
}

/** Puts the given tensors into their fields. Gives what takes each out again. */
function swap(places: readonly Place[], stands: Map<string, Stand>): (() => void)[] {
  const undo: (() => void)[] = [];
  for (const { name, module, field } of places) {
    const stand = stands.get(name);
    if (stand === undefined) continue;
    const before: unknown = Reflect.get(module, field);
    const absent = standIns.get(module) ?? new Map<string, Tensor>();
    standIns.set(module, absent);
    const known = absent.has(field);
    if (!known) absent.set(field, before as Tensor); // places are parameters and buffers
    Reflect.set(module, field, stand.tensor);
    undo.push(() => {
      const now: unknown = Reflect.get(module, field);
      if (now !== stand.tensor && isTensor(now)) stand.reassign(now);
      Reflect.set(module, field, before);
      if (!known) absent.delete(field);
    });
  }
  return undo;
}

/**
 * The parameters and the buffers of several models of one kind, each stacked along a new first dimension: what `vmap` of a
 * {@link functionalCall} runs an ensemble on.
 *
 * Shapes: `[models.length, ...shape]` of each parameter and buffer. The stacked parameters are leaves, which require gradients where those
 * of the models do.
 *
 * @throws ArgumentError when there are no models, or they differ in class, in training or evaluation, or in which parameters require
 * gradients; ShapeError when their shapes differ.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.stack_module_state.html
 * @example
 * const models = [new nn.Linear(2, 3), new nn.Linear(2, 3)];
 * const [params, buffers] = nn.stackModuleState(models);
 * params.weight.shape; // [2, 3, 2]
 * Object.keys(buffers).length; // 0
 */
export function stackModuleState(
  models: readonly Module[],
): [params: Record<string, Tensor>, buffers: Record<string, Tensor>] {
  if (!Array.isArray(models) || models.length === 0)
    throw new ArgumentError("stackModuleState", `models must be a list of at least one module, got ${show(models)}`);
  for (const [i, model] of models.entries())
    if (!isModule(model))
      throw new ArgumentError("stackModuleState", `models[${i}] must be a Module, got ${show(model)}`);
  const all: readonly Module[] = models;
  const [first] = all;
  const differing = all.find((m) => m.constructor !== first.constructor);
  if (differing !== undefined)
    throw new ArgumentError(
      "stackModuleState",
      `the models must be of one class, got ${first.constructor.name} and ${differing.constructor.name}`,
    );
  if (all.some((m) => m.training !== first.training))
    throw new ArgumentError("stackModuleState", "the models must all be in training or all in evaluation mode");
  return [stacked(all.map((m) => new Map(m.namedParameters()))), stacked(all.map((m) => new Map(m.namedBuffers())))];
}

function stacked(states: readonly ReadonlyMap<string, Tensor>[]): Record<string, Tensor> {
  const out: Record<string, Tensor> = {};
  for (const [name, first] of states[0]) {
    const tensors = states.map((state) => state.get(name));
    if (tensors.some((t) => t?.requiresGrad !== first.requiresGrad))
      throw new ArgumentError(
        "stackModuleState",
        `"${name}" must be there in each model, and require a gradient in all of them or in none`,
      );
    const whole = noGrad(() => stack(tensors as Tensor[])); // none is missing
    if (first.requiresGrad) whole.requiresGrad = true;
    out[name] = whole;
  }
  return out;
}
